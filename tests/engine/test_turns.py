"""Whose page fires when, where there are more pages than processors."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from sniper.engine.browser.turns import Turns
from tests.aio import run_async

MS = timedelta(milliseconds=1)
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
    assert turns(10).wait(2, share=0.2) == turns(2).wait(2)


@given(needs, st.integers(0, 100), st.integers(1, 64))
def test_a_wait_is_never_negative_never_endless_and_grows_down_the_line(
    need: timedelta, rank: int, processors: int
) -> None:
    found = Turns(processors)
    found.learn(need)
    assert timedelta(0) <= found.wait(rank) <= found.wait(rank + 1) <= timedelta(milliseconds=500)


def test_who_has_fired_leaves_the_processors_to_those_who_still_do() -> None:
    found = turns(10)
    order: list[str] = []

    async def draw_again() -> None:
        await found.all_have_fired()
        order.append("drawn")

    async def check() -> None:
        with found.firing():
            with found.firing():
                pass
            drawing = asyncio.create_task(draw_again())
            for _ in range(5):
                await asyncio.sleep(0)
            order.append("fired")
        await drawing
        await found.all_have_fired()

    run_async(check())
    assert order == ["fired", "drawn"]
