"""What a daemon watches: the days that their runs did not win."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sniper.core.plan import Standing
from sniper.errors import EnvironmentProblem, InputError, SniperError
from sniper.service.telling import Ended, RunTells, Said
from sniper.store.planned import OccurrenceState
from sniper.watch.reader import NotReadError
from tests.service.conftest import OPENING, TUESDAY, WAKES, House, once

MINUTE = timedelta(minutes=1)
DAY = f"squash {TUESDAY}"
WATCH: dict[str, Any] = {"watch": {"book": True, "every": "60s"}}


@pytest.fixture
def lost(house: House) -> House:
    """Its runs do not win."""
    house.runner.standing = Standing.MISSED
    return house


@pytest.mark.parametrize("standing", [Standing.MISSED, Standing.FALLBACK])
def test_a_day_whose_run_missed_the_goal_is_watched_as_its_file_says(
    house: House, standing: Standing
) -> None:
    house.runner.standing = standing
    house.write(once(), **WATCH)
    house.serve_until(WAKES + 4 * MINUTE)
    (begun,) = house.lookout.begun
    assert (begun.run.request.day, begun.books, begun.once) == (TUESDAY, True, False)
    assert begun.pace.usually == timedelta(seconds=60)
    assert len(house.lookout.looks) > 2


def test_what_was_won_and_what_no_file_wants_watched_is_not(house: House) -> None:
    house.write(once(), **WATCH)
    house.serve_until(WAKES + 4 * MINUTE)
    assert house.lookout.begun == []
    assert house.became[DAY][0] is OccurrenceState.BOOKED


def test_without_watch_in_its_file_nothing_is_watched(lost: House) -> None:
    lost.write(once())
    lost.serve_until(WAKES + 4 * MINUTE)
    assert lost.lookout.begun == []


def test_a_day_that_a_watch_wins_is_booked_and_not_watched_any_more(lost: House) -> None:
    lost.write(once(), **WATCH)
    lost.lookout.appears = Standing.REACHED
    lost.serve_until(WAKES + 5 * MINUTE)
    assert lost.became == {DAY: (OccurrenceState.BOOKED, None)}
    assert [event.state for event in lost.heard(Ended)] == [OccurrenceState.LOST, OccurrenceState.BOOKED]
    assert len(lost.lookout.begun) == 1
    (record,) = lost.store.occurrences()
    assert record.run_id == lost.heard(Ended)[-1].result.run_id
    assert any(event.event.run_id == record.run_id for event in lost.heard(RunTells))


def test_a_run_that_wins_nothing_does_not_take_away_what_the_day_has_come_to(house: House) -> None:
    house.runner.standing = Standing.FALLBACK
    house.write(once(), **WATCH)
    house.lookout.appears = Standing.MISSED
    house.serve_until(WAKES + 4 * MINUTE)
    assert house.became[DAY][0] is OccurrenceState.FALLBACK


def test_a_day_is_watched_until_it_is_over(lost: House) -> None:
    lost.write(once(), **WATCH)

    async def life() -> None:
        async with lost.serving() as (daemon, _):
            await lost.until(WAKES + 2 * MINUTE)
            assert [day.record.day for day in daemon.watches.days] == [TUESDAY]
            lost.clock.advance(timedelta(days=4))
            await lost.until(lost.clock.now() + 2 * MINUTE)
            assert daemon.watches.days == ()

    lost.live(life)


def test_the_next_daemon_goes_on_watching(lost: House) -> None:
    lost.write(once(), **WATCH)
    lost.serve_until(WAKES + 3 * MINUTE)
    lost.serve_until(lost.clock.now() + 2 * MINUTE)
    assert [one.run.request.day for one in lost.lookout.begun] == [TUESDAY, TUESDAY]
    assert len(lost.runner.begun) == 1


def test_nobody_looks_from_the_hand_over_of_a_wave_until_its_requests_are_out(lost: House) -> None:
    wednesday = TUESDAY + timedelta(days=1)
    lost.write(once(), once("later", day=wednesday), **WATCH)

    opening = OPENING + timedelta(days=1)

    async def life() -> None:
        async with lost.serving():
            await lost.until(WAKES + 4 * MINUTE)
            lost.runner.to_the_opening = True
            lost.clock.advance(opening - 5 * MINUTE - lost.clock.now())
            await lost.until(opening + 3 * MINUTE)

    lost.live(life)
    assert lost.runner.fired == [wednesday]
    near = [look - opening for look in lost.lookout.looks if abs(look - opening) < MINUTE]
    assert len(near) >= 2
    assert not [one for one in near if timedelta(seconds=-10) < one < timedelta(seconds=5)]


REFUSED = NotReadError("the list answers 403", is_lasting=True)


@pytest.mark.parametrize("error", [REFUSED, InputError("the profile is wrong")])
def test_a_watch_that_can_come_to_nothing_is_not_begun_again_until_its_file_is_read(
    lost: House, error: SniperError
) -> None:
    lost.write(once(), **WATCH)
    lost.lookout.fails = error

    async def life() -> None:
        async with lost.serving() as (_, reloading):
            await lost.until(WAKES + 8 * MINUTE)
            assert len(lost.lookout.begun) == 1
            (said,) = [one.text for one in lost.heard(Said) if one.problem]
            assert "has ended; it is watched again when its file is read again" in said
            assert str(error) in said
            lost.lookout.fails = None
            reloading.soon()
            await reloading.read_again([lost.path.resolve()])
            await lost.until(WAKES + 10 * MINUTE)
            assert len(lost.lookout.begun) == 2

    lost.live(life)


def test_a_watch_that_fails_is_begun_again_and_people_are_told_once(lost: House) -> None:
    lost.write(once(), **WATCH)
    lost.lookout.fails = EnvironmentProblem("the site does not answer")
    lost.serve_until(WAKES + 5 * MINUTE)
    known = [one.failed_before for one in lost.lookout.begun]
    assert 3 < len(known) < 10
    assert known[0] is None
    assert {*known[1:]} == {"the site does not answer"}
    # The watch tells whom its file names; the daemon does not do so as well.
    assert all(said.told for said in lost.heard(Said) if said.problem)


def test_a_watch_ends_when_its_file_does_not_want_it_any_more_but_not_while_it_books(lost: House) -> None:
    lost.write(once(), **WATCH)
    lost.lookout.appears = Standing.REACHED
    lost.lookout.books_for = 4 * MINUTE

    async def life() -> None:
        async with lost.serving() as (daemon, reloading):
            await lost.until(WAKES + 3 * MINUTE)
            lost.write(once())
            await reloading.read_again([lost.path.resolve()])
            await lost.until(WAKES + 4 * MINUTE)
            assert lost.lookout.read_back == 0
            await lost.until(WAKES + 8 * MINUTE)
            assert lost.became[DAY][0] is OccurrenceState.BOOKED
            assert daemon.watches.days == ()

    lost.live(life)


def test_a_daemon_that_is_stopped_lets_a_watch_read_back_what_it_pressed(lost: House) -> None:
    lost.write(once(), **WATCH)
    lost.lookout.appears = Standing.REACHED
    lost.lookout.books_for = 4 * MINUTE
    lost.serve_until(WAKES + 4 * MINUTE)
    assert lost.lookout.read_back == 1
    assert lost.became[DAY][0] is OccurrenceState.LOST
