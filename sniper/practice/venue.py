"""The venue's rules: who gets a slot and who is refused. See docs/practice-site.md for the table of rules.

Nothing here knows HTTP, and every booking, a person's or a rival's, goes through `Venue.book`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, func, insert, or_, select, update

from sniper.practice.catalogue import CATALOGUE, Catalogue, Slot
from sniper.practice.clock import VenueClock
from sniper.practice.database import Database, inserted_id
from sniper.practice.database import accounts as accounts_table
from sniper.practice.database import participations as table
from sniper.practice.models import (
    Account,
    Participation,
    Refusal,
    RefusedError,
    SlotOwners,
    SlotState,
    Status,
)

_ACTIVE = table.c.cancelled_at.is_(None)

# Built once: what the booking path executes must not be put together anew for each request.
_IN_THE_WAY = select(table).where(
    _ACTIVE,
    or_(
        and_(table.c.start == bindparam("slot_start"), table.c.resource == bindparam("slot_resource")),
        and_(
            table.c.account_id == bindparam("who"),
            table.c.status == Status.BOOKED,
            or_(table.c.start == bindparam("slot_start"), table.c.day == bindparam("slot_day")),
        ),
    ),
)
_INSERT = insert(table)
_FILL = update(table).where(table.c.id == bindparam("participation"))
_COUNTS = (
    select(table.c.resource, table.c.start, func.count())
    .where(
        _ACTIVE,
        table.c.status == Status.BOOKED,
        table.c.start >= bindparam("first"),
        table.c.start <= bindparam("last"),
    )
    .group_by(table.c.resource, table.c.start)
)
_OWN = (
    select(table).where(_ACTIVE, table.c.account_id == bindparam("who")).order_by(table.c.start, table.c.id)
)
_BY_ID = select(table).where(_ACTIVE, table.c.id == bindparam("participation"))
_WAITING = (
    select(table)
    .where(
        _ACTIVE,
        table.c.status == Status.WAITING,
        table.c.start == bindparam("slot_start"),
        table.c.resource == bindparam("slot_resource"),
    )
    .order_by(table.c.id)
)


class Venue:
    """The venue: its slots, its clock and who has what. Safe to use from several threads.

    Strict, it never gives a place twice. With a `racy_pause` it is racy: it checks first and writes after the
    pause, as real sites do.
    """

    def __init__(
        self,
        database: Database,
        clock: VenueClock,
        *,
        catalogue: Catalogue = CATALOGUE,
        racy_pause: Callable[[], None] | None = None,
        late: Callable[[], timedelta] = timedelta,
    ) -> None:
        """`late` tells how much later than announced slots open now."""
        self.clock = clock
        self.catalogue = catalogue
        self._database = database
        self._racy_pause = racy_pause
        self.late = late

    @property
    def racy(self) -> bool:
        """Whether one place may be given twice."""
        return self._racy_pause is not None

    def book(self, account: Account, slot: Slot) -> Participation:
        """Book the slot for the account, or put it on the waiting list where the location has one.

        Raises RefusedError with the first rule that is broken.
        """
        if self._racy_pause is None:
            with self.transaction() as transaction:
                return transaction.book(account, slot)
        with self._database.read() as connection:
            found = self._check(connection, account, slot)
        self._racy_pause()
        with self._database.write() as connection:
            return self._write(connection, account, slot, found)

    @contextmanager
    def transaction(self) -> Iterator["Transaction"]:
        """Several bookings in one transaction; a refusal does not end it. Never pauses."""
        with self._database.write() as connection:
            yield Transaction(self, connection)

    def _book_in(self, connection: Connection, account: Account, slot: Slot) -> Participation:
        return self._write(connection, account, slot, self._check(connection, account, slot))

    def slot(self, product_id: int, linked_product_id: int | None, start: datetime) -> Slot:
        """The slot of this product (and court) at this aware instant. Raises RefusedError if none."""
        slot = self.catalogue.find(product_id, linked_product_id, start)
        if slot is None:
            raise unknown_slot()
        return slot

    def _check(self, connection: Connection, account: Account, slot: Slot) -> tuple[int | None, int | None]:
        """The free place (None: only the waiting list), and the account's waiting row for this slot."""
        now = self.clock.now()
        if now >= slot.start:
            raise RefusedError(Refusal.STARTED, "This slot has already started.")
        if now < slot.opening + self.late():
            opening = self.catalogue.local(slot.opening).strftime("%Y-%m-%d %H:%M:%S")
            raise RefusedError(
                Refusal.TOO_EARLY, f"This slot cannot be booked yet. Booking opens at {opening}."
            )
        rows = connection.execute(
            _IN_THE_WAY,
            {
                "slot_start": slot.start,
                "slot_resource": slot.resource,
                "slot_day": slot.day,
                "who": account.id,
            },
        ).all()
        _check_limits(account.id, slot, rows)
        in_slot = [row for row in rows if row.resource == slot.resource and row.start == slot.start]
        waiting = next(
            (row.id for row in in_slot if row.account_id == account.id and row.status == Status.WAITING), None
        )
        place = _free_place(slot, in_slot)
        if place is None and not slot.location.waiting_list:
            raise RefusedError(Refusal.FULL, "This slot is fully booked.")
        if place is None and waiting is not None:
            raise RefusedError(Refusal.ALREADY_WAITING, "You are already on the waiting list for this slot.")
        return place, waiting

    def _write(
        self, connection: Connection, account: Account, slot: Slot, found: tuple[int | None, int | None]
    ) -> Participation:
        place, waiting = found
        status = Status.WAITING if place is None else Status.BOOKED
        now = self.clock.now()
        if waiting is not None:
            connection.execute(
                _FILL.values(status=status, place=place, registered_at=now, guarded=not self.racy),
                {"participation": waiting},
            )
            return Participation(waiting, status, account.id, slot, now)
        inserted = connection.execute(
            _INSERT,
            {
                "account_id": account.id,
                "location": slot.location.name,
                "resource": slot.resource,
                "start": slot.start,
                "day": slot.day,
                "place": place,
                "status": status,
                "registered_at": now,
                "guarded": not self.racy,
            },
        )
        return Participation(inserted_id(inserted), status, account.id, slot, now)

    def cancel(self, account: Account, participation_id: int) -> None:
        """Give back a booking, which then goes to the first who waits and may have it, or stop waiting.

        Raises RefusedError when it is not the account's own, is cancelled already, or has started.
        """
        with self._database.write() as connection:
            row = connection.execute(_BY_ID, {"participation": participation_id}).one_or_none()
            if row is None or row.account_id != account.id:
                raise RefusedError(Refusal.UNKNOWN_PARTICIPATION, "This participation does not exist.")
            now = self.clock.now()
            if now >= row.start:
                raise RefusedError(Refusal.STARTED, "This slot has already started.")
            connection.execute(_FILL.values(cancelled_at=now), {"participation": participation_id})
            if row.status == Status.BOOKED:
                self._move_up(connection, row)

    def _move_up(self, connection: Connection, cancelled: Row[Any]) -> None:
        slot = self.catalogue.slot_of(cancelled.resource, cancelled.start)
        if slot is None or not slot.location.waiting_list:
            return
        key = {"slot_start": slot.start, "slot_resource": slot.resource}
        for waiting in connection.execute(_WAITING, key).all():
            who = {"who": waiting.account_id, "slot_day": slot.day}
            rows = connection.execute(_IN_THE_WAY, key | who).all()
            try:
                _check_limits(waiting.account_id, slot, rows)
            except RefusedError:
                continue  # has taken something else in the meantime, and goes on waiting
            in_slot = [row for row in rows if row.resource == slot.resource and row.start == slot.start]
            place = _free_place(slot, in_slot)
            if place is not None:
                connection.execute(
                    _FILL.values(status=Status.BOOKED, place=place, guarded=not self.racy),
                    {"participation": waiting.id},
                )
            return

    def participations(self, account: Account) -> list[Participation]:
        """The account's bookings and waiting list places that are not cancelled, by start."""
        with self._database.read() as connection:
            rows = connection.execute(_OWN, {"who": account.id}).all()
        found = []
        for row in rows:
            slot = self.catalogue.slot_of(row.resource, row.start)
            if slot is not None:
                found.append(
                    Participation(row.id, Status(row.status), row.account_id, slot, row.registered_at)
                )
        return found

    def states(self, slots: Sequence[Slot]) -> list[SlotState]:
        """What is left of each of these slots, and whether it is open, all at one moment."""
        if not slots:
            return []
        now = self.clock.now()
        span = {"first": min(slot.start for slot in slots), "last": max(slot.start for slot in slots)}
        with self._database.read() as connection:
            taken = {(row[0], row[1]): row[2] for row in connection.execute(_COUNTS, span)}
        return [
            SlotState(
                slot=slot,
                spots_taken=taken.get((slot.resource, slot.start), 0),
                is_open=self.is_open(slot, now),
            )
            for slot in slots
        ]

    def is_open(self, slot: Slot, now: datetime) -> bool:
        """Has its opening come, and its start not?"""
        return slot.opening + self.late() <= now < slot.start

    def owners_on(self, day: date) -> list[SlotOwners]:
        """Every slot of a local date with the usernames of who has it or waits for it, first come first."""
        slots = self.catalogue.slots_on(day)
        if not slots:
            return []
        query = (
            select(table.c.resource, table.c.start, table.c.status, accounts_table.c.username)
            .join(accounts_table, accounts_table.c.id == table.c.account_id)
            .where(_ACTIVE, table.c.start >= slots[0].start, table.c.start <= slots[-1].start)
            .order_by(table.c.id)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return [
            SlotOwners(slot, _names(rows, slot, Status.BOOKED), _names(rows, slot, Status.WAITING))
            for slot in slots
        ]

    def next_opening(self) -> datetime:
        """The next instant at which something opens, in UTC."""
        return self.catalogue.next_opening(self.clock.now())

    def jump_before_next_opening(self, lead: timedelta) -> timedelta:
        """Jump to `lead` before the next opening, at most a second earlier; returns how far that was.

        Raises ClockError when that moment has passed already.
        """
        return self.clock.jump_to(self.next_opening() - lead)


@dataclass(frozen=True)
class Transaction:
    """An open transaction of the venue; holds its write lock, so it should be short."""

    venue: Venue
    connection: Connection

    def book(self, account: Account, slot: Slot) -> Participation:
        """As `Venue.book`."""
        return self.venue._book_in(self.connection, account, slot)


def unknown_slot() -> RefusedError:
    """The refusal for a slot that is not in the catalogue."""
    return RefusedError(Refusal.UNKNOWN_SLOT, "This slot does not exist.")


def _check_limits(account_id: int, slot: Slot, rows: Iterable[Row[Any]]) -> None:
    own = [row for row in rows if row.account_id == account_id and row.status == Status.BOOKED]
    if any(row.start == slot.start for row in own):
        raise RefusedError(Refusal.SAME_TIME, "You already have a booking at this time.")
    if any(row.location == slot.location.name and row.day == slot.day for row in own):
        raise RefusedError(
            Refusal.SAME_LOCATION_AND_DAY, f"You already have a booking at {slot.location.name} on this day."
        )


def _free_place(slot: Slot, in_slot: Iterable[Row[Any]]) -> int | None:
    taken = [row.place for row in in_slot if row.status == Status.BOOKED]
    # Counted too, not only looked up: a racy venue may have given one place twice.
    if len(taken) >= slot.location.capacity:
        return None
    return next(place for place in range(1, slot.location.capacity + 1) if place not in taken)


def _names(rows: Iterable[Row[Any, Any, Any, Any]], slot: Slot, status: Status) -> tuple[str, ...]:
    return tuple(
        row.username
        for row in rows
        if row.resource == slot.resource and row.start == slot.start and row.status == status
    )
