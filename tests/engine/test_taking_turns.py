"""Pages that take turns, in a real browser."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from playwright.async_api import Page, Route

from sniper.clock.clock import SystemClock
from sniper.core.outcomes import Outcome
from sniper.core.plan import Attempt, Role
from sniper.core.slots import Slot
from sniper.core.tries import AttemptResult, Mark
from sniper.engine.browser import turns as turns_module
from sniper.engine.browser.account_page import AccountPage, Site
from sniper.engine.browser.armed import Armed
from sniper.engine.browser.turns import Turns
from sniper.engine.protocol import Credentials, Order
from tests.engine.benches import SharedBrowser
from tests.engine.both_modes import BUTTON, SITE, Case, profile_of

_LATER = timedelta(minutes=10)
_SLOT = Slot("X1", "X1 A", datetime.fromisoformat("2026-11-24T13:00:00+01:00"))


async def _serve(route: Route, asked: list[str], second: asyncio.Event) -> None:
    if route.request.resource_type == "document":
        page = f"<!doctype html><script>const ask = () => fetch('/book', {{method: 'POST'}})</script>{BUTTON}"
        await route.fulfill(body=page, content_type="text/html")
        return
    # Nobody has an answer before both have asked.
    asked.append(route.request.method)
    if len(asked) == 2:
        second.set()
    await second.wait()
    await route.fulfill(status=201, json={"id": 7})


async def _parked(shared: SharedBrowser, serve: Callable[[Route], Awaitable[None]]) -> tuple[Page, Armed]:
    context = await shared.pool.context(timezone="Europe/Amsterdam", locale="en-GB")
    armed = await Armed.install(context)
    page = await context.new_page()
    await page.route(f"{SITE}/**", serve)
    await page.goto(SITE)
    return page, armed


def test_a_page_goes_as_soon_as_the_one_before_it_has_pressed(
    shared_browser: SharedBrowser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # By its own clock the second one would wait for longer than any test may take.
    monkeypatch.setattr(turns_module, "_LONGEST", _LATER)
    turns = Turns(processors=1)
    turns.learn(_LATER)
    opening = datetime.now(UTC) + timedelta(seconds=2)

    async def fire() -> list[AttemptResult]:
        site = Site(profile_of(Case(BUTTON)), SystemClock(), tmp_path, turns=turns)
        serve = partial(_serve, asked=[], second=asyncio.Event())
        pages = [await _parked(shared_browser, serve) for _ in range(2)]
        results = await asyncio.gather(
            *(
                armed.fire(
                    AccountPage(site, Credentials(f"user{rank}", "secret"), page),
                    Attempt(f"user{rank}", (_SLOT,), Role.LEAD),
                    Order(opening, rank=rank),
                    filled=False,
                )
                for rank, (page, armed) in enumerate(pages)
            )
        )
        for page, _ in pages:
            await page.context.close()
        return results

    first, second = shared_browser.loop.run(fire())
    assert [one.last and one.last.outcome for one in (first, second)] == [Outcome.BOOKED] * 2
    moments = [{moment.mark: moment.at for moment in one.timeline} for one in (first, second)]
    (turn,) = [moment.at for moment in second.timeline if moment.mark is Mark.TURN]
    assert opening <= moments[0][Mark.SENT]
    assert opening <= turn < opening + _LATER
    assert turn <= moments[1][Mark.FIRED]
