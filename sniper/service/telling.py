"""What the daemon tells while it goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sniper.coordinator import RunResult
from sniper.events import Event
from sniper.execution import Prepared
from sniper.store.planned import OccurrenceRecord, OccurrenceState
from sniper.watch.happenings import WatchEvent
from sniper.watch.session import PreparedWatch


@dataclass(frozen=True, slots=True)
class Woken:
    """A run for a day begins; `late` is how long after it was due, where that is worth telling."""

    day: OccurrenceRecord
    late: timedelta | None = None


@dataclass(frozen=True, slots=True)
class RunTells:
    """The run for a day tells something."""

    day: OccurrenceRecord
    event: Event


@dataclass(frozen=True, slots=True)
class WatchTells:
    """The watch for a day tells something."""

    day: OccurrenceRecord
    prepared: PreparedWatch
    event: WatchEvent


@dataclass(frozen=True, slots=True)
class Ended:
    """The run for a day came to its end, and this became of the day."""

    day: OccurrenceRecord
    state: OccurrenceState
    prepared: Prepared
    result: RunResult


@dataclass(frozen=True, slots=True)
class PutOff:
    """A day cannot be run now; it is tried again at an instant of this machine's clock.

    Attributes:
        told: The run itself has told it: to whom its file names, and in the log.
    """

    day: OccurrenceRecord
    why: str
    until: datetime
    told: bool = True


@dataclass(frozen=True, slots=True)
class Missed:
    """The time of a day has passed, and nothing ran it."""

    day: OccurrenceRecord
    why: str


@dataclass(frozen=True, slots=True)
class FileRead:
    """The schedules of a file were read; these are new, changed or gone."""

    path: str
    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FileRefused:
    """A file is wrong, and what it said before still holds."""

    path: str
    complaint: str


@dataclass(frozen=True, slots=True)
class Said:
    """Something people should know; `problem` when it is one they may have to mend.

    Attributes:
        told: A run or a watch has told it to whom its file names.
    """

    text: str
    problem: bool = False
    told: bool = False


@dataclass(frozen=True, slots=True)
class Next:
    """The day that is run next, and when it wakes by this machine's clock."""

    day: OccurrenceRecord
    at: datetime


@dataclass(frozen=True, slots=True)
class ComesNext:
    """What is run next; None where nothing is to come."""

    what: Next | None


ServiceEvent = (
    ComesNext | Woken | RunTells | WatchTells | Ended | PutOff | Missed | FileRead | FileRefused | Said
)
TellAll = Callable[[ServiceEvent], None]


def name_of(record: OccurrenceRecord) -> str:
    """A day in words: which schedule, and when."""
    return f"{record.schedule!r} on {record.starts_at or record.day:%a %d %b %Y}"
