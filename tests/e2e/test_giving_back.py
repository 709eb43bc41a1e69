"""`sniper bookings give-back`, as its user gives it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from sniper.core.outcomes import Proof
from sniper.core.slots import Slot
from sniper.store.records import BookingStatus
from sniper.store.repository import Store
from tests.e2e.conftest import Club

TUESDAY = date(2026, 11, 24)


def test_a_booking_is_given_back_by_its_reference_and_the_store_knows_it(club: Callable[..., Club]) -> None:
    here = club(start="2026-11-21T13:00:30+01:00")
    here.write(accounts=1, consecutive_hours=1)
    here.signed_in(1)
    venue, person = here.site.venue, here.site.accounts.member("user1")
    state = next(
        one
        for one in venue.owners_on(TUESDAY)
        if one.slot.label == "X1 A" and venue.is_open(one.slot, here.site.clock.now() + timedelta(seconds=1))
    )
    booking = venue.book(person, state.slot)
    start = state.slot.start.astimezone(venue.catalogue.timezone)
    with Store.open() as store:
        run = store.start_run("here", {}, rehearsal=True, now=datetime.now(UTC))
        store.record_booking(
            run,
            "user1",
            Slot("X1", "X1 A", start),
            reference=str(booking.id),
            proof=Proof.CONFIRMED,
            status=BookingStatus.CONFIRMED,
            now=datetime.now(UTC),
        )
    unknown = here.asked("bookings", "give-back", "999")
    assert (unknown.exit_code, f"there are: {booking.id}" in unknown.stderr) == (2, True)
    given = here.asked("bookings", "give-back", str(booking.id))
    assert given.exit_code == 0, given.stderr
    assert venue.participations(person) == []
    (stored,) = here.asked("bookings", "list", "--all", "--json").data
    assert stored["status"] == "cancelled"
