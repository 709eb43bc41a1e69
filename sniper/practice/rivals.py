"""Bots that want the same slots: some milliseconds after each opening they take the best ones.

Rival k goes for the k-th most wanted slot that opens at that instant and falls through to the next that is
free. Each is a new person for each opening, since the venue's own limits would otherwise put a bot out after
an hour or two. That its account exists is also how a restarted site knows that a rival has had its turn.
"""

import itertools
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta

from sniper.practice.accounts import ensure_account
from sniper.practice.arrivals import Arrivals
from sniper.practice.catalogue import Slot
from sniper.practice.models import RefusedError, Status
from sniper.practice.venue import Transaction, Venue


class Rivals:
    """The bots of one venue. `start` lets them act by themselves; tests call `work_due` instead."""

    def __init__(self, venue: Venue, arrivals: Arrivals, *, count: int, delay: timedelta) -> None:
        """`count` bots that act `delay` (not negative) after each opening."""
        self._venue = venue
        self._arrivals = arrivals
        self._count = count
        self._delay = delay
        self._working = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        # Whatever is open already has opened within the longest window before now.
        longest_window = max(location.window for location in venue.catalogue.locations)
        self._done_until = venue.clock.now() - delay - longest_window

    @property
    def count(self) -> int:
        """How many there are at each opening."""
        return self._count

    def catch_up(self) -> None:
        """Work off the openings that are past. Call it once, before the site is open."""
        if not self._count:
            return
        with self._working, self._venue.transaction() as transaction:
            # One transaction instead of hundreds: nobody is there yet whom it could keep waiting.
            until = self._venue.clock.now() - self._delay
            for opening, slots in self._openings(until):
                for number in range(self._count):
                    self._act(transaction, opening, slots, number, record=False)
            self._done_until = until

    def work_due(self) -> None:
        """Let every rival act whose moment, an opening plus the delay, has come on the venue's clock."""
        if not self._count:
            return
        with self._working:
            until = self._venue.clock.now() - self._delay - self._venue.late()
            for opening, slots in self._openings(until):
                for number in range(self._count):
                    # A transaction each: a person's request may come between two rivals.
                    with self._venue.transaction() as transaction:
                        self._act(transaction, opening, slots, number, record=True)
            self._done_until = max(self._done_until, until)

    def next_due(self) -> datetime:
        """When the next rival acts, in UTC on the venue's clock."""
        return self._venue.catalogue.next_opening(self._done_until) + self._delay + self._venue.late()

    def start(self) -> None:
        """Work from now on in a thread of its own, woken by the venue's clock."""
        if not self._count:
            return
        self._thread = threading.Thread(target=self._run, name="practice-rivals", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread and wait until it has ended."""
        self._stopping.set()
        self._venue.clock.wake()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        while self._venue.clock.wait_until(self.next_due(), unless=self._stopping.is_set):
            self.work_due()

    def _openings(self, until: datetime) -> list[tuple[datetime, list[Slot]]]:
        slots = self._venue.catalogue.slots_opening_between(self._done_until, until)
        return [
            (opening, list(group))
            for opening, group in itertools.groupby(slots, key=lambda slot: slot.opening)
        ]

    def _act(
        self, transaction: Transaction, opening: datetime, slots: Sequence[Slot], number: int, *, record: bool
    ) -> None:
        account, is_new = ensure_account(
            transaction.connection,
            username=f"rival-{number + 1}@{opening:%Y-%m-%dT%H:%MZ}",
            first_name="Rival",
            last_name=str(number + 1),
            email=f"rival-{number + 1}@practice.invalid",
        )
        if not is_new:
            return
        # More rivals than wanted slots: the rest begin with the last kind, which has the most places.
        for slot in slots[min(number, len(slots) - 1) :]:
            arrived_at = self._venue.clock.now()
            try:
                participation = transaction.book(account, slot)
            except RefusedError as refused:
                if record:
                    self._arrivals.keep(
                        arrived_at,
                        account.username,
                        slot,
                        outcome=refused.reason.word,
                        status=refused.reason.status,
                    )
                continue
            if record:
                outcome = "booked" if participation.status is Status.BOOKED else "waiting"
                self._arrivals.keep(arrived_at, account.username, slot, outcome=outcome, status=201)
            return
