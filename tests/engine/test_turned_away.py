"""What a site refuses while nothing is fired: a ban, a captcha, too many requests."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.async_api import Route

from sniper.core.plan import Held
from sniper.engine.browser.engine import BrowserEngine
from sniper.engine.browser.firing import Mode
from sniper.engine.protocol import (
    CancelError,
    NothingKept,
    ReadBackError,
    SignedOutError,
    SignIn,
    SignInError,
    TurnedAwayError,
)
from sniper.sites.steps import Click, ClickStep, GotoStep, Selector
from tests.engine.benches import Bench, credentials, page_of
from tests.engine.lasting import SignedInBench

NewBench = Callable[..., Bench]

# Who presses at the opening has nothing to do with it.
pytestmark = pytest.mark.parametrize("mode", [Mode.ARMED], indirect=True)

CAPTCHA_PAGE = "<!doctype html><div class='h-captcha'>Prove that you are no machine</div>"


def in_an_engine(here: Bench, do: Callable[[BrowserEngine], Awaitable[Any]], **options: Any) -> Any:
    """Do something in an engine."""

    async def go() -> Any:
        async with here.engine(**options) as engine:
            return await do(engine)

    return here.run(go())


def answering(status: int, body: str = "{}", **headers: str) -> Callable[[Route], Awaitable[None]]:
    """A site that answers everything like this."""

    async def answer(route: Route) -> None:
        await route.fulfill(status=status, body=body, content_type="application/json", headers=headers)

    return answer


@pytest.mark.parametrize("status", [403, 404, 429])
def test_a_refusal_that_is_not_about_being_signed_in_has_signed_nobody_out(
    signed_in: SignedInBench, status: int
) -> None:
    async def asked(engine: BrowserEngine) -> None:
        await page_of(engine, "user1").route("**/api/participations*", answering(status))
        with pytest.raises(SignInError, match=f"cannot be told.*{status}") as caught:
            await engine.stay_signed_in("user1")
        assert not isinstance(caught.value, SignedOutError | TurnedAwayError)

    in_an_engine(signed_in, asked)


def test_who_is_banned_while_the_run_waits_is_not_signed_in_again(bench: NewBench) -> None:
    banned = answering(403, '{"message": "Your account has been suspended."}')

    async def asked(engine: BrowserEngine) -> None:
        await engine.sign_in(credentials("user1"))
        page = page_of(engine, "user1")
        await page.route("**/api/participations*", banned)
        with pytest.raises(TurnedAwayError, match="user1: account blocked"):
            await engine.stay_signed_in("user1")
        requests: list[str] = []
        page.context.on("request", lambda request: requests.append(request.url))
        with pytest.raises(TurnedAwayError, match="user1: account blocked"):
            await engine.sign_in(credentials("user1"))
        assert requests == []
        assert await engine.sign_in(credentials("user2")) is SignIn.STILL

    in_an_engine(bench(), asked)


def test_a_captcha_in_place_of_the_sign_in_page_turns_the_account_away(
    bench: NewBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = BrowserEngine._open

    async def behind_a_captcha(engine: BrowserEngine, *arguments: Any) -> Any:
        session = await real(engine, *arguments)
        await session._page.page.route("**/*", lambda route: route.fulfill(status=200, body=CAPTCHA_PAGE))
        return session

    monkeypatch.setattr(BrowserEngine, "_open", behind_a_captcha)
    button = Click(on=Selector(css="#sign-in"), timeout=timedelta(milliseconds=100))

    async def signs_in(engine: BrowserEngine) -> None:
        with pytest.raises(TurnedAwayError, match="user1: captcha: a person is needed") as caught:
            await engine.sign_in(credentials("user1"))
        assert "user1-1.png" in (caught.value.mend or "")

    steps = (GotoStep(goto="/"), ClickStep(click=button))
    in_an_engine(bench(), signs_in, states=NothingKept(), sign_in=steps)


@pytest.mark.parametrize(
    ("headers", "pause"), [({"retry-after": "17"}, 17), ({}, 60), ({"retry-after": "0"}, 0)]
)
def test_a_site_that_is_asked_for_my_bookings_too_often_says_how_long_to_leave_it_alone(
    signed_in: SignedInBench, headers: dict[str, str], pause: int
) -> None:
    async def reads(engine: BrowserEngine) -> timedelta:
        await page_of(engine, "user1").route("**/api/participations*", answering(429, **headers))
        with pytest.raises(ReadBackError, match="answered 429") as caught:
            await engine.my_bookings("user1")
        return caught.value.pause

    assert in_an_engine(signed_in, reads) == timedelta(seconds=pause)


def test_a_cancellation_is_proven_by_all_that_the_profile_asks_of_the_answer(
    signed_in: SignedInBench,
) -> None:
    signed_in.book("user1", "X1 A", 13)
    how = signed_in.profile.cancel
    assert how is not None
    any_success = how.model_copy(update={"done": how.done.model_copy(update={"status": "2xx"})})

    async def cancels(engine: BrowserEngine) -> tuple[Held, ...]:
        (booking,) = await engine.my_bookings("user1")
        await engine.cancel(booking)
        return await engine.my_bookings("user1")

    assert in_an_engine(signed_in, cancels, cancel=any_success) == ()


def test_a_cancellation_whose_answer_lacks_what_the_profile_asks_for_is_none(
    signed_in: SignedInBench,
) -> None:
    signed_in.book("user1", "X1 A", 13)
    how = signed_in.profile.cancel
    assert how is not None
    done = how.done.model_copy(update={"json_": {"cancelled": "for sure"}})

    async def cancels(engine: BrowserEngine) -> None:
        (booking,) = await engine.my_bookings("user1")
        with pytest.raises(CancelError, match="answered with 200"):
            await engine.cancel(booking)

    in_an_engine(signed_in, cancels, cancel=how.model_copy(update={"done": done}))
