"""The engine at a site where nobody signs in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sniper.core.plan import Attempt, Role
from sniper.engine.browser.engine import BrowserEngine
from sniper.engine.browser.firing import Mode
from sniper.engine.protocol import Credentials, SignIn
from tests.engine.benches import Bench, page_of
from tests.engine.staying import Kept, crash

NewBench = Callable[..., Bench]

# The practice site's list is for members only: parking is left out.
WITHOUT: dict[str, Any] = {"sign_in": (), "sign_in_refused": None, "signed_in": None, "arm": ()}

pytestmark = pytest.mark.parametrize("mode", [Mode.ARMED], indirect=True)


def test_a_person_gets_a_page_and_nothing_is_asked_or_kept_before_it_parks(
    bench: NewBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sniper.engine.browser.session._LOOK_WITHIN", 60.0)
    here = bench()
    kept = Kept()

    async def park(engine: BrowserEngine) -> None:
        assert await engine.sign_in(Credentials("anna")) is SignIn.NOBODY
        await engine.stay_signed_in("anna")
        page = page_of(engine, "anna")
        assert page.url == "about:blank"
        await crash(page)
        await engine.stay_signed_in("anna")
        await engine.arm(Attempt("anna", (here.slot("X1 A", 13),), Role.LEAD))
        await engine.look("anna")

    async def go() -> None:
        async with here.engine(states=kept, **WITHOUT) as engine:
            await park(engine)

    here.run(go())
    assert not kept
