"""What is go before an opening, and what has to be mended."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sniper.core.findings import Finding, Judgement, Subject, is_go, noes
from sniper.core.plan import Standing
from sniper.core.policy import StrategyName
from sniper.core.readiness import judge_budget, judge_clock, judge_disk, judge_goal, judge_room
from sniper.core.sightings import Sighting, judge_profile
from sniper.core.strategy import Terms, foresee
from tests.core.worlds import DELFT, LONG_BEFORE, X1, X3, at, before, goal_of, holds

MS = timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("bound", "judgement"),
    [(3 * MS, Judgement.GO), (100 * MS, Judgement.GO), (101 * MS, Judgement.WARNING)],
)
def test_a_clock_is_known_well_enough_when_nobody_is_late_by_it(
    bound: timedelta, judgement: Judgement
) -> None:
    found = judge_clock(bound)
    assert found.judgement is judgement
    assert (found.mend is None) is (judgement is Judgement.GO)


def test_an_account_that_holds_nothing_may_book_an_hour_at_each_location() -> None:
    found = judge_room("a1", goal_of(X1, X3), DELFT, [], LONG_BEFORE)
    assert found.judgement is Judgement.GO
    assert found.what == "holds nothing, could book 1 hour at X1 and X3"


def test_what_an_account_holds_leaves_it_less_room() -> None:
    found = judge_room("a1", goal_of(X1, X3), DELFT, [holds("a1", "X1 A", 13)], LONG_BEFORE)
    assert found.judgement is Judgement.GO
    assert found.what == "holds X1 A Tue 24 Nov 13:00, could book 1 hour at X3"


def test_an_account_at_its_limit_is_told_to_cancel() -> None:
    held = [holds("a1", "X1 A", 13)]
    found = judge_room("a1", goal_of(X1), DELFT, held, LONG_BEFORE)
    assert found.judgement is Judgement.WARNING
    assert "at its limit" in found.what
    assert found.mend is not None


def test_hours_that_have_begun_are_none_an_account_could_book() -> None:
    found = judge_room("a1", goal_of(X1), DELFT, [], at(17))
    assert found.judgement is Judgement.WARNING


@pytest.mark.parametrize(
    ("best", "judgement"),
    [
        (Standing.REACHED, Judgement.GO),
        (Standing.FALLBACK, Judgement.WARNING),
        (Standing.MISSED, Judgement.NO),
    ],
)
def test_a_goal_that_is_out_of_reach_is_a_no_and_its_fallback_a_warning(
    best: Standing, judgement: Judgement
) -> None:
    assert judge_goal(goal_of(X1), best, 2).judgement is judgement


@pytest.mark.parametrize(("each", "judgement"), [(5, Judgement.GO), (4, Judgement.WARNING)])
def test_a_budget_lasts_when_it_leaves_a_second_try(each: int, judgement: Judgement) -> None:
    waves = foresee(StrategyName.SPARING.on(Terms(goal_of(X1, X3), DELFT, each)), before(3))
    found = judge_budget(waves, each, 4)
    assert found.judgement is judgement
    assert found.what.startswith(f"up to 4 of {each} presses")


def test_a_disk_without_room_is_a_no_that_says_how_much_is_needed() -> None:
    full = judge_disk("disk", "/state", 20_000_000, 65_000_000, "for the record", "Make room.")
    assert (full.judgement, full.mend) == (Judgement.NO, "Make room.")
    assert full.what == "20 MB free in /state, 65 MB needed for the record"
    assert judge_disk("disk", "/state", 2_000_000_000, 65_000_000, "", "").judgement is Judgement.GO


def test_warnings_and_what_is_not_judged_are_go_and_a_no_is_not() -> None:
    one = {j: Finding(Subject.SITE, j.value, j, "") for j in Judgement}
    no = one.pop(Judgement.NO)
    assert is_go(one.values())
    assert not is_go([*one.values(), no])
    assert noes([*one.values(), no]) == (no,)


# -- the profile


def test_a_part_of_the_profile_that_was_seen_is_go() -> None:
    (found,) = judge_profile([Sighting("arm", "goto /", True), Sighting("arm", "click #a", True)])
    assert (found.name, found.judgement, found.what) == ("arm", Judgement.GO, "all there: 2 of 2 steps")


def test_one_control_that_is_not_there_is_a_no_with_the_picture_and_the_place_to_mend() -> None:
    sightings = [Sighting("arm", "goto /", True), Sighting("fire", "click #book", False, "gone")]
    _, found = judge_profile(sightings, "/pictures/1.png")
    assert (found.judgement, found.what) == (Judgement.NO, "not there: click #book (gone)")
    assert found.mend is not None
    assert "`fire`" in found.mend
    assert "/pictures/1.png" in found.mend


def test_what_nothing_can_show_before_the_opening_is_not_judged_rather_than_go() -> None:
    (found,) = judge_profile([Sighting("fire", "click #book", None)])
    assert found.judgement is Judgement.NOT_JUDGED
    (partly,) = judge_profile([Sighting("fire", "click #a", True), Sighting("fire", "click #book", None)])
    assert partly.judgement is Judgement.GO
    assert "not judged: click #book" in partly.what
