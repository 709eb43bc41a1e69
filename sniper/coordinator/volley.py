"""The opening itself: the attempts of a wave, fired at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import timedelta

from sniper.coordinator.context import Context
from sniper.coordinator.prewarm import Prewarm
from sniper.coordinator.standing_by import StandingBy
from sniper.core.budget import presses_left
from sniper.core.lead import Aim
from sniper.core.outcomes import Outcome
from sniper.core.plan import Attempt, LocationHour, Role
from sniper.core.tries import AttemptResult, Try
from sniper.engine.protocol import Order, StandDown
from sniper.errors import SniperError
from sniper.events import Tried
from sniper.logs import from_now_on_about

_REPAIRS = 2


class Volley:
    """Fires one wave. Who is after what a win has made needless stands down, or goes on to what is not."""

    def __init__(
        self,
        context: Context,
        prewarm: Prewarm,
        standing_by: StandingBy,
        aim: Aim,
        write_down: Callable[[Attempt], None],
        beside: Collection[tuple[LocationHour, LocationHour]] = (),
    ) -> None:
        """Nothing is fired yet.

        Args:
            context: Of the run.
            prewarm: Has parked the pages.
            standing_by: Who takes over from those that fail.
            aim: When to fire.
            write_down: Called with what somebody who stood by is about to fire, before it does.
            beside: Of the wave.
        """
        self._run = context
        self._prewarm = prewarm
        self._standing_by = standing_by
        self._aim = aim
        self._write_down = write_down
        self._stand_down = StandDown(beside)
        self.results: dict[Attempt, AttemptResult] = {}
        """One for each attempt that may have pressed, without tries where the end was not seen."""

    async def fire(self, attempts: Sequence[Attempt], broken: Collection[Attempt]) -> None:
        """Fire, into `results`. Who is among the broken ones fires if its page can be repaired in time.

        Nobody waits for those that are not parked yet: they join as soon as they are.
        """
        line = sorted(attempts, key=lambda attempt: attempt.role is not Role.LEAD)
        ranks = {attempt: rank for rank, attempt in enumerate(line)}
        ready = (a for a in attempts if a not in broken and self._prewarm.is_parked(a.account))
        self.results = {attempt: AttemptResult(attempt, ()) for attempt in ready}
        await asyncio.gather(*(self._fire_or_replace(a, ranks[a], a in broken) for a in attempts))

    async def _fire_or_replace(self, attempt: Attempt, rank: int, is_broken: bool) -> None:
        """Fire it. If its page does not get as far as the opening, somebody who stands by fires instead."""
        following: Attempt | None = attempt
        while following and not await self._fire(following, rank, is_broken):
            following, is_broken = self._standing_by.take_over(following, self._aim.opens_at), False
            if following and not self._is_written_down(following):
                return

    async def _fire(self, attempt: Attempt, rank: int, is_broken: bool) -> bool:
        """Whether its page was there at the opening."""
        from_now_on_about(account=attempt.account)
        opens_at = self._aim.opens_at
        prewarm = self._prewarm
        get_there = prewarm.repair if is_broken else prewarm.joins
        if not await get_there(attempt, opens_at):
            return False
        presses = self._presses_left(attempt)
        order = Order(self._aim.at, self._stand_down, rank, self._run.task.press, presses=presses)
        result = await self._fired(attempt, order)
        for _ in range(_REPAIRS):
            # A page that failed before the opening has not pressed anything: another may still be in time.
            if not self._failed_early(result, order) or not await prewarm.repair(attempt, opens_at):
                break
            result = await self._fired(attempt, order)
        failed_early = self._failed_early(result, order)
        self._keep(result)
        for one in result.tries:
            self._run.tell(Tried(attempt.account, one))
        return not failed_early

    def _failed_early(self, result: AttemptResult, order: Order) -> bool:
        failed = result.last is not None and result.last.outcome is Outcome.FAILED
        return failed and self._run.clock.now() < order.at

    def _is_written_down(self, attempt: Attempt) -> bool:
        """Nobody fires what is not in the store."""
        try:
            self._write_down(attempt)
        except SniperError as error:
            self._run.problem(f"{attempt.account} stood by and could not take over: {error.explain()}")
            return False
        return True

    def _presses_left(self, attempt: Attempt) -> int:
        """What earlier waves at the same opening have left of the account's budget."""
        task, known = self._run.task, self._run.situation()
        budget = task.profile.budget.attempts_per_opening
        return presses_left(task.goal, known, attempt.account, attempt.target, budget)

    async def _fired(self, attempt: Attempt, order: Order) -> AttemptResult:
        self.results.setdefault(attempt, AttemptResult(attempt, ()))
        self._run.known.fire(attempt.account, attempt.chain)
        order.noted.clear()
        try:
            return await self._run.engine.fire(attempt, order)
        except asyncio.CancelledError:
            self._keep(AttemptResult(attempt, (), tuple(order.noted)))
            raise
        except Exception as error:  # noqa: BLE001 - one account's bug is not the others' end
            said = self._run.bug(attempt.account, "firing", error)
            failed = Try(attempt.target, Outcome.FAILED, self._run.clock.now(), timedelta(0), said)
            return AttemptResult(attempt, (failed,), tuple(order.noted))

    def _keep(self, result: AttemptResult) -> None:
        begin = self._standing_by.course_of(result.attempt)
        self.results[result.attempt] = replace(result, timeline=(*begin, *result.timeline))
