"""A page's clock, read against the site's."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page

from sniper.clock.clock import Clock
from sniper.engine.browser.compile import epoch_milliseconds
from sniper.engine.browser.devtools import devtools, metric
from sniper.engine.browser.inpage import HANDLE

_READINGS = 20
# To so much a page is told the time, rounded down or up (https://www.w3.org/TR/hr-time-3/#dfn-coarsen-time;
# Chromium's TimeClamper does either).
_GRAIN = timedelta(microseconds=100)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# So much each of two readings may have drifted: this machine's clock is slewed by those that set it.
_DRIFT = timedelta(microseconds=500)
# Reading two clocks of this process one after the other: as often, so that one time nothing comes between.
_LOOKS = 5


@dataclass(frozen=True, slots=True)
class Reading:
    """What a page called the time, asked and answered between two instants of the site's clock."""

    asked: datetime
    page: datetime
    answered: datetime

    @property
    def latest(self) -> timedelta:
        """The most by which the page's clock can be ahead."""
        return self.page + _GRAIN - self.asked

    @property
    def earliest(self) -> timedelta:
        """The least."""
        return self.page - _GRAIN - self.answered

    @property
    def width(self) -> timedelta:
        """How far the two are apart."""
        return self.latest - self.earliest


@dataclass(frozen=True, slots=True)
class PageClock:
    """The page's clock against the site's.

    Attributes:
        ahead: The page's time minus the site's.
        bound: The most by which `ahead` may be wrong.
        in_doubt: The site's own was in doubt when it was read.
    """

    ahead: timedelta
    bound: timedelta
    in_doubt: bool = False

    @classmethod
    def by(
        cls, readings: Iterable[Reading], *, told: timedelta | None = None, in_doubt: bool = False
    ) -> Self:
        """What all readings allow; where they contradict one another, for a clock was set, the quickest one.

        An answer comes after the question, so each reading has the truth between two bounds. They overlap by
        less than the quickest is wide where one was slow there and another one back.

        Args:
            readings: At least one.
            told: What the page is ahead by as its browser tells it: to two grains, if the readings allow it.
            in_doubt: The site's clock was.
        """
        found = list(readings)
        low, high = max(one.earliest for one in found), min(one.latest for one in found)
        if low > high:
            quickest = min(found, key=lambda one: one.width)
            low, high = quickest.earliest, quickest.latest
        if told is not None and low <= told <= high:
            low, high = max(low, told - 2 * _GRAIN), min(high, told + 2 * _GRAIN)
        half = (high - low) / 2
        return cls(low + half, half, in_doubt)

    def or_better(self, later: PageClock) -> PageClock:
        """The later reading, unless this machine's clock was set in between: the page's goes on as before.

        Neither clock can be wrong by more than its bound, or what it has drifted, so what differs by more is
        another site's clock.
        """
        if later.in_doubt:
            return self
        agree = abs(later.ahead - self.ahead) <= max(later.bound, _DRIFT) + max(self.bound, _DRIFT)
        return later if agree or self.in_doubt else self

    def page_time(self, moment: datetime) -> float:
        """An instant of the site's clock, in the page's milliseconds."""
        return epoch_milliseconds(moment + self.ahead)

    def site_time(self, milliseconds: float) -> datetime:
        """What the page calls so many milliseconds, on the site's clock."""
        return _EPOCH + timedelta(milliseconds=milliseconds) - self.ahead


async def calibrate(page: Page, clock: Clock) -> PageClock:
    """Ask the page for its time, often."""
    readings = []
    for _ in range(_READINGS):
        asked = clock.now()
        told = await page.evaluate(f"{HANDLE}.now()")
        readings.append(Reading(asked, _EPOCH + timedelta(milliseconds=told), clock.now()))
    return PageClock.by(readings, told=await _told(page, clock), in_doubt=clock.in_doubt)


async def _told(page: Page, clock: Clock) -> timedelta | None:
    """How far ahead the page's clock is, by when it began; None where nobody can tell.

    On Linux Chromium and this process count by one and the same clock (CLOCK_MONOTONIC), so no way there and
    back is in between.
    """
    if sys.platform != "linux":
        return None
    try:
        async with devtools(page) as session:
            await session.send("Performance.enable", {"timeDomain": "timeTicks"})
            began = await metric(session, "NavigationStart")
            origin = await page.evaluate("performance.timeOrigin")
    except (PlaywrightError, TimeoutError):
        return None
    if not began:
        return None
    before, now, after = min(
        ((time.monotonic(), clock.now(), time.monotonic()) for _ in range(_LOOKS)),
        key=lambda look: look[2] - look[0],
    )
    since = timedelta(seconds=(before + after) / 2 - began)
    return _EPOCH + timedelta(milliseconds=origin) + since - now
