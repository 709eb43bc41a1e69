"""The accounts of a run in several browsers, of which one may die."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from playwright.async_api import Browser, BrowserContext

from sniper.core.outcomes import Outcome
from sniper.engine.browser.engine import BrowserEngine
from sniper.engine.browser.firing import Mode
from sniper.engine.browser.pool import BrowserPool
from sniper.engine.protocol import ArmError, SignIn
from tests.aio import run_async
from tests.engine.benches import Bench
from tests.engine.staying import (
    Kept,
    browser_of,
    fire_now,
    in_an_engine,
    kill,
    parked_at,
    sign_in,
    signed_in_by_hand,
)

NewBench = Callable[..., Bench]


# Who presses at the opening has nothing to do with it.
@pytest.mark.parametrize("mode", [Mode.ARMED], indirect=True)
def test_a_browser_that_dies_takes_only_its_accounts_with_it_and_they_get_a_new_one(bench: NewBench) -> None:
    here = bench()
    kept = Kept.of(here, "user1", "user2")
    passwords = signed_in_by_hand(here.site)

    async def dies(engine: BrowserEngine) -> tuple[SignIn, list[Outcome]]:
        mine, other = parked_at(here), parked_at(here, "X1 B", account="user2")
        await asyncio.gather(sign_in(engine, "user1"), sign_in(engine, "user2"))
        await engine.arm(other)
        await kill(browser_of(engine, "user1"))
        with pytest.raises(ArmError, match="user1: its browser has gone"):
            await engine.look("user1")
        await engine.look("user2")
        how = await sign_in(engine)
        assert browser_of(engine, "user1") is not browser_of(engine, "user2")
        await engine.arm(mine)
        return how, [await fire_now(engine, mine), await fire_now(engine, other)]

    expected = (SignIn.STILL, [Outcome.BOOKED, Outcome.BOOKED])
    assert in_an_engine(here, kept, dies, pool=BrowserPool(contexts_per_browser=1)) == expected
    assert passwords == []


def test_a_browser_that_is_full_is_followed_by_another_and_a_place_that_is_given_back_is_taken() -> None:
    async def go() -> list[int]:
        async with BrowserPool(contexts_per_browser=2) as pool:
            made = await asyncio.gather(*(context_in(pool) for _ in range(3)))
            browsers = [browser for _, browser in made]
            full = next(browser for browser in browsers if browsers.count(browser) == 2)
            leaving = next(context for context, browser in made if browser is full)
            await leaving.close()
            assert (await context_in(pool))[1] is full
            return sorted(map(browsers.count, set(browsers)))

    assert run_async(go()) == [1, 2]


def test_an_only_browser_that_dies_is_replaced_by_one_for_all_its_accounts() -> None:
    async def go() -> None:
        async with BrowserPool() as pool:
            _, first = await context_in(pool)
            await kill(first)
            (_, second), (_, third) = await asyncio.gather(context_in(pool), context_in(pool))
            assert second is third
            assert (first.is_connected(), second.is_connected()) == (False, True)

    run_async(go())


async def context_in(pool: BrowserPool) -> tuple[BrowserContext, Browser]:
    """A new context, and the browser it is in."""
    context = await pool.context(timezone="UTC", locale="en-GB")
    assert context.browser
    return context, context.browser
