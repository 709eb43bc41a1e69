"""Signing in by hand: the owner's window, what is filled in there, and what counts as signed in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from playwright.async_api import BrowserContext, Page

from sniper.engine.browser.firing import Mode
from sniper.engine.browser.pool import BrowserPool
from sniper.engine.protocol import Credentials, OwnerNeededError, SignIn, SignInError
from sniper.events import AccountDoes, Event, Noted
from sniper.signing_in import SignedIn, sign_in_by_hand
from tests.engine.benches import Bench
from tests.engine.staying import Kept, in_an_engine

NewBench = Callable[..., Bench]
Hand = Callable[[Page], Awaitable[None]]

# Nothing is fired.
pytestmark = pytest.mark.parametrize("mode", [Mode.ARMED], indirect=True)

SEED = "PRACTICEPRACTICEPRACTICEPRACTICE"


class Watched(BrowserPool):
    """The shared browser, as if it had windows and were closed when left; a hand gets hold of a page."""

    def __init__(self, shared: BrowserPool, hand: Hand | None = None) -> None:
        super().__init__()
        self._shared = shared
        self._hand = hand
        self._tasks: set[asyncio.Task[None]] = set()
        self.contexts: list[BrowserContext] = []

    async def __aenter__(self) -> Watched:
        return self

    async def __aexit__(self, *_: object) -> None:
        for context in self.contexts:
            with suppress(Exception):
                await context.close()
        for task in self._tasks:
            if task.done():
                task.result()  # A hand that slipped is a test that is wrong.
            task.cancel()

    async def context(self, **options: Any) -> BrowserContext:
        made = await self._shared.context(**options)
        self.contexts.append(made)
        if self._hand:
            hand = self._hand

            async def use() -> None:
                await hand(await made.wait_for_event("page"))

            self._tasks.add(asyncio.create_task(use()))
        return made


def by_hand(
    here: Bench,
    hand: Hand | None,
    credentials: Credentials,
    told: list[Event] | None = None,
    within: timedelta = timedelta(seconds=40),
) -> SignedIn:
    """What is kept when a hand has signed in."""
    pool = here.shared.pool
    tell = (told if told is not None else []).append
    return here.run(
        sign_in_by_hand(
            here.profile,
            credentials,
            tell,
            within=within,
            window=Watched(pool, hand),
            proof=Watched(pool),
        )
    )


async def type_password(page: Page, password: str) -> None:
    """What the owner does who finds the name filled in."""
    await page.wait_for_function("() => document.querySelector('#username')?.value", timeout=30_000)
    await page.fill("#password", password)
    await page.click("#submit_button")


def test_an_owner_types_the_password_and_runs_are_signed_in_without_it(bench: NewBench) -> None:
    here = bench()
    told: list[Event] = []

    async def hand(page: Page) -> None:
        await type_password(page, "pass3")

    kept = by_hand(here, hand, Credentials("user3"), told)
    ends = here.site.clock.now() + timedelta(days=1)
    assert kept.expires_at is not None
    assert abs(kept.expires_at - ends) < timedelta(minutes=2)

    async def only_kept(engine: Any) -> SignIn:
        how: SignIn = await engine.sign_in(Credentials("user3"))
        return how

    assert in_an_engine(here, Kept({"user3": kept.state}), only_kept) is SignIn.STILL
    said = repr(told)
    assert "pass3" not in said
    assert any(isinstance(event, AccountDoes) and "browser of its own" in event.detail for event in told)


def test_where_a_seed_is_stored_the_owner_is_spared_the_code(bench: NewBench) -> None:
    async def hand(page: Page) -> None:
        await type_password(page, "pass20")

    assert by_hand(bench(), hand, Credentials("user20", totp_secret=SEED)).state


def test_with_password_and_seed_stored_there_is_nothing_to_do_but_to_look(bench: NewBench) -> None:
    assert by_hand(bench(), None, Credentials("user20", "pass20", SEED)).state


def test_a_wrong_password_is_put_right_by_the_owner_and_so_is_a_code(bench: NewBench) -> None:
    async def hand(page: Page) -> None:
        await page.wait_for_selector("#login_error", timeout=30_000)
        await page.fill("#username", "user20")
        await type_password(page, "pass20")
        await page.fill("#totp_code", pyotp.TOTP(SEED).now())
        await page.click("#totp_submit")

    assert by_hand(bench(), hand, Credentials("user20", "of-yesterday")).state


def test_a_window_that_is_closed_is_told(bench: NewBench) -> None:
    async def hand(page: Page) -> None:
        await page.wait_for_selector("#username", timeout=30_000)
        await page.close()

    with pytest.raises(SignInError, match="user3: the window was closed before"):
        by_hand(bench(), hand, Credentials("user3"))


def test_nobody_at_the_window_is_told_when_the_time_is_up(bench: NewBench) -> None:
    with pytest.raises(SignInError, match="within") as caught:
        by_hand(bench(), None, Credentials("user3"), within=timedelta(seconds=3))
    assert "--within" in caught.value.explain()


def test_a_site_that_is_away_is_told_at_once(bench: NewBench) -> None:
    here = bench()
    here.profile = here.profile.model_copy(update={"base_url": "http://127.0.0.1:9/"})
    with pytest.raises(SignInError, match="net::ERR"):
        by_hand(here, None, Credentials("user3"))


def test_a_window_that_looks_signed_in_does_not_count_where_a_fresh_browser_is_not(bench: NewBench) -> None:
    here = bench()
    told: list[Event] = []

    async def hand(page: Page) -> None:
        await page.wait_for_function("() => document.querySelector('#username')?.value", timeout=30_000)
        await page.route(
            f"{here.site.url}/**",
            lambda route: route.fulfill(body="<h1>Welcome!</h1>", content_type="text/html"),
        )
        await page.goto(here.site.url)
        forged = '{"tokenResponse": {"accessToken": "made-up-token-of-nobody"}, "member": {"id": 1}}'
        await page.evaluate("text => localStorage.setItem('delcom_auth', text)", forged)

    with pytest.raises(SignInError, match="nobody was signed in"):
        by_hand(here, hand, Credentials("user3"), told, timedelta(seconds=10))
    looks = [e for e in told if isinstance(e, AccountDoes) and "browser of its own" in e.detail]
    assert len(looks) == 1
    assert not [e for e in told if isinstance(e, Noted)]


def test_an_account_with_a_kept_sign_in_only_is_its_owners_to_sign_in_when_that_has_ended(
    bench: NewBench,
) -> None:
    here = bench()
    kept = Kept.of(here)
    token = kept["user1"]
    here.site.accounts._tokens.clear()

    async def refused(engine: Any) -> None:
        with pytest.raises(OwnerNeededError, match="user1: the kept sign-in is not good any more") as caught:
            await engine.sign_in(Credentials("user1"))
        assert "`sniper accounts sign-in user1 --site practice`" in caught.value.explain()
        with pytest.raises(OwnerNeededError):
            await engine.sign_in(Credentials("user1"))

    kept["user1"] = token.replace('accessToken\\": \\"', 'accessToken\\": \\"no')
    in_an_engine(here, kept, refused)
    assert kept == {}


def test_a_site_that_does_not_tell_takes_no_account_from_its_owner(bench: NewBench) -> None:
    here = bench()
    kept = Kept.of(here)
    profile = here.profile
    here.profile = profile.model_copy(update={"base_url": "http://127.0.0.1:9/"})

    async def not_told(engine: Any) -> None:
        with pytest.raises(SignInError) as caught:
            await engine.sign_in(Credentials("user1"))
        assert not isinstance(caught.value, OwnerNeededError)

    in_an_engine(here, kept, not_told)
    assert "user1" in kept
