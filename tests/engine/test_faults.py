"""What the practice site does wrong on purpose, and what the engine makes of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sniper.core.outcomes import Outcome
from sniper.core.plan import Attempt, Role
from sniper.core.tries import AttemptResult
from sniper.engine.browser.engine import BrowserEngine
from sniper.engine.browser.firing import Mode
from sniper.engine.protocol import (
    ArmError,
    NothingKept,
    Order,
    ReadBackError,
    SignedOutError,
    SignInError,
    SiteError,
    TurnedAwayError,
)
from sniper.sites.answers import JsonPath
from sniper.sites.profile import LateOpening
from tests.engine.benches import Bench, credentials, park
from tests.engine.lasting import ParkedBench, SignedInBench

NewBench = Callable[..., Bench]

# A machine that is short of breath still has time for another press.
PATIENT: dict[str, Any] = {"late_opening": LateOpening(within=timedelta(seconds=20))}
SOON_OVER: dict[str, Any] = PATIENT | {"answer_within": timedelta(milliseconds=700)}


@pytest.fixture
def mode() -> Mode:
    """Pages that fire by themselves, unless a test says otherwise: the modes are compared elsewhere."""
    return Mode.ARMED


def fired(here: SignedInBench, *faults: str, **changes: Any) -> AttemptResult:
    """What comes of firing from a parked page when these things have just gone wrong."""
    attempt = Attempt("user1", (here.slot("X1 A", 13),), Role.LEAD)

    async def go() -> AttemptResult:
        async with here.engine(**PATIENT | changes) as engine:
            await park(engine, attempt)
            here.suffer(*faults)
            return await engine.fire(attempt, Order(datetime.now(UTC) - timedelta(seconds=1)))

    return here.run(go())


def read_back(here: SignedInBench) -> list[str]:
    """The references in my bookings, when nothing goes wrong any more."""

    async def go() -> list[str]:
        async with here.engine() as engine:
            here.suffer()
            return [one.reference for one in await engine.my_bookings("user1")]

    return here.run(go())


@pytest.mark.parametrize(
    ("fault", "outcome", "booked"),
    [
        ("ban,accounts=user1", Outcome.BLOCKED, False),
        ("captcha,requests=booking", Outcome.CAPTCHA, False),
        ("error=500", Outcome.MAINTENANCE, False),
        ("error=503,after", Outcome.MAINTENANCE, True),
        ("rate-limited=1s,first=1", Outcome.BOOKED, True),
        ("rate-limited=1s,as=date,first=1", Outcome.BOOKED, True),
        ("rate-limited=1s,first=1,requests=list", Outcome.BOOKED, True),
        ("queue,first=1", Outcome.BOOKED, True),
        ("slow=1s,jitter=100ms", Outcome.BOOKED, True),
        ("latency=200ms", Outcome.BOOKED, True),
    ],
)
def test_each_fault_has_its_meaning(parked: ParkedBench, fault: str, outcome: Outcome, booked: bool) -> None:
    result = fired(parked, fault)
    assert result.last is not None
    assert (result.last.outcome, bool(parked.has("user1"))) == (outcome, booked)


@pytest.mark.parametrize("fault", ["error=503,after", "reset", "network=silent,for=2s"])
def test_a_press_whose_answer_is_lost_is_never_guessed_and_my_bookings_tells_the_truth(
    parked: ParkedBench, signed_in: SignedInBench, fault: str
) -> None:
    """Nor whether the browser sends it once more by itself, when the network is back."""
    result = fired(parked, fault, **SOON_OVER)
    assert result.last is not None
    assert result.last.outcome.handling.ours
    assert read_back(signed_in) == parked.has("user1")


def test_a_press_that_the_browser_sends_once_more_by_itself_is_found_in_my_bookings(
    parked: ParkedBench, signed_in: SignedInBench
) -> None:
    """The first arrived, and its answer was lost; the second is refused, if there is one."""
    result = fired(parked, "reset,after,first=1", **SOON_OVER)
    assert result.last is not None
    assert result.last.outcome in (Outcome.UNKNOWN, Outcome.ACCOUNT_LIMIT)
    booked = parked.has("user1")
    assert len(booked) == 1
    assert read_back(signed_in) == booked


@pytest.mark.parametrize("mode", Mode)
def test_a_list_that_is_drawn_anew_all_the_time_is_pressed_all_the_same(signed_in: SignedInBench) -> None:
    """Not from the page that stays parked: it would go on with that."""
    result = fired(signed_in, "redraw=100ms")
    assert result.last is not None
    assert (result.last.outcome, len(signed_in.has("user1"))) == (Outcome.BOOKED, 1), result.last.message


def test_who_is_asked_to_wait_for_long_is_told_until_when(parked: ParkedBench) -> None:
    result = fired(parked, "rate-limited=60s,as=date")
    assert result.last is not None
    assert (result.last.outcome, parked.has("user1")) == (Outcome.RATE_LIMITED, [])
    assert result.left_alone_until is not None
    assert timedelta(seconds=30) < result.left_alone_until - datetime.now(UTC) <= timedelta(seconds=62)


@pytest.mark.parametrize(
    ("fault", "kind", "pause"),
    [
        ("rate-limited=17s,requests=pages", SignInError, 17),
        ("rate-limited=17s,requests=own", ReadBackError, 17),
        ("rate-limited,requests=own", ReadBackError, 60),
        ("rate-limited=17s,requests=list", ArmError, 17),
    ],
)
def test_a_pause_that_is_asked_for_ends_what_is_under_way_and_is_told(
    signed_in: SignedInBench, fault: str, kind: type[SiteError], pause: int
) -> None:
    attempt = Attempt("user1", (signed_in.slot("X1 A", 13),), Role.LEAD)
    doing: dict[type[SiteError], Callable[[BrowserEngine], Awaitable[object]]] = {
        ArmError: lambda engine: engine.arm(attempt),
        ReadBackError: lambda engine: engine.my_bookings("user1"),
        SignInError: lambda engine: engine.stay_signed_in("user1"),
    }

    async def asks() -> SiteError:
        async with signed_in.engine() as engine:
            signed_in.suffer(fault)
            began = datetime.now(UTC)
            with pytest.raises(kind) as caught:
                await doing[kind](engine)
            assert datetime.now(UTC) - began < timedelta(seconds=9), "a step waits for ten"
            return caught.value

    assert signed_in.run(asks()).pause == timedelta(seconds=pause)


def test_my_bookings_without_the_list_of_the_profile_are_not_understood_and_not_empty(
    signed_in: SignedInBench,
) -> None:
    how = signed_in.profile.my_bookings
    assert how is not None
    elsewhere = how.model_copy(update={"items": JsonPath.parse("$.rows")})

    async def reads() -> None:
        async with signed_in.engine(my_bookings=elsewhere) as engine:
            with pytest.raises(ReadBackError, match=r"could not be read: there is no list at \$\.rows"):
                await engine.my_bookings("user1")

    signed_in.run(reads())


def test_who_is_asked_to_wait_while_a_kept_sign_in_is_looked_at_does_not_sign_in(bench: NewBench) -> None:
    here = bench(faults=("rate-limited=17s,requests=own",))

    async def asks() -> None:
        async with here.engine() as engine:
            with pytest.raises(SignInError) as caught:
                await engine.sign_in(credentials("user1"))
            assert caught.value.pause == timedelta(seconds=17)

    here.run(asks())


def test_a_captcha_in_place_of_the_sign_in_calls_a_person(bench: NewBench) -> None:
    here = bench(faults=("captcha,requests=pages",))
    steps = tuple(
        step.model_copy(update={"click": step.click.model_copy(update={"timeout": timedelta(seconds=1)})})
        if hasattr(step, "click")
        else step
        for step in here.profile.sign_in
    )

    async def signs_in() -> None:
        async with here.engine(states=NothingKept(), sign_in=steps) as engine:
            with pytest.raises(TurnedAwayError, match="a person is needed"):
                await engine.sign_in(credentials("user1"))

    here.run(signs_in())


def test_a_network_that_is_gone_has_signed_nobody_out_and_all_is_well_when_it_is_back(
    signed_in: SignedInBench,
) -> None:
    async def looks() -> None:
        async with signed_in.engine() as engine:
            signed_in.suffer("network=reset")
            with pytest.raises(SignInError) as caught:
                await engine.stay_signed_in("user1")
            assert not isinstance(caught.value, SignedOutError)
            signed_in.suffer()
            await engine.stay_signed_in("user1")

    signed_in.run(looks())


def test_who_is_signed_out_at_the_opening_may_sign_in_again_and_a_late_opening_is_waited_for(
    bench: NewBench,
) -> None:
    here = bench()
    attempt = Attempt("user1", (here.slot("X1 A", 14),), Role.LEAD)

    async def fires() -> tuple[AttemptResult, AttemptResult]:
        async with here.engine(**PATIENT) as engine:
            await engine.sign_in(credentials("user1"))
            await engine.arm(attempt)
            here.suffer("signed-out", "late=1s")
            here.site.clock.jump_to(here.site.venue.next_opening(), exactly=True)
            first = await engine.fire(attempt, Order(datetime.now(UTC)))
            await engine.sign_in(credentials("user1"))
            await engine.arm(attempt)
            return first, await engine.fire(attempt, Order(datetime.now(UTC)))

    first, second = here.run(fires())
    assert first.last is not None
    assert second.last is not None
    assert [first.last.outcome, second.last.outcome] == [Outcome.SIGNED_OUT, Outcome.BOOKED]
    assert "times" in first.last.message or first.presses.total() > 1
