"""What is told of an account's past, and of what it could still book."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from sniper.core.goals import Fallback, Goal, Priority
from sniper.core.limits import Limit, Per, allowed
from sniper.core.openings import OpeningRule
from sniper.core.outcomes import Outcome
from sniper.core.slots import Slot
from sniper.core.track_record import PERIODS, Got, Shot, room_on, shot, tallies
from sniper.core.tries import Mark, Moment, ReadBack

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
OPENING = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = date(2026, 11, 24)
LIMITS = (Limit(1, frozenset({Per.DATE, Per.START})), Limit(1, frozenset({Per.DATE, Per.LOCATION})))
PLACES = {"X1": ("X1 A", "X1 B"), "X3": ("X3 A",), "Fitness": (None,)}
GOAL = Goal(
    DAY,
    AMSTERDAM,
    1,
    time(),
    time(),
    tuple(
        Priority(rank, name, subs, 1, OpeningRule(timedelta(hours=72)))
        for rank, (name, subs) in enumerate(PLACES.items())
    ),
    Fallback(None),
)


def slot(place: str, hour: int, day: date = DAY) -> Slot:
    location = place.split()[0]
    return Slot(location, place if " " in place else None, datetime.combine(day, time(hour), AMSTERDAM))


def course(fired: float, answered: float | None = None, proof: str | None = None) -> list[Moment]:
    """Seconds after the opening."""
    at = slot("X1 A", 13)
    found = [Moment(OPENING + timedelta(seconds=fired), Mark.FIRED, at)]
    if answered is not None:
        found.append(Moment(OPENING + timedelta(seconds=answered), Mark.ANSWERED, at))
    if proof is not None:
        found.append(Moment(OPENING + timedelta(seconds=9), Mark.PROVEN, at, proof))
    return found


def test_who_was_never_fired_made_no_attempt() -> None:
    for outcome in (None, Outcome.NOT_PARKED, Outcome.STOOD_DOWN, Outcome.NOT_PRESSED):
        assert shot(NOW, OPENING, outcome, ()) is None
    assert shot(NOW, OPENING, Outcome.TAKEN, ()) == Shot(NOW, won=False, answered=None)


def test_the_time_counts_from_the_opening_to_the_last_answer() -> None:
    told = shot(NOW, OPENING, Outcome.BOOKED, course(0.001, 0.080))
    assert told == Shot(NOW, won=True, answered=timedelta(milliseconds=80))


def test_what_was_open_for_hours_was_no_race() -> None:
    assert shot(NOW, OPENING, Outcome.BOOKED, course(7200, 7200.1)) == Shot(NOW, won=True, answered=None)


def test_a_booking_that_my_bookings_does_not_show_is_not_won() -> None:
    denied = shot(NOW, OPENING, Outcome.BOOKED, course(0, 0.1, ReadBack.NOT_SHOWN.value))
    unread = shot(NOW, OPENING, Outcome.BOOKED, course(0, 0.1, ReadBack.UNREADABLE.value))
    assert denied is not None
    assert unread is not None
    assert (denied.won, unread.won) == (False, True)


def test_each_period_counts_what_lies_in_it_and_all_counts_everything() -> None:
    ages = [timedelta(days=days) for days in (1, 8, 40, 400)]
    shots = [Shot(NOW - age, won=age.days == 1, answered=age / 86_400) for age in ages]
    bookings = [Got(NOW - age, kept=age.days < 30) for age in ages]
    found = tallies(shots, bookings, NOW)
    assert [one.within for one in found] == list(PERIODS)
    assert [one.attempts for one in found] == [1, 2, 3, 4]
    assert [(one.bookings, one.not_kept) for one in found] == [(1, 0), (2, 0), (2, 1), (2, 2)]
    assert [one.success_rate for one in found] == [1, 0.5, 1 / 3, 0.25]
    assert found[-1].median_answer == timedelta(seconds=24)


def test_without_attempts_there_is_no_rate_and_no_time() -> None:
    (*_, every) = tallies((), (), NOW)
    assert (every.success_rate, every.median_answer) == (None, None)


def test_what_is_held_takes_its_hour_everywhere_and_its_location_for_the_day() -> None:
    x1, x3, fitness = room_on(GOAL, LIMITS, [slot("X1 A", 13)])
    assert (x1.bookings, x1.limit) == (0, LIMITS[1])
    for room in (x3, fitness):
        assert (room.bookings, [start.hour for start in room.full_at]) == (1, [13])


def test_what_is_held_on_another_day_takes_nothing() -> None:
    rooms = room_on(GOAL, LIMITS, [slot("X1 A", 13, DAY + timedelta(days=1))])
    assert [(room.bookings, room.full_at) for room in rooms] == [(1, ())] * 3


def test_without_limits_every_hour_can_be_booked() -> None:
    assert [room.bookings for room in room_on(GOAL, (), ())] == [24] * 3


slots = st.builds(
    slot, st.sampled_from(["X1 A", "X1 B", "X3 A", "Fitness"]), st.integers(0, 23), st.just(DAY)
)


@given(st.lists(slots, max_size=5, unique=True))
def test_there_is_room_exactly_where_one_more_slot_is_allowed(held: list[Slot]) -> None:
    for room, priority in zip(room_on(GOAL, LIMITS, held), GOAL.ranked, strict=True):
        free = {
            start
            for start in GOAL.starts(priority)
            if any(allowed(LIMITS, held, one) for one in priority.slots_at(start))
        }
        assert bool(room.bookings) == bool(free)
        if free:
            assert set(room.full_at) == set(GOAL.starts(priority)) - free
        else:
            assert room.limit in LIMITS
