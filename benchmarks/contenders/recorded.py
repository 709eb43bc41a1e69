"""What a run does with its pages while it is recorded, as `sniper run --record` records it."""

from __future__ import annotations

import asyncio
from typing import Any

from playwright.async_api import BrowserContext

from benchmarks.contenders.armed_pages import Sniper
from benchmarks.venue import Person
from sniper.core.slots import Slot
from sniper.engine.browser.recording import Recording
from sniper.recording.recorder import RunRecorder


class Recorded(Sniper):
    """Armed pages that Playwright traces."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._recorder: RunRecorder | None = None
        self._recordings: list[Recording] = []

    async def park(self, targets: dict[str, Slot]) -> None:
        """As a run does: traces rest from the parking on, until the page has fired."""
        await asyncio.gather(*(one.go_on() for one in self._recordings))
        await super().park(targets)
        await asyncio.gather(*(one.rest() for one in self._recordings))

    async def _begun(self, context: BrowserContext, person: Person) -> None:
        if self._recorder is None:
            names = [one.username for one in self.people]
            self._recorder = RunRecorder(self._folder, names, self.clock.now)
        self._recordings.append(await self._recorder.begin(context, person.username))
