"""Accounts that stand by: parked, told nothing, and fired in place of those that fail before the opening."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sniper.coordinator.context import Context
from sniper.coordinator.prewarm import LAST_LOOK_AHEAD, Prewarm
from sniper.core.plan import Attempt
from sniper.core.standby import Standby, successor
from sniper.core.tries import Mark, Moment
from sniper.events import Activity, TookOver

STAND_BY_AT_LEAST = LAST_LOOK_AHEAD + timedelta(seconds=4)
"""Before the opening; later than that no other page is parked."""


class StandingBy:
    """Those of one wave. Nobody of them fires as long as nobody fails."""

    def __init__(self, context: Context, prewarm: Prewarm, planned: Sequence[Standby]) -> None:
        self._run = context
        self._prewarm = prewarm
        self._waiting = list(planned)
        self._took_over: dict[Attempt, Moment] = {}

    @property
    def attempts(self) -> list[Attempt]:
        """What those who still stand by would fire at."""
        return [one.attempt for one in self._waiting]

    async def parked(self, opens_at: datetime) -> None:
        """Wait until their pages are parked, no longer than to the last look; the others stand by no more."""
        await self._prewarm.give_time(self.attempts, opens_at - LAST_LOOK_AHEAD)
        self._waiting = [one for one in self._waiting if self._prewarm.is_parked(one.attempt.account)]
        for one in self._waiting:
            detail = f"for {one.instead_of.account}: {' → '.join(slot.place for slot in one.attempt.chain)}"
            self._run.does(one.attempt.account, Activity.STANDING_BY, detail)

    def without(self, broken: Collection[Attempt]) -> None:
        """The pages of these are where they were no more."""
        self._waiting = [one for one in self._waiting if one.attempt not in broken]

    def take_over(self, failed: Attempt, opens_at: datetime) -> Attempt | None:
        """Who fires in place of an attempt that failed; nobody, once the opening has come."""
        able = self._run.situation().accounts
        waiting = [one for one in self._waiting if one.attempt.account in able]
        now = self._run.clock.now()
        if now >= opens_at or (one := successor(failed, waiting)) is None:
            return None
        self._waiting.remove(one)
        self._took_over[one.attempt] = Moment(now, Mark.TOOK_OVER, one.attempt.target, failed.account)
        self._run.tell(TookOver(one.attempt, failed.account))
        return one.attempt

    def course_of(self, attempt: Attempt) -> tuple[Moment, ...]:
        """How it came to fire: when its page was parked, and when it took over, if it did."""
        took_over = self._took_over.get(attempt)
        return (self._prewarm.parking_of(attempt), *([took_over] if took_over else []))

    def dismiss(self) -> None:
        """The wave has fired: who has not been needed does nothing any more."""
        for attempt in self.attempts:
            self._run.does(attempt.account, Activity.READY, "was not needed")
        self._waiting.clear()
