"""The values the practice venue deals in, and how times look on the wire. No I/O."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, IntEnum

from sniper.practice.catalogue import Slot


def wire_time(instant: datetime, timespec: str = "milliseconds") -> str:
    """An aware instant as the site writes it: UTC, milliseconds unless told, `Z`."""
    return instant.astimezone(UTC).isoformat(timespec=timespec).replace("+00:00", "Z")


def parse_wire_time(text: str) -> datetime:
    """An ISO 8601 time with an offset, as an aware datetime in UTC.

    Raises ValueError when it is not one, or has no offset.
    """
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"{text!r} has no offset from UTC")
    return instant.astimezone(UTC)


class Status(IntEnum):
    """What a participation is, in the site's own numbers."""

    BOOKED = 1
    WAITING = 3


class Refusal(Enum):
    """Why the venue says no, in the order in which the reasons are checked; with the HTTP status."""

    UNKNOWN_SLOT = ("unknown_slot", 404)
    STARTED = ("started", 403)
    TOO_EARLY = ("too_early", 403)
    SAME_TIME = ("same_time", 403)
    SAME_LOCATION_AND_DAY = ("same_location_and_day", 403)
    ALREADY_WAITING = ("already_waiting", 403)
    FULL = ("full", 409)
    UNKNOWN_PARTICIPATION = ("unknown_participation", 404)

    def __init__(self, word: str, status: int) -> None:
        self.word = word
        self.status = status


class RefusedError(Exception):
    """The venue refuses a booking or a cancellation; `message` is what the person is told."""

    def __init__(self, reason: Refusal, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


@dataclass(frozen=True)
class Account:
    """A person the venue knows; `id` is the member id and never changes."""

    id: int
    username: str
    first_name: str
    last_name: str
    email: str


@dataclass(frozen=True)
class Participation:
    """A booking or a place on a waiting list."""

    id: int
    status: Status
    account_id: int
    slot: Slot
    registered_at: datetime


@dataclass(frozen=True)
class SlotState:
    """A slot as it is at one moment."""

    slot: Slot
    spots_taken: int
    is_open: bool

    @property
    def spots_left(self) -> int:
        """How many places are free."""
        return max(0, self.slot.location.capacity - self.spots_taken)


@dataclass(frozen=True)
class SlotOwners:
    """Who has a slot; more owners than places is a doubled slot."""

    slot: Slot
    owners: tuple[str, ...]
    waiting: tuple[str, ...]

    @property
    def is_doubled(self) -> bool:
        """Whether more people were told that they have it than it has places."""
        return len(self.owners) > self.slot.location.capacity
