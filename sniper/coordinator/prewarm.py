"""Before the opening: every page of the wave parked, then rehearsed, and looked at in the last seconds."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sniper.coordinator.context import Context
from sniper.coordinator.sign_ins import SignIns
from sniper.core.outcomes import Outcome
from sniper.core.plan import Attempt, Role, Wave
from sniper.core.tries import Mark, Moment, Try
from sniper.engine.protocol import AccountStoppedError, ArmError, SignInError
from sniper.events import Activity, Noted
from sniper.logs import from_now_on_about

LAST_LOOK_AHEAD = timedelta(seconds=10)
_PARKED_BEFORE = timedelta(seconds=1)
_PARK_AT_LEAST = timedelta(seconds=20)
_WORTH_ANOTHER_TRY = timedelta(seconds=8)
# A page opens from the kept sign-in and is parked in about two seconds.
_WORTH_REPAIRING = timedelta(seconds=3)
# A little more than that is left after the last look, however late it began.
_LOOKED_BEFORE = _PARKED_BEFORE + _WORTH_REPAIRING + timedelta(seconds=0.5)
# Those that are parked wait no longer for the others than leaves time to rehearse.
_WAITED_FOR = timedelta(seconds=12)
# Alone it takes a page one to two seconds.
_REHEARSING_TAKES = timedelta(seconds=4)
# A page that is still at it then is opened again: at the opening it might have a dialog open.
_REHEARSED_BEFORE = timedelta(seconds=5)


class Prewarm:
    """Parks, rehearses, and repairs what is parked no more. Trouble of one account is its own."""

    def __init__(self, context: Context, sign_ins: SignIns) -> None:
        self._run = context
        self._sign_ins = sign_ins
        self._parked: dict[str, Attempt] = {}
        self._parked_at: dict[Attempt, datetime] = {}
        self._not_parked: dict[Attempt, Try] = {}
        self._parking: dict[Attempt, asyncio.Task[None]] = {}
        self._rehearsed: set[Attempt] = set()
        self._lost: set[Attempt] = set()

    async def park(self, wave: Wave, beside: Sequence[Attempt] = ()) -> tuple[list[Attempt], bool]:
        """Park the pages of a wave, by a second before the opening.

        Where it takes too long, or began too late, it goes on: who is parked does not wait, the others join.

        Args:
            wave: What is to be fired.
            beside: Of those who stand by. They come last, and nobody waits for them here.

        Returns:
            The attempts that are parked or may still join, in their order, and whether there is reason and
            time to plan anew with other accounts, because a leading one could not be parked.
        """
        now, ready = self._run.clock.now(), wave.opens_at - _PARKED_BEFORE
        until = max(ready, now + (_WORTH_ANOTHER_TRY if now < wave.opens_at else _PARK_AT_LEAST))
        everybody = (*wave.attempts, *beside)
        self._parking = {a: asyncio.create_task(self._park(a, until)) for a in everybody}
        own = [self._parking[attempt] for attempt in wave.attempts]
        patience = max(wave.opens_at - _WAITED_FOR, min(ready, now + _WORTH_ANOTHER_TRY))
        await self._run.wait_for(own, patience)
        able = [a for a in wave.attempts if self._stands_parked(a) or not self._parking[a].done()]
        lost_a_lead = any(a.role is Role.LEAD for a in wave.attempts if a not in able)
        # A page that is being parked still cannot be parked for something else beside that.
        is_over = all(task.done() for task in own)
        return able, lost_a_lead and is_over and self._left(wave.opens_at) > _WORTH_ANOTHER_TRY

    async def rehearse(self, attempts: Iterable[Attempt], opens_at: datetime) -> None:
        """Let the parked ones of these practise, who have not yet, if that is over well before the opening.

        Whose page is lost over it is among those that the last look finds.
        """
        until = opens_at - _REHEARSED_BEFORE
        parked = [one for one in attempts if self._stands_parked(one)]
        found = await asyncio.gather(*(self._rehearse(attempt, until) for attempt in parked))
        for attempt, why in zip(parked, found, strict=True):
            if why:
                self._lost.add(attempt)
                self._run.tell(Noted(f"{why}; opening it again"))

    async def give_time(self, attempts: Iterable[Attempt], until: datetime) -> None:
        """Let these be parked up to an instant of the site's clock; what is not done by then is given up."""
        parking = [self._parking[attempt] for attempt in attempts if attempt in self._parking]
        await self._run.wait_for(parking, until)
        for task in parking:
            self._run.let_go(task)

    async def joins(self, attempt: Attempt, opens_at: datetime) -> bool:
        """Whether its page is parked. Where that goes on still, it is waited for; the last one rehearses."""
        parking = self._parking.get(attempt)
        if parking is None or parking.done():
            return self._stands_parked(attempt)
        await parking
        if not self._stands_parked(attempt):
            return False
        is_last = all(other.done() for other in self._parking.values())
        return not is_last or await self._rehearses_alone(attempt, opens_at)

    def is_parked(self, account: str) -> bool:
        """Is its page where it has to be for the opening?"""
        return account in self._parked

    def parking_of(self, attempt: Attempt) -> Moment:
        """When its page was parked."""
        return Moment(self._parked_at[attempt], Mark.PARKED, attempt.target)

    def not_parked(self, attempts: Iterable[Attempt]) -> dict[Attempt, Try]:
        """Those of them that could not be parked, with why."""
        return {one: self._not_parked[one] for one in attempts if one in self._not_parked}

    async def last_look(self, opens_at: datetime, attempts: Sequence[Attempt]) -> set[Attempt]:
        """Ten seconds before the opening, look at every parked page without touching it.

        Returns:
            The attempts whose page has to be repaired. Where no time would be left for it, nobody looks, and
            these are those that the rehearsal has lost.
        """
        lost, until = self._lost.intersection(attempts), opens_at - _LOOKED_BEFORE
        if self._run.clock.now() >= until:
            return lost
        await self._run.clock.sleep_until(opens_at - LAST_LOOK_AHEAD)
        parked = [one for one in attempts if self._stands_parked(one) and one not in lost]
        fine = await asyncio.gather(*(self._is_fine(attempt.account, until) for attempt in parked))
        return lost | {attempt for attempt, is_fine in zip(parked, fine, strict=True) if not is_fine}

    async def repair(self, attempt: Attempt, opens_at: datetime) -> bool:
        """Open a page anew, sign in where needed, and park; whether it was done by a second before.

        Where there is time, it rehearses again, unless it was lost by that.
        """
        account = attempt.account
        until = opens_at - _PARKED_BEFORE
        why = f"{account}: no time was left to open its page again"
        if self._left(until) >= _WORTH_REPAIRING:
            try:
                await self._run.by(until, self._reopen(attempt))
            except AccountStoppedError as error:
                self._stopped(attempt, error)
                return False
            except (ArmError, SignInError) as error:
                why = str(error)
            except TimeoutError:
                why = f"{account}: not parked again in time"
            except Exception as error:  # noqa: BLE001 - one account's bug is not the others' end
                why = self._run.bug(account, "repairing the page", error)
            else:
                self._stands_ready(attempt)
                return attempt in self._lost or await self._rehearses_alone(attempt, opens_at)
        self._could_not_park(attempt, why)
        return False

    def unpark(self) -> None:
        """The pages have fired: none is where it was."""
        for task in self._parking.values():
            self._run.let_go(task)
        self._parking.clear()
        self._parked.clear()
        self._rehearsed.clear()
        self._lost.clear()

    async def _park(self, attempt: Attempt, until: datetime) -> None:
        account = attempt.account
        from_now_on_about(account=account)
        if self._stands_parked(attempt):
            return
        self._parked.pop(account, None)
        self._run.does(account, Activity.ARMING, str(attempt.target))
        try:
            await self._run.by(until, self._park_or_sign_in_again(attempt, until))
        except AccountStoppedError as error:
            self._stopped(attempt, error)
            return
        except (ArmError, SignInError, TimeoutError) as error:
            why = str(error) or f"{account}: not parked in time"
        except Exception as error:  # noqa: BLE001 - one account's bug is not the others' end
            why = self._run.bug(account, "parking", error)
        else:
            self._parked[account] = attempt
            self._stands_ready(attempt)
            return
        self._could_not_park(attempt, why)

    async def _park_or_sign_in_again(self, attempt: Attempt, until: datetime) -> None:
        """A page that cannot be parked may be signed out, or gone: then a fresh one may do."""
        account = attempt.account
        if not await self._run.left_alone.over(account, self._left(until)):
            raise ArmError(str(self._run.held_back(account)))
        try:
            await self._run.engine.arm(attempt)
        except ArmError as error:
            if error.pause:
                self._run.heed(account, self._run.clock.now() + error.pause)
                raise
            if self._left(until) < _WORTH_ANOTHER_TRY:
                raise
            await self._reopen(attempt)

    async def _reopen(self, attempt: Attempt) -> None:
        await self._sign_ins.once_more(attempt.account)
        await self._run.engine.arm(attempt)
        self._rehearsed.discard(attempt)

    async def _rehearses_alone(self, attempt: Attempt, opens_at: datetime) -> bool:
        """The others have rehearsed, or could not: whether its page can fire after all."""
        if why := await self._rehearse(attempt, opens_at - _PARKED_BEFORE):
            self._could_not_park(attempt, why)
        return why is None

    async def _rehearse(self, attempt: Attempt, until: datetime) -> str | None:
        """Let a parked page practise, if there is time; why it cannot fire any more, if it cannot."""
        account, latest = attempt.account, until - _REHEARSING_TAKES
        from_now_on_about(account=account)
        if attempt in self._rehearsed or self._run.clock.now() > latest:
            return None
        self._rehearsed.add(attempt)
        try:
            await self._run.by(until, self._run.engine.rehearse(attempt, latest))
        except ArmError as error:
            if error.pause:
                self._run.heed(account, self._run.clock.now() + error.pause)
            return str(error)
        except TimeoutError:
            return f"{account}: its page rehearsed for too long"
        except Exception as error:  # noqa: BLE001 - one account's bug is not the others' end
            return self._run.bug(account, "rehearsing", error)
        return None

    async def _is_fine(self, account: str, until: datetime) -> bool:
        try:
            await self._run.by(until, self._run.engine.look(account))
        except ArmError as error:
            self._run.tell(Noted(f"{error}; opening it again"))
            return False
        except TimeoutError:
            return True  # It has not said that anything is wrong, and others wait to be repaired.
        except Exception as error:  # noqa: BLE001 - what only our look does not understand may well fire
            self._run.problem(self._run.bug(account, "the last look", error))
        return True

    def _stands_parked(self, attempt: Attempt) -> bool:
        return self._parked.get(attempt.account) == attempt

    def _stands_ready(self, attempt: Attempt) -> None:
        self._parked_at[attempt] = self._run.clock.now()
        self._not_parked.pop(attempt, None)
        self._run.does(attempt.account, Activity.ARMED, " → ".join(slot.place for slot in attempt.chain))

    def _stopped(self, attempt: Attempt, error: AccountStoppedError) -> None:
        self._note_not_parked(attempt, str(error))
        self._run.drop(attempt.account, error.explain())

    def _could_not_park(self, attempt: Attempt, why: str) -> None:
        self._note_not_parked(attempt, why)
        self._run.known.refuse(attempt.account, attempt.chain)
        self._run.problem(f"the page could not be parked: {why}")
        self._run.does(attempt.account, Activity.READY, "could not be parked")

    def _note_not_parked(self, attempt: Attempt, why: str) -> None:
        said = why.removeprefix(f"{attempt.account}: ")
        now = self._run.clock.now()
        self._not_parked[attempt] = Try(attempt.target, Outcome.NOT_PARKED, now, timedelta(0), said)

    def _left(self, until: datetime) -> timedelta:
        return until - self._run.clock.now()
