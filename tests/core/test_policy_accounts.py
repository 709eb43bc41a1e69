"""Which account takes which hour, and how many it takes, by the site's limits."""

from __future__ import annotations

from sniper.core.limits import Limit, Per
from sniper.core.strategy import foresee
from tests.core.worlds import ONE_A_START, X1, before, dividing, goal_of, slot, targets


def test_two_accounts_cannot_hold_three_hours_where_each_may_hold_one() -> None:
    assert dividing(goal_of(X1)).next_wave(before(2)) is None


def test_accounts_are_matched_to_the_hours_they_can_have() -> None:
    known = before(
        3,
        refused=frozenset(("a1", slot(place, hour)) for place in ("X1 A", "X1 B") for hour in (13, 14)),
    )
    waves = foresee(dividing(goal_of(X1, end=16)), known)
    assert [targets(wave)[0][:2] for wave in waves] == [
        ("a2", "X1 A 13"),
        ("a3", "X1 A 14"),
        ("a1", "X1 A 15"),
    ]


def test_one_account_takes_all_hours_where_the_site_lets_it() -> None:
    waves = foresee(dividing(goal_of(X1), (ONE_A_START,)), before(1))
    assert [targets(wave) for wave in waves] == [[("a1", f"X1 A {h}", "lead")] for h in (13, 14, 15)]


def test_an_account_takes_as_many_hours_as_it_may() -> None:
    two_a_day = Limit(2, frozenset({Per.DATE}))
    assert foresee(dividing(goal_of(X1), (two_a_day,)), before(1)) == ()
    assert len(foresee(dividing(goal_of(X1), (two_a_day,)), before(2))) == 3


def test_where_each_place_is_counted_by_itself_one_account_has_an_hour_at_each() -> None:
    one_a_place = (Limit(1, frozenset({Per.DATE, Per.SUB_LOCATION})),)
    waves = foresee(dividing(goal_of(X1, hours=2), one_a_place), before(1))
    assert [targets(wave) for wave in waves] == [[("a1", "X1 A 13", "lead")], [("a1", "X1 B 14", "lead")]]
    assert dividing(goal_of(X1), one_a_place).next_wave(before(1)) is None
