"""Which hours are aimed at next: by progress, rank, opening, and what is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sniper.core.openings import OpeningRule
from sniper.core.policy import foresee, next_wave
from tests.core.worlds import DELFT, THREE_DAYS, X1, X3, at, before, goal_of, holds, lost, slot, targets

ALL_X1_AT_13 = frozenset({slot("X1 A", 13), slot("X1 B", 13)})


def test_when_all_of_x1_is_lost_x3_goes_on() -> None:
    wave = next_wave(goal_of(X1, X3), DELFT, before(3, lost=lost("X1 A", "X1 B", hours=range(13, 18))), 12)
    assert targets(wave) == [("a1", "X3 A 13", "lead")]


def test_when_one_hour_is_lost_the_hours_after_it_are_tried() -> None:
    wave = next_wave(goal_of(X1), DELFT, before(3, lost=ALL_X1_AT_13), 12)
    assert targets(wave) == [("a1", "X1 A 14", "lead")]


def test_progress_comes_before_rank() -> None:
    known = before(3, held=(holds("a1", "X3 A", 13),))
    wave = next_wave(goal_of(X1, X3), DELFT, known, 12)
    assert targets(wave) == [("a2", "X3 A 14", "lead")]
    assert wave is not None
    assert wave.reason == "X3 14:00, for 13:00–16:00 in a row, 1 of 3 hours are ours"


def test_rank_decides_before_the_hour_whatever_the_order_in_the_file() -> None:
    wave = next_wave(goal_of(X3, X1), DELFT, before(3), 12)
    assert targets(wave) == [("a1", "X1 A 13", "lead")]


def test_a_booking_from_before_the_run_counts_as_progress() -> None:
    known = before(3, held=(holds("a9", "X1 B", 14, by_us=False),))
    waves = foresee(goal_of(X1), DELFT, known, 12)
    assert [targets(wave)[0] for wave in waves] == [("a1", "X1 A 13", "lead"), ("a2", "X1 A 15", "lead")]


def test_hours_that_have_begun_are_not_aimed_at() -> None:
    wave = next_wave(goal_of(X1), DELFT, before(3, now=at(14)), 12)
    assert targets(wave)[0] == ("a1", "X1 A 15", "lead")


def test_a_slot_that_is_open_already_is_fired_at_once() -> None:
    now = at(13) - timedelta(hours=72) + timedelta(minutes=10)
    wave = next_wave(goal_of(X1), DELFT, before(3, now=now), 12)
    assert wave is not None
    assert wave.opens_at == (at(13) - timedelta(hours=72)).astimezone(UTC)
    assert targets(wave) == [("a1", "X1 A 13", "lead")]


def test_six_hours_that_open_at_different_windows_are_planned_by_their_opening() -> None:
    late = replace(X1, opening=OpeningRule(timedelta(hours=24)))
    wave = next_wave(goal_of(late, replace(X3, opening=THREE_DAYS)), DELFT, before(3), 12)
    assert wave is not None
    assert wave.opens_at == datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert {one.location for one in wave.attempts[0].chain} == {"X1"}


def test_nothing_is_planned_when_nothing_is_left() -> None:
    gone = before(3, lost=lost("X1 A", "X1 B", "X3 A", "X3 B"))
    assert next_wave(goal_of(X1, X3), DELFT, gone, 12) is None
    assert foresee(goal_of(X1, X3), DELFT, gone, 12) == ()


def test_nothing_is_planned_without_accounts_or_after_the_day() -> None:
    assert next_wave(goal_of(), DELFT, before(0), 12) is None
    assert next_wave(goal_of(), DELFT, before(3, now=at(23)), 12) is None
