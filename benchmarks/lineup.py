"""Several ways to book on one practice site, all signed in and kept so."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from benchmarks.contenders import CONTENDERS, Contender
from benchmarks.contenders.contender import KnownClock
from benchmarks.memory import descendants, program
from benchmarks.venue import Venue, let_sites_go_first
from sniper.engine.browser.pool import CONTEXTS_PER_BROWSER
from sniper.practice.settings import Mode


class Lineup:
    """The contenders. An async context manager; leaving it closes them all.

    Attributes:
        people: The accounts, all of which every contender has.
        clock: The site's, known exactly.
        contenders: By their names.
    """

    def __init__(
        self,
        venue: Venue,
        methods: list[str],
        accounts: int,
        contexts_per_browser: int = CONTEXTS_PER_BROWSER,
    ) -> None:
        self._venue = venue
        self._stack = AsyncExitStack()
        self._started: dict[str, set[int]] = {}
        self.people = [venue.sign_in(number) for number in range(1, accounts + 1)]
        self.clock = KnownClock()
        self.clock.offset = venue.offset()
        self.contenders: dict[str, Contender] = {
            name: CONTENDERS[name](venue.url, self.people, self.clock, contexts_per_browser)
            for name in methods
        }

    async def __aenter__(self) -> Self:
        let_sites_go_first()
        async with AsyncExitStack() as stack:
            for name, contender in self.contenders.items():
                before = descendants()
                await stack.enter_async_context(contender)
                self._started[name] = descendants() - before
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    def turn_to(self, mode: Mode, accounts: int) -> None:
        """From now on so many fire at once, on pages of this mode, which are parked anew."""
        self._venue.show(mode)
        for contender in self.contenders.values():
            contender.turn_to(mode, accounts)

    @contextmanager
    def turn_of(self, method: str) -> Iterator[None]:
        """Within the block the others' browsers stand still.

        Pages that only wait draw all the same: those of 32 accounts take a tenth of a machine from who has
        its turn. Where it cannot be told whose process is whose, they go on.
        """
        others = {one for name, started in self._started.items() if name != method for one in started}
        still = {one for root in others if "chrom" in program(root) for one in {root} | descendants(root)}
        if not still:
            yield
            return
        _send(signal.SIGSTOP, still)
        try:
            yield
        finally:
            _send(signal.SIGCONT, still)

    def jump_before(self, opening: datetime, ahead: timedelta) -> None:
        """Turn the site's clock to exactly `ahead` before the opening."""
        self._venue.jump_before(opening, ahead)
        self.clock.offset = self._venue.offset()


def _send(what: signal.Signals, processes: Iterable[int]) -> None:
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, what)
