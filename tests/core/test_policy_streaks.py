"""Which hours are aimed at next: by progress, rank, opening, and what is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sniper.core.openings import OpeningRule
from sniper.core.strategy import foresee
from tests.core.worlds import (
    THREE_DAYS,
    X1,
    X3,
    at,
    before,
    dividing,
    goal_of,
    holds,
    leads,
    lost,
    slot,
    targets,
)

ALL_X1_AT_13 = frozenset({slot("X1 A", 13), slot("X1 B", 13)})


def test_when_all_of_x1_is_lost_x3_goes_on() -> None:
    wave = dividing(goal_of(X1, X3)).next_wave(before(3, lost=lost("X1 A", "X1 B", hours=range(13, 18))))
    assert leads(wave) == [("a1", "X3 A 13")]


def test_when_one_hour_is_lost_the_hours_after_it_are_tried() -> None:
    wave = dividing(goal_of(X1)).next_wave(before(3, lost=ALL_X1_AT_13))
    assert leads(wave) == [("a1", "X1 A 14")]


def test_progress_comes_before_rank() -> None:
    known = before(3, held=(holds("a1", "X3 A", 13),))
    wave = dividing(goal_of(X1, X3)).next_wave(known)
    assert leads(wave) == [("a2", "X3 A 14")]
    assert wave is not None
    assert wave.reason == "X3 14:00, for 13:00–16:00 in a row, 1 of 3 hours are ours"


def test_rank_decides_before_the_hour_whatever_the_order_in_the_file() -> None:
    wave = dividing(goal_of(X3, X1)).next_wave(before(3))
    assert leads(wave) == [("a1", "X1 A 13")]


def test_a_booking_from_before_the_run_counts_as_progress() -> None:
    known = before(3, held=(holds("a9", "X1 B", 14, by_us=False),))
    waves = foresee(dividing(goal_of(X1)), known)
    assert [targets(wave)[0] for wave in waves] == [("a1", "X1 A 13", "lead"), ("a2", "X1 A 15", "lead")]


def test_hours_that_have_begun_are_not_aimed_at() -> None:
    wave = dividing(goal_of(X1)).next_wave(before(3, now=at(14)))
    assert targets(wave)[0] == ("a1", "X1 A 15", "lead")


def test_a_slot_that_is_open_already_is_fired_at_once() -> None:
    now = at(13) - timedelta(hours=72) + timedelta(minutes=10)
    wave = dividing(goal_of(X1)).next_wave(before(3, now=now))
    assert wave is not None
    assert wave.opens_at == (at(13) - timedelta(hours=72)).astimezone(UTC)
    assert leads(wave) == [("a1", "X1 A 13")]


def test_six_hours_that_open_at_different_windows_are_planned_by_their_opening() -> None:
    late = replace(X1, opening=OpeningRule(timedelta(hours=24)))
    wave = dividing(goal_of(late, replace(X3, opening=THREE_DAYS))).next_wave(before(3))
    assert wave is not None
    assert wave.opens_at == datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert {one.location for one in wave.attempts[0].chain} == {"X1"}


def test_nothing_is_planned_when_nothing_is_left() -> None:
    gone = before(3, lost=lost("X1 A", "X1 B", "X3 A", "X3 B"))
    assert dividing(goal_of(X1, X3)).next_wave(gone) is None
    assert foresee(dividing(goal_of(X1, X3)), gone) == ()


def test_nothing_is_planned_without_accounts_or_after_the_day() -> None:
    assert dividing(goal_of()).next_wave(before(0)) is None
    assert dividing(goal_of()).next_wave(before(3, now=at(23))) is None
