"""Who could not be parked: kept in mind until the requests are out, and written down then."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sniper.coordinator.context import Context, local_now
from sniper.core.plan import Attempt, Wave
from sniper.core.tries import Try


class LeftOut:
    """Attempts that were planned and never fired, since their page could not be brought to where it can."""

    def __init__(self, context: Context) -> None:
        self._run = context
        self._waves: dict[datetime, Wave] = {}
        self._tries: dict[datetime, dict[Attempt, Try]] = {}

    def note(self, wave: Wave, tries: dict[Attempt, Try]) -> None:
        """These of a wave; nothing is written yet."""
        if tries:
            self._waves[wave.opens_at] = wave
            self._tries.setdefault(wave.opens_at, {}).update(tries)

    def write_with(self, wave_id: int, opens_at: datetime) -> None:
        """To the wave that has fired at the same opening."""
        self._write(wave_id, self._tries.pop(opens_at, {}))

    def write(self, but: datetime | None = None) -> None:
        """As waves of their own, where nobody fired; not those of the opening that is still to come."""
        for opens_at in [one for one in sorted(self._tries) if one != but]:
            tries = self._tries.pop(opens_at)
            wave = replace(self._waves[opens_at], attempts=tuple(tries))
            store = self._run.store
            wave_id = store.plan_wave(self._run.run_id, wave, self._run.task.goal, now=local_now())
            self._write(wave_id, tries)
            store.finish_wave(wave_id, now=local_now())

    def _write(self, wave_id: int, tries: dict[Attempt, Try]) -> None:
        if not tries:
            return
        opened = self._run.store.open_attempts(wave_id, tries, now=local_now())
        for attempt, number in opened.items():
            self._run.store.close_attempt(number, [tries[attempt]], now=local_now())
