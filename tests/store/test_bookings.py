"""Bookings: one an account and start, cancelled and booked again, and whose they are."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

from sniper.core.outcomes import Proof
from sniper.core.slots import Slot
from sniper.store import BookingStatus, LogAction, Store
from tests.store.examples import AMSTERDAM, NOW, X1A, X3A, begin, book, slot


def test_a_booking_told_twice_is_one_brought_up_to_date(store: Store) -> None:
    begun = begin(store)
    first = store.record_booking(
        begun.run_id,
        "ann",
        X1A,
        reference="4711",
        proof=Proof.UNVERIFIED,
        status=BookingStatus.PENDING,
        now=NOW,
    )
    assert book(store, begun.run_id, "ann", X1A, reference=None) == first
    (booking,) = store.bookings()
    assert (booking.status, booking.proof, booking.reference) == (
        BookingStatus.CONFIRMED,
        Proof.CONFIRMED,
        "4711",
    )


def test_a_cancelled_hour_can_be_booked_again(store: Store) -> None:
    begun = begin(store)
    book(store, begun.run_id, "ann", X1A, "1")
    assert store.cancel_booking(begun.run_id, "ann", X1A, now=NOW)
    book(store, begun.run_id, "ann", X1A, "2")
    assert [(one.reference, one.status) for one in store.bookings()] == [
        ("1", BookingStatus.CANCELLED),
        ("2", BookingStatus.CONFIRMED),
    ]
    line = store.run(begun.run_id).log[0]
    assert (line.action, line.reference) == (LogAction.CANCEL, "1")


def test_a_booking_my_bookings_shows_again_is_not_cancelled_after_all(store: Store) -> None:
    begun = begin(store)
    number = book(store, begun.run_id, "ann", X1A, "1")
    store.cancel_booking(begun.run_id, "ann", X1A, now=NOW)
    assert book(store, begun.run_id, "ann", X1A, "1") == number
    assert [one.status for one in store.bookings()] == [BookingStatus.CONFIRMED]


def test_a_cancellation_that_failed_is_logged_and_changes_nothing(store: Store) -> None:
    begun = begin(store)
    book(store, begun.run_id, "ann", X1A)
    assert store.cancel_booking(begun.run_id, "ann", X1A, error="500 Internal Server Error", now=NOW)
    assert store.bookings()[0].status is BookingStatus.CONFIRMED
    assert store.run(begun.run_id).log[0].error == "500 Internal Server Error"


def test_cancelling_what_the_store_does_not_know_says_so(store: Store) -> None:
    begun = begin(store)
    assert not store.cancel_booking(begun.run_id, "ann", X1A, now=NOW)


def test_an_account_is_in_one_place_at_a_time(store: Store) -> None:
    begun = begin(store)
    book(store, begun.run_id, "ann", X1A, "1")
    book(store, begun.run_id, "ann", X3A, "2")
    book(store, begun.run_id, "bob", X1A, "3")
    assert [(one.account, one.slot, one.status) for one in store.bookings()] == [
        ("ann", X1A, BookingStatus.CANCELLED),
        ("ann", X3A, BookingStatus.CONFIRMED),
        ("bob", X1A, BookingStatus.CONFIRMED),
    ]


def test_the_database_itself_refuses_two_active_bookings_of_an_account_at_one_start(
    store: Store, url: str
) -> None:
    begun = begin(store)
    book(store, begun.run_id, "ann", X1A, "1")
    engine = create_engine(url)
    copy = text(
        "INSERT INTO bookings SELECT id + 1, site, account_id, run_id, rehearsal, :status, proof, 'x',"
        " created_at, updated_at, location, sub_location, booking_date, time_slot, starts_at, zone"
        " FROM bookings ORDER BY id DESC LIMIT 1"
    )
    with engine.begin() as connection:
        connection.execute(copy, {"status": "cancelled"})
    with pytest.raises(IntegrityError, match="UNIQUE"), engine.begin() as connection:
        connection.execute(copy, {"status": "pending"})
    with pytest.raises(IntegrityError, match="CHECK"), engine.begin() as connection:
        connection.execute(copy, {"status": "perhaps"})
    engine.dispose()


def test_both_two_o_clocks_of_an_october_night_can_be_held(store: Store) -> None:
    begun = begin(store)
    night = datetime(2026, 10, 25, 2, tzinfo=AMSTERDAM)
    for fold in (0, 1):
        book(store, begun.run_id, "ann", Slot("X1", "X1 A", night.replace(fold=fold)), str(fold))
    found = store.bookings()
    assert [one.slot.start.isoformat() for one in found] == [
        "2026-10-25T02:00:00+02:00",
        "2026-10-25T02:00:00+01:00",
    ]
    assert {one.status for one in found} == {BookingStatus.CONFIRMED}


def test_upcoming_bookings_leave_out_past_and_cancelled_ones(store: Store) -> None:
    begun = begin(store)
    for hour in (13, 14, 15):
        book(store, begun.run_id, "ann", slot("X1 A", hour), str(hour))
    store.cancel_booking(begun.run_id, "ann", slot("X1 A", 15), now=NOW)
    upcoming = store.bookings("tudelft-x", upcoming_from=slot("X1 A", 14).start)
    assert [one.reference for one in upcoming] == ["14"]
    assert store.bookings("practice") == []
    assert len(store.bookings()) == 3


def test_a_rehearsal_marks_its_bookings(store: Store) -> None:
    begun = begin(store, rehearsal=True, site="practice")
    book(store, begun.run_id, "ann", X1A)
    assert [one.rehearsal for one in store.bookings()] == [True]


def test_accounts_are_known_by_site_and_name(store: Store) -> None:
    first = store.ensure_account("tudelft-x", "ann", now=NOW)
    assert store.ensure_account("practice", "ann", now=NOW) != first
    assert store.ensure_account("tudelft-x", "ann", now=NOW) == first
