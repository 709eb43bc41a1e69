"""Accounts that the site wants to be left alone by for a while, since it was asked too often."""

from __future__ import annotations

from datetime import datetime, timedelta

from sniper.clock.site import SiteClock


class LeftAlone:
    """Until when each account asks the site for nothing."""

    def __init__(self, clock: SiteClock) -> None:
        self._clock = clock
        self._until: dict[str, datetime] = {}

    def note(self, account: str, until: datetime) -> None:
        """The site asks for it; of several, the latest counts."""
        self._until[account] = max(until, self._until.get(account, until))

    def until(self, account: str) -> datetime | None:
        """The instant from which it may be asked again; None where it may be now."""
        until = self._until.get(account)
        return until if until is not None and self._clock.now() < until else None

    def was(self, account: str) -> bool:
        """Has the site asked for it in this run?"""
        return account in self._until

    async def over(self, account: str, within: timedelta) -> bool:
        """Wait until it may be asked again; False at once where that takes longer than this."""
        until = self.until(account)
        if until is None:
            return True
        if until - self._clock.now() > within:
            return False
        await self._clock.sleep_until(until)
        return True
