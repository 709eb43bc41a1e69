"""The optimal strategy: from what is known to the best wave, and to what nobody needs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import zip_longest

from sniper.core.budget import presses_left, without_the_spent
from sniper.core.optimal.crew import FOR_GOOD, KEPT, Kinds
from sniper.core.optimal.following import Run
from sniper.core.optimal.induction import Decision, Effort, Induction, State, Value
from sniper.core.optimal.shapes import Track
from sniper.core.optimal.stages import Courses, Stage, leading_up, possible_runs, stages_of
from sniper.core.optimal.waves import Waves
from sniper.core.plan import (
    Attempt,
    Held,
    LocationHour,
    Role,
    Situation,
    Standing,
    Verdict,
    Wave,
    location_hour,
)
from sniper.core.slots import Slot
from sniper.core.standing import verdict
from sniper.core.strategy import Terms
from sniper.core.streaks import longest_run, runs_held
from sniper.core.surplus import needless, shared_hours, without


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is to be expected.

    Attributes:
        goal: The probability of the whole goal.
        enough: The probability of the goal or the accepted fallback.
        is_bound: Whether these are what no strategy can exceed, instead of what they are.
    """

    goal: float
    enough: float
    is_bound: bool


class Optimal:
    """Looks ahead to the end of every course the run could take, and does what is best (docs/planning.md).

    Attributes:
        terms: What it goes by.
    """

    def __init__(self, terms: Terms, like: Optimal | None = None) -> None:
        """Nothing is looked at yet.

        Args:
            terms: What it goes by.
            like: One whose terms differ in the goal at most: the same waves are possible.
        """
        self.terms = terms
        self._goal = terms.goal
        self._kinds = Kinds(terms.limits)
        self._courses = Courses()
        self._waves: Waves = like._waves if like else Waves(terms, places_count=self._kinds.counts_places)
        self._induction = Induction(terms, self._kinds, self._courses, self._waves)

    def next_wave(self, situation: Situation) -> Wave | None:
        """The next wave, or None when there is nothing (more) to be won.

        What is open already goes together: hour after hour, as if whoever leads the hours before had won.
        """
        first: _Planned | None = None
        attempts: list[Attempt] = []
        known = self._for_planning(situation)
        while planned := self._plan(known, first.stage.opens_at if first else None):
            first = first or planned
            attempts += planned.attempts
            fired = {one.account for one in planned.attempts}
            leads = tuple(Held(a.account, a.target, "") for a in planned.attempts if a.role is Role.LEAD)
            known = replace(
                known,
                accounts=tuple(account for account in known.accounts if account not in fired),
                held=(*known.held, *leads),
                lost=known.lost | {slot for hour in planned.stage.hours for slot in hour.slots},
            )
        if first is None:
            return None
        return Wave(
            first.stage.opens_at,
            tuple(attempts),
            self._reason(attempts, situation, first.decision),
            frozenset(self._beside(situation, attempts)),
        )

    def doubles(self, situation: Situation) -> tuple[Held, ...]:
        """See `Strategy.doubles`: of ours that is kept with which most can be reached."""
        extra: tuple[Held, ...] = ()
        for owned in shared_hours(self._goal, situation):
            ours = tuple(held for held in owned if held.by_us)
            kept = owned[:1] if ours != owned else ours
            extra += self._best(
                situation, [tuple(held for held in ours if held != one) for one in kept], but=extra
            )
        return extra

    def surplus(self, situation: Situation) -> tuple[Held, ...]:
        """What this run won and should give back now, where the site takes bookings back.

        Two of ours at one location and hour: all but one. Hours that can become part of nothing that is
        wanted any more. And hours that could, where more can be reached without them. What the fallback
        accepts is not given up for the goal.
        """
        if not self.terms.can_give_back:
            return ()
        extra = self.doubles(situation)
        extra += self._needless(without(situation, extra))
        return extra + self._in_the_way(without(situation, extra))

    def outlook(self, situation: Situation) -> Outlook:
        """What is to be expected of this strategy."""
        known = self._for_planning(situation)
        stages = stages_of(self.terms, known)
        decision = self._decide(known, stages)
        if decision is None:
            ending = self._induction.ending(self._runs(known, stages))
            return Outlook(ending.goal, ending.enough, is_bound=False)
        return Outlook(decision.value.goal, decision.value.enough, decision.is_bound)

    @property
    def effort(self) -> Effort:
        """How much was looked at so far."""
        return self._induction.effort

    # -- the next wave

    def _beside(
        self, situation: Situation, attempts: Sequence[Attempt]
    ) -> Iterator[tuple[LocationHour, LocationHour]]:
        """Of each hour that may be won by these attempts, the other locations at which it is wanted then too.

        As if whoever leads the hours before had won. Only as insurance: without, a worse location stands for
        a better one, and never beside it.
        """
        if not self.terms.insured:
            return
        known = self._for_planning(situation)
        leads = [Held(a.account, a.target, "") for a in attempts if a.role is Role.LEAD]
        instants = {attempt.target.instant for attempt in attempts}
        for stage in stages_of(self.terms, known):
            before = tuple(lead for lead in leads if lead.slot.instant < stage.instant)
            for won in (hour.slots[0] for hour in stage.hours if stage.instant in instants):
                held = (*known.held, *before, Held("", won, ""))
                for other in self._wanted_at(won.instant, replace(known, held=held)):
                    yield location_hour(won), location_hour(other)

    def _wanted_at(self, instant: datetime, situation: Situation) -> Iterator[Slot]:
        """One slot of each location at which an hour is of use."""
        stages = stages_of(self.terms, situation)
        for index, stage in enumerate(stages):
            left = stages[index:]
            if stage.instant == instant and (course := self._courses.of(left)):
                wanted = self._induction.wanted(State(course, self._runs(situation, left), ()))
                yield from (hour.slots[0] for hour in stage.hours if hour.rank in wanted)

    def _for_planning(self, situation: Situation) -> Situation:
        return without_the_spent(self._goal, situation.if_doubts_hold, self.terms.attempts_each)

    def _plan(self, situation: Situation, until: datetime | None) -> _Planned | None:
        """The first stage at which it is best to fire; with `until` only of those that are open by then."""
        stages = stages_of(self.terms, situation)
        for index, stage in enumerate(stages):
            if until is not None and stage.opens_at > max(until, situation.now):
                return None
            decision = self._decide(situation, stages[index:])
            if decision is None:
                return None
            if decision.tracks and (attempts := self._attempts(situation, stages[index:], decision.tracks)):
                return _Planned(stage, attempts, decision)
        return None

    def _decide(self, situation: Situation, stages: tuple[Stage, ...]) -> Decision | None:
        """What is best at the first of these stages; None when it does not matter any more."""
        state = self._state(situation, stages)
        if state is None or not state.crew or self._induction.is_over(state.runs):
            return None
        return self._induction.decide(state)

    def _state(self, situation: Situation, stages: tuple[Stage, ...]) -> State | None:
        course = self._courses.of(stages)
        if course is None:
            return None
        by_kind = self._by_kind(situation, stages)
        crew = tuple(sorted((kind, len(accounts)) for kind, accounts in by_kind.items()))
        return State(course, self._runs(situation, stages), crew)

    def _runs(self, situation: Situation, stages: tuple[Stage, ...]) -> tuple[Run, ...]:
        before = leading_up(stages)
        enough = self._goal.fallback.consecutive_hours or 0
        runs: list[Run] = []
        for rank, priority in enumerate(self._goal.ranked):
            longest = len(longest_run(priority, self._goal, situation))
            run = before.get(rank, 0)
            if longest >= self._goal.hours:
                runs.append((self._goal.hours, 0))
            elif enough and longest >= enough:
                runs.append((run, 1 if run >= enough else 2))
            else:
                runs.append((run, 0))
        return tuple(runs)

    def _by_kind(self, situation: Situation, stages: tuple[Stage, ...]) -> dict[int, list[str]]:
        """The accounts that matter, by what they have in common."""
        course = self._courses.of(stages)
        if course is None:
            return {}
        tails = self._tails(situation, stages)
        by_kind: defaultdict[int, list[str]] = defaultdict(list)
        for account in situation.accounts:
            mine = [held for held in situation.held if held.account == account]
            refused = frozenset(slot for who, slot in situation.refused if who == account)
            bookings = (
                (
                    held.slot,
                    tails.get((held.slot.location, held.slot.instant), FOR_GOOD) if held.by_us else FOR_GOOD,
                )
                for held in mine
            )
            kind = self._kinds.seen_from(self._kinds.of(bookings, refused), course)
            if kind is not None:
                by_kind[kind].append(account)
        return by_kind

    def _tails(self, situation: Situation, stages: tuple[Stage, ...]) -> dict[tuple[str, datetime], int]:
        """What hours are given back with: their location's rank, or that of the fallback they stand for."""
        if not self.terms.can_give_back:
            return {}
        tails = {}
        for rank, (run, kept) in enumerate(self._runs(situation, stages)):
            priority = self._goal.ranked[rank]
            first = next((hour_at for hour_at in _hours_of(stages, rank)), None)
            if kept == 2:
                for held in longest_run(priority, self._goal, situation):
                    tails[priority.location, held.slot.instant] = KEPT + rank
            if first is not None and run < self._goal.hours:
                for back in range(1, run + 1):
                    tails[priority.location, first - back * priority.slot_length] = rank
        return tails

    def _attempts(
        self, situation: Situation, stages: tuple[Stage, ...], tracks: tuple[Track, ...]
    ) -> tuple[Attempt, ...]:
        """The first of every track, then those behind them; of each location's hour, the first one leads."""
        accounts = {kind: iter(names) for kind, names in self._by_kind(situation, stages).items()}
        hours = stages[0].hours
        led: set[int] = set()
        attempts = []
        for place in zip_longest(*(track.crew for track in tracks)):
            for track, kind in zip(tracks, place, strict=True):
                if kind is None:
                    continue
                account = next(accounts[kind])
                chain = tuple(hours[hour].slots[slot] for hour, slot in track.chain)
                first = track.chain[0][0]
                role = Role.BACKUP if first in led else Role.LEAD
                led.add(first)
                left = presses_left(self._goal, situation, account, chain[0], self.terms.attempts_each)
                attempts.append(Attempt(account, chain[:left], role))
        return tuple(attempts)

    def _reason(self, attempts: list[Attempt], situation: Situation, decision: Decision) -> str:
        targets = {(a.target.start, a.target.location): None for a in attempts}
        what = ", ".join(f"{location} {start:%H:%M}" for start, location in sorted(targets))
        of = len(situation.accounts)
        value = decision.value
        at_most = "at most " if decision.is_bound else ""
        odds = f"the goal is reached with {at_most}{value.goal:.0%}"
        if value.goal < 5e-3 and value.enough >= 5e-3:
            odds = f"the fallback is reached with {at_most}{value.enough:.0%}"
        return f"{what} with {len(attempts)} of {of} accounts; {odds}"

    # -- what nobody needs

    def _needless(self, situation: Situation) -> tuple[Held, ...]:
        """What can become part of nothing that is wanted any more. Of several fallbacks one is enough."""
        now = verdict(self._goal, situation)
        if now.standing is not Standing.FALLBACK:
            return needless(self._goal, situation, tuple(self._useful(situation, now)))
        enough = self._goal.fallback.consecutive_hours or self._goal.hours
        had = [
            run
            for priority in self._goal.ranked
            for run in runs_held(priority, self._goal, situation)
            if len(run) >= enough
        ]
        first = had.index(now.streak)
        had = [had[first], *had[:first], *had[first + 1 :]]
        return self._best(
            situation,
            [
                needless(self._goal, situation, tuple(self._useful(situation, replace(now, streak=one), had)))
                for one in had
            ],
        )

    def _useful(
        self, situation: Situation, now: Verdict, had: Sequence[tuple[Held, ...]] = ()
    ) -> Iterator[Held]:
        """What the goal stands on, and what may become part of something better.

        Args:
            situation: What is known.
            now: How the goal stands, and on what.
            had: All that the fallback could stand on.
        """
        missed, reached = now.standing is Standing.MISSED, now.standing is Standing.REACHED
        base = None if missed else self._goal.priority_of(now.streak[0].slot)
        yield from () if missed else now.streak
        if reached and not (self.terms.insured and self.next_wave(situation)):
            return
        enough = self._goal.fallback.consecutive_hours or self._goal.hours
        runs = possible_runs(self._goal, situation)
        for held in situation.held:
            priority = self._goal.priority_of(held.slot)
            if priority is None:
                continue
            longest = runs[priority.location, held.slot.instant]
            is_better = base is None or priority.rank < base.rank
            for_goal = longest >= self._goal.hours and (is_better or not reached)
            for_fallback = longest >= enough and is_better and not reached
            if for_goal or (for_fallback and not any(held in one for one in had)):
                yield held

    def _in_the_way(self, situation: Situation) -> tuple[Held, ...]:
        """The hours at a location with which nothing more can be reached there, and elsewhere less."""
        standing = verdict(self._goal, situation).standing
        if standing is Standing.REACHED:
            return ()
        worth = self._worth(situation)
        options: list[tuple[Held, ...]] = []
        for rank, priority in enumerate(self._goal.ranked):
            ours = tuple(h for h in situation.held if h.by_us and self._goal.priority_of(h.slot) == priority)
            if not ours or self._can_complete(situation, rank):
                continue
            streak = longest_run(priority, self._goal, situation)
            for some in dict.fromkeys((ours, tuple(held for held in ours if held not in streak))):
                left = without(situation, some)
                if (
                    some
                    and verdict(self._goal, left).standing is standing
                    and worth.yields_to(self._worth(left))
                ):
                    options.append(some)
        return self._best(situation, options)

    def _best(
        self, situation: Situation, options: Sequence[tuple[Held, ...]], *, but: tuple[Held, ...] = ()
    ) -> tuple[Held, ...]:
        """Of things to give back those without which most is left; the first of equals."""
        if len(options) < 2:
            return options[0] if options else ()
        best, *others = ((one, self._worth(without(situation, (*but, *one)))) for one in options)
        for other in others:
            best = other if other[1].beats(best[1]) else best
        return best[0]

    def _can_complete(self, situation: Situation, rank: int) -> bool:
        """Can the goal still be reached at this location, with all that is held?"""
        known = self._for_planning(situation)
        state = self._state(known, stages_of(self.terms, known))
        return state is not None and self._induction.can_complete(state, rank)

    def _worth(self, situation: Situation) -> Value:
        known = self._for_planning(situation)
        stages = stages_of(self.terms, known)
        decision = self._decide(known, stages)
        return decision.value if decision else self._induction.ending(self._runs(known, stages))


def _hours_of(stages: tuple[Stage, ...], rank: int) -> Iterator[datetime]:
    """When the hours of a location start that are still to be won."""
    return (stage.instant for stage in stages if any(hour.rank == rank for hour in stage.hours))


@dataclass(frozen=True, slots=True)
class _Planned:
    """What is fired at one stage, and why."""

    stage: Stage
    attempts: tuple[Attempt, ...]
    decision: Decision
