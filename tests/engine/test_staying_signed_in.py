"""While a run waits, in its last seconds and after the press: whose page or sign-in is gone comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from playwright.async_api import Route

from sniper.core.outcomes import Outcome
from sniper.core.plan import Held
from sniper.core.slots import Slot
from sniper.engine.browser.engine import BrowserEngine
from sniper.engine.browser.firing import Mode
from sniper.engine.browser.pool import BrowserPool
from sniper.engine.protocol import ArmError, SignedOutError, SignIn, SignInError
from tests.engine.benches import Bench, page_of
from tests.engine.lasting import ParkedBench, SignedInBench
from tests.engine.staying import (
    Kept,
    crash,
    end_session,
    fire_now,
    in_an_engine,
    parked_at,
    sign_in,
    signed_in_by_hand,
    with_page,
)

NewBench = Callable[..., Bench]

# Who presses at the opening has nothing to do with who is signed in.
pytestmark = pytest.mark.parametrize("mode", [Mode.ARMED], indirect=True)


# -- while the run waits


def test_who_is_looked_at_stays_signed_in_and_what_is_kept_is_brought_up_to_date(bench: NewBench) -> None:
    here = bench()
    kept = Kept.of(here)

    async def look(engine: BrowserEngine) -> str:
        page = await with_page(engine)
        await page.evaluate("localStorage.setItem('renewed', 'meanwhile')")
        await engine.stay_signed_in("user1")
        return kept["user1"]

    assert "meanwhile" in in_an_engine(here, kept, look)


def test_a_session_the_site_has_ended_is_noticed_though_the_page_looks_signed_in(bench: NewBench) -> None:
    here = bench()
    kept = Kept.of(here)

    async def ended(engine: BrowserEngine) -> None:
        await end_session(await with_page(engine))
        with pytest.raises(SignedOutError, match="user1"):
            await engine.stay_signed_in("user1")

    in_an_engine(here, kept, ended)
    assert kept == {}


def test_a_site_that_is_out_of_order_has_signed_nobody_out(signed_in: SignedInBench) -> None:
    kept = Kept.of(signed_in)

    async def away(route: Route) -> None:
        await route.fulfill(status=500, body="{}", content_type="application/json")

    async def asked(engine: BrowserEngine) -> None:
        await page_of(engine, "user1").route("**/api/participations*", away)
        with pytest.raises(SignInError, match=r"cannot be told.*500") as caught:
            await engine.stay_signed_in("user1")
        assert not isinstance(caught.value, SignedOutError)
        await engine.arm(parked_at(signed_in))

    in_an_engine(signed_in, kept, asked)
    assert "user1" in kept


def test_a_page_that_is_gone_while_the_run_waits_is_opened_again_without_a_sign_in(bench: NewBench) -> None:
    here = bench()
    kept = Kept.of(here)
    passwords = signed_in_by_hand(here.site)

    async def crashed(engine: BrowserEngine) -> Outcome:
        await crash(await with_page(engine))
        await engine.stay_signed_in("user1")
        await engine.arm(parked_at(here))
        return await fire_now(engine, parked_at(here))

    assert in_an_engine(here, kept, crashed) is Outcome.BOOKED
    assert passwords == []


# -- in the last seconds


def test_a_parked_page_that_is_well_is_left_as_it_is_by_the_last_look(parked: ParkedBench) -> None:
    async def look(engine: BrowserEngine) -> tuple[list[str], Outcome]:
        seen: list[str] = []
        parked.page.on("request", lambda request: seen.append(request.url))
        parked.page.on("framenavigated", lambda frame: seen.append(frame.url))
        await engine.look("user1")
        noticed = list(seen)
        return noticed, await fire_now(engine, parked_at(parked))

    assert in_an_engine(parked, Kept.of(parked), look) == ([], Outcome.BOOKED)


def test_the_last_look_sees_that_a_page_was_signed_out(bench: NewBench) -> None:
    here = bench()
    kept = Kept.of(here)

    async def signed_out(engine: BrowserEngine) -> SignIn:
        page = await with_page(engine)
        # As another page of the same browser would tell it.
        await page.evaluate(
            """() => {
                localStorage.removeItem("delcom_auth");
                dispatchEvent(new StorageEvent("storage", {key: "delcom_auth"}));
            }"""
        )
        await page.evaluate("location.assign('/')")
        await page.wait_for_selector("h1[data-test-id='login-page-header']")
        with pytest.raises(ArmError, match="signed out"):
            await engine.look("user1")
        assert kept == {}
        return await sign_in(engine)

    assert in_an_engine(here, kept, signed_out) is SignIn.ANEW


def test_a_crashed_page_is_told_by_the_last_look_and_parked_again_from_the_kept_state(
    bench: NewBench,
) -> None:
    here = bench()
    kept = Kept.of(here)

    async def crashed(engine: BrowserEngine) -> tuple[SignIn, Outcome]:
        await crash(await with_page(engine))
        with pytest.raises(ArmError, match="user1: the page crashed"):
            await engine.look("user1")
        with pytest.raises(ArmError, match="user1: the page crashed"):
            await engine.arm(parked_at(here))
        how = await sign_in(engine)
        await engine.arm(parked_at(here))
        return how, await fire_now(engine, parked_at(here))

    assert in_an_engine(here, kept, crashed) == (SignIn.STILL, Outcome.BOOKED)


def test_a_closed_context_is_told_by_the_last_look_and_opened_again(bench: NewBench) -> None:
    here = bench()
    kept = Kept.of(here)

    async def closed(engine: BrowserEngine) -> SignIn:
        page = await with_page(engine)
        await page.context.close()
        with pytest.raises(ArmError, match="user1: the page was closed"):
            await engine.look("user1")
        return await sign_in(engine)

    assert in_an_engine(here, kept, closed) is SignIn.STILL


def test_a_page_that_hangs_is_told_by_the_last_look(bench: NewBench) -> None:
    here = bench()
    kept = Kept.of(here)

    async def hangs(engine: BrowserEngine) -> SignIn:
        page = await with_page(engine)
        stuck = asyncio.create_task(page.evaluate("() => { for (;;); }"))
        await asyncio.sleep(0.2)
        with pytest.raises(ArmError, match="hangs"):
            await engine.look("user1")
        how = await sign_in(engine)
        stuck.cancel()
        await asyncio.gather(stuck, return_exceptions=True)
        return how

    assert in_an_engine(here, kept, hangs, pool=BrowserPool()) is SignIn.STILL


# -- after the press


def test_my_bookings_is_read_though_the_page_that_fired_has_crashed(bench: NewBench) -> None:
    here = bench()
    kept = Kept.of(here)
    here.book("user1", "X1 A", 13)

    async def crashed(engine: BrowserEngine) -> list[Slot]:
        await crash(await with_page(engine))
        return [held.slot for held in await engine.my_bookings("user1")]

    assert in_an_engine(here, kept, crashed) == [here.slot("X1 A", 13)]


def test_who_is_signed_out_at_the_opening_is_signed_in_again_to_read_back(bench: NewBench) -> None:
    here = bench()
    kept = Kept.of(here)
    passwords = signed_in_by_hand(here.site)

    async def ended(engine: BrowserEngine) -> tuple[Outcome, list[Slot]]:
        page = await with_page(engine)
        await engine.arm(parked_at(here))
        await page.route("**/api/participations", _unauthorized)
        outcome = await fire_now(engine, parked_at(here))
        assert kept == {}
        return outcome, [held.slot for held in await engine.my_bookings("user1")]

    assert in_an_engine(here, kept, ended) == (Outcome.SIGNED_OUT, [])
    assert passwords == ["user1"]


def test_who_is_signed_out_when_a_booking_is_to_be_given_back_is_signed_in_again(bench: NewBench) -> None:
    here = bench()
    here.book("user1", "X1 A", 13)
    kept = Kept.of(here)
    passwords = signed_in_by_hand(here.site)

    async def gives_back(engine: BrowserEngine) -> tuple[Held, ...]:
        page = await with_page(engine)
        (held,) = await engine.my_bookings("user1")
        await page.route("**/api/participations/*", _unauthorized)
        await engine.cancel(held)
        return await engine.my_bookings("user1")

    assert in_an_engine(here, kept, gives_back) == ()
    assert passwords == ["user1"]


async def _unauthorized(route: Route) -> None:
    await route.fulfill(status=401, body='{"message": "Unauthorized"}', content_type="application/json")
