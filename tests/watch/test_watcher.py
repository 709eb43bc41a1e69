"""A watch: what it tells, what it asks, what it books, and when it ends."""

from __future__ import annotations

from datetime import time, timedelta
from itertools import pairwise

import pytest

from sniper.coordinator import RunResult
from sniper.core.availability import What
from sniper.core.plan import Held, Standing, Verdict
from sniper.core.slots import Slot
from sniper.errors import EnvironmentProblem
from sniper.events import Noted
from sniper.watch.happenings import BookingBegins, BookingEnded, Looked, Paused, WatchBegins
from sniper.watch.reader import NotReadError
from sniper.watch.watcher import Book
from tests.core.worlds import X1, X3, slot
from tests.watch.conftest import PACE, Watched

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
WITHIN_A_PERIOD = PACE.usually * 1.2


def apart(watched: Watched) -> list[float]:
    """Seconds between requests for the list, as the site has them."""
    return [
        (later.machine_time - earlier.machine_time).total_seconds()
        for earlier, later in pairwise(watched.asked)
    ]


# -- telling


def test_a_cancellation_is_told_within_one_period_and_so_is_that_it_is_gone(watched: Watched) -> None:
    watched.take_all(but=[("X1 A", 10)])
    booking = watched.take("X1 A", 10)
    cancelled_at = watched.site.clock.now() + 5 * MINUTE
    watched.after(5 * MINUTE, lambda: watched.give_back(booking))
    watched.after(8 * MINUTE, lambda: watched.take("X1 A", 10, "user3"))
    assert watched.watch() is None
    assert watched.happened == ["appeared X1 A 10", "went X1 A 10"]
    appeared, went = watched.heard.happenings
    assert timedelta(0) <= appeared.at - cancelled_at <= WITHIN_A_PERIOD
    assert timedelta(0) <= went.at - (cancelled_at + 3 * MINUTE) <= WITHIN_A_PERIOD
    assert (appeared.site, appeared.rehearsal) == ("here", True)


def test_what_is_free_at_the_first_look_is_told_once(watched: Watched) -> None:
    watched.take_all(but=[("X1 B", 11)])
    watched.watch()
    assert watched.happened == ["appeared X1 B 11"]


def test_who_wants_two_hours_is_told_of_both_when_the_second_appears(watched: Watched) -> None:
    watched.take_all(but=[("X1 B", 11), ("X1 A", 10)])
    booking = watched.take("X1 A", 10)
    watched.after(3 * MINUTE, lambda: watched.give_back(booking))
    watched.watch(watched.task(hours=2, accounts=2))
    assert watched.happened == ["appeared X1 A 10", "appeared X1 B 11"]
    assert len(watched.heard.happenings) == 1


def test_a_watch_that_is_started_again_tells_nothing_twice_and_what_it_missed(watched: Watched) -> None:
    watched.take_all(but=[("X1 A", 10), ("X1 B", 10)])
    watched.watch(lasts=2 * MINUTE)
    watched.take("X1 A", 10)
    watched.clock.advance(MINUTE)
    watched.watch(lasts=2 * MINUTE)
    assert watched.happened == ["appeared X1 A 10", "appeared X1 B 10", "went X1 A 10"]


def test_another_goal_at_the_same_site_is_another_watch(watched: Watched) -> None:
    watched.take_all(but=[("X1 A", 10)])
    watched.watch(lasts=MINUTE)
    watched.watch(watched.task(key="another"), lasts=MINUTE)
    assert watched.happened == ["appeared X1 A 10"] * 2


def test_it_begins_with_what_is_watched(watched: Watched) -> None:
    watched.watch(lasts=MINUTE)
    (begins,) = watched.of(WatchBegins)
    assert (begins.books, begins.rehearsal, begins.goal.hours) == (False, True, 1)


# -- asking


def test_the_site_is_asked_no_more_often_than_its_floor_and_mostly_whether_anything_has_changed(
    watched: Watched,
) -> None:
    watched.take_all()
    watched.watch(lasts=12 * MINUTE, lot=0.0)
    assert min(apart(watched)) >= PACE.floor.total_seconds()
    # Every 36 s by this lot.
    assert len(watched.asked) == 12 * 60 / 36
    assert all(one.is_conditional for one in watched.asked[1:])
    # But for what opens at 13:00 and is not asked for, nothing changes.
    assert [one.status for one in watched.asked].count(200) == 2
    assert sum(one.unchanged for one in watched.of(Looked)) == len(watched.asked) - 2


def test_it_is_looked_just_after_an_opening_of_what_is_wanted(watched: Watched) -> None:
    task = watched.task(window_start=time(13), window_end=time(15))
    watched.watch(task, lasts=14 * MINUTE)
    opening = slot("X1 A", 13).instant - timedelta(hours=72)
    after = min(one.arrived_at for one in watched.asked if one.arrived_at >= opening)
    assert after - opening <= 32 * SECOND
    assert watched.happened[:2] == ["appeared X1 A 13", "appeared X1 B 13"]
    keen = [one for one in watched.asked if opening <= one.arrived_at <= opening + 2 * MINUTE]
    assert len(keen) >= 4
    assert min(apart(watched)) >= PACE.floor.total_seconds()
    opened = [one for one in watched.store.sightings("here").observations if one.what is What.OPENED]
    assert {one.slot.place for one in opened} >= {"X1 A", "X1 B", "X3 A", "X3 B"}
    assert all(one.after is not None and one.after < opening <= one.by for one in opened)


def test_a_second_watch_takes_what_the_first_has_just_seen(watched: Watched) -> None:
    watched.take_all(but=[("X1 A", 10)])
    watched.watch(lasts=10 * SECOND)
    asked = len(watched.asked)
    watched.clock.advance(SECOND)
    watched.watch(watched.task(key="another"), lasts=10 * SECOND)
    assert len(watched.asked) == asked == 1
    first, second = watched.of(Looked)
    assert (first.to_be_had, first.at, first.requests) == (second.to_be_had, second.at, 1)
    assert second.requests == 0


def test_retry_after_is_obeyed_and_pauses_grow(watched: Watched) -> None:
    watched.after(2 * MINUTE, lambda: watched.fault("rate-limited=5m,requests=list,first=1"))
    watched.watch(lasts=12 * MINUTE)
    assert max(apart(watched)) >= 300
    (paused,) = watched.of(Paused)
    assert paused.failures == 1
    assert "answers 429" in paused.why
    assert isinstance(watched.events[-1], Looked)


def test_a_site_that_is_out_of_order_is_asked_less_and_less_often_up_to_a_quarter_of_an_hour(
    watched: Watched,
) -> None:
    watched.fault("error=503,requests=list")
    watched.watch(lasts=timedelta(hours=2))
    pauses = apart(watched)
    assert pauses[:5] == pytest.approx([66, 132, 264, 528, 990], abs=2)
    assert max(pauses) <= 15 * 60 * 1.2 + 1
    watched.fault()
    watched.watch(lasts=timedelta(minutes=20))
    assert watched.of(Looked)


def test_a_site_that_refuses_for_good_is_asked_three_times(watched: Watched) -> None:
    watched.fault("ban,requests=list")
    with pytest.raises(NotReadError, match="answers 403"):
        watched.watch(lasts=timedelta(hours=2))
    assert len(watched.asked) == 3


def test_a_network_that_is_gone_is_waited_for(watched: Watched) -> None:
    watched.fault("reset,requests=list")
    assert watched.watch(lasts=5 * MINUTE) is None
    watched.fault()
    watched.watch(lasts=20 * MINUTE)
    assert watched.of(Looked)


def test_a_clock_of_the_site_that_jumps_is_told_and_gone_by(watched: Watched) -> None:
    watched.take_all()
    watched.after(2 * MINUTE, lambda: watched.site.clock.jump(timedelta(hours=3)))
    watched.watch(lasts=5 * MINUTE)
    assert [one.text for one in watched.of(Noted)] == ["the site's clock was set forward by 10800 s"]
    now = watched.site.clock.now()
    assert abs(watched.of(Looked)[-1].at - now) < 2 * MINUTE
    opened = [one for one in watched.store.sightings("here").observations if one.what is What.OPENED]
    assert opened
    assert all(one.by <= now + SECOND for one in opened)


# -- booking


def booker(
    watched: Watched, calls: list[frozenset[Slot]], *, wins: bool = True, by_word: bool = False
) -> Book:
    """A run that books the first free hour by itself, or gets nothing; `by_word`, none can be proven."""

    async def book(gone: frozenset[Slot]) -> RunResult:
        calls.append(gone)
        free = [slot("X1 A", hour) for hour in (9, 10, 11) if slot("X1 A", hour) not in gone]
        if wins:
            watched.take("X1 A", free[0].start.hour, "user1")
        won = (Held("user1", free[0], "1"),) if wins else ()
        standing = Standing.REACHED if won else Standing.MISSED
        held, unproven = ((), won) if by_word else (won, ())
        why = "it shows nobody their bookings" if by_word else None
        return RunResult(7, True, Verdict(standing, won), held, unproven, (), (), unverified_because=why)

    return book


def test_what_appears_is_booked_within_one_period_if_told_to(watched: Watched) -> None:
    watched.take_all(but=[("X1 A", 10)])
    booking = watched.take("X1 A", 10)
    cancelled_at = watched.site.clock.now() + 5 * MINUTE
    watched.after(5 * MINUTE, lambda: watched.give_back(booking))
    gone: list[frozenset[Slot]] = []
    ended = watched.watch(book=booker(watched, gone))
    assert ended is not None
    assert (ended.standing, ended.why) == (Standing.REACHED, "the goal is reached")
    assert ended.at - cancelled_at <= WITHIN_A_PERIOD
    # The run is told what is not to be had, so that it presses for nothing else.
    all_of_it = {slot(place, hour) for place in ("X1 A", "X1 B") for hour in (9, 10, 11)}
    assert gone == [all_of_it - {slot("X1 A", 10)}]
    assert watched.site.venue.owners_on(slot("X1 A", 10).day)


def test_what_is_booked_by_the_word_of_a_site_that_proves_nothing_ends_it_as_well(watched: Watched) -> None:
    watched.take_all(but=[("X1 A", 10), ("X1 A", 11)])
    gone: list[frozenset[Slot]] = []
    ended = watched.watch(book=booker(watched, gone, by_word=True))
    assert ended is not None
    assert (ended.standing, ended.why) == (Standing.REACHED, "the goal is reached")
    assert len(gone) == 1


def test_a_run_that_gets_nothing_is_not_begun_again_for_the_same_slots(watched: Watched) -> None:
    watched.take_all(but=[("X1 A", 10), ("X1 A", 11)])
    later = watched.take("X1 A", 11)
    watched.after(5 * MINUTE, lambda: watched.give_back(later))
    gone: list[frozenset[Slot]] = []
    watched.watch(book=booker(watched, gone, wins=False))
    # Once for 10, and once for 11 when that came back.
    assert len(gone) == len(watched.of(BookingBegins)) == 2
    # Nor by a watch that is started again.
    watched.watch(book=booker(watched, gone, wins=False))
    assert len(gone) == 2


def test_a_slot_that_was_gone_meanwhile_is_tried_again(watched: Watched) -> None:
    watched.take_all(but=[("X1 A", 10)])
    taken = []
    watched.after(3 * MINUTE, lambda: taken.append(watched.take("X1 A", 10)))
    watched.after(6 * MINUTE, lambda: watched.give_back(taken[0]))
    gone: list[frozenset[Slot]] = []
    watched.watch(book=booker(watched, gone, wins=False))
    assert len(gone) == 2


def test_a_run_that_does_not_come_about_is_tried_again_after_pauses_that_grow(watched: Watched) -> None:
    watched.take_all(but=[("X1 A", 10)])
    begun = []

    async def book(_gone: frozenset[Slot]) -> RunResult:
        begun.append(watched.clock.now())
        raise EnvironmentProblem("run 3 is at work for user1")

    assert watched.watch(book=book, lasts=12 * MINUTE) is None
    pauses = [later - earlier for earlier, later in pairwise(begun)]
    assert len(pauses) == 3
    assert all(pause >= least * MINUTE for pause, least in zip(pauses, (1, 2, 4), strict=True))
    assert {one.problem for one in watched.of(BookingEnded)} == {"run 3 is at work for user1"}


def test_while_it_is_only_told_to_tell_nothing_is_booked(watched: Watched) -> None:
    watched.watch(lasts=2 * MINUTE)
    assert watched.happened
    assert not watched.of(BookingBegins)


# -- the end


def test_it_ends_when_the_last_hour_of_the_day_has_begun(watched: Watched) -> None:
    watched.take_all()
    watched.after(2 * MINUTE, lambda: watched.site.clock.jump_to(slot("X1 A", 11).instant))
    ended = watched.watch(lasts=timedelta(hours=1))
    assert ended is not None
    assert (ended.standing, ended.why) == (Standing.MISSED, "the last hour of the day has begun")


def test_looking_once_ends_after_one_look_and_tells_what_is_new_the_next_time(watched: Watched) -> None:
    watched.take_all(but=[("X1 A", 10)])
    booking = watched.take("X1 A", 10)
    task = watched.task(once=True)
    assert watched.watch(task) is not None
    watched.clock.advance(5 * MINUTE)
    watched.give_back(booking)
    ended = watched.watch(task)
    assert ended is not None
    assert ended.why == "it was looked once"
    assert len(watched.asked) == 2
    assert watched.happened == ["appeared X1 A 10"]


def test_looking_once_at_a_site_that_does_not_answer_is_an_error(watched: Watched) -> None:
    watched.fault("error=500,requests=list")
    with pytest.raises(EnvironmentProblem, match="answers 500 until"):
        watched.watch(watched.task(once=True))
    # Nor is it asked again before it wants to be.
    with pytest.raises(EnvironmentProblem, match="the site is left alone until"):
        watched.watch(watched.task(once=True))
    assert len(watched.asked) == 1


def test_slots_of_a_worse_rank_are_told_as_well(watched: Watched) -> None:
    watched.take_all()
    task = watched.task(priorities=(X1, X3))
    watched.watch(task, lasts=MINUTE)
    assert watched.happened[0] == "appeared X3 A 09"
