"""The site's clock."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx

from sniper.clock.bracket import Bracket, ClockNonsenseError, Reading
from sniper.clock.clock import Clock
from sniper.errors import EnvironmentProblem

Probe = Callable[[], Awaitable[Reading]]
_GOOD_ENOUGH = timedelta(milliseconds=4)


class SiteClock:
    """Our clock, moved by the offset that was measured; `bound` says how far off it may be."""

    def __init__(self, local: Clock, bracket: Bracket) -> None:
        self._local = local
        self._bracket = bracket

    @property
    def offset(self) -> timedelta:
        """Site time minus our time."""
        return self._bracket.offset

    @property
    def bound(self) -> timedelta:
        """The most by which `now` may be wrong."""
        return self._bracket.bound

    def now(self) -> datetime:
        """The site's time, in UTC."""
        return self._local.now() + self.offset

    async def sleep_until(self, moment: datetime) -> None:
        """Wait for an instant of the site's clock."""
        await self._local.sleep_until(moment - self.offset)

    def shift(self, by: timedelta) -> None:
        """The site's clock was set forward by exactly this much (a practice site that jumped)."""
        self._bracket = Bracket(self._bracket.low + by, self._bracket.high + by)

    def adopt(self, other: SiteClock) -> None:
        """Take over what a new measurement found."""
        self._bracket = other._bracket


async def measure(probe: Probe, local: Clock, probes: int) -> SiteClock:
    """Measure the site's clock.

    Args:
        probe: Asks the site once.
        local: The clock the probe's readings are taken with.
        probes: The most requests to send; fewer when the bound is below 4 ms.

    Raises:
        EnvironmentProblem: The site does not answer, or its answers contradict each other, twice.
    """
    try:
        return SiteClock(local, await _narrow(probe, local, probes))
    except ClockNonsenseError:
        pass
    try:
        return SiteClock(local, await _narrow(probe, local, probes))
    except ClockNonsenseError as error:
        raise EnvironmentProblem(
            f"the site's clock cannot be read: {error}",
            mend="Point the profile's clock.path at something small that no cache answers.",
        ) from error


async def _narrow(probe: Probe, local: Clock, probes: int) -> Bracket:
    reading = await probe()
    bracket, quickest = Bracket.around(reading), reading.round_trip
    for _ in range(probes - 1):
        if bracket.bound <= _GOOD_ENOUGH:
            break
        await local.sleep_until(bracket.next_probe(local.now(), quickest))
        reading = await probe()
        bracket = bracket.narrowed(Bracket.around(reading))
        quickest = min(quickest, reading.round_trip)
    return bracket


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
        if response.headers.get("Age", "0") != "0":
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
