"""Everybody signed in, from before the first opening to the last."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from sniper.coordinator.context import Context
from sniper.core.plan import Held
from sniper.engine.protocol import (
    AccountStoppedError,
    Credentials,
    ReadBackError,
    SignedOutError,
    SignIn,
    SignInError,
)
from sniper.errors import SniperError
from sniper.events import Activity, Noted
from sniper.logs import from_now_on_about
from sniper.preflight.accounts import Entered

_BETWEEN_TRIES = (timedelta(seconds=2), timedelta(seconds=6))
_FAILURES_ENOUGH = 5
"""An account whose sign-in fails so often in a row is left alone."""
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
        how = context.task.profile.signed_in
        self._every = how.check_every if how else None
        self._not_before: dict[str, datetime] = {}
        self._failed_looks = Counter[str]()
        self._failed_sign_ins = Counter[str]()
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def sign_in_all(self, until: datetime) -> None:
        """All accounts at once, in contexts of their own. After `until` nobody waits for one that hangs."""
        await asyncio.gather(*(self._sign_in_by(until, one) for one in self._credentials.values()))

    async def enter_all(self) -> list[Entered]:
        """All accounts signed in and read long before the opening: who is not let in is tried again later.

        Only who is stopped by the site is out.
        """
        return await asyncio.gather(*(self._enter(one) for one in self._credentials.values()))

    async def once_more(self, account: str) -> None:
        """Sign in an account that was signed in before.

        Raises:
            AccountStoppedError: Nobody may try again.
            SignInError: It did not work.
        """
        if held_back := self._run.held_back(account):
            raise SignInError(held_back)
        self._run.does(account, Activity.SIGNING_IN, "once more")
        try:
            await self._run.engine.sign_in(self._credentials[account])
        except AccountStoppedError:
            raise
        except SignInError as error:
            if error.pause:
                self._run.heed(account, self._run.clock.now() + error.pause)
                raise
            self._failed_sign_ins[account] += 1
            if self._failed_sign_ins[account] < _FAILURES_ENOUGH:
                raise
            said = f"{account}: {_FAILURES_ENOUGH} sign-ins in a row did not work. The last: {error}"
            raise AccountStoppedError(said, mend=error.mend) from None
        self._failed_sign_ins.pop(account, None)
        self._run.saw_signed_in(account)

    @asynccontextmanager
    async def kept_alive(self, until: datetime) -> AsyncIterator[None]:
        """Within the block, which ends at `until`, look at every account as often as the profile says."""
        watch = asyncio.create_task(self._watch(until))
        try:
            yield
        finally:
            self._run.let_go(watch)

    def not_seen_since(self, moment: datetime) -> list[str]:
        """The accounts that nobody has seen signed in since then; none where nobody signs in."""
        if self._every is None:
            return []
        seen = self._run.seen_signed_in
        return [a for a in self._run.situation().accounts if a in seen and seen[a] < moment]

    async def look_at(self, accounts: Iterable[str]) -> None:
        """Ask the site whether these are still signed in, and sign in again who is not."""
        await asyncio.gather(*(self._look_at(account) for account in accounts))

    async def _enter(self, credentials: Credentials) -> Entered:
        account = credentials.account
        from_now_on_about(account=account)
        if why := self._run.out.get(account):
            return _not_entered(account, why)
        if why := self._run.held_back(account):
            return _not_entered(account, why)
        async with self._places:
            try:
                how = await self._let_in(credentials)
                held = await self._run.bookings_of(account)
            except AccountStoppedError as error:
                self._run.drop(account, error.explain())
                return Entered(account, None, why=error)
            except (SignInError, ReadBackError) as error:
                if error.pause:
                    self._run.heed(account, self._run.clock.now() + error.pause)
                self._run.does(account, Activity.WAITING, "is tried again later")
                return Entered(account, None, why=error)
            except Exception as error:  # noqa: BLE001 - one account's bug is not the others' end
                return _not_entered(account, self._run.bug(account, "the sign-in", error))
        self._take_in(account, how, held)
        return Entered(account, how, held)

    async def _let_in(self, credentials: Credentials) -> SignIn:
        """Have it signed in; who was before is only looked at."""
        account = credentials.account
        if account not in self._run.seen_signed_in:
            self._run.does(account, Activity.SIGNING_IN)
            return await self._run.engine.sign_in(credentials)
        self._run.does(account, Activity.CHECKING)
        if await self._is_in(account):
            return SignIn.NOBODY if self._every is None else SignIn.STILL
        await self.once_more(account)
        return SignIn.ANEW

    def _take_in(self, account: str, how: SignIn, held: tuple[Held, ...] | None) -> None:
        """It is signed in, and this is what it holds, where that is shown."""
        self._run.saw_signed_in(account)
        known = self._run.known
        if held is not None:
            (known.read if known.has_been_read(account) else known.found)(account, held)
        still = [how.value] if how is not SignIn.ANEW else []
        holds = [f"holds {len(held)} already"] if held else []
        self._run.does(account, Activity.READY, ", ".join(still + holds))

    async def _sign_in_by(self, until: datetime, credentials: Credentials) -> None:
        if credentials.account in self._run.seen_signed_in or credentials.account in self._run.out:
            return  # By a check, not long ago: shortly before parking it is looked at once more.
        try:
            await self._run.by(until, self._sign_in(credentials))
        except TimeoutError:
            account = credentials.account
            self._run.drop(account, self._run.held_back(account) or f"{account}: was not signed in in time")

    async def _sign_in(self, credentials: Credentials) -> None:
        """Sign in and read what is held; a refusal is final, anything else is tried again."""
        account = credentials.account
        from_now_on_about(account=account)
        for pause in (*_BETWEEN_TRIES, None):
            self._run.does(account, Activity.SIGNING_IN)
            try:
                how = await self._run.engine.sign_in(credentials)
                held = await self._run.bookings_of(account)
            except (SignInError, ReadBackError) as error:
                if isinstance(error, AccountStoppedError) or pause is None:
                    self._run.drop(account, error.explain())
                    return
                if error.pause:
                    self._run.heed(account, self._run.clock.now() + error.pause)
                    if account not in self._run.situation().accounts:
                        return
                await self._run.pause(max(pause, error.pause))
            except Exception as error:  # noqa: BLE001 - one account's bug is not the others' end
                self._run.drop(account, self._run.bug(account, "the sign-in", error))
                return
            else:
                self._take_in(account, how, held)
                return

    async def _watch(self, until: datetime) -> None:
        while due := self._due():
            moment = max(min(due.values()), self._run.clock.now())
            if moment > until - _QUIET:
                return
            await self._run.clock.sleep_until(moment)
            await self.look_at([account for account, at in due.items() if at <= self._run.clock.now()])

    def _due(self) -> dict[str, datetime]:
        """When each account that was signed in is to be looked at next; never where nobody signs in."""
        if self._every is None:
            return {}
        seen = self._run.seen_signed_in
        return {
            account: max(
                seen[account] + self._every,
                self._not_before.get(account, seen[account]),
                self._run.left_alone.until(account) or seen[account],
            )
            for account in self._run.situation().accounts
            if account in seen
        }

    async def _look_at(self, account: str) -> None:
        from_now_on_about(account=account)
        async with self._places:
            if self._run.left_alone.until(account):
                return
            self._run.does(account, Activity.CHECKING)
            try:
                if not await self._is_in(account):
                    await self.once_more(account)
                    self._failed_looks.pop(account, None)
                    self._run.does(account, Activity.READY, SignIn.ANEW.value)
            except AccountStoppedError as error:
                self._run.drop(account, error.explain())
            except SignInError as error:
                if error.pause:
                    self._run.heed(account, self._run.clock.now() + error.pause)
                self._later(account, str(error))
            except Exception as error:  # noqa: BLE001 - one account's bug is not the others' end
                self._later(account, self._run.bug(account, "looking whether it is signed in", error))

    async def _is_in(self, account: str) -> bool:
        try:
            await self._run.engine.stay_signed_in(account)
        except SignedOutError:
            return False
        self._failed_looks.pop(account, None)
        self._run.saw_signed_in(account)
        how = SignIn.NOBODY if self._every is None else SignIn.STILL
        self._run.does(account, Activity.READY, how.value)
        return True

    def _later(self, account: str, why: str) -> None:
        """It need not be lost yet: the site may be away for a moment, and parking tries as well.

        The pauses grow, each twice the one before, up to the time between two ordinary looks.
        """
        most = max(self._every or _AGAIN_AFTER, _AGAIN_AFTER)
        pause = min(_AGAIN_AFTER * 2 ** min(self._failed_looks[account], 10), most)
        self._failed_looks[account] += 1
        self._not_before[account] = self._run.clock.now() + pause
        self._run.tell(Noted(f"{why}; looked at again later"))
        self._run.does(account, Activity.READY, "not known whether still signed in")


def _not_entered(account: str, why: str) -> Entered:
    message, _, mend = why.partition("\n")
    return Entered(account, None, why=SniperError(message, mend=mend or None))
