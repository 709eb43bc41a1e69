"""Divide and conquer, rule by rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sniper.core.limits import Limit, Per
from sniper.core.openings import OpeningRule
from sniper.core.outcomes import Outcome
from sniper.core.plan import Situation, Standing
from sniper.core.policy import foresee, next_wave, surplus, verdict
from sniper.core.slots import Slot
from tests.core.worlds import (
    DELFT,
    FITNESS,
    ONE_A_START,
    THREE_DAYS,
    X1,
    X3,
    World,
    at,
    before,
    crew,
    goal_of,
    holds,
    slot,
    targets,
)

ALL_X1_AT_13 = frozenset({slot("X1 A", 13), slot("X1 B", 13)})


def lost(*places: str, hours: range = range(13, 18)) -> frozenset[Slot]:
    """These places at these hours."""
    return frozenset(slot(place, hour) for place in places for hour in hours)


# -- who fires at what


def test_three_accounts_and_three_hours_fire_one_account_at_each_opening() -> None:
    waves = foresee(goal_of(), DELFT, before(3), 12)
    assert [targets(wave) for wave in waves] == [
        [("a1", "X1 A 13", "lead")],
        [("a2", "X1 A 14", "lead")],
        [("a3", "X1 A 15", "lead")],
    ]
    assert [wave.opens_at for wave in waves] == [at(h) - timedelta(hours=72) for h in (13, 14, 15)]


def test_spare_accounts_back_the_lead_up() -> None:
    wave = next_wave(goal_of(), DELFT, before(6), 12)
    assert targets(wave) == [
        ("a1", "X1 A 13", "lead"),
        ("a4", "X1 B 13", "backup"),
        ("a5", "X1 A 13", "backup"),
        ("a6", "X1 B 13", "backup"),
    ]


def test_a_backup_starts_on_another_sub_location_than_the_lead() -> None:
    wave = next_wave(goal_of(), DELFT, before(4), 12)
    assert wave is not None
    lead, backup = wave.attempts
    assert lead.target == slot("X1 A", 13)
    assert backup.target == slot("X1 B", 13)
    assert backup.chain[:2] == (slot("X1 B", 13), slot("X1 A", 13))


def test_a_backup_avoids_the_leads_sub_location_also_when_the_lead_cannot_have_its_first_choice() -> None:
    known = before(4, refused=frozenset({("a1", slot("X1 A", 13))}))
    assert targets(next_wave(goal_of(), DELFT, known, 12)) == [
        ("a1", "X1 B 13", "lead"),
        ("a4", "X1 A 13", "backup"),
    ]


def test_sub_locations_are_tried_in_the_persons_order() -> None:
    other_way = replace(X1, sub_locations=("X1 B", "X1 A"))
    assert targets(next_wave(goal_of(other_way), DELFT, before(3), 12)) == [("a1", "X1 B 13", "lead")]


def test_no_more_accounts_fire_than_the_person_allows() -> None:
    few = replace(X1, max_accounts=2)
    assert targets(next_wave(goal_of(few), DELFT, before(9), 12)) == [
        ("a1", "X1 A 13", "lead"),
        ("a4", "X1 B 13", "backup"),
    ]


def test_an_account_that_a_later_hour_needs_backs_nobody_up() -> None:
    wave = next_wave(goal_of(), DELFT, before(3), 12)
    assert targets(wave) == [("a1", "X1 A 13", "lead")]


def test_an_account_fires_once_in_a_wave_though_it_could_hold_several_hours() -> None:
    everything_is_open = before(1, now=at(12))
    wave = next_wave(goal_of(), (ONE_A_START,), everything_is_open, 12)
    assert targets(wave) == [("a1", "X1 A 13", "lead")]


def test_hours_that_are_all_open_go_together() -> None:
    wave = next_wave(goal_of(), DELFT, before(3, now=at(12)), 12)
    assert targets(wave) == [("a1", "X1 A 13", "lead"), ("a2", "X1 A 14", "lead"), ("a3", "X1 A 15", "lead")]
    assert wave is not None
    assert wave.reason == "X1 13:00, 14:00, 15:00, for 13:00–16:00 in a row"


def test_the_reason_names_only_the_hours_that_are_fired_at() -> None:
    wave = next_wave(goal_of(replace(X1, max_accounts=1)), DELFT, before(3, now=at(12)), 12)
    assert wave is not None
    assert wave.reason == "X1 13:00, for 13:00–16:00 in a row"


# -- chains


def test_a_chain_falls_through_to_other_priorities_that_open_at_the_same_time() -> None:
    wave = next_wave(goal_of(X1, X3), DELFT, before(3), 12)
    assert wave is not None
    assert wave.attempts[0].chain == (
        slot("X1 A", 13),
        slot("X1 B", 13),
        slot("X3 A", 13),
        slot("X3 B", 13),
    )


def test_backups_go_round_the_other_priorities_too() -> None:
    wave = next_wave(goal_of(X1, X3), DELFT, before(4), 12)
    assert wave is not None
    assert wave.attempts[1].chain == (
        slot("X1 B", 13),
        slot("X1 A", 13),
        slot("X3 B", 13),
        slot("X3 A", 13),
    )


def test_a_wave_has_no_slots_that_opened_at_another_time() -> None:
    wave = next_wave(goal_of(X1, FITNESS, X3), DELFT, before(3, lost=lost("Fitness")), 12)
    assert wave is not None
    assert {one.location for attempt in wave.attempts for one in attempt.chain} == {"X1", "X3"}


def test_a_chain_is_no_longer_than_the_sites_budget() -> None:
    wave = next_wave(goal_of(X1, X3), DELFT, before(4), 3)
    assert wave is not None
    assert [len(attempt.chain) for attempt in wave.attempts] == [3, 3]


def test_a_chain_leaves_out_what_the_account_may_not_book() -> None:
    known = before(4, held=(holds("a1", "X3 A", 10, by_us=False),))
    wave = next_wave(goal_of(X1, X3), DELFT, known, 12)
    assert wave is not None
    assert [(a.account, sorted({one.location for one in a.chain})) for a in wave.attempts] == [
        ("a1", ["X1"]),
        ("a4", ["X1", "X3"]),
    ]


def test_an_hour_we_have_elsewhere_already_is_not_won_there_again() -> None:
    at_x1 = (holds("a1", "X1 A", 14), holds("a2", "X1 A", 15))
    known = before(5, held=(*at_x1, holds("a4", "X3 A", 13)))
    wave = next_wave(goal_of(X1, X3), DELFT, known, 12)
    assert targets(wave) == [("a3", "X1 A 13", "lead"), ("a5", "X1 B 13", "backup")]
    assert wave is not None
    assert {one.location for attempt in wave.attempts for one in attempt.chain} == {"X1"}


# -- which streak


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


def test_two_accounts_cannot_hold_three_hours_where_each_may_hold_one() -> None:
    assert next_wave(goal_of(X1), DELFT, before(2), 12) is None


def test_accounts_are_matched_to_the_hours_they_can_have() -> None:
    known = before(
        3,
        refused=frozenset(("a1", slot(place, hour)) for place in ("X1 A", "X1 B") for hour in (13, 14)),
    )
    waves = foresee(goal_of(X1, end=16), DELFT, known, 12)
    assert [targets(wave)[0][:2] for wave in waves] == [
        ("a2", "X1 A 13"),
        ("a3", "X1 A 14"),
        ("a1", "X1 A 15"),
    ]


def test_one_account_takes_all_hours_where_the_site_lets_it() -> None:
    waves = foresee(goal_of(X1), (ONE_A_START,), before(1), 12)
    assert [targets(wave) for wave in waves] == [[("a1", f"X1 A {h}", "lead")] for h in (13, 14, 15)]


def test_an_account_takes_as_many_hours_as_it_may() -> None:
    two_a_day = Limit(2, frozenset({Per.DATE}))
    assert foresee(goal_of(X1), (two_a_day,), before(1), 12) == ()
    assert len(foresee(goal_of(X1), (two_a_day,), before(2), 12)) == 3


def test_nothing_is_planned_when_nothing_is_left() -> None:
    gone = before(3, lost=lost("X1 A", "X1 B", "X3 A", "X3 B"))
    assert next_wave(goal_of(X1, X3), DELFT, gone, 12) is None
    assert foresee(goal_of(X1, X3), DELFT, gone, 12) == ()


def test_nothing_is_planned_without_accounts_or_after_the_day() -> None:
    assert next_wave(goal_of(), DELFT, before(0), 12) is None
    assert next_wave(goal_of(), DELFT, before(3, now=at(23)), 12) is None


# -- how it stands


def streak(location: str, *hours: int) -> Situation:
    """Different accounts hold these hours at `<location> A`."""
    held = tuple(holds(f"a{i}", f"{location} A", hour) for i, hour in enumerate(hours, 1))
    return before(6, held=held)


@pytest.mark.parametrize(
    ("situation", "fallback", "standing", "hours"),
    [
        (streak("X1", 13, 14, 15), None, Standing.REACHED, [13, 14, 15]),
        (streak("X3", 14, 15, 16), None, Standing.REACHED, [14, 15, 16]),
        (streak("X1", 13, 14), 2, Standing.FALLBACK, [13, 14]),
        (streak("X1", 13, 14), None, Standing.MISSED, [13, 14]),
        (streak("X1", 13, 15, 16), 2, Standing.FALLBACK, [15, 16]),
        (streak("X1", 13, 15, 17), 2, Standing.MISSED, [13]),
        (streak("X1", 13), 1, Standing.FALLBACK, [13]),
        (before(3), 1, Standing.MISSED, []),
    ],
)
def test_the_longest_run_at_one_location_counts(
    situation: Situation, fallback: int | None, standing: Standing, hours: list[int]
) -> None:
    found = verdict(goal_of(fallback=fallback), situation)
    assert found.standing is standing
    assert [held.slot.start.hour for held in found.streak] == hours


def test_hours_at_two_locations_are_no_run() -> None:
    known = before(3, held=(holds("a1", "X1 A", 13), holds("a2", "X3 A", 14), holds("a3", "X1 A", 15)))
    assert verdict(goal_of(fallback=2), known).standing is Standing.MISSED


def test_of_equal_runs_the_better_rank_counts() -> None:
    known = before(3, held=(holds("a1", "X3 A", 13), holds("a2", "X1 A", 15)))
    assert verdict(goal_of(X3, X1, fallback=1), known).streak == (holds("a2", "X1 A", 15),)


def test_the_goal_may_be_reached_on_different_sub_locations() -> None:
    known = before(3, held=(holds("a1", "X1 A", 13), holds("a2", "X1 B", 14), holds("a3", "X1 A", 15)))
    assert verdict(goal_of(), known).standing is Standing.REACHED
    assert next_wave(goal_of(), DELFT, known, 12) is None


# -- the fallback


def test_a_fallback_of_two_hours_is_aimed_at_when_three_cannot_be_had() -> None:
    known = before(2)
    assert next_wave(goal_of(X1), DELFT, known, 12) is None
    waves = foresee(goal_of(X1, fallback=2), DELFT, known, 12)
    assert [targets(wave)[0][:2] for wave in waves] == [("a1", "X1 A 13"), ("a2", "X1 A 14")]


def test_a_fallback_of_two_hours_is_kept() -> None:
    two_won = replace(streak("X1", 13, 14), lost=lost("X1 A", "X1 B", hours=range(15, 18)))
    goal = goal_of(X1, fallback=2)
    assert next_wave(goal, DELFT, two_won, 12) is None
    assert surplus(goal, DELFT, two_won) == ()


def test_the_whole_goal_is_tried_before_the_fallback_is_accepted() -> None:
    wave = next_wave(goal_of(X1, fallback=2), DELFT, streak("X1", 13, 14), 12)
    assert targets(wave)[0] == ("a3", "X1 A 15", "lead")


# -- what is given back


def test_of_two_bookings_of_one_hour_the_second_is_given_back() -> None:
    known = before(6, held=(holds("a1", "X1 A", 13), holds("a4", "X1 B", 13)))
    assert surplus(goal_of(), DELFT, known) == (holds("a4", "X1 B", 13),)


def test_of_two_bookings_of_one_hour_the_one_from_before_the_run_stays() -> None:
    known = before(6, held=(holds("a1", "X1 A", 13), holds("a4", "X1 B", 13, by_us=False)))
    assert surplus(goal_of(), DELFT, known) == (holds("a1", "X1 A", 13),)


def test_what_was_held_before_the_run_is_never_given_back() -> None:
    known = before(6, held=(holds("a1", "X1 A", 13, by_us=False), holds("a4", "X1 B", 13, by_us=False)))
    assert surplus(goal_of(), DELFT, known) == ()


def test_a_lonely_hour_that_blocks_the_goal_is_given_back() -> None:
    # a1 has X1 13:00, but X1 14:00 is lost; only with a1 can 15:00 to 17:00 be completed.
    known = before(3, held=(holds("a1", "X1 A", 13),), lost=lost("X1 A", "X1 B", hours=range(14, 15)))
    goal = goal_of(X1)
    assert next_wave(goal, DELFT, known, 12) is None
    assert surplus(goal, DELFT, known) == (holds("a1", "X1 A", 13),)
    freed = replace(known, held=())
    assert targets(next_wave(goal, DELFT, freed, 12))[0] == ("a1", "X1 A 15", "lead")


def test_beside_a_lonely_hour_only_what_stands_in_its_way_is_given_back() -> None:
    # a1 to a3 are needed at X1 for 15:00 to 17:00; at X3 nothing can be completed any more.
    lonely = holds("a1", "X1 A", 13)
    others = (
        holds("a2", "X3 A", 9),  # outside the window
        holds("a3", "X3 A", 13, by_us=False),  # from before the run
        holds("a4", "X3 B", 17),  # of an account that is not needed
    )
    gone = lost("X1 A", "X1 B", hours=range(14, 15)) | lost("X3 A", "X3 B", hours=range(14, 17))
    known = before(3, held=(lonely, *others), lost=gone)
    assert surplus(goal_of(X1, X3), DELFT, known) == (lonely,)


def test_an_hour_of_the_streak_that_goes_on_is_not_given_back_with_the_lonely_one() -> None:
    # All were open at once: 13:00 and 15:00 were won, 14:00 was lost.
    lonely, useful = holds("a1", "X1 A", 13), holds("a3", "X1 A", 15)
    known = before(3, now=at(12), held=(lonely, useful), lost=lost("X1 A", "X1 B", hours=range(14, 15)))
    assert surplus(goal_of(X1), DELFT, known) == (lonely,)


def test_a_lonely_hour_that_blocks_only_the_fallback_is_given_back_too() -> None:
    known = before(2, held=(holds("a1", "X1 A", 13),), lost=lost("X1 A", "X1 B", hours=range(14, 15)))
    goal = goal_of(X1, fallback=2)
    assert next_wave(goal, DELFT, known, 12) is None
    assert surplus(goal, DELFT, known) == (holds("a1", "X1 A", 13),)
    assert targets(next_wave(goal, DELFT, replace(known, held=()), 12))[0] == ("a1", "X1 A 15", "lead")


def test_a_lonely_hour_is_kept_while_the_fallback_can_be_had_with_it() -> None:
    known = before(2, held=(holds("a1", "X1 A", 13),))
    assert surplus(goal_of(X1, fallback=2), DELFT, known) == ()


def test_a_lonely_hour_that_blocks_nothing_is_kept_until_the_goal_is_reached() -> None:
    known = before(4, held=(holds("a1", "X1 A", 13),), lost=lost("X1 A", "X1 B", hours=range(14, 15)))
    assert surplus(goal_of(X1), DELFT, known) == ()


def test_a_lonely_hour_is_given_back_together_with_doubles() -> None:
    lonely, double = holds("a1", "X1 A", 13), holds("a3", "X1 B", 13)
    known = before(3, held=(lonely, double), lost=lost("X1 A", "X1 B", hours=range(14, 15)))
    assert set(surplus(goal_of(X1), DELFT, known)) == {lonely, double}


def test_a_lonely_hour_that_frees_nothing_is_kept() -> None:
    known = before(3, held=(holds("a1", "X1 A", 13),), lost=lost("X1 A", "X1 B", hours=range(14, 18)))
    assert surplus(goal_of(X1), DELFT, known) == ()


def test_when_the_goal_is_reached_all_else_we_won_is_given_back() -> None:
    known = streak("X1", 13, 14, 15)
    extra, mine = holds("a4", "X3 A", 16), holds("a5", "X3 B", 17, by_us=False)
    elsewhere = holds("a6", "Fitness", 9)
    known = replace(known, held=(*known.held, extra, mine, elsewhere))
    assert surplus(goal_of(X1, X3), DELFT, known) == (extra,)


# -- whole runs


def test_with_every_wave_won_the_goal_takes_as_many_accounts_as_hours() -> None:
    world = World(goal_of(), DELFT, crew(6))
    found = world.play()
    assert found.standing is Standing.REACHED
    assert len({held.account for held in found.streak}) == 3
    assert len(world.waves) == 3


def test_rivals_who_take_x1_leave_x3_to_us() -> None:
    def rivals_at_x1(_: str, target: Slot) -> Outcome:
        return Outcome.TAKEN if target.location == "X1" else Outcome.BOOKED

    found = World(goal_of(), DELFT, crew(3), rivals_at_x1).play()
    assert found.standing is Standing.REACHED
    assert {held.slot.location for held in found.streak} == {"X3"}


def test_an_account_that_is_stopped_is_replaced_by_a_spare_one() -> None:
    def first_is_blocked(account: str, _: Slot) -> Outcome:
        return Outcome.BLOCKED if account == "a1" else Outcome.BOOKED

    world = World(goal_of(), DELFT, crew(4), first_is_blocked)
    assert world.play().standing is Standing.REACHED
    assert [account for account, _ in world.presses].count("a1") == 1


def test_a_site_out_of_order_does_not_keep_the_run_going_for_ever() -> None:
    world = World(goal_of(), DELFT, crew(3), lambda *_: Outcome.MAINTENANCE)
    assert world.play().standing is Standing.MISSED
    assert len(world.presses) == len(set(world.presses))


def test_six_hours_that_open_at_different_windows_are_planned_by_their_opening() -> None:
    late = replace(X1, opening=OpeningRule(timedelta(hours=24)))
    wave = next_wave(goal_of(late, replace(X3, opening=THREE_DAYS)), DELFT, before(3), 12)
    assert wave is not None
    assert wave.opens_at == datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert {one.location for one in wave.attempts[0].chain} == {"X1"}


def test_where_each_place_is_counted_by_itself_one_account_has_an_hour_at_each() -> None:
    one_a_place = (Limit(1, frozenset({Per.DATE, Per.SUB_LOCATION})),)
    waves = foresee(goal_of(X1, hours=2), one_a_place, before(1), 12)
    assert [targets(wave) for wave in waves] == [[("a1", "X1 A 13", "lead")], [("a1", "X1 B 14", "lead")]]
    assert next_wave(goal_of(X1), one_a_place, before(1), 12) is None
