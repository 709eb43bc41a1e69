"""What the practice site does wrong on purpose, and what the engine makes of it: one site and one browser."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from sniper.core.outcomes import Outcome
from sniper.core.plan import Attempt, Held, Role
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
from sniper.practice.server import RunningSite, running_practice_site
from sniper.practice.settings import PracticeSettings
from sniper.sites.profile import LateOpening
from tests.engine.conftest import OPEN, Bench, SharedBrowser, at, credentials, practice_profile

SOON_OVER: dict[str, Any] = {"answer_within": timedelta(milliseconds=700)}


@pytest.fixture(scope="module")
def site() -> Iterator[RunningSite]:
    with running_practice_site(PracticeSettings(start=OPEN)) as running:
        yield running


@dataclass
class Faulty:
    """A site whose faults are chosen while it runs, and an engine on it."""

    bench: Bench

    def have(self, *faults: str) -> None:
        """These from now on."""
        answer = httpx.post(f"{self.bench.site.url}/practice/faults", json={"faults": faults})
        answer.raise_for_status()

    def do(self, work: Callable[[BrowserEngine], Awaitable[Any]], **options: Any) -> Any:
        """Something in an engine of its own."""

        async def go() -> Any:
            # A machine that is short of breath still has time for another press.
            late = LateOpening(within=timedelta(seconds=20))
            async with self.bench.engine(**{"late_opening": late, **options}) as engine:
                return await work(engine)

        return self.bench.run(go())

    def fired(self, *faults: str, hour: int = 13, **options: Any) -> tuple[AttemptResult, tuple[Held, ...]]:
        """Park, let things go wrong, fire, and read my bookings when they go right again."""
        attempt = Attempt("user1", (self.bench.slot("X1 A", hour),), Role.LEAD)

        async def go(engine: BrowserEngine) -> tuple[AttemptResult, tuple[Held, ...]]:
            await engine.sign_in(credentials("user1"))
            await engine.arm(attempt)
            self.have(*faults)
            result = await engine.fire(attempt, Order(datetime.now(UTC) - timedelta(seconds=1)))
            self.have()
            return result, await engine.my_bookings("user1")

        found: tuple[AttemptResult, tuple[Held, ...]] = self.do(go, **options)
        return found


@pytest.fixture
def mode() -> Mode:
    """Pages that fire by themselves, unless a test says otherwise: the modes are compared elsewhere."""
    return Mode.ARMED


@pytest.fixture
def faulty(site: RunningSite, mode: Mode, shared_browser: SharedBrowser, tmp_path: Path) -> Iterator[Faulty]:
    here = Faulty(Bench(site, at(site, practice_profile()), tmp_path, mode, shared_browser))
    yield here
    here.have()
    account = site.accounts.member("user1")
    for one in site.venue.participations(account):
        site.venue.cancel(account, one.id)


@pytest.mark.parametrize(
    ("fault", "outcome", "booked"),
    [
        ("ban,accounts=user1", Outcome.BLOCKED, False),
        ("captcha,requests=booking", Outcome.CAPTCHA, False),
        ("error=500", Outcome.MAINTENANCE, False),
        ("error=503,after", Outcome.MAINTENANCE, True),
        ("rate-limited=60s", Outcome.RATE_LIMITED, False),
        ("rate-limited=1s,first=1", Outcome.BOOKED, True),
        ("rate-limited=1s,as=date,first=1", Outcome.BOOKED, True),
        ("rate-limited=1s,first=1,requests=list", Outcome.BOOKED, True),
        ("queue,first=1", Outcome.BOOKED, True),
        ("slow=1s,jitter=100ms", Outcome.BOOKED, True),
        ("latency=200ms", Outcome.BOOKED, True),
    ],
)
def test_each_fault_has_its_meaning_and_my_bookings_tells_the_truth(
    faulty: Faulty, fault: str, outcome: Outcome, booked: bool
) -> None:
    result, held = faulty.fired(fault)
    assert result.last is not None
    assert (result.last.outcome, len(held) == 1) == (outcome, booked)


@pytest.mark.parametrize("fault", ["reset", "network=silent,for=2s"])
def test_a_press_whose_connection_is_lost_is_never_guessed(faulty: Faulty, fault: str) -> None:
    """Nor whether the browser sends it once more by itself, when the network is back."""
    result, held = faulty.fired(fault, **SOON_OVER)
    assert result.last is not None
    assert result.last.outcome.handling.ours
    venue = faulty.bench.site.venue.participations(faulty.bench.site.accounts.member("user1"))
    assert [one.reference for one in held] == [str(one.id) for one in venue]


def test_a_press_that_the_browser_sends_once_more_by_itself_is_found_in_my_bookings(faulty: Faulty) -> None:
    """The first arrived, and its answer was lost; the second is refused, if there is one."""
    result, held = faulty.fired("reset,after,first=1", **SOON_OVER)
    assert result.last is not None
    assert result.last.outcome in (Outcome.UNKNOWN, Outcome.ACCOUNT_LIMIT)
    assert [one.slot.place for one in held] == ["X1 A"]


@pytest.mark.parametrize("mode", Mode)
def test_a_list_that_is_drawn_anew_all_the_time_is_pressed_all_the_same(faulty: Faulty) -> None:
    result, held = faulty.fired("redraw=100ms")
    assert result.last is not None
    assert (result.last.outcome, len(held)) == (Outcome.BOOKED, 1), result.last.message


def test_who_is_asked_to_wait_for_long_is_told_until_when(faulty: Faulty) -> None:
    result, _ = faulty.fired("rate-limited=60s,as=date")
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
    faulty: Faulty, fault: str, kind: type[SiteError], pause: int
) -> None:
    attempt = Attempt("user1", (faulty.bench.slot("X1 A", 13),), Role.LEAD)

    doing: dict[type[SiteError], Callable[[BrowserEngine], Awaitable[object]]] = {
        ArmError: lambda engine: engine.arm(attempt),
        ReadBackError: lambda engine: engine.my_bookings("user1"),
        SignInError: lambda engine: engine.stay_signed_in("user1"),
    }

    async def asks(engine: BrowserEngine) -> SiteError:
        await engine.sign_in(credentials("user1"))
        faulty.have(fault)
        began = datetime.now(UTC)
        with pytest.raises(kind) as caught:
            await doing[kind](engine)
        assert datetime.now(UTC) - began < timedelta(seconds=9), "a step waits for ten"
        return caught.value

    assert faulty.do(asks).pause == timedelta(seconds=pause)


def test_who_is_asked_to_wait_while_a_kept_sign_in_is_looked_at_does_not_sign_in(faulty: Faulty) -> None:
    async def asks(engine: BrowserEngine) -> None:
        faulty.have("rate-limited=17s,requests=own")
        with pytest.raises(SignInError) as caught:
            await engine.sign_in(credentials("user1"))
        assert caught.value.pause == timedelta(seconds=17)

    faulty.do(asks)


def test_a_captcha_in_place_of_the_sign_in_calls_a_person(faulty: Faulty) -> None:
    faulty.have("captcha,requests=pages")
    steps = tuple(
        step.model_copy(update={"click": step.click.model_copy(update={"timeout": timedelta(seconds=1)})})
        if hasattr(step, "click")
        else step
        for step in faulty.bench.profile.sign_in
    )

    async def signs_in(engine: BrowserEngine) -> None:
        with pytest.raises(TurnedAwayError, match="a person is needed"):
            await engine.sign_in(credentials("user1"))

    faulty.do(signs_in, states=NothingKept(), sign_in=steps)


def test_a_network_that_is_gone_has_signed_nobody_out_and_all_is_well_when_it_is_back(faulty: Faulty) -> None:
    async def looks(engine: BrowserEngine) -> None:
        await engine.sign_in(credentials("user1"))
        faulty.have("network=reset")
        with pytest.raises(SignInError) as caught:
            await engine.stay_signed_in("user1")
        assert not isinstance(caught.value, SignedOutError)
        faulty.have()
        await engine.stay_signed_in("user1")

    faulty.do(looks)


def test_who_is_signed_out_at_the_opening_may_sign_in_again_and_a_late_opening_is_waited_for(
    faulty: Faulty,
) -> None:
    """The last test of this site: its clock goes on to the next opening."""
    attempt = Attempt("user1", (faulty.bench.slot("X1 A", 14),), Role.LEAD)
    clock = faulty.bench.site.clock

    async def fires(engine: BrowserEngine) -> tuple[AttemptResult, AttemptResult]:
        await engine.sign_in(credentials("user1"))
        await engine.arm(attempt)
        faulty.have("signed-out", "late=1s")
        clock.jump_to(faulty.bench.site.venue.next_opening(), exactly=True)
        first = await engine.fire(attempt, Order(datetime.now(UTC)))
        await engine.sign_in(credentials("user1"))
        await engine.arm(attempt)
        return first, await engine.fire(attempt, Order(datetime.now(UTC)))

    first, second = faulty.do(fires)
    assert [one.last.outcome for one in (first, second)] == [Outcome.SIGNED_OUT, Outcome.BOOKED]
    assert "times" in first.last.message or first.presses.total() > 1
