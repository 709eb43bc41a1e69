"""Probes: how a site is asked for its time once."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

import httpx

from sniper.clock.bracket import ClockNonsenseError, Reading
from sniper.clock.clock import Clock
from sniper.clock.measuring import Probe
from sniper.errors import EnvironmentProblem

_NO_CACHE = {"Cache-Control": "no-cache"}
_CACHE_HEADERS = ("Cache-Status", "X-Cache", "X-Cache-Status", "X-Proxy-Cache", "CF-Cache-Status")
_FROM_CACHE = re.compile(r"\b(hit|stale|updating)\b", re.IGNORECASE)
_BETWEEN = frozenset({407, 502, 504, 511})
"""Proxy sign-in, bad gateway, gateway time-out, network sign-in: never the site itself."""


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
