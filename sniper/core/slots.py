"""What can be booked: a place at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time


def require_aware(moment: datetime, name: str) -> None:
    """Refuse a naive datetime, which would mean a different instant on every machine.

    Raises:
        ValueError: `moment` has no time zone.
    """
    if moment.utcoffset() is None:
        raise ValueError(f"{name} has no time zone: {moment!r}")


@dataclass(frozen=True, slots=True)
class Slot:
    """A location, maybe one of its sub-locations, and a start.

    `start` is aware, in the site's time zone, so that it can be shown as it is. Two slots are the same when
    place and *instant* are: datetimes of one zone compare by wall clock, which would make the two 02:00s of
    an October night one slot.
    """

    location: str
    sub_location: str | None
    start: datetime = field(compare=False)
    instant: datetime = field(init=False, repr=False)

    def __post_init__(self) -> None:
        require_aware(self.start, "start")
        object.__setattr__(self, "instant", self.start.astimezone(UTC))

    @property
    def place(self) -> str:
        """The most exact name of where it is: "X1 A", or "Fitness" where there are no sub-locations."""
        return self.sub_location or self.location

    @property
    def day(self) -> date:
        """The date in the site's time zone."""
        return self.start.date()

    @property
    def hour(self) -> time:
        """The time of day in the site's time zone."""
        return self.start.time()

    def __str__(self) -> str:
        return f"{self.place} {self.start:%a %d %b %H:%M}"
