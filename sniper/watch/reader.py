"""Reads a site's lists of slots over HTTP: page by page, paced, and only if they have changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx

from sniper.clock.bracket import Reading
from sniper.clock.clock import Clock
from sniper.core.availability import Listed
from sniper.core.retry_after import pause_after
from sniper.errors import EnvironmentProblem
from sniper.sites.answers import MisreadError
from sniper.sites.availability import (
    Asked,
    Availability,
    listed,
    page_count,
    question,
    questions,
)
from sniper.sites.profile import Profile
from sniper.unanswered import why_unanswered
from sniper.watch.site_time import reading_of

_NOT_MODIFIED = 304
_MAY_PASS = frozenset({408, 425, 429})
"""Of the answers that refuse, those that are about this moment."""
_SERVER_ERROR = 500


class NotReadError(EnvironmentProblem):
    """The site's list could not be read.

    Attributes:
        pause: How long the site asks to be left alone; None where it does not.
        is_lasting: It will not be otherwise the next time: the profile is wrong, or we are not wanted.
    """

    def __init__(
        self,
        message: str,
        *,
        mend: str | None = None,
        pause: timedelta | None = None,
        is_lasting: bool = False,
    ) -> None:
        super().__init__(message, mend=mend)
        self.pause = pause
        self.is_lasting = is_lasting


@dataclass(frozen=True, slots=True)
class Lists:
    """What a site's lists show.

    Attributes:
        sent: When the first page was asked for, on our clock.
        received: When the last one was there.
        readings: Of the site's clock, in the order of the answers.
        requests: How many it took.
        unchanged: The site said that nothing has changed since the last time.
        is_cut: There are more pages than the profile wants read.
    """

    entries: tuple[Listed, ...]
    sent: datetime
    received: datetime
    readings: tuple[Reading, ...]
    requests: int
    unchanged: bool
    is_cut: bool


@dataclass(frozen=True, slots=True)
class _Page:
    entries: tuple[Listed, ...]
    count: int
    validators: Mapping[str, str]


@dataclass
class _Reading:
    """One reading while it goes on."""

    sent: datetime
    entries: list[Listed] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    requests: int = 0
    changed: bool = False
    is_cut: bool = False


class Reader:
    """Asks one site. What it has read it keeps, for when the site says that nothing has changed."""

    def __init__(self, client: httpx.AsyncClient, profile: Profile, how: Availability, clock: Clock) -> None:
        """Nothing is asked yet.

        Args:
            client: Asks.
            profile: The site.
            how: Its part about what is free.
            clock: This machine's.
        """
        self._client = client
        self._profile = profile
        self._how = how
        self._clock = clock
        self._apart = timedelta(seconds=1 / profile.budget.requests_per_second)
        self._next_at: datetime | None = None
        self._known: dict[tuple[str, tuple[tuple[str, str], ...]], _Page] = {}

    def lists(self, locations: Collection[str]) -> tuple[str | None, ...]:
        """Which lists tell of these locations: one of all, or one each."""
        return tuple(locations) if self._how.request.per_location else (None,)

    async def read(self, day: date, locations: Collection[str]) -> Lists:
        """Read the lists of a day.

        Raises:
            NotReadError: The site does not answer, refuses, or answers something else.
        """
        going = _Reading(self._clock.now())
        for first in questions(self._profile, self._how, day, tuple(locations)):
            await self._read_list(going, first, day)
        return Lists(
            tuple(going.entries),
            going.sent,
            self._clock.now(),
            tuple(going.readings),
            going.requests,
            unchanged=not going.changed,
            is_cut=going.is_cut,
        )

    async def _read_list(self, going: _Reading, first: Asked, day: date) -> None:
        page = await self._page(going, first)
        if self._how.pages is None:
            return
        begin, at_most = self._how.pages.first, self._how.pages.at_most
        going.is_cut |= page.count > at_most
        for number in range(begin + 1, begin + min(page.count, at_most)):
            await self._page(going, question(self._profile, self._how, day, first.location, number))

    async def _page(self, going: _Reading, asked: Asked) -> _Page:
        """One page: what the site answers or, where it has not changed, what it answered the last time.

        Raises:
            NotReadError: It could not be had.
        """
        await self._pace()
        key = (asked.url, asked.query)
        known = self._known.get(key)
        sent = self._clock.now()
        response = await self._asked(asked, known.validators if known else {})
        received = self._clock.now()
        going.requests += 1
        headers = response.headers
        if told := reading_of(headers.get("Date"), headers.get("Age"), sent, received):
            going.readings.append(told)
        if response.status_code == _NOT_MODIFIED and known is not None:
            going.entries += known.entries
            return known
        nothing = self._how.none_free
        is_empty = nothing is not None and nothing.fits(response.status_code, response.text)
        if response.status_code != httpx.codes.OK and not is_empty:
            raise self._refused(asked, response, told.date if told else received)
        try:
            body: Any = None if is_empty else response.json()
            page = _Page(
                () if is_empty else tuple(listed(self._profile, self._how, body, asked.location)),
                1 if is_empty else page_count(self._how, body),
                _validators(response),
            )
        except ValueError as error:
            why = str(error) if isinstance(error, MisreadError) else "it is no JSON"
            raise NotReadError(
                f"the list at {_place(asked)} is not what the profile {self._profile.name} says: {why}",
                mend="Mend `availability` in its profile: the site may have changed.",
                is_lasting=True,
            ) from None
        going.changed = True
        going.entries += page.entries
        self._known[key] = page
        return page

    async def _asked(self, asked: Asked, validators: Mapping[str, str]) -> httpx.Response:
        try:
            return await self._client.get(
                asked.url, params=list(asked.query), headers={**asked.headers, **validators}
            )
        except (httpx.HTTPError, httpx.InvalidURL, OverflowError, UnicodeError) as error:
            raise NotReadError(
                f"{_place(asked)} does not answer: {why_unanswered(error)}",
                mend="Check the network and the profile's `availability.request.url`.",
            ) from error

    def _refused(self, asked: Asked, response: httpx.Response, now: datetime) -> NotReadError:
        status = response.status_code
        passes = status in _MAY_PASS or status >= _SERVER_ERROR
        mend = (
            "Look at it in a browser: it may have moved, want a sign-in, or not want programs to ask. "
            "`availability` in the profile says what is asked."
        )
        return NotReadError(
            f"{_place(asked)} answers {status}",
            mend=None if passes else mend,
            pause=pause_after(status, response.headers.get("Retry-After"), now),
            is_lasting=not passes,
        )

    async def _pace(self) -> None:
        """Not sooner after the request before than the profile's budget allows."""
        if self._next_at is not None and self._next_at > self._clock.now():
            # A clock that was set back meanwhile must not hold this up.
            await self._clock.sleep_until(min(self._next_at, self._clock.now() + self._apart))
        self._next_at = self._clock.now() + self._apart


def _validators(response: httpx.Response) -> dict[str, str]:
    """The headers by which the site can be asked whether anything has changed since."""
    found = {"If-None-Match": "ETag", "If-Modified-Since": "Last-Modified"}
    return {ask: response.headers[told] for ask, told in found.items() if told in response.headers}


def _place(asked: Asked) -> str:
    parts = urlsplit(asked.url)
    return f"{parts.scheme}://{parts.netloc}{parts.path}"
