"""A page that waits is empty: it asks the site for nothing then, and takes no processor's time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from playwright.async_api import Error as PlaywrightError

from sniper.engine.browser.account_page import AccountPage

NOTHING = "about:blank"
_GOES_WITHIN = 1000.0
"""Milliseconds: a page that hangs is left where it is."""


class Rest:
    """When a page rests: some time after it has done what it had to, where the profile says that it may.

    Not where somebody looks at it. What has gone wrong is to be seen: such a page stays as it is.
    """

    SETTLED_AFTER = 3.0
    """Seconds: apps go on writing down their session for a while after they show that one is signed in."""

    def __init__(self, page: AccountPage, before: Callable[[], Awaitable[None]]) -> None:
        """It is at work; `before` is done while it is still there."""
        how = page.profile.signed_in
        self._before = before
        self._page = page.page
        self._is_wanted = how is not None and how.rests and not page.watched
        self._alarm: asyncio.TimerHandle | None = None
        self._going: asyncio.Task[None] | None = None

    def soon(self) -> None:
        """There is nothing to do any more."""
        if self._is_wanted:
            self._alarm = asyncio.get_running_loop().call_later(self.SETTLED_AFTER, self._begin)

    async def over(self) -> None:
        """There is something to do: from now on nobody leads the page away."""
        if self._alarm:
            self._alarm.cancel()
        if self._going:
            await asyncio.wait([self._going])
        self._alarm = self._going = None

    def _begin(self) -> None:
        self._going = asyncio.create_task(self._go())

    async def _go(self) -> None:
        with suppress(PlaywrightError, TimeoutError):
            await self._before()
            await self._page.goto(NOTHING, wait_until="commit", timeout=_GOES_WITHIN)


class _Resting(Protocol):
    rest: Rest


Who = TypeVar("Who", bound=_Resting)
What = ParamSpec("What")
Found = TypeVar("Found")


def errand(
    work: Callable[Concatenate[Who, What], Awaitable[Found]],
) -> Callable[Concatenate[Who, What], Coroutine[Any, Any, Found]]:
    """A method that has the page do something and leaves it with nothing to do, unless that goes wrong."""

    @wraps(work)
    async def done(who: Who, /, *args: What.args, **named: What.kwargs) -> Found:
        await who.rest.over()
        found = await work(who, *args, **named)
        who.rest.soon()
        return found

    return done
