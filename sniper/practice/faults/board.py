"""The faults that are on, and which of them strike a request."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

from sniper.practice.clock import VenueClock
from sniper.practice.faults.spec import Fault, Kind

_NOTHING = timedelta(0)
_OF_REQUESTS = frozenset(Kind) - {Kind.LATE, Kind.SIGNED_OUT, Kind.REDRAW}


@dataclass
class Active:
    """A fault that is on: from when to when, on the venue's clock, and how often it has struck."""

    fault: Fault
    since: datetime
    until: datetime | None
    random: Random = field(init=False)
    hits: int = 0

    def __post_init__(self) -> None:
        self.random = Random(self.fault.seed)  # noqa: S311 - chance, not secrecy

    def is_on(self, now: datetime) -> bool:
        """Is it time for it?"""
        return self.since <= now and (self.until is None or now < self.until)

    def strikes(self, method: str, path: str, account: str | None) -> bool:
        """Is this request struck? It is then counted."""
        fault = self.fault
        if not fault.requests.includes(method, path):
            return False
        if fault.accounts and account not in fault.accounts:
            return False
        if fault.first is not None and self.hits >= fault.first:
            return False
        if fault.chance < 1 and self.random.random() >= fault.chance:
            return False
        self.hits += 1
        return True

    def drawn(self, duration: timedelta | None) -> timedelta:
        """A duration with its jitter, which is drawn anew each time."""
        return (duration or _NOTHING) + self.random.random() * self.fault.jitter


class Faults:
    """All faults of one site. Safe to use from several threads."""

    def __init__(self, clock: VenueClock, next_opening: Callable[[datetime], datetime]) -> None:
        """None yet.

        Args:
            clock: The venue's.
            next_opening: The first opening after an instant.
        """
        self._clock = clock
        self._next_opening = next_opening
        self._lock = threading.Lock()
        self._active: tuple[Active, ...] = ()

    def set(self, faults: Iterable[Fault]) -> None:
        """Have these instead of those that were on; each begins to count anew."""
        now = self._clock.now()
        active = tuple(self._begun(fault, now) for fault in faults)
        with self._lock:
            self._active = active

    @property
    def all(self) -> Sequence[Active]:
        """Those that are chosen, on or not yet or no more."""
        return self._active

    def striking(self, method: str, path: str, account: str | None) -> list[Active]:
        """The faults that strike a request, in their order, up to the first that refuses it."""
        now = self._clock.now()
        found: list[Active] = []
        with self._lock:
            for one in self._active:
                if one.fault.kind in _OF_REQUESTS and one.is_on(now) and one.strikes(method, path, account):
                    found.append(one)
                    if one.fault.kind.refuses:
                        break
        return found

    def is_on(self, active: Active) -> bool:
        """Is this one still on?"""
        return active in self._active and active.is_on(self._clock.now())

    def late(self) -> timedelta:
        """How much later than announced slots open."""
        return max((one.fault.duration or _NOTHING for one in self._of(Kind.LATE)), default=_NOTHING)

    def redraws_every(self) -> timedelta | None:
        """How often the list is drawn anew; None where it stays."""
        return min((one.fault.duration for one in self._of(Kind.REDRAW) if one.fault.duration), default=None)

    def has_ended(self, account: str, issued_at: datetime) -> bool:
        """Has a sign-in ended before its time?"""
        now = self._clock.now()
        return any(
            issued_at < one.since <= now
            for one in self._of(Kind.SIGNED_OUT)
            if not one.fault.accounts or account in one.fault.accounts
        )

    def _of(self, kind: Kind) -> list[Active]:
        return [one for one in self._active if one.fault.kind is kind]

    def _begun(self, fault: Fault, now: datetime) -> Active:
        at_opening = fault.at_opening or fault.kind is Kind.SIGNED_OUT
        since = self._next_opening(now) if at_opening else now
        return Active(fault, since, since + fault.lasts if fault.lasts else None)
