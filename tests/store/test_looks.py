"""Looks at a site's lists: who may ask when, what was seen and what happened, what a watch has told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sniper.core.availability import Found, Listed, Look, Observation, Source, What
from sniper.core.outcomes import Outcome
from sniper.core.slots import Slot
from sniper.store import Fresh, MayAsk, NotYet, Store, WatchMemory
from tests.store.examples import DAY, NOW, X1A, X1B, X3A, begin, book, slot, tried

SITE = "tudelft-x"
FLOOR = timedelta(seconds=30)
SECOND = timedelta(seconds=1)
OPENING = datetime(2026, 11, 21, 12, tzinfo=UTC)
"""Of all at 13:00."""
ALL = (None,)
TOMORROW = DAY + timedelta(days=1)


def opening_of(at: Slot) -> datetime | None:
    return at.instant - timedelta(hours=72)


def note(
    store: Store, seconds: float, *listed: Listed, slots: tuple[Slot, ...] = (), site: str = SITE
) -> list[tuple[str, What]]:
    """A look so long after the opening; returns what has happened."""
    ended = OPENING + seconds * SECOND
    look = Look(ended - SECOND / 10, ended)
    found = store.note_look(site, DAY, ALL, slots, listed, opening_of, look, now=NOW + seconds * SECOND)
    return [(one.slot.place, one.what) for one in found]


def free(at: Slot, **more: int) -> Listed:
    return Listed(at, is_free=True, is_open=True, **more)


def taken(at: Slot) -> Listed:
    return Listed(at, is_free=False, is_open=True)


# -- who may ask


def test_one_asks_and_the_others_wait_for_the_floor_whatever_day_they_want(store: Store) -> None:
    assert store.claim_look(SITE, DAY, ALL, FLOOR, now=NOW) == MayAsk(0)
    for day in (DAY, TOMORROW):
        assert store.claim_look(SITE, day, ALL, FLOOR, now=NOW + 5 * SECOND) == NotYet(NOW + FLOOR)
    assert store.claim_look("practice", DAY, ALL, FLOOR, now=NOW) == MayAsk(0)
    # Who had it may have been killed.
    assert store.claim_look(SITE, DAY, ALL, FLOOR, now=NOW + FLOOR) == MayAsk(0)


def test_within_the_floor_what_was_seen_is_as_good_as_new(store: Store) -> None:
    store.claim_look(SITE, DAY, ALL, FLOOR, now=NOW)
    note(store, 1, free(X1A))
    read_at = NOW + SECOND
    assert store.claim_look(SITE, DAY, ALL, FLOOR, now=NOW + 29 * SECOND) == Fresh(read_at)
    # Of another day nothing was seen.
    assert store.claim_look(SITE, TOMORROW, ALL, FLOOR, now=NOW + 29 * SECOND) == NotYet(read_at + FLOOR)
    assert store.claim_look(SITE, DAY, ALL, FLOOR, now=read_at + FLOOR) == MayAsk(0)


def test_where_each_location_has_a_list_all_of_them_have_to_be_fresh(store: Store) -> None:
    look = Look(OPENING, OPENING)
    store.note_look(SITE, DAY, ["X1"], (), [free(X1A)], opening_of, look, now=NOW)
    assert store.claim_look(SITE, DAY, ["X1"], FLOOR, now=NOW + SECOND) == Fresh(NOW)
    assert store.claim_look(SITE, DAY, ["X1", "X3"], FLOOR, now=NOW + SECOND) == NotYet(NOW + FLOOR)


def test_a_site_that_wants_to_be_left_alone_is_by_everybody_until_it_has_answered(store: Store) -> None:
    store.claim_look(SITE, DAY, ALL, FLOOR, now=NOW)
    until = NOW + timedelta(minutes=5)
    store.note_failure(SITE, until, now=NOW)
    assert store.claim_look(SITE, TOMORROW, ALL, FLOOR, now=NOW + 2 * FLOOR) == NotYet(
        until, 1, is_left_alone=True
    )
    assert store.claim_look(SITE, DAY, ALL, FLOOR, now=until) == MayAsk(1)
    store.note_failure(SITE, until + FLOOR, now=until)
    assert store.claim_look(SITE, DAY, ALL, FLOOR, now=until + FLOOR) == MayAsk(2)
    note(store, 600)
    assert store.claim_look(SITE, DAY, ALL, FLOOR, now=NOW + 631 * SECOND) == MayAsk(0)


def test_a_clock_that_was_set_back_keeps_nobody_waiting(store: Store) -> None:
    store.claim_look(SITE, DAY, ALL, FLOOR, now=NOW)
    assert store.claim_look(SITE, DAY, ALL, FLOOR, now=NOW - timedelta(days=1)) == MayAsk(0)


def test_whoever_looks_at_whatever_day_the_site_is_asked_no_more_often_than_the_floor(store: Store) -> None:
    sites = (f"site {number}" for number in count())

    @settings(max_examples=30)
    @given(st.lists(st.tuples(st.integers(0, 40), st.booleans(), st.booleans()), max_size=25))
    def holds(looks: list[tuple[int, bool, bool]]) -> None:
        asked, now, site = [], NOW, next(sites)
        for seconds, tomorrow, answers in looks:
            now += seconds * SECOND
            day = TOMORROW if tomorrow else DAY
            if isinstance(store.claim_look(site, day, ALL, FLOOR, now=now), MayAsk):
                asked.append(now)
                if answers:
                    store.note_look(site, day, ALL, (), (), opening_of, Look(now, now), now=now)
        assert all(later - earlier >= FLOOR for earlier, later in pairwise(asked))
        assert bool(asked) == bool(looks)

    holds()


# -- what was seen


def test_what_a_look_shows_is_known_afterwards(store: Store) -> None:
    note(store, 1, free(X1A, remaining=7, places=60), taken(X1B))
    seen = store.seen(SITE, DAY)
    assert {one.place: state.is_free for one, state in seen.items()} == {"X1 A": True, "X1 B": False}
    assert (seen[X1A].remaining, seen[X1A].places, seen[X1B].remaining) == (7, 60, 0)
    assert store.seen(SITE, TOMORROW) == store.seen("practice", DAY) == {}


def test_what_has_happened_between_two_looks_is_kept_with_both(store: Store) -> None:
    closed = Listed(X1A, is_free=True, is_open=False)
    assert note(store, -5, closed) == []
    assert note(store, 3, free(X1A)) == [("X1 A", What.OPENED), ("X1 A", What.FREE)]
    assert note(store, 48, taken(X1A)) == [("X1 A", What.TAKEN)]
    assert note(store, 93, taken(X1A)) == []
    assert note(store, 138, free(X1A)) == [("X1 A", What.CAME_BACK)]
    observations = store.sightings(SITE).observations
    assert [one.what for one in observations] == [What.OPENED, What.FREE, What.TAKEN, What.CAME_BACK]
    back = observations[-1]
    assert (back.opens_at, back.after, back.by) == (
        OPENING,
        OPENING + 92.9 * SECOND,
        OPENING + 138 * SECOND,
    )
    assert back.slot == X1A


def test_a_slot_that_is_missing_on_the_list_was_taken(store: Store) -> None:
    note(store, 3, free(X1A), free(X1B))
    assert note(store, 48, free(X1B)) == [("X1 A", What.TAKEN)]
    assert not store.seen(SITE, DAY)[X1A].is_free


def test_what_was_never_seen_open_and_is_missing_is_not_known_to_be_anything(store: Store) -> None:
    assert note(store, 3, slots=(X1A,)) == []
    assert store.seen(SITE, DAY) == {}


def test_what_has_begun_changes_no_more(store: Store) -> None:
    note(store, 3, free(X1A))
    begun = (X1A.instant - OPENING).total_seconds() + 1
    assert note(store, begun) == []
    assert store.seen(SITE, DAY)[X1A].is_free


def test_slots_that_ours_have_had_or_tried_are_told_apart_and_so_is_what_is_still_free(store: Store) -> None:
    begun = begin(store)
    book(store, begun.run_id, "ann", X1B)
    note(store, 3, free(X1A), taken(X3A))
    found = store.sightings(SITE)
    assert found.ours == {X1B}
    assert found.still_free == {X1A: OPENING + 2.9 * SECOND}
    assert store.sites_seen() == [SITE]


def test_two_processes_that_look_at_the_same_time_write_each_change_once(store: Store, url: str) -> None:
    with Store.open(url) as other:
        assert note(store, 3, free(X1A)) == [("X1 A", What.FREE)]
        assert note(other, 3.5, free(X1A)) == []
        assert [one.what for one in other.sightings(SITE).observations] == [What.FREE]


def test_an_observation_keeps_its_slot_with_its_wall_clock(store: Store) -> None:
    fitness = slot(None, 13)
    note(store, 3, Listed(fitness, is_free=True))
    (one,) = store.sightings(SITE).observations
    assert isinstance(one, Observation)
    assert (one.slot, one.slot.start.tzinfo) == (fitness, fitness.start.tzinfo)


# -- what a watch remembers


def test_a_watch_remembers_what_it_has_told_and_tried(store: Store) -> None:
    assert store.watch_memory(SITE, "a") == WatchMemory()
    first = WatchMemory(told=frozenset({X1A}))
    for memory in (first, WatchMemory(frozenset({X1B}), frozenset({X1A}))):
        store.remember_watch(SITE, "a", DAY, memory, now=NOW)
        assert store.watch_memory(SITE, "a") == memory
    assert store.watch_memory(SITE, "b") == store.watch_memory("practice", "a") == WatchMemory()


@pytest.mark.parametrize("state", list(Found))
def test_every_way_a_slot_can_be_found_is_kept(store: Store, state: Found) -> None:
    listed = Listed(X1A, is_free=state is Found.FREE, is_open=state is not Found.CLOSED)
    note(store, 3, listed)
    assert store.seen(SITE, DAY)[X1A].last.found is state


def test_what_a_run_learns_of_slots_stands_among_what_was_seen(store: Store) -> None:
    begun = begin(store)
    store.close_attempt(begun.ids["ann"], [tried(X1A, Outcome.TAKEN)], now=NOW)
    (one,) = store.sightings(SITE).observations
    assert (one.what, one.source, one.by - one.opens_at) == (
        What.TAKEN,
        Source.RUN,
        timedelta(milliseconds=40),
    )
    # A look at the list finds nothing new in that.
    assert note(store, 3, taken(X1A)) == []
