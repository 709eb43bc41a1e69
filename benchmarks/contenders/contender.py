"""What every way to book has to be able to do, so that they can be measured alike."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

from benchmarks.venue import Person
from sniper.core.slots import Slot
from sniper.practice.settings import Mode

Booked = dict[str, datetime]
"""When each account had its booking confirmed, on the site's clock."""


class KnownClock:
    """The site's clock, known exactly: what is measured here is the race, not the reading of a clock."""

    def __init__(self) -> None:
        self.offset = timedelta(0)

    def now(self) -> datetime:
        """On the site's clock, UTC."""
        return datetime.now(UTC) + self.offset

    @property
    def in_doubt(self) -> bool:
        """Never."""
        return False

    async def sleep_until(self, moment: datetime) -> None:
        """Return at `moment`, not before."""
        while self.now() < moment:  # noqa: ASYNC110 - time is what is waited for
            await asyncio.sleep((moment - self.now()).total_seconds())


class Contender(ABC):
    """One way to book for accounts that are signed in. An async context manager; leaving it closes all."""

    def __init__(self, url: str, people: list[Person], clock: KnownClock, contexts_per_browser: int) -> None:
        self.url = url
        self.mode: Mode = "strict"
        self.ahead = timedelta(milliseconds=150)
        """How long before the opening everything but the firing has to be done."""
        self.people = people
        self.clock = clock
        self.contexts_per_browser = contexts_per_browser

    @abstractmethod
    async def __aenter__(self) -> Self: ...

    @abstractmethod
    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def turn_to(self, mode: Mode, accounts: int) -> None:  # noqa: ARG002 - others need more time for more
        """From now on so many fire at once, on pages of this mode; none is parked any more."""
        self.mode = mode

    @abstractmethod
    async def park(self, targets: dict[str, Slot]) -> None:
        """Everything that can be done before the opening, for the accounts named.

        Pages stay where they are from one opening of a day to the next: to park them anew takes longer than
        all the rest, and none of it is measured.
        """

    @abstractmethod
    async def fire(self, opening: datetime) -> Booked:
        """Wait for the opening, then book what was parked for."""
