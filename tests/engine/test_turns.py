"""Whose page fires when, where there are more pages than processors."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from sniper.engine.browser.turns import Turn, Turns
from tests.aio import run_async

MS = timedelta(milliseconds=1)
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
needs = st.timedeltas(timedelta(seconds=-1), timedelta(seconds=1))


def turns(*learned: float, processors: int = 2) -> Turns:
    found = Turns(processors)
    for one in learned:
        found.learn(one * MS)
    return found


def test_as_many_pages_as_there_are_processors_fire_at_the_instant_and_the_others_after_them() -> None:
    waits = [turns(10).wait(rank) for rank in range(5)]
    assert waits[:2] == [timedelta(0)] * 2
    assert waits[2] == waits[3] > timedelta(0)
    assert waits[4] == 2 * waits[2]


def test_nobody_waits_where_nothing_was_rehearsed() -> None:
    assert turns().wait(31) == timedelta(0)


def test_the_quickest_rehearsal_says_what_a_page_needs_undisturbed() -> None:
    assert turns(40, 10, 90).wait(2) == turns(10).wait(2)


def test_who_has_one_press_left_to_make_keeps_the_others_waiting_less() -> None:
    assert timedelta(0) < turns(10).wait(2, share=0.2) < turns(10).wait(2)


@given(needs, st.integers(0, 100), st.integers(1, 64))
def test_a_wait_is_never_negative_never_endless_and_grows_down_the_line(
    need: timedelta, rank: int, processors: int
) -> None:
    found = Turns(processors)
    found.learn(need)
    assert timedelta(0) <= found.wait(rank) <= found.wait(rank + 1) <= timedelta(milliseconds=500)


def in_line(found: Turns, count: int, opening: datetime = NOON) -> tuple[list[Turn], list[int]]:
    """So many pages that have been handed their plans; and whom it was told to go, in that order."""
    line, gone = [found.join(rank, opening) for rank in range(count)], list[int]()
    for turn in line:
        found.take(turn)
        turn.go = partial(gone.append, turn.rank)
    return line, gone


def test_who_is_through_leaves_its_processor_to_the_next_in_line() -> None:
    found = turns(10)
    line, gone = in_line(found, 6)
    found.through(line[1], NOON + 5 * MS)
    found.through(line[0], NOON + 6 * MS)
    found.through(line[3], NOON + 9 * MS)
    assert gone == [2, 3, 4]
    assert [turn.comes for turn in line[2:5]] == [NOON + 5 * MS, NOON + 6 * MS, NOON + 9 * MS]


def test_nobody_is_told_to_go_twice_for_one_that_is_through() -> None:
    found = turns(10)
    line, gone = in_line(found, 6)
    found.through(line[0], NOON + 5 * MS)
    found.leave(line[0], NOON + 8 * MS)
    assert gone == [2]


def test_whose_turn_has_come_by_itself_takes_the_place_that_is_left() -> None:
    found = turns(10)
    line, gone = in_line(found, 6)
    # The second pair went at its time: two processors have three pages still.
    found.through(line[0], NOON + 40 * MS)
    assert gone == []
    found.through(line[1], NOON + 41 * MS)
    found.through(line[2], NOON + 42 * MS)
    assert gone == [4]


def test_who_has_its_plan_late_does_not_wait_for_a_processor_that_has_nobody() -> None:
    found = turns(10)
    line, _ = in_line(found, 2)
    late, later = found.join(2, NOON), found.join(3, NOON)
    assert found.take(late) == NOON + found.wait(2)
    found.through(line[0], NOON + 6 * MS)
    found.through(line[1], NOON + 7 * MS)
    assert found.take(later) == NOON


def test_nobody_waits_for_those_before_it_that_have_not_come_or_are_through() -> None:
    found = turns(10)
    through, third, fourth = (found.join(rank, NOON) for rank in (1, 2, 3))
    found.leave(through, NOON - timedelta(seconds=5))
    assert [found.take(turn) for turn in (third, fourth)] == [NOON] * 2


def test_who_stands_down_before_the_opening_lets_the_next_go_at_the_opening() -> None:
    found = turns(10)
    line, gone = in_line(found, 4)
    found.leave(line[0], NOON - timedelta(seconds=5))
    assert gone == [2]
    assert line[2].comes == NOON


def test_pages_of_another_opening_stay_where_they_are() -> None:
    found = turns(10)
    line, gone = in_line(found, 2)
    later, others = in_line(found, 4, NOON + timedelta(hours=1))
    found.leave(line[0], NOON + 5 * MS)
    found.leave(line[1], NOON + 5 * MS)
    assert gone == others == []
    assert later[3].comes == NOON + timedelta(hours=1) + found.wait(3)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(-1000, 1000)), max_size=30), st.integers(1, 4))
def test_nobody_is_told_to_go_before_the_opening_nor_later_than_its_turn_was(
    through: list[tuple[int, int]], processors: int
) -> None:
    found = turns(10, processors=processors)
    line, _ = in_line(found, 10)
    planned = [turn.comes for turn in line]
    for rank, milliseconds in sorted(through, key=lambda one: one[1]):
        found.through(line[rank], NOON + milliseconds * MS)
    for turn, before in zip(line, planned, strict=True):
        assert turn.comes is not None
        assert before is not None
        assert NOON <= turn.comes <= before


def test_there_is_a_crowd_where_somebody_has_to_wait() -> None:
    found = turns(10)
    in_line(found, 2)
    assert not found.is_crowded(NOON)
    in_line(found, 1)
    assert found.is_crowded(NOON)
    assert not turns().is_crowded(NOON)


def test_where_nothing_is_known_of_the_pages_more_than_processors_have_no_room_all_the_same() -> None:
    found = turns()
    in_line(found, 2)
    assert found.has_room_for_all(NOON)
    in_line(found, 1)
    assert not found.has_room_for_all(NOON)


def test_who_has_fired_leaves_the_processors_to_those_who_still_do() -> None:
    found = turns(10)
    order: list[str] = []

    async def draw_again() -> None:
        await found.all_have_fired()
        order.append("drawn")

    async def check() -> None:
        first, second = found.join(0, NOON), found.join(1, NOON)
        found.leave(second, NOON)
        drawing = asyncio.create_task(draw_again())
        for _ in range(5):
            await asyncio.sleep(0)
        order.append("fired")
        found.leave(first, NOON)
        await drawing
        await found.all_have_fired()

    run_async(check())
    assert order == ["fired", "drawn"]
