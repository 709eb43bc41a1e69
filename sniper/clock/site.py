"""The site's clock."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx

from sniper.clock.bracket import MEND_OURS, Bracket, ClockNonsenseError, Reading
from sniper.clock.clock import Clock
from sniper.clock.leaps import Leaps
from sniper.errors import EnvironmentProblem

Probe = Callable[[], Awaitable[Reading]]
_GOOD_ENOUGH = timedelta(milliseconds=4)
_LONGEST_SLEEP = timedelta(seconds=5)
_SHORTEST_SLEEP = timedelta(milliseconds=50)


class SiteClock:
    """Our clock, moved by the offset that was measured; `bound` says how far off it may be.

    Attributes:
        round_trip: The quickest of the measurement.
        probes: The requests the measurement took.
    """

    def __init__(
        self,
        local: Clock,
        bracket: Bracket,
        *,
        round_trip: timedelta = timedelta(0),
        probes: int = 0,
    ) -> None:
        self._local = local
        self._bracket = bracket
        self.round_trip = round_trip
        self.probes = probes

    @property
    def offset(self) -> timedelta:
        """Site time minus our time."""
        return self._bracket.offset

    @property
    def bound(self) -> timedelta:
        """The most by which `now` may be wrong."""
        return self._bracket.bound

    @property
    def one_way(self) -> timedelta:
        """How long a request is on its way to the site: half of the quickest round trip."""
        return self.round_trip / 2

    def now(self) -> datetime:
        """The site's time, in UTC."""
        return self._local.now() + self.offset

    def local_now(self) -> datetime:
        """Our time, in UTC."""
        return self._local.now()

    async def sleep_until(self, moment: datetime) -> None:
        """Wait for an instant of the site's clock, in steps: the offset may change meanwhile."""
        while (left := moment - self.now()) > timedelta(0):
            step = min(left, max(left / 2, _SHORTEST_SLEEP), _LONGEST_SLEEP)
            await self._local.sleep_until(self._local.now() + step)

    def shift(self, by: timedelta) -> None:
        """The site's clock was set forward by exactly this much (a practice site that jumped)."""
        self._bracket = Bracket(self._bracket.low + by, self._bracket.high + by)

    def adopt(self, other: SiteClock) -> None:
        """Take over what a new measurement found."""
        self._bracket = other._bracket
        self.round_trip, self.probes = other.round_trip, other.probes


async def measure(
    probe: Probe,
    local: Clock,
    probes: int,
    *,
    leaps: Leaps | None = None,
    progress: Callable[[SiteClock], None] | None = None,
) -> SiteClock:
    """Measure the site's clock.

    Args:
        probe: Asks the site once.
        local: The clock the probe's readings are taken with.
        probes: The most requests to send; fewer when the bound is below 4 ms.
        leaps: Of the local clock: readings from before and after one are not put together.
        progress: Called after each reading with what is known by then.

    Raises:
        EnvironmentProblem: The site does not answer, or its answers contradict each other, twice.
    """
    try:
        return await _narrow(probe, local, probes, leaps, progress)
    except ClockNonsenseError:
        pass
    try:
        return await _narrow(probe, local, probes, leaps, progress)
    except ClockNonsenseError as error:
        raise EnvironmentProblem(f"the site's clock cannot be read: {error}", mend=error.mend) from error


async def _narrow(
    probe: Probe,
    local: Clock,
    probes: int,
    leaps: Leaps | None,
    progress: Callable[[SiteClock], None] | None,
) -> SiteClock:
    if leaps:
        leaps.look()  # What leapt before does not matter here.
    last = await probe()
    known = SiteClock(local, Bracket.around(last), round_trip=last.round_trip, probes=1)
    while True:
        if leaps and leaps.look():
            raise ClockNonsenseError(
                "our own clock was set, or this machine slept, while we measured", MEND_OURS
            )
        if progress:
            progress(known)
        if known.probes >= probes or known.bound <= _GOOD_ENOUGH:
            return known
        await local.sleep_until(known._bracket.next_probe(local.now(), known.round_trip))
        reading = await probe()
        reading.check_after(last)
        known = SiteClock(
            local,
            known._bracket.narrowed(Bracket.around(reading)),
            round_trip=min(known.round_trip, reading.round_trip),
            probes=known.probes + 1,
        )
        last = reading


def is_loopback(url: str) -> bool:
    """Is it on this machine? Then no proxy is asked for it, whatever the environment says."""
    host = (urlsplit(url).hostname or "").lower().rstrip(".")
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def date_header_probe(client: httpx.AsyncClient, url: str, local: Clock) -> Probe:
    """A probe that reads the `Date` header of a HEAD request."""

    async def probe() -> Reading:
        sent = local.now()
        try:
            response = await client.head(url)
        except httpx.HTTPError as error:
            raise EnvironmentProblem(
                f"{url} does not answer: {error or type(error).__name__}",
                mend="Check the network and the profile's base_url.",
            ) from error
        received = local.now()
        if response.headers.get("Age", "0").strip() not in ("", "0"):
            raise ClockNonsenseError(f"{url} does not tell its own time, but that of a cache (header Age)")
        return Reading(sent, received, _date(url, response.headers.get("Date")))

    return probe


def _date(url: str, header: str | None) -> datetime:
    if header is None:
        raise ClockNonsenseError(f"{url} does not tell its time (no Date header)")
    try:
        date = parsedate_to_datetime(header)
    except ValueError:
        raise ClockNonsenseError(f"{url} tells its time as {header!r}, which is no date") from None
    # A header that gives no zone is in UTC (RFC 9110).
    return date if date.tzinfo else date.replace(tzinfo=UTC)
