"""Everybody signed in, from before the first opening to the last."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from sniper.coordinator.context import Context
from sniper.engine.protocol import (
    Credentials,
    ReadBackError,
    SignedOutError,
    SignIn,
    SignInError,
    SignInRefusedError,
)
from sniper.events import Activity, Noted

_TRIES = 3
_BETWEEN_TRIES = timedelta(seconds=2)
# Nobody is looked at so shortly before something else begins.
_QUIET = timedelta(seconds=30)
_AGAIN_AFTER = timedelta(minutes=1)
# Looking means loading pages; a site need not load them for everybody at the same time.
_AT_ONCE = 4


class SignIns:
    """Signs in, and looks now and then whether it lasted. Trouble of one account is its own."""

    def __init__(self, context: Context) -> None:
        self._run = context
        self._credentials = {c.account: c for c in context.task.crew}
        self._every = context.task.profile.signed_in.check_every
        self._not_before: dict[str, datetime] = {}
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def sign_in_all(self) -> None:
        """All accounts at once, in contexts of their own."""
        await asyncio.gather(*(self._sign_in(credentials) for credentials in self._credentials.values()))

    async def once_more(self, account: str) -> None:
        """Sign in an account that was signed in before.

        Raises:
            SignInError: It did not work.
        """
        self._run.does(account, Activity.SIGNING_IN, "once more")
        await self._run.engine.sign_in(self._credentials[account])
        self._run.saw_signed_in(account)

    @asynccontextmanager
    async def kept_alive(self, until: datetime) -> AsyncIterator[None]:
        """Within the block, which ends at `until`, look at every account as often as the profile says."""
        watch = asyncio.create_task(self._watch(until))
        try:
            yield
        finally:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)

    def not_seen_since(self, moment: datetime) -> list[str]:
        """The accounts that nobody has seen signed in since then."""
        seen = self._run.seen_signed_in
        return [a for a in self._run.situation().accounts if a in seen and seen[a] < moment]

    async def look_at(self, accounts: Iterable[str]) -> None:
        """Ask the site whether these are still signed in, and sign in again who is not."""
        await asyncio.gather(*(self._look_at(account) for account in accounts))

    async def _sign_in(self, credentials: Credentials) -> None:
        """Sign in and read what is held; a refusal is final, anything else is tried again."""
        account = credentials.account
        for remaining in reversed(range(_TRIES)):
            self._run.does(account, Activity.SIGNING_IN)
            try:
                how = await self._run.engine.sign_in(credentials)
                held = await self._run.engine.my_bookings(account)
            except (SignInError, ReadBackError) as error:
                if isinstance(error, SignInRefusedError) or not remaining:
                    self._run.drop(account, error.explain())
                    return
            except Exception as error:  # noqa: BLE001 - one account's bug is not the others' end
                self._run.drop(account, self._run.bug(account, "the sign-in", error))
                return
            else:
                self._run.saw_signed_in(account)
                self._run.known.found(account, held)
                still = [how.value] if how is SignIn.STILL else []
                holds = [f"holds {len(held)} already"] if held else []
                self._run.does(account, Activity.READY, ", ".join(still + holds))
                return
            await self._run.pause(_BETWEEN_TRIES)

    async def _watch(self, until: datetime) -> None:
        while due := self._due():
            moment = max(min(due.values()), self._run.clock.now())
            if moment > until - _QUIET:
                return
            await self._run.clock.sleep_until(moment)
            await self.look_at([account for account, at in due.items() if at <= self._run.clock.now()])

    def _due(self) -> dict[str, datetime]:
        """When each account that was signed in is to be looked at next."""
        seen = self._run.seen_signed_in
        return {
            account: max(seen[account] + self._every, self._not_before.get(account, seen[account]))
            for account in self._run.situation().accounts
            if account in seen
        }

    async def _look_at(self, account: str) -> None:
        async with self._places:
            self._run.does(account, Activity.CHECKING)
            try:
                if not await self._is_in(account):
                    await self.once_more(account)
                    self._run.does(account, Activity.READY, SignIn.ANEW.value)
            except SignInRefusedError as error:
                self._run.drop(account, error.explain())
            except SignInError as error:
                self._later(account, str(error))
            except Exception as error:  # noqa: BLE001 - one account's bug is not the others' end
                self._later(account, self._run.bug(account, "looking whether it is signed in", error))

    async def _is_in(self, account: str) -> bool:
        try:
            await self._run.engine.stay_signed_in(account)
        except SignedOutError:
            return False
        self._run.saw_signed_in(account)
        self._run.does(account, Activity.READY, SignIn.STILL.value)
        return True

    def _later(self, account: str, why: str) -> None:
        """It need not be lost yet: the site may be away for a moment, and parking tries as well."""
        self._not_before[account] = self._run.clock.now() + _AGAIN_AFTER
        self._run.tell(Noted(f"{why}; looked at again later"))
        self._run.does(account, Activity.READY, "not known whether still signed in")
