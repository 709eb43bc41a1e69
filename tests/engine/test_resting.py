"""A page that has nothing to do is empty until it has, where the profile says so."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from playwright.async_api import Page, Request

from sniper.core.outcomes import Outcome
from sniper.engine.browser.engine import BrowserEngine
from sniper.engine.browser.firing import Mode
from sniper.engine.browser.resting import NOTHING, Rest
from sniper.engine.protocol import ArmError, SignedOutError
from tests.engine.benches import Bench, page_of
from tests.engine.lasting import SignedInBench
from tests.engine.staying import Kept, end_session, fire_now, in_an_engine, parked_at, with_page

NewBench = Callable[..., Bench]
WITHIN = 10_000.0

pytestmark = pytest.mark.parametrize("mode", [Mode.ARMED], indirect=True)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Rest, "SETTLED_AFTER", 0.05)


async def rests(page: Page) -> None:
    """Wait until it does."""
    await page.wait_for_url(NOTHING, wait_until="commit", timeout=WITHIN)


async def at_work(engine: BrowserEngine) -> Page:
    """The page of an account that has just come in, which does not go to rest by itself."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rest, "SETTLED_AFTER", 1_000)
        return await with_page(engine)


async def goes_to_rest(engine: BrowserEngine) -> None:
    session = engine._sessions["user1"]
    await session.rest.over()
    session.rest.soon()
    await rests(page_of(engine, "user1"))


async def stays(page: Page) -> None:
    """It would have gone by now."""
    await asyncio.sleep(4 * Rest.SETTLED_AFTER)
    assert page.url != NOTHING


def in_engine_of(here: Bench, do: Callable[[BrowserEngine, Page], Awaitable[Any]], **changes: Any) -> Any:
    """Do something with the page of an account that has just come in."""

    async def go(engine: BrowserEngine) -> Any:
        return await do(engine, await with_page(engine))

    return in_an_engine(here, Kept.of(here), go, **changes)


def test_who_waits_asks_the_site_for_nothing_and_then_parks_fires_and_reads_back(bench: NewBench) -> None:
    here = bench()

    async def run(engine: BrowserEngine, page: Page) -> None:
        await rests(page)
        asked: list[Request] = []
        page.on("request", lambda request: asked.append(request))
        await asyncio.sleep(0.3)
        assert asked == []
        await engine.arm(parked_at(here))
        await stays(page)
        assert await fire_now(engine, parked_at(here)) is Outcome.BOOKED
        await stays(page)
        (held,) = await engine.my_bookings("user1")
        await rests(page)
        await engine.cancel(held)
        await rests(page)
        assert await engine.my_bookings("user1") == ()

    in_engine_of(here, run)


def test_what_keeps_an_account_signed_in_outlasts_the_rest(bench: NewBench) -> None:
    here = bench()
    kept = Kept.of(here)

    async def run(engine: BrowserEngine) -> None:
        page = await at_work(engine)
        await page.evaluate("localStorage.setItem('renewed', 'meanwhile')")
        await page.evaluate("sessionStorage.setItem('of-this-tab', 'still')")
        await goes_to_rest(engine)
        await engine.arm(parked_at(here))
        assert await page.evaluate("sessionStorage.getItem('of-this-tab')") == "still"
        await goes_to_rest(engine)
        kept.clear()

    in_an_engine(here, kept, run)
    assert "meanwhile" in kept["user1"], "it is kept when the run ends, too"


def test_who_was_signed_out_meanwhile_is_noticed(bench: NewBench) -> None:
    here = bench()

    async def run(engine: BrowserEngine) -> None:
        page = await at_work(engine)
        await end_session(page)
        await goes_to_rest(engine)
        with pytest.raises(SignedOutError):
            await engine.stay_signed_in("user1")
        await stays(page)

    in_an_engine(here, Kept.of(here), run)


def test_what_is_to_be_given_back_is_though_its_account_was_signed_out_meanwhile(bench: NewBench) -> None:
    here = bench()
    here.book("user1", "X1 A", 13)

    async def run(engine: BrowserEngine) -> None:
        page = await at_work(engine)
        (held,) = await engine.my_bookings("user1")
        await end_session(page)
        await goes_to_rest(engine)
        await engine.cancel(held)
        assert await engine.my_bookings("user1") == ()

    in_an_engine(here, Kept.of(here), run)


def test_what_went_wrong_can_be_looked_at(signed_in: SignedInBench) -> None:
    async def run() -> None:
        async with signed_in.engine(arm=signed_in.profile.arm[:1] + signed_in.profile.fire[-1:]) as engine:
            await engine.my_bookings("user1")
            page = page_of(engine, "user1")
            await rests(page)
            with pytest.raises(ArmError):
                await engine.arm(parked_at(signed_in))
            await stays(page)

    signed_in.run(run())


def test_a_page_stays_where_the_profile_does_not_say_so(bench: NewBench) -> None:
    here = bench()
    how = here.profile.signed_in
    assert how is not None

    async def run(_: BrowserEngine, page: Page) -> None:
        await stays(page)

    in_engine_of(here, run, signed_in=how.model_copy(update={"rests": False}))


def test_a_window_that_somebody_watches_stays_as_it_is(bench: NewBench) -> None:
    here = bench()

    async def run(engine: BrowserEngine) -> None:
        engine._site = replace(engine._site, watched=True)
        await stays(await with_page(engine))

    in_an_engine(here, Kept.of(here), run)
