"""After the press: *my bookings* is read, the truth written down, and given back what is too much."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sniper.coordinator.context import Context, local_now, to_the_end
from sniper.coordinator.left_to_do import WhatIsLeftToDo
from sniper.core.limits import counted_alike
from sniper.core.outcomes import Outcome, Proof
from sniper.core.plan import Attempt, Held
from sniper.core.retry_after import UNSAID
from sniper.core.slots import Slot
from sniper.core.surplus import shared_hours
from sniper.core.tries import AttemptResult, Mark, Moment, ReadBack, Try
from sniper.engine.protocol import AccountStoppedError, CancelError, ReadBackError
from sniper.events import Activity, GivenBack, Noted, Proven
from sniper.logs import from_now_on_about
from sniper.store.records import BookingStatus

_READ_AGAIN_AFTER = (timedelta(seconds=0.5), timedelta(seconds=1.5))
_WAITED_AT_MOST = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class _Claim:
    """What may be ours; `said`: the site called it booked."""

    booking: Held
    said: bool


class Settlement:
    """Turns answers into facts. Nothing is called booked that *my bookings* does not show."""

    def __init__(self, context: Context) -> None:
        self._run = context
        self.results: list[AttemptResult] = []
        self.unproven: list[Held] = []
        self._claims: list[_Claim] = []
        self._giving_back = asyncio.Lock()
        self._left_to_do = WhatIsLeftToDo(context)

    def not_fired(
        self, opened: Mapping[Attempt, int], attempts: Iterable[Attempt], why: Mapping[Attempt, Try]
    ) -> None:
        """Close what was opened and then could not be fired: nothing of it reached the site."""
        for attempt in attempts:
            tries = (why[attempt],) if attempt in why else ()
            self.results.append(AttemptResult(attempt, tries))
            if attempt in opened:
                self._run.store.close_attempt(opened[attempt], tries, now=local_now())

    async def settle(
        self, wave_id: int, opened: Mapping[Attempt, int], results: Sequence[AttemptResult]
    ) -> None:
        """Read back for everybody who fired, then close their attempts and record their bookings.

        An attempt of which neither an answer nor *my bookings* tells anything stays open in the store.
        """
        if self._run.task.press:
            results = await self._prove_all(results)
        for result in results:
            account, chain = result.attempt.account, result.attempt.chain
            self.results.append(result)
            self._run.known.learn(result)
            self.leave_to_others(result)
            self._call_person(result)
            ours = [b for b in self._run.known.held_by(account) if b.by_us and b.slot in chain]
            if result.tries:
                self._run.store.close_attempt(
                    opened[result.attempt],
                    result.tries,
                    result.timeline,
                    result.page_bound,
                    now=local_now(),
                )
            elif self._run.known.was_read(account):
                at = self._run.clock.now()
                unseen = not_seen_to_end(chain, result.timeline, at, ours)
                told = ReadBack.SHOWN if ours else ReadBack.NOT_SHOWN
                course = (*result.timeline, Moment(at, Mark.PROVEN, unseen.slot, told.value))
                self._run.store.close_attempt(
                    opened[result.attempt], [unseen], course, result.page_bound, now=local_now()
                )
            else:
                self._run.store.keep_course(opened[result.attempt], result.timeline, result.page_bound)
            for booking in ours:
                self.record(booking, Proof.UNVERIFIED if self._only_says else Proof.CONFIRMED)
        self._run.store.finish_wave(wave_id, now=local_now())

    def doubt(self, booking: Held) -> None:
        """An earlier run may have won it, and it cannot be read: nobody else fires for that hour."""
        self._claims.append(_Claim(booking, said=False))
        self._run.known.doubt(booking)

    async def read_again(self, account: str) -> None:
        """Read *my bookings* of somebody once more; what was fired at earlier and shows now is recorded."""
        before = set(self._run.known.held_by(account))
        if await self._read(account):
            for booking in self._run.known.held_by(account):
                if booking.by_us and booking not in before and self._run.task.goal.priority_of(booking.slot):
                    self.record(booking, Proof.CONFIRMED)
        self._run.does(account, Activity.READY)

    async def give_back_surplus(self) -> None:
        """Cancel what is beyond the need, until nothing is."""
        asked: set[Held] = set()
        while extra := set(await self._run.planning.surplus(self._run.situation())) - asked:
            for booking in sorted(extra, key=lambda h: (h.slot.instant, h.account)):
                asked.add(booking)
                await to_the_end(self._give_back(booking))
        self._left_to_do.tell()

    async def give_back(self, bookings: Iterable[Held]) -> None:
        """Cancel these, one after the other."""
        for booking in bookings:
            await to_the_end(self._give_back(booking))

    async def still_holds(self, booking: Held) -> bool:
        """Does *my bookings* show it, read anew? Where it cannot be read, what was last known counts."""
        await self._read(booking.account)
        return self._shows(booking)

    async def read_doubtful_again(self) -> bool:
        """At the end: what could not be read is asked for once more; whether anything is known by it."""
        doubts = len(self._run.situation().doubtful)
        await to_the_end(self._read_doubtful_again())
        return len(self._run.situation().doubtful) < doubts

    async def _read_doubtful_again(self) -> None:
        if self._only_says:
            return
        late = [
            one.account
            for one in self._run.task.crew
            if self._run.left_alone.was(one.account) and not self._run.known.was_read(one.account)
        ]
        await asyncio.gather(*(self._read_late(account) for account in late))
        for claim in [c for c in self._claims if self._run.known.in_doubt(c.booking)]:
            account = claim.booking.account
            read = self._run.known.was_read(account) if account in late else await self._read(account)
            self._conclude(claim, read=read)
            for booking in self._run.known.held_by(account):
                if booking.slot == claim.booking.slot:
                    self.record(booking, Proof.CONFIRMED)

    async def _read_late(self, account: str) -> None:
        """Wait for the end of the pause the site wants, and read what was left unread because of it."""
        self._run.does(account, Activity.READING, "when the site may be asked again")
        await self._run.left_alone.over(account, _WAITED_AT_MOST)
        if not await self._read(account):
            self._tell_unread(account)

    async def _prove_all(self, results: Sequence[AttemptResult]) -> Sequence[AttemptResult]:
        """Who may have won something first: what is too much is given back before the others are read."""
        proven: dict[Attempt, AttemptResult] = {}

        async def prove(result: AttemptResult) -> None:
            from_now_on_about(account=result.attempt.account)
            proven[result.attempt] = await self._prove(result)
            async with self._giving_back:
                await self._give_back_doubles()

        claims = [result for result in results if _claim(result)]
        await asyncio.gather(*(prove(result) for result in claims))
        await asyncio.gather(*(prove(result) for result in results if result not in claims))
        return [proven[result.attempt] for result in results]

    async def _give_back_doubles(self) -> None:
        """Of several bookings of one hour at one location, all but one, as soon as two of them are proven.

        Whatever the other accounts hold, nobody needs both. The strategy says which is kept.
        """
        goal, situation = self._run.task.goal, self._run.situation()
        if self._run.task.profile.cancel is None or not any(shared_hours(goal, situation)):
            return
        extra = await self._run.planning.doubles(situation)
        for booking in extra:
            kept = [one for one in self._run.situation().held if one not in extra]
            if any(_same_hour(one, booking) for one in kept):
                self.record(booking, Proof.CONFIRMED)
                await self._give_back(booking)

    async def _prove(self, result: AttemptResult) -> AttemptResult:
        """Read back, and again a little later while what may be ours does not show.

        Returns:
            The same, and in its course what *my bookings* told of what may be ours, and when.
        """
        account = result.attempt.account
        claim = _claim(result)
        limited = result.last is not None and result.last.outcome is Outcome.RATE_LIMITED
        if until := result.left_alone_until or (self._run.clock.now() + UNSAID if limited else None):
            self._run.heed(account, until)
        if self._only_says:
            return self._by_word(result, claim)
        read = await self._read(account)
        for pause in _READ_AGAIN_AFTER:
            if self._is_left_alone(account):
                break
            if read and (claim is None or self._shows(claim.booking)):
                break
            await self._run.pause(pause)
            read = await self._read(account)
        if not read and not self._is_left_alone(account):
            self._tell_unread(account)
        if claim:
            self._claims.append(claim)
            self._conclude(claim, read=read)
            told = ReadBack.SHOWN if self._shows(claim.booking) else ReadBack.NOT_SHOWN
            if not read:
                told = ReadBack.UNREADABLE
            proven = Moment(self._run.clock.now(), Mark.PROVEN, claim.booking.slot, told.value)
            result = replace(result, timeline=(*result.timeline, proven))
        self._run.does(account, Activity.READY)
        return result

    @property
    def _only_says(self) -> bool:
        """Does the site show nobody their bookings, so that nothing can be proven?"""
        return self._run.task.profile.my_bookings is None

    def _by_word(self, result: AttemptResult, claim: _Claim | None) -> AttemptResult:
        """What may be ours goes by the answer alone."""
        account = result.attempt.account
        if claim and not claim.said and result.last and result.last.before_press:
            # Nothing was sent that could have booked it, whatever went wrong; another account may try.
            self._run.known.refuse(account, [claim.booking.slot])
        elif claim:
            booking = claim.booking
            if claim.said:
                self.take_word(booking)
            else:
                self._run.known.doubt(booking)
                unknown = f"whether {booking.slot} is booked is not known, and the site shows nobody theirs"
                self._run.problem(f"{account}: {unknown}: look whether it has written to you")
            proven = Moment(self._run.clock.now(), Mark.PROVEN, booking.slot, ReadBack.UNREADABLE.value)
            result = replace(result, timeline=(*result.timeline, proven))
        self._run.does(account, Activity.READY)
        return result

    def take_word(self, booking: Held) -> None:
        """The site calls it booked and shows nobody theirs: it counts, and stays unverified."""
        self._run.known.take_word(booking)
        if booking not in self.unproven:
            self.unproven.append(booking)
            said = f"{booking.slot} is booked by the site's word; it shows nobody their bookings"
            self._run.tell(Noted(f"{booking.account}: {said}, so this stays UNVERIFIED"))

    def _conclude(self, claim: _Claim, *, read: bool) -> None:
        """What may be ours is proven, refuted, or still in doubt."""
        booking = claim.booking
        known = self._run.known
        if read:
            known.settle(booking)
        else:
            known.doubt(booking)
        if self._shows(booking):
            self.unproven = [one for one in self.unproven if one.slot != booking.slot]
        elif claim.said:
            if booking not in self.unproven:
                self.unproven.append(booking)
                self.record(booking, Proof.UNVERIFIED)
            if read:
                known.refuse(booking.account, [booking.slot])
                said = f"the site said {booking.slot} is booked"
                self._run.problem(f"{booking.account}: {said}, but my bookings does not show it")

    def _shows(self, claim: Held) -> bool:
        return any(h.slot == claim.slot for h in self._run.known.held_by(claim.account))

    async def _read(self, account: str) -> bool:
        """Ask what the account holds. False when the site does not tell, or is to be left alone."""
        if self._only_says or self._is_left_alone(account):
            return False
        self._run.does(account, Activity.READING)
        try:
            held = await self._run.engine.my_bookings(account)
        except AccountStoppedError as error:
            self._run.drop(account, error.explain())
            return False
        except ReadBackError as error:
            if error.pause:
                self._run.heed(account, self._run.clock.now() + error.pause)
            return False
        except Exception as error:  # noqa: BLE001 - one account's bug is not the others' end
            self._run.problem(self._run.bug(account, "reading my bookings", error))
            return False
        self._run.saw_signed_in(account)
        self._run.known.read(account, held)
        return True

    def _is_left_alone(self, account: str) -> bool:
        return self._run.left_alone.until(account) is not None

    def leave_to_others(self, result: AttemptResult) -> None:
        """Who was asked to wait for longer than this opening is worth leaves it to others, and who is at a
        limit that counts bookings wherever they are leaves to them all that it counts with this one.
        """
        if (last := result.last) is None:
            return
        account, goal, profile = result.attempt.account, self._run.task.goal, self._run.task.profile
        if last.outcome is Outcome.RATE_LIMITED and (priority := goal.priority_of(last.slot)):
            self._run.known.refuse(account, goal.slots_opening_at(priority.opening.opening_of(last.slot)))
        elif last.outcome is Outcome.ACCOUNT_LIMIT and not profile.falls_through(last.outcome):
            limits = profile.limits_per_account()
            alike = [slot for _, slot in goal.slots() if counted_alike(limits, slot, last.slot)]
            self._run.known.refuse(account, alike)

    def _tell_unread(self, account: str) -> None:
        self._run.problem(f"{account}: my bookings could not be read, so it is not known what it holds")

    def _call_person(self, result: AttemptResult) -> None:
        account = result.attempt.account
        for one in result.tries:
            if one.outcome.handling.tell_person:
                said = f": {one.message}" if one.message else ""
                where = f" (see {one.evidence})" if one.evidence else ""
                self._run.problem(f"{account}: {one.slot}: {one.outcome.meaning}{said}{where}")
        if result.last and account not in self._run.situation().accounts:
            self._run.does(account, Activity.OUT, result.last.outcome.meaning)

    def record(self, booking: Held, proof: Proof) -> None:
        """Write down and tell how sure a booking is."""
        self.write(self._run.run_id, booking, proof)
        self._run.tell(Proven(booking, proof))

    def write(self, run_id: int, booking: Held, proof: Proof) -> None:
        """Write down what is known of a booking of a run, which may be an earlier one."""
        self._run.store.record_booking(
            run_id,
            booking.account,
            booking.slot,
            reference=booking.reference or None,
            proof=proof,
            status=BookingStatus.PENDING if proof is Proof.UNVERIFIED else BookingStatus.CONFIRMED,
            now=local_now(),
        )

    async def _give_back(self, booking: Held) -> None:
        """Cancel one booking, and look whether it is gone."""
        account = booking.account
        self._run.does(account, Activity.CANCELLING, str(booking.slot))
        error = ""
        try:
            await self._run.engine.cancel(booking)
        except CancelError as failure:
            error = failure.explain()
            if failure.pause:
                self._run.heed(account, self._run.clock.now() + failure.pause)
        except Exception as failure:  # noqa: BLE001 - one account's bug is not the others' end
            error = self._run.bug(account, "giving back", failure)
        read = await self._read(account)
        if not error and read and self._shows(booking):
            error = (
                f"{account}: {booking.slot} was cancelled, but my bookings still shows it. Cancel it by hand."
            )
        if error:
            self._run.problem(error)
            self._run.known.keep(booking)
        elif not read:
            self._run.known.forget(booking)
        self._run.store.cancel_booking(
            self._run.run_id, account, booking.slot, now=local_now(), error=error or None
        )
        self._run.does(account, Activity.READY)
        self._run.tell(GivenBack(booking, error))


def not_seen_to_end(
    chain: tuple[Slot, ...], timeline: Sequence[Moment], at: datetime, ours: Sequence[Held]
) -> Try:
    """How an attempt ended that was interrupted: as *my bookings* has it, at the slot it had come to."""
    if not ours:
        words = "not seen to end; my bookings does not show it"
        slot = timeline[-1].slot if timeline else chain[0]
        return Try(slot, Outcome.INTERRUPTED, at, timedelta(0), words)
    words = "not seen to end; my bookings shows it"
    return Try(ours[0].slot, Outcome.BOOKED, at, timedelta(0), words, ours[0].reference)


def _same_hour(one: Held, other: Held) -> bool:
    return (one.slot.location, one.slot.instant) == (other.slot.location, other.slot.instant)


def _claim(result: AttemptResult) -> _Claim | None:
    """The slot of the last answer, if it may be ours: the site said so, or nothing that we understand."""
    last = result.last
    if last is None or not last.outcome.handling.ours:
        return None
    booking = Held(result.attempt.account, last.slot, last.reference or "")
    return _Claim(booking, said=last.outcome is Outcome.BOOKED)
