"""What a look at the list shows, and what must have happened since the one before."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sniper.core.availability import Found, Last, Listed, Look, Observation, What, changes, found
from tests.core.worlds import slot

X1A = slot("X1 A", 13)
OPENS = datetime(2026, 11, 21, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def look(seconds: float) -> Look:
    """One that took a tenth of a second and ended so long after the opening."""
    ended = OPENS + seconds * SECOND
    return Look(ended - SECOND / 10, ended)


def seen(
    before: Last, now: Listed | None, seconds: float
) -> tuple[list[What], list[tuple[datetime | None, datetime]]]:
    """What happened, and between when."""
    told: list[Observation] = list(
        changes([X1A], {X1A: before}, {X1A: now} if now else {}, {X1A: OPENS}, look(seconds))
    )
    return [one.what for one in told], [(one.after, one.by) for one in told]


def test_where_the_list_does_not_tell_what_is_open_the_announced_opening_does() -> None:
    listed = Listed(X1A, is_free=True)
    assert found(listed, None, OPENS, look(-0.5)) is Found.CLOSED
    assert found(listed, None, OPENS, look(0)) is Found.FREE


def test_where_the_list_tells_what_is_open_it_goes_before_the_announced_opening() -> None:
    assert found(Listed(X1A, is_free=True, is_open=True), None, OPENS, look(-3)) is Found.FREE
    assert found(Listed(X1A, is_free=True, is_open=False), None, OPENS, look(3)) is Found.CLOSED


@pytest.mark.parametrize(
    ("before", "seconds", "now"),
    [
        (None, -1, Found.CLOSED),
        (Found.FREE, 3, Found.TAKEN),
        (Found.TAKEN, 3, Found.TAKEN),
        # It may open late, or be offered not at all.
        (Found.CLOSED, 3, Found.CLOSED),
        (None, 3, None),
    ],
)
def test_what_is_missing_on_the_list_is_closed_before_its_opening_and_taken_once_it_was_open(
    before: Found | None, seconds: float, now: Found | None
) -> None:
    assert found(None, before, OPENS, look(seconds)) is now


def test_an_opening_that_the_list_tells_lies_between_the_two_looks() -> None:
    before = Last(Found.CLOSED, look(-2))
    what, when = seen(before, Listed(X1A, is_free=True, is_open=True), 3)
    assert what == [What.OPENED, What.FREE]
    assert set(when) == {(look(-2).began, look(3).ended)}


def test_what_is_open_by_the_announcement_only_tells_nothing_about_when_it_opened() -> None:
    what, _ = seen(Last(Found.CLOSED, look(-2)), Listed(X1A, is_free=True), 3)
    assert what == [What.FREE]


def test_a_slot_that_is_gone_at_the_first_look_after_its_opening_was_open_and_taken() -> None:
    what, _ = seen(Last(Found.CLOSED, look(-2)), Listed(X1A, is_free=False, is_open=True), 3)
    assert what == [What.OPENED, What.TAKEN]


def test_of_what_nobody_had_looked_at_before_the_beginning_is_not_known() -> None:
    assert seen(Last(), Listed(X1A, is_free=False), 3) == ([What.TAKEN], [(None, look(3).ended)])


def test_a_cancellation_is_told_when_a_taken_slot_is_free_again_and_nothing_while_nothing_changes() -> None:
    free, taken = Listed(X1A, is_free=True), Listed(X1A, is_free=False)
    assert seen(Last(Found.FREE, look(1)), taken, 50)[0] == [What.TAKEN]
    assert seen(Last(Found.TAKEN, look(50)), free, 90) == (
        [What.CAME_BACK],
        [(look(50).began, look(90).ended)],
    )
    assert seen(Last(Found.FREE, look(1)), free, 50)[0] == []
    assert seen(Last(Found.TAKEN, look(1)), taken, 50)[0] == []


def test_a_site_that_closes_what_was_open_tells_of_nobody_who_took_it() -> None:
    assert seen(Last(Found.FREE, look(1)), Listed(X1A, is_free=True, is_open=False), 50)[0] == []
