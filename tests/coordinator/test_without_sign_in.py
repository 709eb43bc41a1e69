"""Runs at a site where nobody signs in."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from sniper.core.plan import Standing
from sniper.engine.protocol import Credentials, SignIn
from sniper.events import AccountDoes, Activity, Checked
from tests.coordinator.conftest import OPENINGS, Rig

LAST_CHECK = timedelta(minutes=10)


@pytest.fixture
def without(rig: Rig) -> Rig:
    nothing = {"sign_in": (), "sign_in_refused": None, "signed_in": None}
    return replace(rig, profile=rig.profile.model_copy(update=nothing))


async def opened(_: Credentials) -> SignIn:
    return SignIn.NOBODY


def test_nobody_is_looked_at_while_the_run_waits_and_the_check_says_so(
    without: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(without.engine, "sign_in", opened)
    without.clock.advance(timedelta(hours=-2))
    result = without.run()
    assert result.verdict.standing is Standing.REACHED
    # A check looks whether everybody has a page; nobody is kept signed in before the last one.
    between = [at for _, at in without.engine.looked if OPENINGS[0] - LAST_CHECK > at]
    assert between == []
    told = {event.activity for event in without.events if isinstance(event, AccountDoes)}
    assert {Activity.OPENING, Activity.OPEN} <= told
    assert not {Activity.SIGNING_IN, Activity.READY} & told
    checks = [event for event in without.events if isinstance(event, Checked)]
    said = [one.what for event in checks for one in event.findings if one.name == "user1"]
    assert said
    assert all(what.startswith("nobody signs in there; ") for what in said)
