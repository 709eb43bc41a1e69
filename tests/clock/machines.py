"""A machine whose time is simulated: its clock can be set, and it can fall asleep."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from tests.clock.servers import START

_TURNS_OF_OTHERS = 20


class Machine:
    """Time passes when everybody sleeps. `at_sleep` maps a sleep, the first being 1, to a leap at its end."""

    def __init__(self, at_sleep: dict[int, timedelta] | None = None) -> None:
        self.time = START
        self.running = timedelta(0)
        self.at_sleep = at_sleep or {}
        self._sleeps = 0
        self._wakings: list[timedelta] = []

    def wall(self) -> datetime:
        return self.time

    def monotonic(self) -> timedelta:
        return self.running

    async def sleep(self, duration: timedelta) -> None:
        self._sleeps += 1
        leap = self.at_sleep.get(self._sleeps, timedelta(0))
        until = self.running + duration
        self._wakings.append(until)
        try:
            while self.running < until:
                for _ in range(_TURNS_OF_OTHERS):
                    await asyncio.sleep(0)
                if until == min(self._wakings):
                    self.time += until - self.running
                    self.running = until
        finally:
            self._wakings.remove(until)
        self.time += leap
