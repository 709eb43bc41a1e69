"""What is wrong after a run that was killed and started again has come to its end.

*Lost*: something that was ours, or was to be, is not: the final run tells of a booking that the site does not
show; or an hour that was ours when the run was killed is nobody's of ours any more although the goal was not
reached (what is beyond a goal that was reached is given back, rightly); or the goal was missed although the
fault takes nothing away; or the final run did not end by itself, or left an attempt of unknown end.

*Doubled*: at the end two of ours hold the same hour at one location, or an account holds more than the site
lets it: one an hour, one a day and location.

*Orphaned*: at the end somebody of ours holds what nobody wants and nobody was told of: it is not among the
bookings that the final run tells; or it is, beyond a goal that was reached, and no problem names the account.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Booking:
    """Who has what. `start` is an instant."""

    account: str
    location: str
    place: str
    start: datetime

    def __str__(self) -> str:
        return f"{self.place} {self.start:%H:%MZ} ({self.account})"


@dataclass(frozen=True, slots=True)
class Ending:
    """How it all ended.

    Attributes:
        result: What the final run printed as JSON, None if it did not.
        at_the_kill: What was ours then, as the site had it, its last answers given.
        shown: What is ours at the end, as the site has it.
        open_attempts: How many the store has at the end.
        takes: May the fault have taken what the goal needs?
    """

    result: dict[str, Any] | None
    exit_code: int | None
    at_the_kill: Collection[Booking]
    shown: Collection[Booking]
    open_attempts: int
    takes: bool

    def lost(self) -> Iterator[str]:
        """See above, one sentence each."""
        if self.result is None or self.exit_code not in (0, 1):
            yield f"the final run did not end by itself (exit code {self.exit_code})"
            return
        for booking in self.told():
            if booking not in self.shown:
                yield f"{booking} is told and not there"
        if self.open_attempts:
            yield f"{self.open_attempts} attempts are left open"
        if self.takes or self.result["standing"] == "reached":
            return
        yield f"the goal was missed ({self.result['standing']}) though nothing was in the way"
        hours = {booking.start for booking in self.shown}
        for booking in self.at_the_kill:
            if booking.start not in hours:
                yield f"{booking} was ours at the kill, and nobody has that hour"

    def doubled(self) -> Iterator[str]:
        """See above, one sentence each."""
        counted: dict[str, Counter[tuple[str, object]]] = {
            "at one hour and location": Counter((b.location, b.start) for b in self.shown),
            "at one hour with one account": Counter((b.account, b.start) for b in self.shown),
            "at one location with one account": Counter((b.account, b.location) for b in self.shown),
        }
        for how, times in counted.items():
            yield from (f"{count} bookings {how}: {what}" for what, count in times.items() if count > 1)

    def orphaned(self) -> Iterator[str]:
        """See above, one sentence each."""
        told = self.told()
        yield from (f"{booking} is there and not told" for booking in self.shown if booking not in told)
        if self.result is None or self.result["standing"] != "reached":
            return
        problems = " ".join(self.result["problems"])
        for booking, in_streak in told.items():
            if not in_streak and booking in self.shown and booking.account not in problems:
                yield f"{booking} is beyond the goal, was kept, and nobody was told to see to it"

    def told(self) -> dict[Booking, bool]:
        """What the final run tells of as proven, and whether it is part of the goal."""
        return {
            Booking(
                one["account"],
                one["location"],
                one["sub_location"] or one["location"],
                datetime.fromisoformat(one["start"]),
            ): one["in_streak"]
            for one in (self.result or {"bookings": []})["bookings"]
            if one["proof"] == "confirmed"
        }
