"""When a person has no time for a booking, as their calendar shows it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sniper.core.slots import require_aware


@dataclass(frozen=True, slots=True)
class BusyTime:
    """From `start` to `end`, which does not belong to it any more; `what` for the person only."""

    start: datetime
    end: datetime
    what: str = ""

    def __post_init__(self) -> None:
        require_aware(self.start, "start")
        require_aware(self.end, "end")

    def overlaps(self, start: datetime, length: timedelta) -> bool:
        """Does it take any of a slot? One that ends when it begins, or begins when it ends, is free."""
        begins = start.astimezone(UTC)
        return self.start.astimezone(UTC) < begins + length and begins < self.end.astimezone(UTC)


def without(busy: tuple[BusyTime, ...], start: datetime, length: timedelta) -> tuple[BusyTime, ...]:
    """The same but for a slot's time, of which nothing counts as busy."""
    begins, ends = start.astimezone(UTC), start.astimezone(UTC) + length
    left = []
    for one in busy:
        if not one.overlaps(start, length):
            left.append(one)
            continue
        if one.start.astimezone(UTC) < begins:
            left.append(replace(one, end=begins))
        if ends < one.end.astimezone(UTC):
            left.append(replace(one, start=ends))
    return tuple(left)
