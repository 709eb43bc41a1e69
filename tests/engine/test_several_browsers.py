"""The accounts of a run in several browsers, of which one may die."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from sniper.core.outcomes import Outcome
from sniper.engine.browser.engine import BrowserEngine
from sniper.engine.browser.firing import Mode
from sniper.engine.browser.pool import BrowserPool
from sniper.engine.protocol import ArmError, SignIn
from tests.engine.conftest import Bench
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

# Who presses at the opening has nothing to do with who is signed in.
pytestmark = pytest.mark.parametrize("mode", [Mode.ARMED], indirect=True)


def test_a_browser_that_is_full_is_followed_by_another(bench: NewBench) -> None:
    here = bench()
    kept = Kept.of(here, "user1", "user2", "user3")

    async def three(engine: BrowserEngine) -> list[int]:
        await asyncio.gather(*(sign_in(engine, f"user{n}") for n in (1, 2, 3)))
        browsers = [browser_of(engine, f"user{n}") for n in (1, 2, 3)]
        # Signing in again takes the place that was given back, and no third browser.
        await sign_in(engine, "user2")
        browsers.append(browser_of(engine, "user2"))
        unique = list(dict.fromkeys(browsers))
        return sorted(browsers[:3].count(one) for one in unique)

    assert in_an_engine(here, kept, three, pool=BrowserPool(contexts_per_browser=2)) == [1, 2]


def test_a_browser_that_dies_takes_only_its_accounts_with_it_and_they_get_a_new_one(bench: NewBench) -> None:
    here = bench()
    kept = Kept.of(here, "user1", "user2")
    passwords = signed_in_by_hand(here.site)

    async def dies(engine: BrowserEngine) -> tuple[SignIn, list[Outcome]]:
        mine, other = parked_at(here), parked_at(here, "X1 B", account="user2")
        for attempt in (mine, other):
            await sign_in(engine, attempt.account)
            await engine.arm(attempt)
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


def test_an_only_browser_that_dies_is_replaced(bench: NewBench) -> None:
    here = bench()
    kept = Kept.of(here, "user1", "user2")

    async def dies(engine: BrowserEngine) -> list[SignIn]:
        await asyncio.gather(sign_in(engine, "user1"), sign_in(engine, "user2"))
        await kill(browser_of(engine, "user1"))
        return list(await asyncio.gather(sign_in(engine, "user1"), sign_in(engine, "user2")))

    assert in_an_engine(here, kept, dies, pool=BrowserPool()) == [SignIn.STILL, SignIn.STILL]
