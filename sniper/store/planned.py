"""The values the store takes and returns of schedules and their days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sniper.core.recurrence import Recurrence

COMMAND = "command"
"""The origin of schedules that no file names."""


class ScheduleState(StrEnum):
    """Whether a schedule's days are run. One that is removed stays only for what became of its days."""

    ACTIVE = "active"
    PAUSED = "paused"
    REMOVED = "removed"


class OccurrenceState(StrEnum):
    """What became of a day of a schedule."""

    PENDING = "pending"
    RUNNING = "running"
    BOOKED = "booked"
    """The whole goal was reached."""
    FALLBACK = "fallback"
    """Only what counts as good enough."""
    LOST = "lost"
    """It was run, and the goal was missed."""
    MISSED = "missed"
    """Its time passed, and nothing ran it."""
    SKIPPED = "skipped"
    """There was nothing to run; the reason says why."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """What is wanted at a site on which days.

    Attributes:
        origin: `COMMAND`, or the path of the file that names it.
        profile: Where the site's profile is found (`sniper.sites.library.reference_of`).
        zone: The site's, by its name.
        goal: A snipe_config in plain JSON, without its day.
        accounts: Who books, by name; nobody means all that the site has.
    """

    name: str
    origin: str
    site: str
    profile: str
    zone: str
    recurrence: Recurrence
    goal: Mapping[str, Any]
    accounts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScheduleRecord:
    """A schedule that is stored."""

    id: int
    schedule: Schedule
    state: ScheduleState
    created_at: datetime
    updated_at: datetime

    @property
    def name(self) -> str:
        """What it is called."""
        return self.schedule.name


@dataclass(frozen=True, slots=True)
class OccurrenceRecord:
    """One day of a schedule.

    Attributes:
        schedule: Its schedule's name.
        starts_at: The first start that is wanted, in the site's zone; None where the clocks leave none.
        opens_at: The first opening of what is wanted, UTC.
        wake_at: From when on a run for it is due, UTC.
        reason: Why it is what it is, where its state does not tell.
    """

    id: int
    schedule_id: int
    schedule: str
    site: str
    day: date
    starts_at: datetime | None
    opens_at: datetime | None
    wake_at: datetime | None
    state: OccurrenceState
    reason: str | None
    run_id: int | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Synced:
    """What became of a file's schedules, by name."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DaemonRecord:
    """A `sniper serve`.

    Attributes:
        files: The bookings.json it serves, by their paths.
        alive_until: It said that it lives until then at least, by its machine's clock.
        lives: Whether it does, as far as can be told from here.
        asked: How often it was asked to read its files again.
        done: Up to which of these times it has.
        complaint: What was wrong with them the last time; what they said before then still holds.
    """

    id: int
    host: str
    pid: int
    files: tuple[str, ...]
    started_at: datetime
    alive_until: datetime
    ended_at: datetime | None
    lives: bool
    asked: int
    done: int
    complaint: str | None
