"""What keeps the course of the accounts' pages, if somebody wants it kept."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from playwright.async_api import BrowserContext, Page

from sniper.core.tries import AttemptResult


class Recording(Protocol):
    """Of one context. No method raises for what the page does: a recording is not worth a booking."""

    def know(self, secrets: Iterable[str]) -> None:
        """These must not be found in it."""
        ...

    def know_state(self, state: str) -> None:
        """What keeps the account signed in may tell who that is."""
        ...

    def know_person(self, details: Iterable[str]) -> None:
        """These are the person's own, and will be filled in."""
        ...

    async def step(
        self, page: Page, name: str, result: AttemptResult | None = None, *, hurry: bool = False
    ) -> None:
        """Something was done, which shows: a picture of the page, and the document.

        Args:
            page: As it is now.
            name: What was done: `signed-in`, `parked` and so on.
            result: What came of firing.
            hurry: An opening is near: what cannot be had at once is left.
        """
        ...

    async def rest(self) -> None:
        """An opening is near: from now on only what costs next to nothing is noted, as requests are."""
        ...

    async def go_on(self) -> None:
        """There is time again."""
        ...

    async def end(self) -> None:
        """The context is about to be closed."""
        ...


class Recorder(Protocol):
    """Of a whole run."""

    @property
    def draws(self) -> bool:
        """Whether pages have to be drawn all the time, to be filmed."""
        ...

    def options(self, account: str) -> dict[str, Any]:
        """Keyword arguments for the context of an account."""
        ...

    async def begin(self, context: BrowserContext, account: str) -> Recording:
        """Record a context that has no page yet."""
        ...


class NotRecorded:
    """A `Recorder`, and a `Recording`, of nothing."""

    draws = False

    def options(self, account: str) -> dict[str, Any]:  # noqa: ARG002
        """None."""
        return {}

    async def begin(self, context: BrowserContext, account: str) -> Recording:  # noqa: ARG002
        """Nothing is begun."""
        return self

    def know(self, secrets: Iterable[str]) -> None:
        """There is nothing to find."""

    def know_state(self, state: str) -> None:
        """There is nothing to find."""

    def know_person(self, details: Iterable[str]) -> None:
        """There is nothing to find."""

    async def step(
        self, page: Page, name: str, result: AttemptResult | None = None, *, hurry: bool = False
    ) -> None:
        """Not kept."""

    async def rest(self) -> None:
        """Nothing was begun."""

    async def go_on(self) -> None:
        """Nothing was begun."""

    async def end(self) -> None:
        """Nothing was begun."""
