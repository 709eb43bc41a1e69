"""Who fires at what in a wave: leads, backups, and who is spared for later."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sniper.core.policy import foresee, next_wave
from tests.core.worlds import DELFT, ONE_A_START, X1, at, before, goal_of, slot, targets


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
