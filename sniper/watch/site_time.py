"""The site's clock as its own answers tell it: a watch asks for nothing else to know it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sniper.clock.bracket import Bracket, ClockNonsenseError, Reading
from sniper.clock.clock import Clock
from sniper.clock.instants import NoInstantError, of_header
from sniper.clock.leaps import Leaps
from sniper.clock.site import SiteClock
from sniper.core.availability import Look

_WORTH_TELLING = timedelta(seconds=2)
"""Less than this, clocks may differ by their drift, and servers behind one address by their own."""


class SiteTime:
    """Brackets the site's clock by the `Date` of every answer; each makes the bracket narrower, or anew."""

    def __init__(self, local: Clock, first: Reading, leaps: Leaps | None = None) -> None:
        """Known by one reading, to about a second.

        Raises:
            ClockNonsenseError: It came before it was asked for.
        """
        self._local = local
        self._leaps = leaps
        self.clock = SiteClock(
            local, Bracket.around(first), round_trip=first.round_trip, probes=1, leaps=leaps
        )

    def heard(self, reading: Reading) -> timedelta:
        """Take an answer into account.

        Returns:
            By how much the site's clock was set since, as a practice site's is; nothing where it goes on.
        """
        told = Bracket.around(reading)
        known = Bracket(self.clock.offset - self.clock.ahead, self.clock.offset + self.clock.behind)
        was = self.clock.offset
        try:
            bracket = known.narrowed(told)
            set_by = timedelta(0)
        except ClockNonsenseError:
            bracket = told
            set_by = bracket.middle - was
        round_trip = min(reading.round_trip, self.clock.round_trip)
        self.clock.adopt(
            SiteClock(
                self._local, bracket, round_trip=round_trip, probes=self.clock.probes + 1, leaps=self._leaps
            )
        )
        return set_by if abs(set_by) >= _WORTH_TELLING else timedelta(0)

    def look(self, sent: datetime, received: datetime) -> Look:
        """On the site's clock: the earliest it can have been when we asked, the latest when it answered.

        Args:
            sent: On our clock.
            received: On our clock.
        """
        clock = self.clock
        return Look(sent + clock.offset - clock.ahead, received + clock.offset + clock.behind)


def reading_of(date: str | None, age: str | None, sent: datetime, received: datetime) -> Reading | None:
    """What an answer's headers tell of the site's clock; None where they do not, or a cache has answered.

    Args:
        date: The header `Date`.
        age: The header `Age`.
        sent: On our clock.
        received: On our clock.
    """
    if date is None or (age or "0").strip() != "0":
        return None
    try:
        told = of_header(date)
    except NoInstantError:
        return None
    return Reading(sent, received, told.date, told.resolution)
