"""After the surplus is given back: does anybody else have what we have won?"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from sniper.coordinator.context import Context
from sniper.coordinator.settlement import Settlement
from sniper.core.doubles import needless
from sniper.core.outcomes import Proof
from sniper.core.plan import Held
from sniper.engine.protocol import AccountStoppedError, ReadBackError

_AGAIN_AFTER = timedelta(seconds=2)


class Doubles:
    """Looks at the owners of what this run has won, where the site shows them."""

    def __init__(self, context: Context, settlement: Settlement) -> None:
        self._run = context
        self._settlement = settlement
        self._looked_at: set[tuple[str, str]] = set()

    async def look(self) -> None:
        """At each booking once; what is doubled is read again after a moment, and told if it stays so.

        What is doubled, and ours for certain elsewhere by now, is given back.
        """
        await self._settlement.give_back(
            needless(
                self._run.task.goal, self._run.known.situation(self._run.clock.now()), self._run.known.doubled
            )
        )
        won = [one for one in self._won() if (one.account, one.reference) not in self._looked_at]
        self._looked_at |= {(one.account, one.reference) for one in won}
        await asyncio.gather(*(self._look_at(one) for one in won))

    async def look_again(self) -> None:
        """At the end: the site may have settled it by now."""
        await asyncio.gather(*(self._look_once_more(one) for one in self._run.known.doubled))

    def _won(self) -> list[Held]:
        if self._run.task.profile.slot_owners is None:
            return []
        held = self._run.known.situation(self._run.clock.now()).held
        return [one for one in held if one.by_us and self._run.task.goal.priority_of(one.slot)]

    async def _look_at(self, booking: Held) -> None:
        if not await self._is_doubled(booking):
            return
        await self._run.pause(_AGAIN_AFTER)
        if not await self._settlement.still_holds(booking):
            gone = "was given to others as well, and my bookings does not show it any more"
            self._run.problem(f"{booking.account}: {booking.slot} {gone}")
        elif await self._is_doubled(booking):
            self._run.known.note_doubled(booking, is_so=True)
            self._settlement.record(booking, Proof.DOUBLED)
            so = "my bookings shows it, and the site shows more owners than places"
            what = "It is kept and does not count as certain: ask the site whose it is"
            if (was_first := self._run.engine.was_first(booking)) is not None:
                what += f" (by its numbers, {'ours' if was_first else 'another one'} came first)"
            self._run.problem(f"{booking.account}: {booking.slot} is DOUBLED: {so}. {what}")

    async def _look_once_more(self, booking: Held) -> None:
        if await self._settlement.still_holds(booking) and await self._is_doubled(booking) is False:
            self._run.known.note_doubled(booking, is_so=False)
            self._settlement.record(booking, Proof.CONFIRMED)

    async def _is_doubled(self, booking: Held) -> bool | None:
        """None where the site does not tell."""
        if self._run.held_back(booking.account):
            return None
        try:
            return await self._run.engine.is_doubled(booking)
        except AccountStoppedError as error:
            self._run.drop(booking.account, error.explain())
        except ReadBackError as error:
            if error.pause:
                self._run.heed(booking.account, self._run.clock.now() + error.pause)
        except Exception as error:  # noqa: BLE001 - one account's bug is not the others' end
            self._run.problem(self._run.bug(booking.account, "looking who has a slot", error))
        return None
