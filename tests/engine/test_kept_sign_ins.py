"""Signed in once and for all runs: what is kept, how it is proven, and what of it is ever told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.async_api import Route

from sniper.core.outcomes import Outcome
from sniper.core.slots import Slot
from sniper.engine.browser.engine import BrowserEngine
from sniper.engine.browser.firing import Mode
from sniper.engine.protocol import Order, SignedOutError, SignIn, SignInRefusedError
from sniper.practice.server import running_practice_site
from sniper.practice.settings import PracticeSettings
from tests.engine.benches import OPEN, Bench, credentials, page_of
from tests.engine.staying import (
    Kept,
    end_session,
    fire_now,
    in_an_engine,
    parked_at,
    sign_in,
    signed_in_by_hand,
    with_page,
)
from tests.signed_in import kept_of

NewBench = Callable[..., Bench]

# Who presses at the opening has nothing to do with who is signed in.
pytestmark = pytest.mark.parametrize("mode", [Mode.ARMED], indirect=True)


def test_a_second_run_does_not_sign_in_and_can_park_fire_and_read_back_all_the_same(bench: NewBench) -> None:
    here, kept = bench(), Kept()
    passwords = signed_in_by_hand(here.site)

    async def book(engine: BrowserEngine) -> tuple[SignIn, Outcome, list[Slot]]:
        how = await sign_in(engine)
        await engine.arm(parked_at(here))
        outcome = await fire_now(engine, parked_at(here))
        return how, outcome, [held.slot for held in await engine.my_bookings("user1")]

    assert in_an_engine(here, kept, sign_in) is SignIn.ANEW
    assert in_an_engine(here, kept, book) == (SignIn.STILL, Outcome.BOOKED, [here.slot("X1 A", 13)])
    assert passwords == ["user1"]


def test_indexed_db_is_kept_as_well(bench: NewBench) -> None:
    here = bench()
    kept = Kept.of(here)
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


def test_what_a_site_renews_while_a_run_goes_on_is_what_is_kept(bench: NewBench) -> None:
    here = bench()
    kept = Kept.of(here)

    async def renewed(engine: BrowserEngine) -> None:
        await sign_in(engine)
        await page_of(engine, "user1").evaluate("localStorage.setItem('renewed', 'at the very end')")

    in_an_engine(here, kept, renewed)
    assert "at the very end" in kept["user1"]


def test_a_practice_site_that_began_anew_is_noticed_and_signed_in_to(bench: NewBench) -> None:
    with running_practice_site(PracticeSettings(start=OPEN)) as first:
        port = int(first.url.rpartition(":")[2])
        here, kept = bench(), Kept({"user1": kept_of(first, "user1")})
        here.profile = here.profile.model_copy(update={"base_url": f"{first.url}/"})
        assert in_an_engine(here, kept, sign_in) is SignIn.STILL
    with running_practice_site(PracticeSettings(start=OPEN, port=port)) as second:
        passwords = signed_in_by_hand(second)
        assert in_an_engine(here, kept, sign_in) is SignIn.ANEW
    assert passwords == ["user1"]


def test_a_state_the_browser_does_not_take_costs_a_sign_in_only(bench: NewBench) -> None:
    kept = Kept()
    kept["user1"] = '{"cookies": [{"name": "no", "value": "domain"}], "origins": []}'
    assert in_an_engine(bench(), kept, sign_in) is SignIn.ANEW


def test_the_state_of_an_account_that_is_refused_is_forgotten(bench: NewBench) -> None:
    here = bench()
    kept = Kept.of(here)

    async def refused(engine: BrowserEngine) -> None:
        await end_session(await with_page(engine))
        with pytest.raises(SignedOutError):
            await engine.stay_signed_in("user1")
        with pytest.raises(SignInRefusedError):
            await engine.sign_in(credentials("user1", "a-password-of-yesterday"))

    in_an_engine(here, kept, refused)
    assert kept == {}


def test_a_token_never_gets_into_what_is_told_or_written_down(bench: NewBench) -> None:
    here = bench()
    kept = Kept.of(here)

    async def echoed(engine: BrowserEngine) -> tuple[str, str]:
        page = await with_page(engine)
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
    assert "No room for *** here" in told
    assert token not in told
