"""When a person has no time for a booking, as their calendar shows it."""

from __future__ import annotations

from dataclasses import dataclass
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
