"""What earlier runs of the same job have left: settled by reading *my bookings*, and gone on with."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sniper.coordinator.context import Context, local_now
from sniper.coordinator.settlement import Settlement, not_seen_to_end
from sniper.core.outcomes import Outcome, Proof
from sniper.core.plan import Attempt, Held
from sniper.core.tries import Mark
from sniper.events import Noted
from sniper.store.records import (
    ACTIVE,
    AttemptRecord,
    AttemptState,
    BookingRecord,
    BookingStatus,
    JobStatus,
    RunDetail,
    RunState,
)

# What a killed run had sent may be booked a moment later: nothing is concluded from a booking that does not
# show, before we, who began after its end, are so old.
_ON_ITS_WAY = timedelta(seconds=10)


class Past:
    """The unfinished runs that this one continues, and others for the same day that left attempts open."""

    def __init__(self, context: Context, settlement: Settlement) -> None:
        """Reads the store; nothing is changed yet. A dry run has no past: it leaves everything as it is."""
        self._run = context
        self._settlement = settlement
        self._begun = context.clock.now()
        self._continued = tuple(self._chain()) if context.task.press else ()
        chain = {detail.run.id for detail in self._continued}
        self._others = tuple(
            context.store.run(run.id)
            for run in (context.store.superseded_by(context.run_id) if context.task.press else ())
            if run.id not in chain
        )
        self._crew = {credentials.account for credentials in context.task.crew}
        self._not_shown: set[str] = set()

    @property
    def continues(self) -> int | None:
        """The number of the run that this one goes on with."""
        return self._continued[-1].run.id if self._continued else None

    @property
    def is_unsettled(self) -> bool:
        """Is there something that only *my bookings* can tell? Then nobody waits to look."""
        return any(
            attempt.state is AttemptState.OPEN for detail in self._runs for attempt in detail.attempts
        ) or any(booking.status in ACTIVE for detail in self._continued for booking in detail.bookings)

    def remember(self) -> None:
        """Before anybody is signed in: what was fired then may have been won for us, and counts as pressed.

        What would have been fired at an opening that is still to come has not been: the pages of a run that
        is killed end with it. (On a practice site that was started anew, the past has not happened.)
        """
        for detail in self._runs:
            if not detail.run.presses:
                continue
            by_attempt = {_key(attempt): attempt for attempt in detail.attempts}
            for wave in detail.waves:
                if wave.opens_at > self._begun:
                    continue
                for result in detail.results(wave.number):
                    attempt = by_attempt[wave.number, result.attempt]
                    if attempt.state is AttemptState.OPEN or result.tries:
                        self._run.known.remember(result)
                        self._settlement.leave_to_others(result)
                    self._remember_proven(detail, attempt)
        if self._continued:
            self._run.tell(Noted(self._told()))
        if self._run.task.press and self._run.task.profile.my_bookings is None:
            for detail in self._runs:
                self._take_word(detail)
            self._take_earlier_words()

    def _remember_proven(self, detail: RunDetail, attempt: AttemptRecord) -> None:
        """An answer may be lost, and the next press be told of a limit: what the run proved counts more."""
        for booking in detail.bookings:
            is_its = booking.account == attempt.account and booking.slot in attempt.chain
            if is_its and booking.status in ACTIVE and booking.proof is Proof.CONFIRMED:
                self._run.known.remember_proven(booking.account, booking.slot, booking.reference)

    async def settle(self) -> None:
        """After everybody is signed in and what they hold was read: close what was left open, by that.

        Nothing is fired again. What belongs to accounts that are not part of this run, or could not be read,
        stays open; where it may be held all the same, nobody else fires for that hour.
        """
        await self._wait_for_what_is_on_its_way()
        for detail in self._runs:
            open_still = [attempt for attempt in detail.attempts if attempt.state is AttemptState.OPEN]
            for attempt in open_still:
                self._settle_attempt(detail, attempt)
            if self._run.task.profile.my_bookings is not None:
                for booking in detail.bookings:
                    self._settle_booking(detail, booking)
                self._record_what_was_won(detail)
            running = {job.wave for job in detail.jobs if job.status is JobStatus.RUNNING}
            for wave in detail.waves:
                if wave.number in running:
                    self._run.store.finish_wave(wave.id, now=local_now())
            if detail.run.state is RunState.RUNNING:
                self._run.store.finish_run(detail.run.id, RunState.CRASHED, None, None, now=local_now())

    async def look_again(self) -> bool:
        """At the end: what did not show at first may have been booked later than anybody would think.

        Returns:
            Whether there was anything to look at.
        """
        accounts, self._not_shown = sorted(self._not_shown), set()
        for account in accounts:
            await self._settlement.read_again(account)
        return bool(accounts)

    # -- one thing

    def _settle_attempt(self, detail: RunDetail, attempt: AttemptRecord) -> None:
        account = attempt.account
        told = f"{account}: run {detail.run.id} left an attempt open"
        if account not in self._crew:
            self._run.tell(Noted(f"{told}, and {account} is not part of this run"))
            return
        if attempt.opens_at > self._begun or not detail.run.presses:
            self._run.store.close_attempt(attempt.id, (), now=local_now())
            self._run.tell(Noted(f"{told}; nothing had been pressed yet"))
            return
        if not self._run.known.has_been_read(account):
            self._settlement.doubt(Held(account, attempt.chain[0], ""))
            self._run.problem(f"{told}, and its bookings cannot be read: look whether it holds one too many")
            return
        ours = [h for h in self._run.known.held_by(account) if h.by_us and h.slot in attempt.chain]
        unseen = not_seen_to_end(attempt.chain, attempt.timeline, attempt.opens_at, ours)
        self._run.store.close_attempt(attempt.id, [unseen], now=local_now())
        if not ours:
            self._not_shown.add(account)
        says = f"my bookings shows {unseen.slot}" if ours else "nothing was booked"
        self._run.tell(Noted(f"{told}; {says}"))

    def _settle_booking(self, detail: RunDetail, booking: BookingRecord) -> None:
        """What the store calls held and *my bookings* does not was being given back when it was killed."""
        if booking.status not in ACTIVE:
            return
        account, slot = booking.account, booking.slot
        if account not in self._crew:
            had = f"run {detail.run.id} had booked {slot}"
            self._run.problem(f"{account}: {had}, which does not count: {account} is not part of this run")
            return
        if not self._run.known.has_been_read(account):
            self._settlement.doubt(Held(account, slot, booking.reference or ""))
            self._run.problem(
                f"{account}: run {detail.run.id} had booked {slot}, and it cannot be read whether it still is"
            )
            return
        held = next((h for h in self._run.known.held_by(account) if h.slot == slot), None)
        if held is not None:
            if booking.proof is Proof.UNVERIFIED:
                self._settlement.write(detail.run.id, held, Proof.CONFIRMED)
        elif booking.proof is not Proof.UNVERIFIED:
            self._run.store.cancel_booking(detail.run.id, account, slot, now=local_now())
            self._run.tell(Noted(f"{account}: {slot} of run {detail.run.id} is not held any more"))
        else:
            self._run.store.record_booking(
                detail.run.id,
                account,
                slot,
                reference=booking.reference,
                proof=Proof.UNVERIFIED,
                status=BookingStatus.FAILED,
                now=local_now(),
            )
            said = f"the site told run {detail.run.id} that {slot} is booked"
            self._run.problem(f"{account}: {said}, but my bookings does not show it")

    def _record_what_was_won(self, detail: RunDetail) -> None:
        """What *my bookings* shows of it, and the run did not come to write down."""
        known = {(b.account, b.slot) for b in detail.bookings if b.status in ACTIVE}
        for attempt in detail.attempts:
            for held in self._run.known.held_by(attempt.account):
                key = (held.account, held.slot)
                if held.by_us and held.slot in attempt.chain and key not in known:
                    known.add(key)
                    self._settlement.write(detail.run.id, held, Proof.CONFIRMED)

    def _take_word(self, detail: RunDetail) -> None:
        """What the site called booked, or answered so that it may be, where it shows nobody their bookings.

        What failed before the press was in no doubt for that run either, which asked for no proof of it.
        """
        for wave in detail.waves if detail.run.presses else ():
            for result in detail.results(wave.number):
                last, account = result.last, result.attempt.account
                if last is None or not last.outcome.handling.ours or account not in self._crew:
                    continue
                booking = Held(account, last.slot, last.reference or "")
                if last.outcome is Outcome.BOOKED:
                    self._settlement.take_word(booking)
                    self._settlement.write(detail.run.id, booking, Proof.UNVERIFIED)
                elif any(moment.mark is Mark.PROVEN for moment in result.timeline):
                    self._settlement.doubt(booking)
                    unknown = f"run {detail.run.id} could not tell whether {last.slot} is booked"
                    nowhere = "and the site shows nobody theirs: look whether it has written to you"
                    self._run.problem(f"{account}: {unknown}, {nowhere}")

    def _take_earlier_words(self) -> None:
        """What runs that came to their end have booked by the site's word, which nothing else tells.

        A practice site begins anew each time it is started: what was booked there earlier is gone.
        """
        task, known = self._run.task, self._run.known
        if task.rehearsal:
            return
        for one in self._run.store.bookings(task.profile.name, upcoming_from=self._run.clock.now()):
            is_wanted = one.account in self._crew and task.goal.priority_of(one.slot) is not None
            is_taken = any(held.slot == one.slot for held in known.held_by(one.account))
            if one.status is BookingStatus.PENDING and is_wanted and not is_taken:
                self._settlement.take_word(Held(one.account, one.slot, one.reference or "", by_us=False))

    async def _wait_for_what_is_on_its_way(self) -> None:
        known = self._run.known
        waiting = {
            attempt.account
            for detail in self._runs
            for attempt in detail.attempts
            if attempt.state is AttemptState.OPEN
            and detail.run.presses
            and attempt.opens_at <= self._begun
            and known.has_been_read(attempt.account)
            and not any(h.slot in attempt.chain for h in known.held_by(attempt.account))
        }
        if waiting:
            await self._run.clock.sleep_until(self._begun + _ON_ITS_WAY)
            for account in sorted(waiting):
                await self._settlement.read_again(account)

    # -- which

    @property
    def _runs(self) -> tuple[RunDetail, ...]:
        return (*self._others, *self._continued)

    def _chain(self) -> Iterator[RunDetail]:
        """The run that is continued, and before it what that one had continued, oldest first."""
        store = self._run.store
        before = store.run(self._run.run_id).run.continues
        if before is None:
            return
        chain = [store.run(before)]
        while (earlier := chain[0].run.continues) is not None:
            chain.insert(0, store.run(earlier))
        yield from chain

    def _told(self) -> str:
        last = self._continued[-1]
        held = [
            f"{b.slot} ({b.account})"
            for detail in self._continued
            for b in detail.bookings
            if b.status in ACTIVE
        ]
        open_still = sum(a.state is AttemptState.OPEN for d in self._continued for a in d.attempts)
        had = f"it had booked {', '.join(held)}" if held else "it had booked nothing"
        left = f"; {open_still} attempt{'s' * (open_still > 1)} of unknown end" if open_still else ""
        return f"goes on with run {last.run.id}, which did not come to its end: {had}{left}"


def _key(attempt: AttemptRecord) -> tuple[int, Attempt]:
    return attempt.wave, Attempt(attempt.account, attempt.chain, attempt.role)
