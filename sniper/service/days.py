"""The days of schedules, as the daemon sees them: what is to be run, and what has become of the rest."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sniper.core.plan import Standing
from sniper.errors import InputError
from sniper.scheduling import coming
from sniper.sites.library import load_profile, referred
from sniper.sites.profile import Profile
from sniper.store.planned import OccurrenceRecord, OccurrenceState, Schedule, ScheduleRecord
from sniper.store.records import is_unfinished
from sniper.store.repository import Store

BECAME = {
    Standing.REACHED: OccurrenceState.BOOKED,
    Standing.FALLBACK: OccurrenceState.FALLBACK,
    Standing.MISSED: OccurrenceState.LOST,
}
"""What a day becomes by how its run ended."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day that is to be run, and the schedule it is one of."""

    record: OccurrenceRecord
    schedule: Schedule

    @property
    def id(self) -> int:
        """Its number in the store."""
        return self.record.id

    @property
    def wake_at(self) -> datetime:
        """From when on it is due, by the site's clock."""
        assert self.record.wake_at is not None
        return self.record.wake_at

    @property
    def opens_at(self) -> datetime:
        """The first opening of what is wanted, by the site's clock."""
        assert self.record.opens_at is not None
        return self.record.opens_at


class Days:
    """Reads and writes the days of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def pending(self) -> list[Day]:
        """Those still to be run, in the order of their openings."""
        return [day for day in self._in(OccurrenceState.PENDING) if day.record.wake_at is not None]

    def not_won(self) -> list[Day]:
        """Those whose runs did not reach the goal: something may come back, until they are over."""
        return self._in(OccurrenceState.LOST, OccurrenceState.FALLBACK)

    def _in(self, *states: OccurrenceState) -> list[Day]:
        schedules = {record.id: record.schedule for record in self._store.schedules()}
        return [
            Day(record, schedules[record.schedule_id])
            for record in self._store.occurrences(states=states, active=True)
            if record.schedule_id in schedules
        ]

    def schedules(self) -> list[ScheduleRecord]:
        """All that are not removed."""
        return self._store.schedules()

    def take_up(
        self, running: Collection[int], now: datetime
    ) -> list[tuple[OccurrenceRecord, OccurrenceState]]:
        """What was begun and is not `running`, and what becomes of it now.

        A run that came to its end tells that; any other is to be gone on with, which its next run does.
        """
        taken = []
        for record in self._store.occurrences(states=[OccurrenceState.RUNNING]):
            if record.id in running:
                continue
            state = self._ended_as(record.run_id)
            self._store.end_occurrence(record.id, state, now=now)
            taken.append((record, state))
        return taken

    def renew(self, record: ScheduleRecord, now: datetime) -> str | None:
        """Bring the days of a schedule up to date: time goes on, and profiles change.

        Args:
            record: Of the schedule.
            now: The time at its site.

        Returns:
            What is wrong with it; then its days stay as they are.
        """
        try:
            profile = load_profile(referred(record.schedule.profile))
            days = coming(record.schedule, profile, now)
        except InputError as error:
            return f"the days of schedule {record.name!r} stay as they were: {error}"
        self._store.renew_occurrences(record.id, days, now=now)
        return None

    def missed(self) -> dict[int, OccurrenceRecord]:
        """All whose time passed without a run."""
        return {one.id: one for one in self._store.occurrences(states=[OccurrenceState.MISSED])}

    def _ended_as(self, run_id: int | None) -> OccurrenceState:
        run = next((run for run in self._store.runs() if run.id == run_id), None)
        if run is None or is_unfinished(run.state, run.standing, run.exit_code):
            return OccurrenceState.PENDING
        return BECAME[run.standing] if run.standing else OccurrenceState.PENDING


def is_practice(profile: Profile) -> bool:
    """Does its clock jump?"""
    return profile.practice is not None
