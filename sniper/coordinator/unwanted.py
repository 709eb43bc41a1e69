"""At the end of a run that missed its goal: the hours that nobody wants are given back, if that is wanted."""

from __future__ import annotations

from sniper.coordinator.context import Context
from sniper.coordinator.settlement import Settlement
from sniper.coordinator.task import Ask
from sniper.core.plan import Held
from sniper.core.unwanted import GiveBack, unwanted
from sniper.events import Noted


class Unwanted:
    """Gives back, keeps, or asks first, as the task says."""

    def __init__(self, context: Context, settlement: Settlement, ask: Ask | None) -> None:
        """`ask` is None where nobody is there to be asked."""
        self._run = context
        self._settlement = settlement
        self._ask = ask

    async def settle(self) -> None:
        """One booking after the other. Nobody is asked where the profile does not say how to cancel."""
        for booking in unwanted(self._run.task.goal, self._run.situation()):
            if await self._is_to_go(booking):
                await self._settlement.give_back([booking])

    async def _is_to_go(self, booking: Held) -> bool:
        task = self._run.task
        what = f"{booking.slot} of {booking.account}"
        can_cancel = task.profile.cancel is not None
        if can_cancel and task.give_back is GiveBack.ALWAYS:
            return True
        if task.give_back is GiveBack.NEVER:
            self._run.tell(Noted(f"{what} is kept, though the goal is missed"))
            return False
        answer = await self._ask(f"Give back {what}?") if can_cancel and self._ask else None
        if answer is None:
            self._ask = None  # Nobody is there.
            how = "by hand"
            if can_cancel:
                how = f"with: sniper bookings give-back {booking.reference} {task.named}"
            held = "may be held" if booking in self._settlement.unproven else "is still held"
            self._run.problem(f"{what} is of no use without the rest and {held}. Give it back {how}")
        return bool(answer)
