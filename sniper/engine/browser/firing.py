"""The two ways to fire: from inside the page, or by Playwright's hand."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from sniper.core.plan import Attempt
from sniper.core.slots import Slot
from sniper.core.tries import AttemptResult
from sniper.engine.browser.account_page import AccountPage
from sniper.engine.protocol import Order


class Mode(StrEnum):
    """Who presses at the opening."""

    ARMED = "armed"
    DRIVER = "driver"


class Firing(Protocol):
    """One account's way to fire."""

    def parked_anew(self) -> None:
        """What the page has practised before does not count any more."""
        ...

    async def rehearse(self, page: AccountPage, slot: Slot) -> None:
        """Let a parked page practise, where that makes it quicker; it is parked afterwards all the same.

        Raises:
            PlaywrightError: The page is gone.
        """
        ...

    async def fire(self, page: AccountPage, attempt: Attempt, order: Order, *, filled: bool) -> AttemptResult:
        """Wait for the opening, then go through the chain. Never raises for what the page does.

        Args:
            page: Parked.
            attempt: What to fire at.
            order: When and how.
            filled: The first slot's dialog is filled in already.
        """
        ...
