"""When each booking request reached the venue and what became of it: what a race is measured by."""

import threading
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from sniper.practice.catalogue import Slot
from sniper.practice.database import Database
from sniper.practice.database import booking_requests as table


@dataclass(frozen=True)
class Arrival:
    """One booking request: its arrival on the venue's clock (UTC), and its answer."""

    arrived_at: datetime
    account: str | None
    slot: str | None
    start: datetime | None
    outcome: str
    """`booked`, `waiting`, a refusal's word, `unauthorized` or `invalid`."""
    status: int
    """The HTTP status; what a rival's attempt would have been answered."""


class Arrivals:
    """The record of booking requests. Safe to use from several threads.

    Keeping one is an append in memory. They are written to the database when somebody asks, when it has been
    quiet for a moment, and at the end: writing must not stand between a race and its answers.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._unwritten: list[Arrival] = []
        self._kept_since_flush_began = False

    def keep(
        self, arrived_at: datetime, account: str | None, slot: Slot | None, *, outcome: str, status: int
    ) -> None:
        """Keep one request."""
        arrival = Arrival(
            arrived_at, account, slot.label if slot else None, slot.start if slot else None, outcome, status
        )
        with self._lock:
            self._unwritten.append(arrival)
            self._kept_since_flush_began = True

    def flush_if_quiet(self) -> None:
        """Write what is kept, unless something was added since this was last called."""
        with self._lock:
            busy, self._kept_since_flush_began = self._kept_since_flush_began, False
        if not busy:
            self.flush()

    def flush(self) -> None:
        """Write what is kept to the database."""
        with self._lock:
            unwritten, self._unwritten = self._unwritten, []
        if not unwritten:
            return
        with self._database.write() as connection:
            connection.execute(
                insert(table),
                [
                    {
                        "arrived_at": arrival.arrived_at,
                        "account": arrival.account,
                        "slot": arrival.slot,
                        "start": arrival.start,
                        "outcome": arrival.outcome,
                        "status": arrival.status,
                    }
                    for arrival in unwritten
                ],
            )

    def after(self, number: int = 0, *, limit: int = 10_000) -> list[tuple[int, Arrival]]:
        """Requests with a number above this one, in the order of their answers; numbers begin at 1."""
        self.flush()
        with self._database.read() as connection:
            rows = connection.execute(
                select(table).where(table.c.id > number).order_by(table.c.id).limit(limit)
            ).all()
        return [
            (row.id, Arrival(row.arrived_at, row.account, row.slot, row.start, row.outcome, row.status))
            for row in rows
        ]
