"""The site's clock."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx

from sniper.clock.bracket import MEND_OURS, SURELY_TICKED, Bracket, ClockNonsenseError, Reading, next_probe
from sniper.clock.clock import Clock
from sniper.clock.leaps import Leaps
from sniper.clock.likely import likely_offset
from sniper.errors import EnvironmentProblem

Probe = Callable[[], Awaitable[Reading]]
_GOOD_ENOUGH = timedelta(milliseconds=4)
_LONGEST_SLEEP = timedelta(seconds=5)
_SHORTEST_SLEEP = timedelta(milliseconds=50)
_PUNCTUAL = timedelta(milliseconds=2)
_TICKS_LET_PASS = 3
_NO_CACHE = {"Cache-Control": "no-cache"}
_CACHE_HEADERS = ("Cache-Status", "X-Cache", "X-Cache-Status", "X-Proxy-Cache", "CF-Cache-Status")
_FROM_CACHE = re.compile(r"\b(hit|stale|updating)\b", re.IGNORECASE)
_BETWEEN = frozenset({407, 502, 504, 511})
"""Proxy sign-in, bad gateway, gateway time-out, network sign-in: never the site itself."""


class SiteClock:
    """Our clock, moved by the offset that was measured; `bound` says how far off it may be.

    Attributes:
        offset: Site time minus our time, as far as it is known.
        round_trip: The quickest of the measurement.
        probes: The requests the measurement took.
    """

    def __init__(
        self,
        local: Clock,
        bracket: Bracket,
        *,
        offset: timedelta | None = None,
        round_trip: timedelta = timedelta(0),
        probes: int = 0,
    ) -> None:
        """A clock that was measured.

        Args:
            local: Our own clock.
            bracket: Where the offset certainly lies.
            offset: Where it most likely lies; where nothing is said, in the middle.
            round_trip: The quickest of the measurement.
            probes: The requests the measurement took.
        """
        self._local = local
        self._bracket = bracket
        self.offset = bracket.middle if offset is None else offset
        self.round_trip = round_trip
        self.probes = probes

    @property
    def bound(self) -> timedelta:
        """The most by which `now` may be wrong."""
        return max(self.ahead, self.behind)

    @property
    def ahead(self) -> timedelta:
        """The most by which `now` may be ahead of the site."""
        return self.offset - self._bracket.low

    @property
    def behind(self) -> timedelta:
        """The most by which `now` may be behind the site."""
        return self._bracket.high - self.offset

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
        self._bracket = self._bracket.moved(by)
        self.offset += by

    def adopt(self, other: SiteClock) -> None:
        """Take over what a new measurement found."""
        self._bracket, self.offset = other._bracket, other.offset
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
    readings = [await probe()]
    bracket = Bracket.around(readings[0])
    while True:
        if leaps and leaps.look():
            raise ClockNonsenseError(
                "our own clock was set, or this machine slept, while we measured", MEND_OURS
            )
        known = SiteClock(
            local,
            bracket,
            offset=likely_offset(bracket, readings),
            round_trip=min(reading.round_trip for reading in readings),
            probes=len(readings),
        )
        if progress:
            progress(known)
        good_enough = known.bound <= _GOOD_ENOUGH
        ticks = readings[-1].date != readings[0].date
        if known.probes >= probes or (good_enough and ticks):
            return known
        if not ticks and (good_enough or known.probes == probes - 1):
            # So far all this may be one kept answer, asked for ever closer to the tick it never made.
            await local.sleep_until(readings[0].received + SURELY_TICKED)
        else:
            await _sleep_until_tick(local, known)
        reading = await probe()
        for earlier in readings:
            reading.check_after(earlier)
        bracket = bracket.narrowed(Bracket.around(reading))
        readings.append(reading)


async def _sleep_until_tick(local: Clock, known: SiteClock) -> None:
    """Return when a request has to leave so that it is answered at the expected tick.

    A busy machine wakes us late, and a request that misses the tick by as much as is still in doubt tells
    nothing: there is another tick in a second, so rather wait for that one.
    """
    punctual = max(_PUNCTUAL, known.bound / 8)
    for _ in range(_TICKS_LET_PASS + 1):
        at = next_probe(local.now(), known.offset, known.one_way)
        await local.sleep_until(at)
        if local.now() - at <= punctual:
            return


def is_loopback(url: str) -> bool:
    """Is it on this machine? Then no proxy is asked for it, whatever the environment says."""
    host = (urlsplit(url).hostname or "").lower().rstrip(".")
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def date_header_probe(client: httpx.AsyncClient, url: str, local: Clock) -> Probe:
    """A probe that reads the `Date` header of a HEAD request.

    The time is taken where the request goes out and where the headers of its answer come in: looking a name
    up, connecting, and what our HTTP client does around it are no part of the way to the site.
    """

    async def probe() -> Reading:
        stamps = _Stamps(local)
        try:
            response = await client.head(url, headers=_NO_CACHE, extensions={"trace": stamps.trace})
        except httpx.HTTPError as error:
            why = "not in time" if isinstance(error, httpx.TimeoutException) else str(error)
            raise EnvironmentProblem(
                f"{url} does not answer: {why or type(error).__name__}",
                mend="Check the network and the profile's base_url.",
            ) from error
        sent, received = stamps.taken()
        _check_who_answers(url, response)
        return Reading(sent, received, _date(url, response.headers.get("Date")))

    return probe


class _Stamps:
    """When one request was sent and its answer received, as the HTTP client tells it while it goes on.

    A tunnel through a proxy is a request before the request: the last one counts.
    """

    def __init__(self, local: Clock) -> None:
        self._local = local
        self._sent = local.now()
        self._received: datetime | None = None

    async def trace(self, event: str, _info: object) -> None:
        """Called by the HTTP client at each of its steps, `http11.send_request_headers.started`, say."""
        if event.endswith(".send_request_headers.started"):
            self._sent = self._local.now()
        elif event.endswith(".receive_response_headers.complete"):
            self._received = self._local.now()

    def taken(self) -> tuple[datetime, datetime]:
        """Sent, and received: now, if the client did not tell."""
        return self._sent, self._received or self._local.now()


def _check_who_answers(url: str, response: httpx.Response) -> None:
    """Is it the site that tells its time, or something on the way?

    Raises:
        ClockNonsenseError: A cache, a proxy or a gateway answers.
    """
    if response.headers.get("Age", "0").strip() not in ("", "0"):
        raise ClockNonsenseError(f"{url} does not tell its own time, but that of a cache (header Age)")
    for name in _CACHE_HEADERS:
        if _FROM_CACHE.search(response.headers.get(name, "")):
            raise ClockNonsenseError(f"{url} does not tell its own time, but that of a cache (header {name})")
    if response.status_code in _BETWEEN:
        raise ClockNonsenseError(
            f"{url} does not tell its own time, but that of a proxy or gateway"
            f" (status {response.status_code})",
            "Check the network's proxy and sign-in page, and whether the site is up.",
        )


def _date(url: str, header: str | None) -> datetime:
    if header is None:
        raise ClockNonsenseError(f"{url} does not tell its time (no Date header)")
    try:
        date = parsedate_to_datetime(header)
    except ValueError:
        raise ClockNonsenseError(f"{url} tells its time as {header!r}, which is no date") from None
    # A header that gives no zone is in UTC (RFC 9110).
    return date if date.tzinfo else date.replace(tzinfo=UTC)
