"""Who fires at what in a wave: leads, backups, and who is spared for later."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sniper.core.policy import StrategyName
from sniper.core.strategy import Terms, foresee
from tests.core.worlds import DELFT, ONE_A_START, X1, at, before, dividing, goal_of, leads, slot, targets


def test_three_accounts_lead_three_hours_and_everybody_who_can_backs_them_up() -> None:
    waves = foresee(dividing(goal_of()), before(3))
    assert [targets(wave) for wave in waves] == [
        [("a1", "X1 A 13", "lead"), ("a2", "X1 B 13", "backup"), ("a3", "X1 A 13", "backup")],
        [("a2", "X1 A 14", "lead"), ("a3", "X1 B 14", "backup")],
        [("a3", "X1 A 15", "lead")],
    ]
    assert [wave.opens_at for wave in waves] == [at(h) - timedelta(hours=72) for h in (13, 14, 15)]


def test_the_sparing_strategy_keeps_back_whom_later_hours_need() -> None:
    sparing = StrategyName.SPARING.on(Terms(goal_of(), DELFT, 12))
    assert [targets(wave) for wave in foresee(sparing, before(3))] == [
        [("a1", "X1 A 13", "lead")],
        [("a2", "X1 A 14", "lead")],
        [("a3", "X1 A 15", "lead")],
    ]
    assert targets(sparing.next_wave(before(6))) == [
        ("a1", "X1 A 13", "lead"),
        ("a4", "X1 B 13", "backup"),
        ("a5", "X1 A 13", "backup"),
        ("a6", "X1 B 13", "backup"),
    ]


def test_a_backup_starts_on_another_sub_location_than_the_lead() -> None:
    wave = dividing(goal_of()).next_wave(before(4))
    assert wave is not None
    lead, backup, *_ = wave.attempts
    assert lead.target == slot("X1 A", 13)
    assert backup.target == slot("X1 B", 13)
    assert backup.chain[:2] == (slot("X1 B", 13), slot("X1 A", 13))


def test_a_backup_avoids_the_leads_sub_location_also_when_the_lead_cannot_have_its_first_choice() -> None:
    known = before(4, refused=frozenset({("a1", slot("X1 A", 13))}))
    assert targets(dividing(goal_of()).next_wave(known))[:2] == [
        ("a1", "X1 B 13", "lead"),
        ("a2", "X1 A 13", "backup"),
    ]


def test_sub_locations_are_tried_in_the_persons_order() -> None:
    other_way = replace(X1, sub_locations=("X1 B", "X1 A"))
    assert leads(dividing(goal_of(other_way)).next_wave(before(3))) == [("a1", "X1 B 13")]


def test_no_more_accounts_fire_than_the_person_allows() -> None:
    few = replace(X1, max_accounts=2)
    assert targets(dividing(goal_of(few)).next_wave(before(9))) == [
        ("a1", "X1 A 13", "lead"),
        ("a2", "X1 B 13", "backup"),
    ]


def test_an_account_fires_once_in_a_wave_though_it_could_hold_several_hours() -> None:
    everything_is_open = before(1, now=at(12))
    wave = dividing(goal_of(), (ONE_A_START,)).next_wave(everything_is_open)
    assert targets(wave) == [("a1", "X1 A 13", "lead")]


def test_hours_that_are_all_open_go_together() -> None:
    wave = dividing(goal_of()).next_wave(before(3, now=at(12)))
    assert targets(wave) == [("a1", "X1 A 13", "lead"), ("a2", "X1 A 14", "lead"), ("a3", "X1 A 15", "lead")]
    assert wave is not None
    assert wave.reason == "X1 13:00, 14:00, 15:00, for 13:00–16:00 in a row"


def test_the_reason_names_only_the_hours_that_are_fired_at() -> None:
    wave = dividing(goal_of(replace(X1, max_accounts=1))).next_wave(before(3, now=at(12)))
    assert wave is not None
    assert wave.reason == "X1 13:00, for 13:00–16:00 in a row"
