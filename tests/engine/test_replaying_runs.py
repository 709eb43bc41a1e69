"""The recording of a run, played again and made a fixture."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sniper.core.outcomes import Outcome
from sniper.core.plan import Attempt, Role
from sniper.core.tries import Try
from sniper.engine.browser.account_page import AccountPage, Site
from sniper.engine.browser.driver import Driver
from sniper.engine.browser.firing import Mode
from sniper.engine.browser.session import AccountSession
from sniper.engine.protocol import Order
from sniper.errors import InputError
from sniper.replay.adding import add
from sniper.replay.comparing import compared, is_same
from sniper.replay.library import load_fixture
from sniper.replay.runs import recorded
from tests.engine.benches import Bench, credentials
from tests.engine.test_every_profile import chain_of
from tests.signed_in import kept_of


class TheSites:
    """The practice site's clock."""

    in_doubt = False

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def now(self) -> datetime:
        """Its time."""
        return self._bench.site.clock.now()

    async def sleep_until(self, moment: datetime) -> None:
        """Only what is over is waited for here."""
        assert moment <= self.now() + timedelta(seconds=5)


async def record(bench: Bench, folder: Path) -> tuple[Try, ...]:
    """Fire while Playwright records: somebody else has the first slot of the chain by then."""
    state = json.loads(kept_of(bench.site, "user1"))
    lent = await bench.shared.pool.context(timezone="Europe/Amsterdam", locale="en-GB")
    assert lent.browser is not None
    context = await lent.browser.new_context(
        timezone_id="Europe/Amsterdam",
        locale="en-GB",
        storage_state=state,
        record_har_path=folder / "account-1" / "network.har",
        record_har_content="embed",
    )
    clock = TheSites(bench)
    page = AccountPage(
        Site(bench.profile.model_copy(update={"rehearse": ()}), clock, folder),
        credentials("user1"),
        await context.new_page(),
    )
    session = AccountSession(page, page._credentials, Driver())
    session.signed_in = True
    attempt = Attempt("user1", chain_of(bench), Role.LEAD)
    await session.arm(attempt)
    # Recordings tell the site's time in whole seconds.
    await page.page.wait_for_timeout(1100)
    bench.book("user2", attempt.target.place, 13)
    result = await session.fire(attempt, Order(clock.now()))
    await context.close()
    await lent.close()
    keys = {item["name"]: json.loads(item["value"]) for item in state["origins"][0]["localStorage"]}
    write(bench, folder, result.tries, keys)
    return result.tries


def write(bench: Bench, folder: Path, tries: tuple[Try, ...], local_storage: dict[str, Any]) -> None:
    """What a run leaves beside it."""

    def slot(one: Try) -> dict[str, Any]:
        return {
            "location": one.slot.location,
            "sub_location": one.slot.sub_location,
            "start": one.slot.start.isoformat(),
        }

    came = [
        {
            "slot": slot(one),
            "outcome": one.outcome.value,
            "at": one.started_at.isoformat(),
            "reference": one.reference,
            "message": one.message,
        }
        for one in tries
    ]
    step = {"at": tries[0].started_at.isoformat(), "step": "fired", "files": [], "tries": came}
    account = {"account": "account-1", "steps": [step], "har": "network.har", "local_storage": local_storage}
    document = {
        "schema": 1,
        "run": 7,
        "site": bench.profile.name,
        "presses": True,
        "accounts": [account],
        "profile": bench.profile.model_dump(mode="json", by_alias=True, exclude_defaults=True),
    }
    (folder / "recording.json").write_text(json.dumps(document), encoding="utf-8")


@pytest.mark.parametrize("mode", [Mode.DRIVER])
def test_a_recorded_run_comes_to_the_same_again_and_makes_a_small_fixture(
    bench: Callable[..., Bench], tmp_path: Path
) -> None:
    here = bench()
    folder = tmp_path / "runs" / "7"
    (folder / "account-1").mkdir(parents=True)
    tries = here.run(record(here, folder))
    outcomes = [one.outcome for one in tries]
    assert outcomes[-1] is Outcome.BOOKED
    assert len(outcomes) == 2
    here.site.clock.jump(timedelta(hours=5))  # What it would answer now is another matter.
    (fixture,), profile = recorded(folder)
    target = tmp_path / "fixtures" / "practice" / "gone-then-booked"
    played = here.run(add(fixture, profile, target, here.shared.pool))
    assert [is_same(one) for one in played] == [True, True], [compared(one) for one in played]
    made = load_fixture(target)
    assert [one.outcome for one in made.case.expect] == outcomes
    assert made.case.made == "from run 7"
    assert (target / "network.har").stat().st_size < (folder / "account-1/network.har").stat().st_size
    with pytest.raises(InputError, match="is there already"):
        here.run(add(fixture, profile, target, here.shared.pool))


def test_a_run_that_was_not_recorded_cannot_be_played_again(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the run was not recorded"):
        recorded(tmp_path)
