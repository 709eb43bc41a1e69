"""What is learned from all that was seen: openings, how soon slots are gone, and what comes back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from math import inf

from sniper.core.availability import Observation, Source, What
from sniper.core.censored import Between
from sniper.core.insights import Insight, first_looks, insights, lateness
from sniper.core.odds import FirstLooks
from sniper.core.slots import Slot
from tests.core.worlds import slot

SECOND = timedelta(seconds=1)
X1A, X1B, X1A14 = slot("X1 A", 13), slot("X1 B", 13), slot("X1 A", 14)


def opening(of: Slot) -> datetime:
    return of.instant - timedelta(hours=72)


def seen(of: Slot, what: What, after: float | None, by: float, source: Source = Source.WATCH) -> Observation:
    """Between so many seconds after the opening."""
    opens_at = opening(of)
    return Observation(
        of,
        what,
        opens_at,
        None if after is None else opens_at + after * SECOND,
        opens_at + by * SECOND,
        source,
    )


def learned(
    *observations: Observation, ours: Iterable[Slot] = (), still_free: dict[Slot, float] | None = None
) -> Insight:
    """Of X1 at all hours."""
    free = {of: opening(of) + after * SECOND for of, after in (still_free or {}).items()}
    return insights(observations, set(ours), free)[0]


def test_a_slot_that_was_seen_free_and_then_taken_went_between_the_two_looks() -> None:
    found = learned(
        seen(X1A, What.FREE, -20, 25), seen(X1A, What.TAKEN, 25, 70), seen(X1B, What.TAKEN, -20, 25)
    )
    # Of what was gone at the first look nobody knows more than that.
    assert found.gone.durations == (Between(25, 70), Between(0, 25))
    assert (found.taken, found.came_back) == (2, 0)


def test_a_slot_that_is_still_free_took_longer_than_that() -> None:
    found = learned(seen(X1A, What.FREE, -20, 25), still_free={X1A: 900})
    assert found.gone.durations == (Between(900, inf),)


def test_a_run_that_is_told_in_a_tenth_of_a_second_that_it_is_taken_knows_it_best() -> None:
    found = learned(seen(X1A, What.TAKEN, None, 0.08, Source.RUN), seen(X1A, What.TAKEN, -20, 25))
    assert found.gone.durations == (Between(0, 0.08),)


def test_what_ours_had_or_tried_to_get_tells_nothing_of_rivals_but_when_it_opened() -> None:
    found = learned(
        seen(X1A, What.OPENED, None, 0.05, Source.RUN),
        seen(X1A, What.TAKEN, -20, 25),
        seen(X1A, What.CAME_BACK, 100, 140),
        ours=[X1A],
    )
    assert (found.gone.n, found.taken, found.came_back) == (0, 0, 0)
    assert found.opened.durations == (Between(-inf, 0.05),)


def test_a_cancellation_is_told_by_how_long_before_the_start_it_came_and_how_long_it_stayed() -> None:
    day = 72 * 3600.0
    found = learned(
        seen(X1A, What.TAKEN, 0, 5),
        seen(X1A, What.CAME_BACK, day - 7200, day - 7160),
        seen(X1A, What.TAKEN, day - 7000, day - 6960),
        seen(X1B, What.TAKEN, 0, 5),
    )
    assert (found.taken, found.came_back) == (2, 1)
    assert found.before_start.durations == (Between(7160, 7200),)
    assert found.stays.durations == (Between(160, 240),)


def test_one_that_came_back_and_is_still_there_has_stayed_at_least_that_long() -> None:
    found = learned(seen(X1A, What.TAKEN, 0, 5), seen(X1A, What.CAME_BACK, 100, 140), still_free={X1A: 500})
    assert found.stays.durations == (Between(360, inf),)


def test_slots_that_open_together_tell_of_one_opening() -> None:
    told = lateness([seen(X1A, What.OPENED, 0.3, 0.6), seen(X1B, What.OPENED, 0.35, 0.9)])
    assert told == {("X1", opening(X1A)): Between(0.35, 0.6)}
    # Where they contradict each other, it may have been any of it.
    told = lateness([seen(X1A, What.OPENED, 0.3, 0.4), seen(X1B, What.OPENED, 0.5, 0.9)])
    assert told == {("X1", opening(X1A)): Between(0.3, 0.9)}


def test_locations_and_hours_are_told_apart() -> None:
    fitness = slot("Fitness", 13)
    found = insights(
        [seen(X1A, What.TAKEN, 0, 5), seen(X1A14, What.TAKEN, 0, 9), seen(fitness, What.FREE, 0, 5)], (), {}
    )
    assert [(one.location, one.hour, one.gone.n) for one in found] == [
        ("Fitness", None, 1),
        ("Fitness", time(13), 1),
        ("X1", None, 2),
        ("X1", time(13), 1),
        ("X1", time(14), 1),
    ]


def test_first_looks_count_within_a_minute_and_leave_ours_and_runs_out() -> None:
    others = [slot("X1 A", hour) for hour in (15, 16, 17)]
    told = [
        seen(X1A, What.FREE, -20, 25),
        seen(X1A, What.TAKEN, 25, 50),
        seen(X1B, What.TAKEN, -20, 25),
        seen(X1A14, What.TAKEN, None, 0.1, Source.RUN),
        seen(others[0], What.FREE, -20, 61),
        seen(others[1], What.TAKEN, 25, 70),
        seen(others[2], What.FREE, -20, 25),
    ]
    assert first_looks(told, {others[2]}) == {"X1": FirstLooks(1, 1)}
    assert first_looks([], set()) == {}
