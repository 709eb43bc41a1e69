"""A run: prewarm → arm → fire → settle → plan again, until the goal is reached or nothing is left to win."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from sniper.clock.site import SiteClock
from sniper.core.goals import Goal
from sniper.core.knowledge import Knowledge
from sniper.core.outcomes import Outcome, Proof
from sniper.core.plan import Attempt, Held, Situation, Standing, Verdict, Wave
from sniper.core.policy import foresee, next_wave, surplus, verdict
from sniper.core.tries import AttemptResult
from sniper.engine.protocol import (
    ArmError,
    CancelError,
    Credentials,
    Engine,
    Order,
    ReadBackError,
    SignInError,
)
from sniper.events import (
    AccountDoes,
    Activity,
    GivenBack,
    Jumped,
    Noted,
    Proven,
    RunStarted,
    Tell,
    Tried,
    Waiting,
    WavePlanned,
)
from sniper.sites.profile import Profile
from sniper.store.records import BookingStatus
from sniper.store.repository import Store

SIGN_IN_AHEAD = timedelta(minutes=3)
MEASURE_AHEAD = timedelta(seconds=60)
ARM_AHEAD = timedelta(seconds=15)
_SETTLE_WHEN_INTERRUPTED = 15.0


class TimeTravel(Protocol):
    """A practice site whose clock can be set forward."""

    before_opening: timedelta

    async def jump_to(self, moment: datetime) -> timedelta:
        """Jump close to `moment`, never past it; returns by how much exactly."""
        ...


@dataclass(frozen=True, slots=True)
class Task:
    """What a run is to do.

    Attributes:
        described: The goal as the person wrote it, for the record; no accounts in it.
        press: False does everything but the press that books.
    """

    profile: Profile
    goal: Goal
    crew: tuple[Credentials, ...]
    described: dict[str, object]
    press: bool = True

    @property
    def rehearsal(self) -> bool:
        """Is it only the practice site?"""
        return self.profile.practice is not None


@dataclass(frozen=True, slots=True)
class RunResult:
    """How a run ended.

    Attributes:
        pressed: False after a dry run.
        held: What the accounts hold that the goal is about.
        unproven: What the site claimed to have booked and *my bookings* does not show.
    """

    run_id: int
    pressed: bool
    verdict: Verdict
    held: tuple[Held, ...]
    unproven: tuple[Held, ...]
    attempts: tuple[AttemptResult, ...]
    problems: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        """0 when the goal or the accepted fallback is reached (a dry run: every page got to the press)."""
        if self.pressed:
            return 1 if self.verdict.standing is Standing.MISSED else 0
        ready = [a.last is not None and a.last.outcome is Outcome.NOT_PRESSED for a in self.attempts]
        return 0 if ready and all(ready) else 1


class Coordinator:
    """Runs one task. The engine carries out, the policy decides, the store remembers, `tell` shows."""

    def __init__(
        self,
        task: Task,
        engine: Engine,
        clock: SiteClock,
        store: Store,
        tell: Tell,
        *,
        remeasure: Callable[[], Awaitable[None]],
        time_travel: TimeTravel | None = None,
    ) -> None:
        """Nothing happens yet.

        Args:
            task: What to do.
            engine: Not signed in yet.
            clock: The site's, measured.
            store: Open.
            tell: Called for everything worth showing.
            remeasure: Brings `clock` up to date again.
            time_travel: Cuts the waiting short, on a practice site.
        """
        self._task = task
        self._goal = task.goal
        self._limits = task.profile.limits_per_account()
        self._engine = engine
        self._clock = clock
        self._store = store
        self._tell = tell
        self._remeasure = remeasure
        self._time_travel = time_travel
        self._known = Knowledge(c.account for c in task.crew)
        self._results: list[AttemptResult] = []
        self._unproven: list[Held] = []
        self._problems: list[str] = []
        self._run_id = 0

    async def run(self, run_id: int) -> RunResult:
        """Do it. `run_id` is the run's number in the store; who started the run also writes down its end."""
        self._run_id = run_id
        names = tuple(c.account for c in self._task.crew)
        title, rehearsal = self._task.profile.title, self._task.rehearsal
        self._tell(RunStarted(run_id, title, rehearsal, self._goal, names, self._foreseen()))
        if first := self._next_wave():
            await self._wait_until(first.opens_at - SIGN_IN_AHEAD, "until the accounts are signed in")
            await asyncio.gather(*(self._sign_in(credentials) for credentials in self._task.crew))
        if self._task.press:
            await self._win()
        else:
            for number, wave in enumerate(self._foreseen(), 1):
                await self._play(number, wave)
        return self._result()

    async def _win(self) -> None:
        number = 0
        while wave := self._next_wave():
            number += 1
            await self._play(number, wave)
            await self._give_back_surplus()

    async def _sign_in(self, credentials: Credentials) -> None:
        account = credentials.account
        self._does(account, Activity.SIGNING_IN)
        try:
            await self._engine.sign_in(credentials)
            held = await self._engine.my_bookings(account)
        except (SignInError, ReadBackError) as error:
            self._known.drop(account)
            self._problem(error.explain())
            self._does(account, Activity.OUT, str(error).removeprefix(f"{account}: "))
            return
        self._known.found(account, held)
        self._does(account, Activity.READY, f"holds {len(held)} already" if held else "")

    # -- one wave

    async def _play(self, number: int, wave: Wave) -> None:
        self._tell(WavePlanned(number, wave))
        await self._wait_until(wave.opens_at - ARM_AHEAD, "until the pages are parked")
        armed = await asyncio.gather(*(self._arm(attempt) for attempt in wave.attempts))
        if not all(armed) and self._task.press and self._clock.now() < wave.opens_at:
            return  # Who failed is known by now: the wave is planned anew with the others.
        attempts = [a for a, ready in zip(wave.attempts, armed, strict=True) if ready]
        self._results += [AttemptResult(a, ()) for a in wave.attempts if a not in attempts]
        if not attempts:
            return
        wave_id = self._store.plan_wave(self._run_id, wave, self._goal, now=_now())
        opened = self._store.open_attempts(wave_id, attempts, now=_now())
        if self._time_travel:
            await self._jump(wave.opens_at - self._time_travel.before_opening)
        self._tell(Waiting(wave.opens_at, "until the opening"))
        try:
            results = await self._fire(wave, attempts)
        except asyncio.CancelledError:
            # Whether a press reached the site is not known: read it back before leaving.
            async with asyncio.timeout(_SETTLE_WHEN_INTERRUPTED):
                await self._settle(wave_id, opened, [AttemptResult(attempt, ()) for attempt in attempts])
            raise
        await self._settle(wave_id, opened, results)

    async def _arm(self, attempt: Attempt) -> bool:
        self._does(attempt.account, Activity.ARMING, str(attempt.target))
        try:
            await self._engine.arm(attempt)
        except ArmError as error:
            self._known.refuse(attempt.account, attempt.chain)
            self._problem(f"the page could not be parked: {error}")
            self._does(attempt.account, Activity.READY, "could not be parked")
            return False
        self._does(attempt.account, Activity.ARMED, " → ".join(slot.place for slot in attempt.chain))
        return True

    async def _fire(self, wave: Wave, attempts: Sequence[Attempt]) -> list[AttemptResult]:
        """All at once. The first win of an hour stands the other accounts of that hour down."""
        won: set[datetime] = set()
        # The site's clock is known to a bound: not before the last instant at which it may open.
        at = wave.opens_at + self._clock.bound

        async def fire(attempt: Attempt) -> AttemptResult:
            order = Order(at, lambda slot: slot.instant not in won, self._task.press)
            result = await self._engine.fire(attempt, order)
            for one in result.tries:
                if one.outcome is Outcome.BOOKED:
                    won.add(one.slot.instant)
                self._tell(Tried(attempt.account, one))
            return result

        for attempt in attempts:
            self._does(attempt.account, Activity.FIRING, str(attempt.target))
        return await asyncio.gather(*(fire(attempt) for attempt in attempts))

    # -- settle

    async def _settle(
        self, wave_id: int, opened: dict[Attempt, int], results: Sequence[AttemptResult]
    ) -> None:
        """Read *my bookings* of all who fired, then write down what is true."""
        claims = [_claim(result) for result in results]
        if self._task.press:
            await asyncio.gather(
                *(self._read_back(r.attempt.account, claim) for r, claim in zip(results, claims, strict=True))
            )
        for result, claim in zip(results, claims, strict=True):
            self._results.append(result)
            self._learn(result)
            self._store.close_attempt(opened[result.attempt], result.tries, now=_now())
            self._record(result.attempt, claim)
        self._store.finish_wave(wave_id, now=_now())

    async def _read_back(self, account: str, claim: Held | None) -> None:
        """Ask what the account holds; once more when what the site claimed is not there."""
        self._does(account, Activity.READING)
        for _ in range(2):
            try:
                held = await self._engine.my_bookings(account)
            except ReadBackError as error:
                self._problem(str(error))
                continue
            self._known.read(account, held)
            if claim is None or any(h.slot == claim.slot for h in held):
                break
        self._does(account, Activity.READY)

    def _learn(self, result: AttemptResult) -> None:
        """Take in what the site answered, and call the person where that is needed."""
        self._known.learn(result)
        account = result.attempt.account
        for one in result.tries:
            if one.outcome.handling.tell_person:
                where = f" (see {one.evidence})" if one.evidence else ""
                self._problem(f"{account}: {one.slot}: {one.outcome.meaning}: {one.message}{where}")
            if one.outcome.handling.stop_account:
                self._does(account, Activity.OUT, one.outcome.meaning)

    def _record(self, attempt: Attempt, claim: Held | None) -> None:
        """Write what the account now holds of the chain's slots, proven or not, and tell it."""
        now = [h for h in self._known.held_by(attempt.account) if h.slot in attempt.chain and h.by_us]
        for booking in now:
            self._write_booking(booking, Proof.CONFIRMED)
        if claim and not any(h.slot == claim.slot for h in now):
            self._unproven.append(claim)
            self._known.refuse(claim.account, [claim.slot])
            self._problem(
                f"{claim.account}: the site said {claim.slot} is booked, but my bookings does not show it"
            )
            self._write_booking(claim, Proof.UNVERIFIED)

    def _write_booking(self, booking: Held, proof: Proof) -> None:
        self._store.record_booking(
            self._run_id,
            booking.account,
            booking.slot,
            reference=booking.reference or None,
            proof=proof,
            status=BookingStatus.CONFIRMED if proof is Proof.CONFIRMED else BookingStatus.PENDING,
            now=_now(),
        )
        self._tell(Proven(booking, proof))

    async def _give_back_surplus(self) -> None:
        """Cancel what is beyond the need, and look whether it is gone."""
        asked: set[Held] = set()
        while extra := set(surplus(self._goal, self._limits, self._situation())) - asked:
            for booking in sorted(extra, key=lambda h: (h.slot.instant, h.account)):
                asked.add(booking)
                await self._give_back(booking)

    async def _give_back(self, booking: Held) -> None:
        self._does(booking.account, Activity.CANCELLING, str(booking.slot))
        error = None
        try:
            await self._engine.cancel(booking)
        except CancelError as failure:
            error = failure.explain()
            self._problem(error)
            self._known.keep(booking)
        self._store.cancel_booking(self._run_id, booking.account, booking.slot, now=_now(), error=error)
        self._tell(GivenBack(booking, error or ""))
        await self._read_back(booking.account, None)

    # -- what is known

    def _situation(self) -> Situation:
        return self._known.situation(self._clock.now())

    @property
    def _attempts_each(self) -> int:
        return self._task.profile.budget.attempts_per_opening

    def _next_wave(self) -> Wave | None:
        return next_wave(self._goal, self._limits, self._situation(), self._attempts_each)

    def _foreseen(self) -> tuple[Wave, ...]:
        return foresee(self._goal, self._limits, self._situation(), self._attempts_each)

    def _result(self) -> RunResult:
        situation = self._situation()
        held = (h for h in situation.held if self._goal.priority_of(h.slot))
        return RunResult(
            self._run_id,
            self._task.press,
            verdict(self._goal, situation),
            tuple(sorted(held, key=lambda h: (h.slot.instant, h.slot.place))),
            tuple(self._unproven),
            tuple(self._results),
            tuple(self._problems),
        )

    def _problem(self, text: str) -> None:
        if text not in self._problems:
            self._problems.append(text)
            self._tell(Noted(text, problem=True))

    def _does(self, account: str, activity: Activity, detail: str = "") -> None:
        self._tell(AccountDoes(account, activity, detail))

    # -- waiting

    async def _wait_until(self, moment: datetime, what: str) -> None:
        """Wait on the site's clock; measure it again on the way when the wait is long."""
        await self._jump(moment)
        if moment - self._clock.now() > MEASURE_AHEAD:
            self._tell(Waiting(moment, what))
            await self._clock.sleep_until(moment - MEASURE_AHEAD)
            await self._remeasure()
        if moment > self._clock.now():
            self._tell(Waiting(moment, what))
            await self._clock.sleep_until(moment)

    async def _jump(self, moment: datetime) -> None:
        """Jump over the waiting, on a practice site."""
        if self._time_travel is None or moment - self._clock.now() < timedelta(seconds=1):
            return
        by = await self._time_travel.jump_to(moment)
        self._clock.shift(by)
        self._tell(Jumped(by))


def _claim(result: AttemptResult) -> Held | None:
    """The booking the site says it made."""
    last = result.last
    if last is None or last.outcome is not Outcome.BOOKED:
        return None
    return Held(result.attempt.account, last.slot, last.reference or "")


def _now() -> datetime:
    """This machine's time: when something was written down."""
    return datetime.now(UTC)
