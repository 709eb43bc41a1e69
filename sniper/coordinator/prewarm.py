"""Before the opening: every account signed in, every page of the wave parked."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from sniper.coordinator.context import Context
from sniper.core.plan import Attempt, Role, Wave
from sniper.engine.protocol import ArmError, Credentials, ReadBackError, SignInError, SignInRefusedError
from sniper.events import Activity

_SIGN_IN_TRIES = 3
_BETWEEN_SIGN_INS = timedelta(seconds=2)
_PARKED_BEFORE = timedelta(seconds=1)
_PARK_AT_LEAST = timedelta(seconds=20)
_WORTH_ANOTHER_TRY = timedelta(seconds=8)


class Prewarm:
    """Signs in and parks. Trouble of one account is its own."""

    def __init__(self, context: Context) -> None:
        self._run = context
        self._credentials = {c.account: c for c in context.task.crew}
        self._parked: dict[str, Attempt] = {}

    async def sign_in_all(self) -> None:
        """All accounts at once, in contexts of their own."""
        await asyncio.gather(*(self._sign_in(credentials) for credentials in self._credentials.values()))

    async def park(self, wave: Wave) -> tuple[list[Attempt], bool]:
        """Park the pages of a wave, by a second before the opening.

        Returns:
            The attempts that are parked, in their order, and whether there is reason and time to plan anew
            with other accounts, because a leading one could not be parked.
        """
        until = max(wave.opens_at - _PARKED_BEFORE, self._run.clock.now() + _WORTH_ANOTHER_TRY)
        if wave.opens_at <= self._run.clock.now():
            until = self._run.clock.now() + _PARK_AT_LEAST
        await asyncio.gather(*(self._park(attempt, until) for attempt in wave.attempts))
        parked = [a for a in wave.attempts if self._parked.get(a.account) == a]
        lost_a_lead = any(a.role is Role.LEAD for a in wave.attempts if a not in parked)
        return parked, lost_a_lead and self._left(wave.opens_at) > _WORTH_ANOTHER_TRY

    def unpark(self) -> None:
        """The pages have fired: none is where it was."""
        self._parked.clear()

    async def _sign_in(self, credentials: Credentials) -> None:
        """Sign in and read what is held; a refusal is final, anything else is tried again."""
        account = credentials.account
        for remaining in reversed(range(_SIGN_IN_TRIES)):
            self._run.does(account, Activity.SIGNING_IN)
            try:
                await self._run.engine.sign_in(credentials)
                held = await self._run.engine.my_bookings(account)
            except (SignInError, ReadBackError) as error:
                if isinstance(error, SignInRefusedError) or not remaining:
                    self._run.drop(account, error.explain())
                    return
            except Exception as error:  # noqa: BLE001 - one account's bug is not the others' end
                self._run.drop(account, self._run.bug(account, "the sign-in", error))
                return
            else:
                self._run.known.found(account, held)
                self._run.does(account, Activity.READY, f"holds {len(held)} already" if held else "")
                return
            await self._run.pause(_BETWEEN_SIGN_INS)

    async def _park(self, attempt: Attempt, until: datetime) -> None:
        account = attempt.account
        if self._parked.get(account) == attempt:
            return
        self._parked.pop(account, None)
        self._run.does(account, Activity.ARMING, str(attempt.target))
        try:
            await self._run.by(until, self._park_or_sign_in_again(attempt, until))
        except (ArmError, SignInError, TimeoutError) as error:
            why = str(error) or f"{account}: not parked in time"
        except Exception as error:  # noqa: BLE001 - one account's bug is not the others' end
            why = self._run.bug(account, "parking", error)
        else:
            self._parked[account] = attempt
            self._run.does(account, Activity.ARMED, " → ".join(slot.place for slot in attempt.chain))
            return
        self._run.known.refuse(account, attempt.chain)
        self._run.problem(f"the page could not be parked: {why}")
        self._run.does(account, Activity.READY, "could not be parked")

    async def _park_or_sign_in_again(self, attempt: Attempt, until: datetime) -> None:
        """A page that cannot be parked may be signed out, or gone: then a fresh one may do."""
        try:
            await self._run.engine.arm(attempt)
        except ArmError:
            if self._left(until) < _WORTH_ANOTHER_TRY:
                raise
            self._run.does(attempt.account, Activity.SIGNING_IN, "once more")
            await self._run.engine.sign_in(self._credentials[attempt.account])
            await self._run.engine.arm(attempt)

    def _left(self, until: datetime) -> timedelta:
        return until - self._run.clock.now()
