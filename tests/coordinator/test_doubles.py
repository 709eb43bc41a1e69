"""What is done about a slot that the site gave to others as well."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import pytest

from sniper.core.goals import Fallback
from sniper.core.outcomes import Proof
from sniper.core.plan import Held, Standing
from sniper.engine.protocol import ReadBackError
from sniper.events import Proven
from sniper.sites.library import find_profile, load_profile
from sniper.store.records import BookingStatus
from tests.coordinator.conftest import Rig, slot
from tests.coordinator.mortal import Killed, Life
from tests.coordinator.venue_engine import owners


@pytest.fixture
def rig(rig: Rig, tmp_path: Any) -> Rig:
    """At a site that shows who has a slot."""
    rig.profile = load_profile(find_profile("practice", tmp_path)).model_copy(update={"practice": None})
    return rig


def test_a_doubled_hour_is_won_for_certain_at_another_place_and_then_given_back(rig: Rig) -> None:
    rig.engine.doubled = {("X1 A", 13)}
    result = rig.run(accounts=4, priorities=rig.priorities[:1])
    assert result.verdict.standing is Standing.REACHED
    assert owners(result.held)["X1 B 13:00"] != "user1"
    assert "X1 A 13:00" not in owners(result.held)
    assert [one.slot.place for one in rig.engine.cancelled] == ["X1 A"]
    assert result.doubled == ()


def test_a_doubled_hour_that_nothing_can_be_done_about_is_kept_told_and_no_success(rig: Rig) -> None:
    rig.engine.doubled = {("X1 A", 13)}
    rig.engine.gone = {("X1 B", 13)}
    result = rig.run(accounts=3, priorities=rig.priorities[:1])
    assert owners(result.held) == {"X1 A 13:00": "user1", "X1 A 14:00": "user2", "X1 A 15:00": "user3"}
    assert owners(result.doubled) == {"X1 A 13:00": "user1"}
    assert (result.verdict.standing, result.exit_code) == (Standing.FALLBACK, 0)
    assert any("user1: X1 A Tue 24 Nov 13:00 is DOUBLED" in problem for problem in result.problems)
    stored = {one.account: (one.status, one.proof) for one in rig.store.run(rig.run_id).bookings}
    assert stored["user1"] == (BookingStatus.CONFIRMED, Proof.DOUBLED)
    assert Proof.DOUBLED in [event.proof for event in rig.events if isinstance(event, Proven)]


@pytest.mark.parametrize(("first", "said"), [(True, "ours came first"), (False, "another one came first")])
def test_of_a_doubled_hour_it_is_told_who_came_first_where_the_site_shows_it(
    rig: Rig, *, first: bool, said: str
) -> None:
    rig.engine.doubled, rig.engine.gone = {("X1 A", 13)}, {("X1 B", 13)}

    def was_first(booking: Held) -> bool | None:  # noqa: ARG001 - the engine's signature
        return first

    rig.engine.was_first = was_first  # type: ignore[method-assign]
    result = rig.run(accounts=3, priorities=rig.priorities[:1])
    assert any("is DOUBLED" in problem and said in problem for problem in result.problems)


def test_what_looks_doubled_is_read_again_after_a_moment(rig: Rig) -> None:
    settled = False
    asked = []

    async def is_doubled(booking: Held) -> bool:  # noqa: ARG001 - the engine's signature
        nonlocal settled
        asked.append(rig.clock.now())
        was, settled = settled, True
        return not was

    rig.engine.is_doubled = is_doubled  # type: ignore[method-assign]
    result = rig.run(priorities=rig.priorities[:1])
    assert asked[1] - asked[0] >= timedelta(seconds=2)
    assert (result.verdict.standing, result.doubled) == (Standing.REACHED, ())


def test_what_the_site_settles_later_is_certain_in_the_end(rig: Rig) -> None:
    rig.engine.doubled = {("X1 A", 13)}
    rig.engine.gone = {("X1 B", 13)}
    real = rig.engine.my_bookings

    async def settles_when_the_last_hour_is_read(account: str) -> tuple[Held, ...]:
        if account == "user3" and rig.engine.fired:
            rig.engine.doubled = set()
        return await real(account)

    rig.engine.my_bookings = settles_when_the_last_hour_is_read  # type: ignore[method-assign]
    result = rig.run(accounts=3, priorities=rig.priorities[:1])
    assert (result.verdict.standing, result.doubled) == (Standing.REACHED, ())
    proofs = {one.account: one.proof for one in rig.store.run(rig.run_id).bookings}
    assert proofs["user1"] is Proof.CONFIRMED


def test_a_doubled_booking_that_my_bookings_does_not_show_any_more_is_lost_and_told(rig: Rig) -> None:
    async def taken_back(booking: Held) -> bool:
        if booking.slot.place == "X1 A" and booking.slot.hour.hour == 13:
            rig.engine.held = [one for one in rig.engine.held if one != booking]
            rig.engine.gone = {("X1 A", 13)}
            return True
        return False

    rig.engine.is_doubled = taken_back  # type: ignore[method-assign]
    result = rig.run(accounts=3, priorities=rig.priorities[:1])
    assert any("does not show it any more" in problem for problem in result.problems)
    assert result.verdict.standing is Standing.REACHED
    assert "X1 A 13:00" not in owners(result.held)


def test_owners_that_cannot_be_read_cast_no_doubt(rig: Rig) -> None:
    async def silent(booking: Held) -> bool:
        raise ReadBackError(f"{booking.account}: the owners could not be read")

    rig.engine.is_doubled = silent  # type: ignore[method-assign]
    assert rig.run().verdict.standing is Standing.REACHED


def test_each_booking_is_looked_at_once_and_what_was_held_before_is_not(rig: Rig) -> None:
    rig.engine.give("user1", slot("X1 A", 14))
    rig.run()
    asked = [one.reference for one in rig.engine.owners_asked]
    assert len(asked) == len(set(asked)) == 2


def test_where_the_profile_does_not_say_how_it_shows_nobody_is_asked(rig: Rig) -> None:
    rig.profile = rig.profile.model_copy(update={"slot_owners": None})
    rig.engine.doubled = {("X1 A", 13)}
    assert rig.run().doubled == ()
    assert rig.engine.owners_asked == []


def test_what_a_killed_run_won_is_looked_at_by_the_next_one(rig: Rig) -> None:
    rig.engine.doubled = {("X1 A", 13)}
    rig.engine.gone = {("X1 B", 13)}
    one_hour: dict[str, Any] = {"priorities": rig.priorities[:1], "hours": 1, "window_end": time(14)}
    rig.life = Life(last_call="record_booking")
    with pytest.raises(Killed):
        rig.run(accounts=1, fallback=Fallback(None), **one_hour)
    rig.life = None
    result = rig.run(accounts=1, fallback=Fallback(None), later=timedelta(minutes=10), **one_hour)
    assert (result.continues, result.verdict.standing) == (1, Standing.MISSED)
    assert owners(result.doubled) == {"X1 A 13:00": "user1"}
