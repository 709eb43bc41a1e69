"""Signed in once and for all runs: what is kept, how it is proven, and what follows when it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Route
from playwright.async_api import Error as PlaywrightError

from sniper.core.outcomes import Outcome
from sniper.core.plan import Attempt, Role
from sniper.core.slots import Slot
from sniper.engine.browser.engine import BrowserEngine
from sniper.engine.browser.firing import Mode
from sniper.engine.browser.pool import BrowserPool
from sniper.engine.protocol import (
    ArmError,
    Order,
    SignedOutError,
    SignIn,
    SignInError,
    SignInRefusedError,
)
from sniper.practice.server import RunningSite, running_practice_site
from sniper.practice.settings import PracticeSettings
from tests.engine.conftest import OPEN, Bench, credentials, page_of

NewBench = Callable[..., Bench]

# Who presses at the opening has nothing to do with who is signed in.
pytestmark = pytest.mark.parametrize("mode", [Mode.ARMED], indirect=True)


class Kept(dict[str, str]):
    """`SignInStates` in memory, in place of the store."""

    def load(self, account: str) -> str | None:
        return self.get(account)

    def save(self, account: str, state: str) -> None:
        self[account] = state

    def forget(self, account: str) -> None:
        self.pop(account, None)


@pytest.fixture
def kept() -> Kept:
    return Kept()


def signed_in_by_hand(site: RunningSite) -> list[str]:
    """From now on: who gave the site a password, in order."""
    given: list[str] = []
    check = site.accounts.check_password

    def noted(username: str, password: str) -> Any:
        given.append(username)
        return check(username, password)

    site.accounts.check_password = noted  # type: ignore[method-assign]
    return given


def in_an_engine(
    here: Bench, kept: Kept, do: Callable[[BrowserEngine], Awaitable[Any]], **options: Any
) -> Any:
    """Do something in an engine of its own, as one run after another would."""

    async def go() -> Any:
        async with here.engine(states=kept, **options) as engine:
            return await do(engine)

    return here.run(go())


async def sign_in(engine: BrowserEngine, account: str = "user1") -> SignIn:
    return await engine.sign_in(credentials(account))


async def end_session(page: Page) -> None:
    """The site takes the tokens of this page no more, and the page does not know of it."""
    await page.evaluate(
        """() => {
            const kept = JSON.parse(localStorage.getItem("delcom_auth"));
            kept.tokenResponse.accessToken = "a-token-that-the-site-does-not-know";
            localStorage.setItem("delcom_auth", JSON.stringify(kept));
        }"""
    )


def parked_at(here: Bench, *places: str, account: str = "user1") -> Attempt:
    chain: tuple[Slot, ...] = tuple(here.slot(place, 13) for place in places or ("X1 A",))
    return Attempt(account, chain, Role.LEAD)


async def fire_now(engine: BrowserEngine, attempt: Attempt) -> Outcome:
    result = await engine.fire(attempt, Order(datetime.now(UTC) - timedelta(seconds=1)))
    assert result.last is not None
    return result.last.outcome


async def crash(page: Page) -> None:
    """The page's renderer dies."""
    gone = asyncio.get_running_loop().create_future()
    page.once("crash", lambda _: gone.set_result(None))
    session = await page.context.new_cdp_session(page)
    with suppress(PlaywrightError, TimeoutError):
        async with asyncio.timeout(2):
            await session.send("Page.crash")
    await asyncio.wait_for(gone, 20)


async def kill(browser: Browser) -> None:
    """The browser's process dies, with all that run in it."""
    gone = asyncio.get_running_loop().create_future()
    browser.once("disconnected", lambda _: gone.set_result(None))
    session = await browser.new_browser_cdp_session()
    with suppress(PlaywrightError, TimeoutError):
        async with asyncio.timeout(2):
            await session.send("Browser.crash")
    await asyncio.wait_for(gone, 20)


def browser_of(engine: BrowserEngine, account: str) -> Browser:
    browser = page_of(engine, account).context.browser
    assert browser is not None
    return browser


# -- from run to run


def test_a_second_run_signs_in_nobody(bench: NewBench, kept: Kept) -> None:
    here = bench()
    passwords = signed_in_by_hand(here.site)

    async def all_in(engine: BrowserEngine) -> list[SignIn]:
        return list(await asyncio.gather(*(sign_in(engine, f"user{n}") for n in (1, 2, 3))))

    assert in_an_engine(here, kept, all_in) == [SignIn.ANEW] * 3
    assert in_an_engine(here, kept, all_in) == [SignIn.STILL] * 3
    assert sorted(passwords) == ["user1", "user2", "user3"]


def test_who_is_still_signed_in_can_park_fire_and_read_back(bench: NewBench, kept: Kept) -> None:
    here = bench()
    in_an_engine(here, kept, sign_in)

    async def book(engine: BrowserEngine) -> tuple[SignIn, Outcome, list[Slot]]:
        how = await sign_in(engine)
        await engine.arm(parked_at(here))
        outcome = await fire_now(engine, parked_at(here))
        return how, outcome, [held.slot for held in await engine.my_bookings("user1")]

    assert in_an_engine(here, kept, book) == (SignIn.STILL, Outcome.BOOKED, [here.slot("X1 A", 13)])


def test_indexed_db_is_kept_as_well(bench: NewBench, kept: Kept) -> None:
    here = bench()
    open_db = """() => new Promise((done, failed) => {
        const asked = indexedDB.open("vault", 1);
        asked.onupgradeneeded = () => asked.result.createObjectStore("tokens");
        asked.onsuccess = () => done(window.db = asked.result);
        asked.onerror = failed;
    }).then(() => null)"""

    async def write(engine: BrowserEngine) -> None:
        await sign_in(engine)
        page = page_of(engine, "user1")
        await page.evaluate(open_db)
        await page.evaluate(
            """() => new Promise(done => {
                const work = db.transaction("tokens", "readwrite");
                work.objectStore("tokens").put("renewed", "refresh");
                work.oncomplete = () => { db.close(); done(); };
            })"""
        )

    async def read(engine: BrowserEngine) -> Any:
        await sign_in(engine)
        page = page_of(engine, "user1")
        await page.evaluate(open_db)
        return await page.evaluate(
            """() => new Promise(done => {
                const asked = db.transaction("tokens").objectStore("tokens").get("refresh");
                asked.onsuccess = () => done(asked.result);
            })"""
        )

    in_an_engine(here, kept, write)
    assert in_an_engine(here, kept, read) == "renewed"


def test_what_a_site_renews_while_a_run_goes_on_is_what_is_kept(bench: NewBench, kept: Kept) -> None:
    here = bench()

    async def renewed(engine: BrowserEngine) -> None:
        await sign_in(engine)
        await page_of(engine, "user1").evaluate("localStorage.setItem('renewed', 'at the very end')")

    in_an_engine(here, kept, renewed)
    assert "at the very end" in kept["user1"]


def test_a_practice_site_that_began_anew_is_noticed_and_signed_in_to(bench: NewBench, kept: Kept) -> None:
    with running_practice_site(PracticeSettings(start=OPEN)) as first:
        port = int(first.url.rpartition(":")[2])
        here = bench()
        here.profile = here.profile.model_copy(update={"base_url": f"{first.url}/"})
        in_an_engine(here, kept, sign_in)
    with running_practice_site(PracticeSettings(start=OPEN, port=port)) as second:
        passwords = signed_in_by_hand(second)
        assert in_an_engine(here, kept, sign_in) is SignIn.ANEW
        assert in_an_engine(here, kept, sign_in) is SignIn.STILL
    assert passwords == ["user1"]


def test_a_state_the_browser_does_not_take_costs_a_sign_in_only(bench: NewBench, kept: Kept) -> None:
    kept["user1"] = '{"cookies": [{"name": "no", "value": "domain"}], "origins": []}'
    assert in_an_engine(bench(), kept, sign_in) is SignIn.ANEW


def test_the_state_of_an_account_that_is_refused_is_forgotten(bench: NewBench, kept: Kept) -> None:
    here = bench()
    in_an_engine(here, kept, sign_in)

    async def refused(engine: BrowserEngine) -> None:
        await end_session(await _with_page(engine))
        with pytest.raises(SignedOutError):
            await engine.stay_signed_in("user1")
        with pytest.raises(SignInRefusedError):
            await engine.sign_in(credentials("user1", "a-password-of-yesterday"))

    in_an_engine(here, kept, refused)
    assert kept == {}


async def _with_page(engine: BrowserEngine) -> Page:
    await sign_in(engine)
    return page_of(engine, "user1")


# -- while the run waits


def test_who_is_looked_at_stays_signed_in_and_what_is_kept_is_brought_up_to_date(
    bench: NewBench, kept: Kept
) -> None:
    here = bench()

    async def look(engine: BrowserEngine) -> str:
        page = await _with_page(engine)
        await page.evaluate("localStorage.setItem('renewed', 'meanwhile')")
        await engine.stay_signed_in("user1")
        return kept["user1"]

    assert "meanwhile" in in_an_engine(here, kept, look)


def test_a_session_the_site_has_ended_is_noticed_though_the_page_looks_signed_in(
    bench: NewBench, kept: Kept
) -> None:
    here = bench()

    async def ended(engine: BrowserEngine) -> SignIn:
        await end_session(await _with_page(engine))
        with pytest.raises(SignedOutError, match="user1"):
            await engine.stay_signed_in("user1")
        assert kept == {}
        return await sign_in(engine)

    assert in_an_engine(here, kept, ended) is SignIn.ANEW


@pytest.mark.parametrize("status", [500, 429])
def test_a_site_that_is_out_of_order_has_signed_nobody_out(bench: NewBench, kept: Kept, status: int) -> None:
    here = bench()

    async def away(route: Route) -> None:
        await route.fulfill(status=status, body="{}", content_type="application/json")

    async def asked(engine: BrowserEngine) -> None:
        page = await _with_page(engine)
        await page.route("**/api/participations*", away)
        with pytest.raises(SignInError, match=f"cannot be told.*{status}") as caught:
            await engine.stay_signed_in("user1")
        assert not isinstance(caught.value, SignedOutError)
        await engine.arm(parked_at(here))

    in_an_engine(here, kept, asked)
    assert "user1" in kept


def test_a_page_that_is_gone_while_the_run_waits_is_opened_again_without_a_sign_in(
    bench: NewBench, kept: Kept
) -> None:
    here = bench()
    passwords = signed_in_by_hand(here.site)

    async def crashed(engine: BrowserEngine) -> Outcome:
        await crash(await _with_page(engine))
        await engine.stay_signed_in("user1")
        await engine.arm(parked_at(here))
        return await fire_now(engine, parked_at(here))

    assert in_an_engine(here, kept, crashed) is Outcome.BOOKED
    assert passwords == ["user1"]


# -- in the last seconds


def test_a_parked_page_that_is_well_is_left_as_it_is_by_the_last_look(bench: NewBench, kept: Kept) -> None:
    here = bench()

    async def look(engine: BrowserEngine) -> tuple[list[str], Outcome]:
        page = await _with_page(engine)
        await engine.arm(parked_at(here))
        seen: list[str] = []
        page.on("request", lambda request: seen.append(request.url))
        page.on("framenavigated", lambda frame: seen.append(frame.url))
        await engine.look("user1")
        noticed = list(seen)
        return noticed, await fire_now(engine, parked_at(here))

    assert in_an_engine(here, kept, look) == ([], Outcome.BOOKED)


def test_the_last_look_sees_that_a_parked_page_was_signed_out(bench: NewBench, kept: Kept) -> None:
    here = bench()

    async def signed_out(engine: BrowserEngine) -> tuple[SignIn, Outcome]:
        page = await _with_page(engine)
        await engine.arm(parked_at(here))
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
        how = await sign_in(engine)
        await engine.arm(parked_at(here))
        return how, await fire_now(engine, parked_at(here))

    assert in_an_engine(here, kept, signed_out) == (SignIn.ANEW, Outcome.BOOKED)


def test_a_crashed_page_is_told_by_the_last_look_and_parked_again_from_the_kept_state(
    bench: NewBench, kept: Kept
) -> None:
    here = bench()

    async def crashed(engine: BrowserEngine) -> tuple[SignIn, Outcome]:
        page = await _with_page(engine)
        await engine.arm(parked_at(here))
        await crash(page)
        with pytest.raises(ArmError, match="user1: the page crashed"):
            await engine.look("user1")
        with pytest.raises(ArmError, match="user1: the page crashed"):
            await engine.arm(parked_at(here))
        how = await sign_in(engine)
        await engine.arm(parked_at(here))
        return how, await fire_now(engine, parked_at(here))

    assert in_an_engine(here, kept, crashed) == (SignIn.STILL, Outcome.BOOKED)


def test_a_closed_context_is_told_by_the_last_look_and_opened_again(bench: NewBench, kept: Kept) -> None:
    here = bench()

    async def closed(engine: BrowserEngine) -> SignIn:
        page = await _with_page(engine)
        await page.context.close()
        with pytest.raises(ArmError, match="user1: the page was closed"):
            await engine.look("user1")
        return await sign_in(engine)

    assert in_an_engine(here, kept, closed) is SignIn.STILL


def test_a_page_that_hangs_is_told_by_the_last_look(bench: NewBench, kept: Kept) -> None:
    here = bench()

    async def hangs(engine: BrowserEngine) -> SignIn:
        page = await _with_page(engine)
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


def test_my_bookings_is_read_though_the_page_that_fired_has_crashed(bench: NewBench, kept: Kept) -> None:
    here = bench()
    here.book("user1", "X1 A", 13)

    async def crashed(engine: BrowserEngine) -> list[Slot]:
        await crash(await _with_page(engine))
        return [held.slot for held in await engine.my_bookings("user1")]

    assert in_an_engine(here, kept, crashed) == [here.slot("X1 A", 13)]


def test_who_is_signed_out_at_the_opening_is_signed_in_again_to_read_back(
    bench: NewBench, kept: Kept
) -> None:
    here = bench()
    passwords = signed_in_by_hand(here.site)

    async def ended(engine: BrowserEngine) -> tuple[Outcome, list[Slot]]:
        page = await _with_page(engine)
        await engine.arm(parked_at(here))
        await page.route("**/api/participations", _unauthorized)
        outcome = await fire_now(engine, parked_at(here))
        assert kept == {}
        return outcome, [held.slot for held in await engine.my_bookings("user1")]

    assert in_an_engine(here, kept, ended) == (Outcome.SIGNED_OUT, [])
    assert passwords == ["user1", "user1"]


async def _unauthorized(route: Route) -> None:
    await route.fulfill(status=401, body='{"message": "Unauthorized"}', content_type="application/json")


def test_a_token_never_gets_into_what_is_told_or_written_down(bench: NewBench, kept: Kept) -> None:
    here = bench()

    async def echoed(engine: BrowserEngine) -> tuple[str, str]:
        page = await _with_page(engine)
        token = await page.evaluate("JSON.parse(localStorage.delcom_auth).tokenResponse.accessToken")

        async def echo(route: Route) -> None:
            body = f'{{"message": "No room for {token} here"}}'
            await route.fulfill(status=409, body=body, content_type="application/json")

        await engine.arm(parked_at(here))
        await page.route("**/api/participations", echo)
        result = await engine.fire(parked_at(here), Order(datetime.now(UTC)))
        assert result.last is not None
        return token, repr(result)

    token, told = in_an_engine(here, kept, echoed)
    assert token in kept["user1"]
    assert "No room for ••• here" in told
    assert token not in told


# -- several browsers


def test_a_browser_that_is_full_is_followed_by_another(bench: NewBench, kept: Kept) -> None:
    here = bench()

    async def three(engine: BrowserEngine) -> list[int]:
        await asyncio.gather(*(sign_in(engine, f"user{n}") for n in (1, 2, 3)))
        browsers = [browser_of(engine, f"user{n}") for n in (1, 2, 3)]
        # Signing in again takes the place that was given back, and no third browser.
        await sign_in(engine, "user2")
        browsers.append(browser_of(engine, "user2"))
        unique = list(dict.fromkeys(browsers))
        return sorted(browsers[:3].count(one) for one in unique)

    assert in_an_engine(here, kept, three, pool=BrowserPool(contexts_per_browser=2)) == [1, 2]


def test_a_browser_that_dies_takes_only_its_accounts_with_it_and_they_get_a_new_one(
    bench: NewBench, kept: Kept
) -> None:
    here = bench()
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
    assert sorted(passwords) == ["user1", "user2"]


def test_an_only_browser_that_dies_is_replaced(bench: NewBench, kept: Kept) -> None:
    here = bench()

    async def dies(engine: BrowserEngine) -> list[SignIn]:
        await asyncio.gather(sign_in(engine, "user1"), sign_in(engine, "user2"))
        await kill(browser_of(engine, "user1"))
        return list(await asyncio.gather(sign_in(engine, "user1"), sign_in(engine, "user2")))

    assert in_an_engine(here, kept, dies, pool=BrowserPool()) == [SignIn.STILL, SignIn.STILL]
