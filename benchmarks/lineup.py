"""Several ways to book on one practice site, all signed in and kept so."""

from __future__ import annotations

from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

from benchmarks.contenders import CONTENDERS, Contender
from benchmarks.contenders.contender import KnownClock
from benchmarks.venue import Mode, Person, Venue

_SIGNED_IN_FOR = timedelta(hours=18)
"""Of the site's time, which jumps from opening to opening; its tokens last a little longer."""


class Lineup:
    """The contenders. An async context manager; leaving it closes them all.

    Attributes:
        people: The accounts, all of which every contender has.
        clock: The site's, known exactly.
    """

    def __init__(self, venue: Venue, mode: Mode, methods: list[str], accounts: int) -> None:
        self._venue = venue
        self._mode = mode
        self._methods = methods
        self._accounts = accounts
        self._stack = AsyncExitStack()
        self._contenders: dict[str, Contender] = {}
        self._since = datetime.min.replace(tzinfo=UTC)
        self.people: list[Person] = []
        self.clock = KnownClock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def signed_in(self, method: str, opening: datetime) -> Contender:
        """The contender of this name, signed in for longer than until this opening."""
        if not self._contenders or opening - self._since >= _SIGNED_IN_FOR:
            await self._stack.aclose()
            self._since = opening
            self.people = [self._venue.sign_in(number) for number in range(1, self._accounts + 1)]
            self.clock.offset = self._venue.offset()
            for name in self._methods:
                contender = CONTENDERS[name](self._venue.url, self._mode, self.people, self.clock)
                self._contenders[name] = await self._stack.enter_async_context(contender)
        return self._contenders[method]

    def jump_before(self, opening: datetime, ahead: timedelta) -> None:
        """Turn the site's clock to `ahead` before the opening, or up to a second more."""
        self._venue.jump_before(opening, ahead)
        self.clock.offset = self._venue.offset()
