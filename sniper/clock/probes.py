"""Probes: how a site is asked for its time once."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from ipaddress import ip_address
from typing import Any, Literal
from urllib.parse import urlsplit

import httpx

from sniper.clock.bracket import ClockNonsenseError, Reading
from sniper.clock.clock import Clock
from sniper.clock.instants import NoInstantError, Told, of_header, of_json
from sniper.clock.measuring import Probe
from sniper.errors import EnvironmentProblem
from sniper.unanswered import why_unanswered

_SHOWN = 60
_NO_CACHE = {"Cache-Control": "no-cache"}
_CACHE_HEADERS = ("Cache-Status", "X-Cache", "X-Cache-Status", "X-Proxy-Cache", "CF-Cache-Status")
_FROM_CACHE = re.compile(r"(\b|_)(hit|stale|updating)\b", re.IGNORECASE)
"""TCP_MEM_HIT is one, too."""
_NO_ANSWER = (httpx.HTTPError, httpx.InvalidURL, OverflowError, UnicodeError)
"""The last three: a proxy, or a host, whose address is found out to be none only when it is asked."""
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
        response, sent, received = await _asked(client, "HEAD", url, _Stamps(local, "headers"))
        header = response.headers.get("Date")
        if header is None:
            raise ClockNonsenseError(f"{url} does not tell its time (no Date header)")
        return _reading(url, header, of_header, sent, received)

    return probe


def json_probe(client: httpx.AsyncClient, url: str, find: Callable[[Any], Any], local: Clock) -> Probe:
    """A probe that reads an instant in a JSON answer; `find` takes it out of the body.

    Who writes a body may send the headers before, so the answer counts as received when all of it is there.
    """

    async def probe() -> Reading:
        response, sent, received = await _asked(client, "GET", url, _Stamps(local, "body"))
        if not response.is_success:
            raise ClockNonsenseError(f"{url} does not tell its time (status {response.status_code})")
        try:
            body = response.json()
        except ValueError:
            raise ClockNonsenseError(f"{url} does not tell its time (no JSON)") from None
        value = find(body)
        if value is None:
            raise ClockNonsenseError(f"{url} does not tell its time (nothing at the profile's clock.time)")
        return _reading(url, value, of_json, sent, received)

    return probe


def _reading(
    url: str, value: Any, understand: Callable[[Any], Told], sent: datetime, received: datetime
) -> Reading:
    try:
        told = understand(value)
    except NoInstantError as error:
        shown = repr(value)[:_SHOWN]
        raise ClockNonsenseError(f"{url} tells its time as {shown}, which is {error}") from None
    return Reading(sent, received, told.date, told.resolution)


async def _asked(
    client: httpx.AsyncClient, method: str, url: str, stamps: _Stamps
) -> tuple[httpx.Response, datetime, datetime]:
    """The site's answer, when it was asked for, and when it came.

    Raises:
        EnvironmentProblem: None came.
        ClockNonsenseError: Somebody else answers.
    """
    try:
        response = await client.request(method, url, headers=_NO_CACHE, extensions={"trace": stamps.trace})
    except _NO_ANSWER as error:
        raise EnvironmentProblem(
            f"{url} does not answer: {why_unanswered(error)}",
            mend="Check the network and the profile's base_url.",
        ) from error
    sent, received = stamps.taken()
    _check_who_answers(url, response)
    return response, sent, received


class _Stamps:
    """When one request was sent and its answer received, as the HTTP client tells it while it goes on.

    A tunnel through a proxy is a request before the request: the last one counts.
    """

    def __init__(self, local: Clock, until: Literal["headers", "body"]) -> None:
        self._local = local
        self._last = f".receive_response_{until}.complete"
        self._sent = local.now()
        self._received: datetime | None = None

    async def trace(self, event: str, _info: object) -> None:
        """Called by the HTTP client at each of its steps, `http11.send_request_headers.started`, say."""
        if event.endswith(".send_request_headers.started"):
            self._sent = self._local.now()
        elif event.endswith(self._last):
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
