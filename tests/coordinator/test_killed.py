"""Killed at any instant and started again: nothing is lost, doubled or forgotten."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from sniper.clock.clock import SimulatedClock
from sniper.coordinator import RunResult
from sniper.core.goals import Fallback
from sniper.core.plan import Attempt, Standing
from sniper.core.tries import AttemptResult
from sniper.engine.protocol import Order
from sniper.sites.profile import Profile
from sniper.store.models import Base
from sniper.store.records import ACTIVE, AttemptState, RunState
from sniper.store.repository import Store
from tests.coordinator.conftest import Rig, slot
from tests.coordinator.mortal import Killed, Life
from tests.coordinator.venue_engine import VenueEngine, owners

START = datetime(2026, 11, 21, 11, 59, tzinfo=UTC)
RESTARTED_AFTER = timedelta(minutes=10)
"""By this machine's clock: the leases of who was killed have ended. At the site it may be the next second."""


class EverybodyWins(VenueEngine):
    """All requests are on their way before the first answer comes: what is too much has to be given back."""

    async def fire(self, attempt: Attempt, order: Order) -> AttemptResult:
        return await super().fire(attempt, Order(order.at, press=order.press))


class Club:
    """Four accounts who want two hours, one of whom holds another one that was booked by hand."""

    def __init__(self, profile: Profile, store: Store) -> None:
        clock = SimulatedClock(START)
        engine = EverybodyWins(clock, profile, profile.limits_per_account())
        self.by_hand = engine.give("user4", slot("Fitness", 17))
        self.rig = Rig(profile, engine, store, clock, [])
        self._starts = count()

    def run(self, life: Life | None = None) -> RunResult:
        """A run, from its beginning to its end or to that of its life."""
        self.rig.life = life
        later = RESTARTED_AFTER * next(self._starts)
        return self.rig.run(accounts=4, later=later, hours=2, window_end=time(16), fallback=Fallback(None))

    def run_until_killed(self, life: Life) -> RunResult | None:
        """Start a run that is killed; None, unless its end came before."""
        with suppress(Killed):
            return self.run(life)
        return None


@pytest.fixture
def new_club(profile: Profile, store: Store) -> Callable[[], Club]:
    def make() -> Club:
        # One store for all of them: a new one would have to learn all its queries.
        with store._write() as session:
            for table in reversed(Base.metadata.sorted_tables):
                session.execute(delete(table))
        return Club(profile, store)

    return make


def check(club: Club, result: RunResult) -> None:
    """Nothing lost, nothing doubled, nothing forgotten, and what was there before is there still."""
    rig = club.rig
    ours = [held for held in rig.engine.held if held != club.by_hand]
    assert result.verdict.standing is Standing.REACHED
    assert owners(ours) == owners(result.verdict.streak)
    assert club.by_hand in rig.engine.held
    assert all(held.by_us for held in result.verdict.streak)
    runs = [rig.store.run(run.id) for run in rig.store.runs()]
    assert all(one.run.state is not RunState.RUNNING for one in runs)
    assert all(attempt.state is AttemptState.CLOSED for one in runs for attempt in one.attempts)
    known = [b for one in runs for b in one.bookings if b.status in ACTIVE]
    assert sorted((b.account, b.slot.instant) for b in known) == sorted(
        (h.account, h.slot.instant) for h in ours
    )
    assert result.unproven == ()


READS = {"run", "superseded_by", "sign_in", "stay_signed_in", "my_bookings", "arm", "look"}
"""Calls after which nothing is other than before: to be killed at the first of each is enough."""


def test_killed_after_any_call_and_started_again(new_club: Callable[[], Club]) -> None:
    undisturbed = Life()
    club = new_club()
    check(club, club.run(undisturbed))
    calls = undisturbed.calls
    assert {"plan_wave", "open_attempts", "fire", "close_attempt", "record_booking", "cancel"} <= set(calls)
    for number, name in enumerate(calls, 1):
        if name in READS and name in calls[: number - 1]:
            continue
        club = new_club()
        assert club.run_until_killed(Life(number)) is None
        check(club, club.run())


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kills=st.lists(st.tuples(st.integers(1, 60), st.booleans()), min_size=1, max_size=4),
    pauses=st.lists(st.integers(0, 7200), min_size=4, max_size=4),
)
def test_killed_several_times_before_or_after_a_call_and_started_again_at_any_time(
    new_club: Callable[[], Club], kills: list[tuple[int, bool]], pauses: list[int]
) -> None:
    club = new_club()
    result: RunResult | None = None
    for (calls, last_is_done), pause in zip(kills, pauses, strict=False):
        if result := club.run_until_killed(Life(calls, last_is_done=last_is_done)):
            break
        club.rig.clock.advance(timedelta(seconds=pause))
    check(club, result or club.run())
