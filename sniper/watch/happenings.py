"""What a watch tells: to the terminal, to machines, and to whom the person has asked to be called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from sniper.coordinator import RunResult
from sniper.core.goals import Goal
from sniper.core.plan import Standing
from sniper.core.slots import Slot
from sniper.errors import SniperError
from sniper.events import Noted


@dataclass(frozen=True, slots=True)
class WatchBegins:
    """What is watched, from an instant of the site's clock on."""

    at: datetime
    title: str
    rehearsal: bool
    goal: Goal
    books: bool


@dataclass(frozen=True, slots=True)
class Looked:
    """The lists were read.

    Attributes:
        at: When what they show was so, on the site's clock.
        to_be_had: What is worth having of it.
        requests: How many the look took; 0 where another process had just looked.
        unchanged: The site said that nothing has changed.
        next_at: When it is looked again, on the site's clock; None after the last look.
    """

    at: datetime
    to_be_had: tuple[Slot, ...]
    requests: int
    unchanged: bool
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Paused:
    """Nothing is asked until an instant of the site's clock, since the site did not answer or wants it so.

    Attributes:
        failures: How often in a row; 0 where only others have asked just now.
    """

    at: datetime
    why: str
    until: datetime
    failures: int


class Kind(StrEnum):
    """What happened to slots that are wanted."""

    APPEARED = "appeared"
    WENT = "went"


@dataclass(frozen=True, slots=True)
class Happening:
    """Slots that are worth having appeared, or are not to be had any more.

    Attributes:
        at: When that was seen, on the site's clock.
    """

    kind: Kind
    slots: tuple[Slot, ...]
    at: datetime
    site: str
    title: str
    rehearsal: bool


@dataclass(frozen=True, slots=True)
class BookingBegins:
    """A run is begun for these."""

    at: datetime
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class BookingEnded:
    """The run is over. There is no result where it did not come about, and `problem` says why."""

    at: datetime
    result: RunResult | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class WatchEnded:
    """It is over, and why."""

    at: datetime
    standing: Standing
    why: str


WatchEvent = WatchBegins | Looked | Paused | Happening | BookingBegins | BookingEnded | WatchEnded | Noted
TellWatch = Callable[[WatchEvent], None]


class CallbackError(SniperError):
    """Somebody could not be called; the message has no secret in it."""


class Callback(Protocol):
    """Somebody who wants to know what happens: a command, a web hook, a notification."""

    @property
    def name(self) -> str:
        """For people; no secret in it."""
        ...

    async def call(self, happening: Happening) -> None:
        """Tell it. Takes its time; nobody waits for it.

        Raises:
            CallbackError: That did not work.
        """
        ...
