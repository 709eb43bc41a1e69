"""The rules of booking, each by its name; and that no sequence of bookings and cancellations breaks them."""

import dataclasses
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from sniper.practice.catalogue import CATALOGUE, FITNESS, Slot
from sniper.practice.clock import SimulatedTime
from sniper.practice.database import accounts as accounts_table
from sniper.practice.database import participations as table
from sniper.practice.models import Account, Refusal, RefusedError, Status, wire_time
from sniper.practice.server import open_site
from sniper.practice.settings import DemoAccount, PracticeSettings
from sniper.practice.site import Site
from sniper.practice.venue import Venue

SlotAt = Callable[[str, str], Slot]
User = Callable[[int], Account]

OPEN_DAY = "2026-11-23"  # everything on it is open since the fixture's clock has shown 2026-11-21 12:59:50


@contextmanager
def refused(reason: Refusal, message: str) -> Iterator[None]:
    with pytest.raises(RefusedError) as caught:
        yield
    assert (caught.value.reason, caught.value.message) == (reason, message)


def test_a_slot_opens_exactly_at_start_minus_window(
    site: Site, user: User, slot_at: SlotAt, time_source: SimulatedTime
) -> None:
    slot = slot_at("X1 A", "2026-11-24 13:00")
    too_early = "This slot cannot be booked yet. Booking opens at 2026-11-21 13:00:00."
    with refused(Refusal.TOO_EARLY, too_early):
        site.venue.book(user(1), slot)
    time_source.advance(timedelta(seconds=10) - timedelta(microseconds=1))
    assert not site.venue.states([slot])[0].is_open
    with refused(Refusal.TOO_EARLY, too_early):
        site.venue.book(user(1), slot)
    time_source.advance(timedelta(microseconds=1))
    assert site.venue.states([slot])[0].is_open
    assert site.venue.book(user(1), slot).status is Status.BOOKED


def test_the_opening_is_told_in_local_time_across_the_october_change(
    site: Site, user: User, slot_at: SlotAt
) -> None:
    site.clock.jump_to(datetime(2027, 10, 20, tzinfo=UTC))
    with refused(Refusal.TOO_EARLY, "This slot cannot be booked yet. Booking opens at 2027-10-28 14:00:00."):
        site.venue.book(user(1), slot_at("X1 A", "2027-10-31 13:00"))


def test_a_slot_that_has_started_is_refused_from_its_first_instant(
    site: Site, user: User, slot_at: SlotAt
) -> None:
    slot = slot_at("X1 A", "2026-11-21 14:00")
    site.clock.jump_to(slot.start)
    with refused(Refusal.STARTED, "This slot has already started."):
        site.venue.book(user(1), slot)


def test_an_account_holds_one_booking_at_one_time(site: Site, user: User, slot_at: SlotAt) -> None:
    site.venue.book(user(1), slot_at("X1 A", f"{OPEN_DAY} 13:00"))
    for label in ("X3 A", "Fitness", "X1 A"):
        with refused(Refusal.SAME_TIME, "You already have a booking at this time."):
            site.venue.book(user(1), slot_at(label, f"{OPEN_DAY} 13:00"))


def test_an_account_holds_one_booking_at_one_location_a_day(site: Site, user: User, slot_at: SlotAt) -> None:
    site.venue.book(user(1), slot_at("X1 A", f"{OPEN_DAY} 13:00"))
    with refused(Refusal.SAME_LOCATION_AND_DAY, "You already have a booking at X1 on this day."):
        site.venue.book(user(1), slot_at("X1 B", f"{OPEN_DAY} 20:00"))
    site.venue.book(user(1), slot_at("X3 A", f"{OPEN_DAY} 20:00"))
    site.venue.book(user(1), slot_at("X1 A", "2026-11-22 13:00"))


def test_the_day_of_a_limit_is_the_local_one(site: Site, user: User, slot_at: SlotAt) -> None:
    site.clock.jump_to(datetime(2027, 6, 30, tzinfo=UTC))
    site.venue.book(user(1), slot_at("X1 A", "2027-07-01 22:00"))
    with refused(Refusal.SAME_LOCATION_AND_DAY, "You already have a booking at X1 on this day."):
        site.venue.book(user(1), slot_at("X1 A", "2027-07-01 07:00"))
    site.venue.book(user(1), slot_at("X1 A", "2027-07-02 07:00"))


def test_a_court_that_is_taken_is_fully_booked(site: Site, user: User, slot_at: SlotAt) -> None:
    slot = slot_at("X1 A", f"{OPEN_DAY} 13:00")
    site.venue.book(user(1), slot)
    with refused(Refusal.FULL, "This slot is fully booked."):
        site.venue.book(user(2), slot)
    assert site.venue.states([slot])[0].spots_left == 0
    site.venue.book(user(2), slot_at("X1 B", f"{OPEN_DAY} 13:00"))


def test_only_the_first_broken_rule_is_told(
    site: Site, user: User, slot_at: SlotAt, time_source: SimulatedTime
) -> None:
    taken = slot_at("X1 A", "2026-11-24 12:00")
    site.venue.book(user(1), taken)
    site.venue.book(user(2), slot_at("X1 B", "2026-11-24 12:00"))
    with refused(Refusal.SAME_TIME, "You already have a booking at this time."):
        site.venue.book(user(2), taken)  # also the same location and day, and taken
    site.venue.book(user(3), slot_at("X1 A", "2026-11-24 11:00"))
    with refused(Refusal.SAME_LOCATION_AND_DAY, "You already have a booking at X1 on this day."):
        site.venue.book(user(3), taken)  # also taken
    with refused(Refusal.TOO_EARLY, "This slot cannot be booked yet. Booking opens at 2026-11-21 13:00:00."):
        site.venue.book(user(3), slot_at("X1 A", "2026-11-24 13:00"))  # also the same location and day
    time_source.advance(timedelta(days=10))
    with refused(Refusal.STARTED, "This slot has already started."):
        site.venue.book(user(4), taken)


def test_a_cancelled_booking_frees_the_place_and_the_account(site: Site, user: User, slot_at: SlotAt) -> None:
    slot = slot_at("X1 A", f"{OPEN_DAY} 13:00")
    booking = site.venue.book(user(1), slot)
    site.venue.cancel(user(1), booking.id)
    assert site.venue.participations(user(1)) == []
    assert site.venue.states([slot])[0].spots_left == 1
    site.venue.book(user(2), slot)
    site.venue.book(user(1), slot_at("X1 B", f"{OPEN_DAY} 13:00"))


def test_only_ones_own_booking_can_be_cancelled_and_only_once(
    site: Site, user: User, slot_at: SlotAt
) -> None:
    booking = site.venue.book(user(1), slot_at("X1 A", f"{OPEN_DAY} 13:00"))
    with refused(Refusal.UNKNOWN_PARTICIPATION, "This participation does not exist."):
        site.venue.cancel(user(2), booking.id)
    site.venue.cancel(user(1), booking.id)
    with refused(Refusal.UNKNOWN_PARTICIPATION, "This participation does not exist."):
        site.venue.cancel(user(1), booking.id)


def test_what_has_started_cannot_be_cancelled(site: Site, user: User, slot_at: SlotAt) -> None:
    booking = site.venue.book(user(1), slot_at("X1 A", f"{OPEN_DAY} 13:00"))
    site.clock.jump_to(booking.slot.start)
    with refused(Refusal.STARTED, "This slot has already started."):
        site.venue.cancel(user(1), booking.id)


def crowd(site: Site, slot: Slot) -> list[Account]:
    """Fill a Fitness slot to its last place with people nobody else knows."""
    with site.database.write() as connection:
        names = [f"crowd-{number}" for number in range(FITNESS.capacity)]
        connection.execute(
            insert(accounts_table),
            [{"username": name, "first_name": "", "last_name": "", "email": ""} for name in names],
        )
        rows = connection.execute(
            select(accounts_table).where(accounts_table.c.username.startswith("crowd-"))
        ).all()
    people = [Account(row.id, row.username, "", "", "") for row in rows]
    with site.venue.transaction() as transaction:
        assert {transaction.book(person, slot).status for person in people} == {Status.BOOKED}
    return people


def test_a_full_fitness_slot_puts_people_on_the_waiting_list(site: Site, user: User, slot_at: SlotAt) -> None:
    slot = slot_at("Fitness", f"{OPEN_DAY} 13:00")
    crowd(site, slot)
    assert site.venue.states([slot])[0].spots_left == 0
    assert site.venue.book(user(1), slot).status is Status.WAITING
    with refused(Refusal.ALREADY_WAITING, "You are already on the waiting list for this slot."):
        site.venue.book(user(1), slot)
    # To wait is not to have: the limits do not count it.
    site.venue.book(user(1), slot_at("X1 A", f"{OPEN_DAY} 13:00"))


def test_the_first_who_waits_and_may_have_it_gets_a_place_that_becomes_free(
    site: Site, user: User, slot_at: SlotAt
) -> None:
    slot = slot_at("Fitness", f"{OPEN_DAY} 13:00")
    people = crowd(site, slot)
    for number in (1, 2, 3):
        site.venue.book(user(number), slot)
    site.venue.book(user(1), slot_at("X1 A", f"{OPEN_DAY} 13:00"))
    first_of_crowd = site.venue.participations(people[0])[0]
    site.venue.cancel(people[0], first_of_crowd.id)
    owners = next(owners for owners in site.venue.owners_on(slot.day) if owners.slot == slot)
    assert "user2" in owners.owners
    assert owners.waiting == ("user1", "user3")
    assert len(owners.owners) == FITNESS.capacity


def test_the_database_itself_refuses_what_breaks_the_promises(
    site: Site, user: User, slot_at: SlotAt
) -> None:
    slot = slot_at("X1 A", f"{OPEN_DAY} 13:00")
    row = {
        "account_id": user(1).id,
        "location": "X1",
        "resource": slot.resource,
        "start": slot.start,
        "day": slot.day,
        "place": 1,
        "status": Status.BOOKED,
        "registered_at": site.clock.now(),
        "guarded": True,
    }
    with site.database.write() as connection:
        connection.execute(insert(table), row)
    for change in (
        {"account_id": user(2).id},  # one place twice
        {"resource": 5, "location": "X3"},  # one account at one time twice
        {"resource": 5, "start": slot.start + timedelta(hours=1)},  # one account, location and day twice
    ):
        with pytest.raises(IntegrityError), site.database.write() as connection:
            connection.execute(insert(table), row | change)


def test_a_crowd_of_threads_gets_each_place_once(site: Site, user: User, slot_at: SlotAt) -> None:
    slots = [slot_at(label, f"{OPEN_DAY} 13:00") for label in ("X1 A", "X1 B", "X3 A", "X3 B")]
    ready = threading.Barrier(20)

    def try_all(number: int) -> int:
        ready.wait()
        won = 0
        for slot in slots[number % 4 :] + slots[: number % 4]:
            with suppress(RefusedError):
                site.venue.book(user(number), slot)
                won += 1
        return won

    with ThreadPoolExecutor(20) as pool:
        wins = list(pool.map(try_all, range(1, 21)))
    assert sum(wins) == 4
    assert max(wins) == 1


def test_two_sites_on_one_database_do_not_give_a_place_twice(
    site: Site, settings: PracticeSettings, time_source: SimulatedTime, user: User, slot_at: SlotAt
) -> None:
    slots = [slot_at("X1 A", f"2026-11-2{day} {hour}:00") for day in (2, 3) for hour in range(10, 20)]
    ready = threading.Barrier(2)

    def book_all(venue: Venue, number: int) -> int:
        ready.wait()
        won = 0
        for position, slot in enumerate(slots):
            with suppress(RefusedError):
                venue.book(user((number + position) % 20 + 1), slot)
                won += 1
        return won

    with open_site(settings, time_source=time_source) as other, ThreadPoolExecutor(2) as pool:
        wins = [pool.submit(book_all, site.venue, 0), pool.submit(book_all, other.venue, 10)]
        assert sum(win.result() for win in wins) == len(slots)


def test_a_racy_venue_gives_one_place_twice(site: Site, user: User, slot_at: SlotAt) -> None:
    # Both have checked before either writes: made certain by letting them meet in the pause.
    meeting = threading.Barrier(2)

    def meet() -> None:
        meeting.wait(5)

    venue = Venue(site.database, site.clock, racy_pause=meet)
    slot = slot_at("X1 A", f"{OPEN_DAY} 13:00")
    with ThreadPoolExecutor(2) as pool:
        bookings = list(pool.map(lambda number: venue.book(user(number), slot), (1, 2)))
    assert {booking.status for booking in bookings} == {Status.BOOKED}
    owners = next(owners for owners in venue.owners_on(slot.day) if owners.slot == slot)
    assert owners.is_doubled
    assert sorted(owners.owners) == ["user1", "user2"]
    assert venue.states([slot])[0].spots_left == 0


ACCOUNTS = tuple(DemoAccount(username=f"user{number}", password="-") for number in range(1, 4))  # noqa: S106
# With one place at Fitness, its waiting list comes into play.
SMALL = dataclasses.replace(
    CATALOGUE,
    locations=tuple(dataclasses.replace(location, capacity=1) for location in CATALOGUE.locations),
)
SLOTS = [
    slot
    for day in (date(2026, 11, 23), date(2026, 11, 24))
    for slot in SMALL.slots_on(day)
    if SMALL.local(slot.start).hour in (10, 11) and slot.label in ("X1 A", "X1 B", "X3 A", "Fitness")
]
ACTIONS = st.lists(
    st.tuples(st.sampled_from(["book", "book", "cancel", "wait"]), st.integers(0, 2), st.sampled_from(SLOTS)),
    max_size=40,
)


@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ACTIONS)
def test_no_sequence_of_bookings_and_cancellations_breaks_a_rule(
    actions: list[tuple[str, int, Slot]],
) -> None:
    source = SimulatedTime(datetime(2026, 11, 21, 8, 30, tzinfo=UTC))
    with open_site(PracticeSettings(accounts=ACCOUNTS), time_source=source) as site:
        venue = Venue(site.database, site.clock, catalogue=SMALL)
        people = [site.accounts.member(account.username) for account in ACCOUNTS]
        for action, number, slot in actions:
            if action == "wait":
                source.advance(timedelta(minutes=20))
            elif action == "book":
                was_open = venue.states([slot])[0].is_open
                with suppress(RefusedError):
                    venue.book(people[number], slot)
                    assert was_open
            else:
                for booking in venue.participations(people[number])[:1]:
                    venue.cancel(people[number], booking.id)
        _assert_no_rule_is_broken(venue, people)
        with site.database.read() as connection:
            active = table.c.cancelled_at.is_(None) & (table.c.status == Status.BOOKED)
            query = select(table.c.resource, table.c.start, table.c.place).where(active)
            places = connection.execute(query).all()
        assert len(set(places)) == len(places)


def _assert_no_rule_is_broken(venue: Venue, people: list[Account]) -> None:
    every = [participation for person in people for participation in venue.participations(person)]
    held = [participation for participation in every if participation.status is Status.BOOKED]
    times = Counter((booking.account_id, booking.slot.start) for booking in held)
    days = Counter((booking.account_id, booking.slot.location.name, booking.slot.day) for booking in held)
    assert set(times.values()) <= {1}
    assert set(days.values()) <= {1}
    slots = Counter(booking.slot for booking in held)
    for state in venue.states(SLOTS):
        assert state.spots_left == state.slot.location.capacity - slots[state.slot]
        assert state.spots_left >= 0
    waiting = Counter((each.account_id, each.slot) for each in every)
    assert set(waiting.values()) <= {1}


def test_wire_times_are_utc_with_milliseconds() -> None:
    assert wire_time(datetime(2026, 11, 24, 13, tzinfo=CATALOGUE.timezone)) == "2026-11-24T12:00:00.000Z"
