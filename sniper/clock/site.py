"""The site's clock."""

from __future__ import annotations

from datetime import datetime, timedelta

from sniper.clock.bracket import Bracket
from sniper.clock.clock import Clock
from sniper.clock.leaps import Leaps, Leapt
from sniper.core.lead import Known

_LONGEST_SLEEP = timedelta(seconds=5)
_SHORTEST_SLEEP = timedelta(milliseconds=50)
_NOTHING = timedelta(0)
_DRIFT = 100e-6
"""How fast two clocks go apart at most, mostly. Quartzes of computers are sold as true to 50 or 100 ppm; the
median of some 20,000 hosts was 78 ppm (D. Mills, Computer Network Time Synchronization). NTP takes most of it
away, which we cannot know of."""


class SiteClock:
    """Our clock, moved by the offset that was measured; `bound` says how far off it may be.

    The bound grows while nobody measures: by the drift of clocks, and by every leap of ours. A leap back can
    only be a clock that was set, and the offset follows it. One forward may as well be a machine that slept,
    which does not change the offset: it stays. Either way we may now be ahead of the site by that much.

    Attributes:
        round_trip: The quickest of the measurement.
        probes: The requests the measurement took, the lost ones and those of a first attempt included.
    """

    def __init__(
        self,
        local: Clock,
        bracket: Bracket,
        *,
        offset: timedelta | None = None,
        round_trip: timedelta = _NOTHING,
        probes: int = 0,
        leaps: Leaps | None = None,
    ) -> None:
        """A clock that was measured just now.

        Args:
            local: Our own clock.
            bracket: Where the offset certainly lies.
            offset: Where it most likely lies; where nothing is said, in the middle.
            round_trip: The quickest of the measurement.
            probes: The requests the measurement took.
            leaps: Of our own clock.
        """
        self._local = local
        self._bracket = bracket
        self._offset = bracket.middle if offset is None else offset
        self._measured_at = local.now()
        self._leaps = leaps
        self._leapt = leaps.leapt if leaps else Leapt()
        self._half_known = False
        self.round_trip = round_trip
        self.probes = probes

    @property
    def offset(self) -> timedelta:
        """Site time minus our time, as far as it is known."""
        return self._offset + self._since.back

    @property
    def bound(self) -> timedelta:
        """The most by which `now` may be wrong."""
        return max(self.ahead, self.behind)

    @property
    def ahead(self) -> timedelta:
        """The most by which `now` may be ahead of the site."""
        since = self._since
        return self._offset - self._bracket.low + since.forward + since.back + self._drift(self._local.now())

    @property
    def behind(self) -> timedelta:
        """The most by which `now` may be behind the site."""
        return self._bracket.high - self._offset + self._drift(self._local.now())

    @property
    def one_way(self) -> timedelta:
        """How long a request is on its way to the site: half of the quickest round trip."""
        return self.round_trip / 2

    @property
    def in_doubt(self) -> bool:
        """Has our own clock leapt since a measurement of this one was finished?"""
        return self._half_known or self._since != Leapt()

    def known_at(self, moment: datetime) -> Known:
        """What will be known of it at an instant of the site's clock, if nobody measures until then."""
        now = self._local.now()
        more = self._drift(max(moment - self.offset, now)) - self._drift(now)
        return Known(self.offset, self.ahead + more, self.behind + more, self.one_way)

    def now(self) -> datetime:
        """The site's time, in UTC."""
        return self._local.now() + self.offset

    def local_now(self) -> datetime:
        """Our time, in UTC."""
        return self._local.now()

    async def sleep_until(self, moment: datetime) -> None:
        """Wait for an instant of the site's clock, in steps: the offset may change meanwhile."""
        while (left := moment - self.now()) > _NOTHING:
            await self.pause(min(left, max(left / 2, _SHORTEST_SLEEP), _LONGEST_SLEEP))

    async def pause(self, duration: timedelta) -> None:
        """Wait for so long."""
        await self._local.sleep_until(self._local.now() + duration)

    def shift(self, by: timedelta) -> None:
        """The site's clock was set forward by exactly this much (a practice site that jumped)."""
        self._bracket = self._bracket.moved(by)
        self._offset += by

    def adopt(self, other: SiteClock) -> None:
        """Take over what a new measurement found."""
        self._bracket, self._offset = other._bracket, other._offset
        self._measured_at, self._leaps, self._leapt = other._measured_at, other._leaps, other._leapt
        self.round_trip, self.probes = other.round_trip, other.probes
        self._half_known = False

    def improve(self, other: SiteClock) -> None:
        """Take over what is known in the midst of a measurement, if it is more than we know."""
        in_doubt = self.in_doubt
        if other.bound < self.bound:
            self.adopt(other)
            self._half_known = in_doubt

    def renew(self, other: SiteClock) -> None:
        """Take over what a new measurement found, unless we still know the same more exactly."""
        if self.in_doubt or abs(other.now() - self.now()) > self.bound + other.bound:
            self.adopt(other)
        else:
            self.improve(other)

    @property
    def _since(self) -> Leapt:
        return self._leaps.leapt.since(self._leapt) if self._leaps else Leapt()

    def _drift(self, until: datetime) -> timedelta:
        """By an instant of our clock, since it was measured."""
        return max(until + self._since.back - self._measured_at, _NOTHING) * _DRIFT
