"""The run itself: wave after wave, until the goal is reached or nothing is left to win."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import nullcontext, suppress
from datetime import datetime, timedelta

from sniper.clock.keeper import TRY_AGAIN_AFTER, ClockKeeper
from sniper.clock.leaps import Leaps
from sniper.clock.site import SiteClock
from sniper.coordinator.checkup import KEPT_ALIVE, Checkup
from sniper.coordinator.context import Context, local_now, to_the_end
from sniper.coordinator.doubles import Doubles
from sniper.coordinator.lease import Lease
from sniper.coordinator.left_out import LeftOut
from sniper.coordinator.past import Past
from sniper.coordinator.planning import Apart, in_a_thread
from sniper.coordinator.prewarm import Prewarm
from sniper.coordinator.settlement import Settlement
from sniper.coordinator.sign_ins import SignIns
from sniper.coordinator.standing_by import STAND_BY_AT_LEAST, StandingBy
from sniper.coordinator.task import Ask, RunResult, Task, TimeTravel
from sniper.coordinator.unwanted import Unwanted
from sniper.coordinator.volley import Volley
from sniper.core.lead import Aim
from sniper.core.plan import Attempt, Wave
from sniper.core.standby import Standby
from sniper.core.standing import verdict
from sniper.engine.protocol import Engine
from sniper.errors import EnvironmentProblem, SniperError
from sniper.events import Aimed, Jumped, Noted, RunStarted, Tell, Waiting, WaveOver, WavePlanned
from sniper.preflight import Check
from sniper.store.repository import Store

SIGN_IN_AHEAD = timedelta(minutes=3)
LOOK_AHEAD = timedelta(seconds=60)
PARK_AHEAD = timedelta(seconds=20)
"""At the least; see `park_ahead`."""
# Of two processors, with the rehearsal that comes after it: 18 to 29 s for 32 pages (docs/benchmarks.md).
_PARKING_TAKES = timedelta(seconds=1.2)
# A run that is started late waits so long for everybody to be signed in, whatever becomes of the opening.
_SIGN_IN_TAKES = timedelta(seconds=60)
# Later than this before an opening nobody else is parked in time.
_PLANNED_BEFORE = timedelta(seconds=4)


def park_ahead(wave: Wave) -> timedelta:
    """How long before the opening parking begins: longer for crowds, whose pages share the processors."""
    return max(PARK_AHEAD, _PARKING_TAKES * len(wave.attempts))


class Coordinator:
    """Runs one task. The engine carries out, the policy decides, the store remembers, `tell` shows."""

    def __init__(
        self,
        task: Task,
        engine: Engine,
        clock: SiteClock,
        store: Store,
        tell: Tell,
        run_id: int,
        lease: Lease,
        *,
        remeasure: Callable[[], Awaitable[None]],
        leaps: Leaps | None = None,
        time_travel: TimeTravel | None = None,
        ask: Ask | None = None,
        machine: Sequence[Check] = (),
        apart: Apart = in_a_thread,
    ) -> None:
        """Nothing happens yet.

        Args:
            task: What to do.
            engine: Not signed in yet.
            clock: The site's, measured.
            store: Open, and the run's own.
            tell: Called for everything worth showing.
            run_id: The run's number in the store; who started the run also writes down its end.
            lease: Of what the run works on.
            remeasure: Brings `clock` up to date again.
            leaps: Of this machine's clock; after one the site's is measured again.
            time_travel: Cuts the waiting short, on a practice site.
            ask: Asks the person, if there is one.
            machine: What is looked at on this machine before each opening.
            apart: Where the strategy is asked, which may take seconds.
        """
        self._run = Context(task, engine, clock, store, tell, run_id, apart)
        self._task = task
        self._goal = task.goal
        self._clock = clock
        self._tell = tell
        budget, probes = task.profile.budget, task.profile.clock.probes
        self._lease = lease
        self._keeper = ClockKeeper(
            clock,
            remeasure,
            self._not_measured,
            leaps,
            try_again_after=max(TRY_AGAIN_AFTER, timedelta(seconds=probes / budget.requests_per_second)),
        )
        self._time_travel = time_travel
        self._sign_ins = SignIns(self._run)
        self._checkup = Checkup(self._run, self._sign_ins, machine)
        self._prewarm = Prewarm(self._run, self._sign_ins)
        self._left_out = LeftOut(self._run)
        self._settlement = Settlement(self._run)
        self._doubles = Doubles(self._run, self._settlement)
        self._unwanted = Unwanted(self._run, self._settlement, ask)
        self._past = Past(self._run, self._settlement)

    async def run(self) -> RunResult:
        """Do it. What goes wrong on the way ends the run, not the account of what was booked."""
        names = tuple(c.account for c in self._task.crew)
        title, rehearsal = self._task.profile.title, self._task.rehearsal
        failure = None
        try:
            foreseen = await self._foreseen()
            self._tell(RunStarted(self._run.run_id, title, rehearsal, self._goal, names, foreseen))
            async with self._keeper.watching():
                await self._lease.kept_during(self._go())
        except SniperError as error:
            self._run.problem(error.explain())
            failure = error.exit_code
        finally:
            self._prewarm.unpark()
        return self._result(failure)

    async def _go(self) -> None:
        self._past.remember()
        unsettled = self._past.is_unsettled
        first = await (self._next_wave() if unsettled else self._checked_wave())
        if first or unsettled:
            if first and not unsettled:
                await self._wait_until(first.opens_at - SIGN_IN_AHEAD, "the sign-in")
            at_least = self._clock.now() + _SIGN_IN_TAKES
            parking_at = first.opens_at - park_ahead(first) if first else at_least
            await self._sign_ins.sign_in_all(max(parking_at, at_least))
            await self._past.settle()
        try:
            if self._task.press:
                await self._win()
            else:
                for number, wave in enumerate(await self._foreseen(), 1):
                    await self._play(number, wave)
        finally:
            self._left_out.write()

    async def _win(self) -> None:
        # What a run that was killed has won.
        await self._settlement.give_back_surplus()
        await self._doubles.look()
        number = 0
        more = True
        while more:
            while wave := await self._checked_wave():
                number += 1
                await self._play(number, wave)
                await self._settlement.give_back_surplus()
                await self._doubles.look()
            # What is known only now may be too much, or leave an hour open that was thought to be ours.
            more = await self._settlement.read_doubtful_again()
            more = await self._past.look_again() or more
            await self._settlement.give_back_surplus()
        await self._doubles.look_again()
        await self._unwanted.settle()

    async def _checked_wave(self) -> Wave | None:
        """The next wave. All checks that come before it are made first: they may show that another is due.

        A practice site's clock jumps over the waiting, and over these with it.
        """
        while wave := await self._next_wave():
            moment = None if self._time_travel else self._checkup.next_before(wave.opens_at)
            if moment is None:
                return wave
            await self._wait_until(moment, "a check", keep=wave.opens_at - moment < KEPT_ALIVE)
            await self._checkup.look_before(wave.opens_at)
        return None

    # -- one wave

    async def _play(self, number: int, wave: Wave) -> None:
        self._tell(WavePlanned(number, wave))
        try:
            await self._park_and_fire(wave)
        finally:
            self._tell(WaveOver(number))

    async def _park_and_fire(self, wave: Wave) -> None:
        planned_at = self._clock.now()
        self._left_out.write(but=wave.opens_at)
        standbys_planned = await self._standbys(wave)
        await self._look_at_sign_ins(wave)
        await self._wait_until(wave.opens_at - park_ahead(wave), "parking")
        able = self._run.situation().accounts
        if self._task.press and any(attempt.account not in able for attempt in wave.attempts):
            return  # Somebody was refused while we waited: others have to be planned for.
        standing_by = StandingBy(self._run, self._prewarm, standbys_planned)
        attempts, plan_anew = await self._prewarm.park(wave, standing_by.attempts)
        out = [a for a in wave.attempts if a not in attempts]
        why = self._prewarm.not_parked(out)
        self._left_out.note(wave, why)
        if not plan_anew:
            await self._prewarm.rehearse(attempts, wave.opens_at)
        await standing_by.parked(wave.opens_at)
        if plan_anew and self._task.press and await self._is_planned_anew(wave.opens_at):
            return  # Who failed is known by now; those who are parked stay parked.
        self._settlement.not_fired({}, out, why)
        attempts += filter(None, (standing_by.take_over(a, wave.opens_at) for a in out))
        await self._prewarm.rehearse([*attempts, *standing_by.attempts], wave.opens_at)
        if attempts:
            await self._open_fire(wave, attempts, standing_by, planned_at)
        standing_by.dismiss()

    async def _open_fire(
        self, wave: Wave, attempts: Sequence[Attempt], standing_by: StandingBy, planned_at: datetime
    ) -> None:
        """The last seconds, the opening, and what comes of it."""
        if self._time_travel:
            await self._jump(wave.opens_at - self._time_travel.before_opening)
        if wave.opens_at > self._clock.now():
            self._tell(Waiting(wave.opens_at, "the opening"))
        broken = await self._prewarm.last_look(wave.opens_at, [*attempts, *standing_by.attempts])
        standing_by.without(broken)
        store = self._run.store
        self._lease.secure(wave.opens_at - self._clock.now())
        aim = Aim.take(
            wave.opens_at, self._clock.known_at(wave.opens_at), self._task.profile.early_cost, planned_at
        )
        wave_id = store.plan_wave(self._run.run_id, wave, self._goal, aim, now=local_now())
        opened: dict[Attempt, int] = {}

        def write_down(*attempts: Attempt) -> None:
            opened.update(store.open_attempts(wave_id, attempts, now=local_now()))

        write_down(*attempts)
        self._tell(Aimed(aim))
        volley = Volley(self._run, self._prewarm, standing_by, aim, write_down, wave.beside)
        try:
            await volley.fire(attempts, broken)
        finally:
            # Also when it was interrupted: whether a press reached the site is then not known otherwise.
            self._prewarm.unpark()
            out = [a for a in opened if a not in volley.results]
            self._settlement.not_fired(opened, out, self._prewarm.not_parked(out))
            await to_the_end(self._settlement.settle(wave_id, opened, list(volley.results.values())))
        self._left_out.write_with(wave_id, wave.opens_at)

    # -- what is known

    async def _next_wave(self) -> Wave | None:
        return await self._run.planning.next_wave(self._run.situation())

    async def _standbys(self, wave: Wave) -> tuple[Standby, ...]:
        """Who is to stand by, where there is time to find out.

        A dry run is there to tell whose page does not get ready: nobody takes over.
        """
        situation = self._run.situation()
        if not self._task.press or wave.opens_at - situation.now < STAND_BY_AT_LEAST:
            return ()
        found: list[Standby] = []

        async def plan() -> None:
            found.extend(await self._run.planning.standbys(wave, situation))

        parking_at = wave.opens_at - park_ahead(wave)
        until = parking_at if parking_at > situation.now else wave.opens_at - STAND_BY_AT_LEAST
        with suppress(TimeoutError):  # Nobody waits for it: those who lead are parked in time.
            await self._run.by(until, plan())
        return tuple(found)

    async def _is_planned_anew(self, opens_at: datetime) -> bool:
        """Look ahead as long as others could still be parked. What is found out by then is not forgotten.

        Where that is too long, those who are parked fire: they do not wait for a plan.
        """

        async def plan() -> None:
            await self._next_wave()

        try:
            await self._run.by(opens_at - _PLANNED_BEFORE, plan())
        except TimeoutError:
            self._tell(Noted("planning anew took too long: those who are parked fire"))
            return False
        return True

    async def _foreseen(self) -> tuple[Wave, ...]:
        return await self._run.planning.foreseen(self._run.situation())

    def _result(self, failure: int | None) -> RunResult:
        unproven = tuple(self._settlement.unproven)
        held = tuple(
            h
            for h in self._run.known.situation(self._clock.now()).held
            if self._goal.priority_of(h.slot) and h not in unproven
        )
        profile = self._task.profile
        by_word = bool(unproven) and profile.my_bookings is None
        by_us = any(one.by_us for one in (*held, *(unproven if by_word else ())))
        return RunResult(
            self._run.run_id,
            self._task.press,
            verdict(self._goal, self._run.certain()),
            tuple(sorted(held, key=lambda h: (h.slot.instant, h.slot.place))),
            unproven,
            tuple(self._settlement.results),
            tuple(self._run.problems),
            failure,
            self._run.known.doubled,
            self._past.continues,
            f"{profile.title} shows nobody their bookings" if by_word else None,
            profile.left_to_do if by_us else None,
        )

    # -- waiting

    async def _look_at_sign_ins(self, wave: Wave) -> None:
        """Shortly before parking, while there is time to sign in again who is signed out."""
        parking_at = wave.opens_at - park_ahead(wave)
        if self._unsure_of(wave.opens_at) and self._clock.now() < parking_at:
            moment = min(wave.opens_at - LOOK_AHEAD, parking_at - PARK_AHEAD)
            await self._wait_until(moment, "a look at the sign-ins")
            looks = self._sign_ins.look_at(self._unsure_of(wave.opens_at))
            with suppress(TimeoutError):  # Nobody waits for one that hangs: parking tries once more.
                await self._run.by(parking_at, looks)

    def _unsure_of(self, opens_at: datetime) -> list[str]:
        """Who was not seen signed in of late. A parked page is left where it is."""
        accounts = self._sign_ins.not_seen_since(opens_at - SIGN_IN_AHEAD)
        return [account for account in accounts if not self._prewarm.is_parked(account)]

    async def _wait_until(self, moment: datetime, what: str, *, keep: bool = True) -> None:
        """Wait on the site's clock, which is measured again on the way; `keep` keeps everybody signed in."""
        if self._time_travel:
            # What a jump leaves of a second is waited for before an opening only: the engine does that.
            await self._jump(moment)
        elif moment > self._clock.now():
            self._tell(Waiting(moment, what))
            async with self._sign_ins.kept_alive(moment) if keep else nullcontext():
                await self._keeper.sleep_until(moment)

    def _not_measured(self, error: EnvironmentProblem) -> None:
        self._tell(Noted(f"the site's clock could not be read again, going by the last reading: {error}"))

    async def _jump(self, moment: datetime) -> None:
        """Jump over the waiting, on a practice site."""
        if self._time_travel is None or moment - self._clock.now() < timedelta(seconds=1):
            return
        by = await self._time_travel.jump_to(moment)
        self._clock.shift(by)
        self._tell(Jumped(by))
