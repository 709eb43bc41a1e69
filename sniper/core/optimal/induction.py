"""Backward induction over (what opens next, what is secured, free accounts)."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import NamedTuple

from sniper.core.optimal.crew import Kinds
from sniper.core.optimal.following import Crew, Following, Run
from sniper.core.optimal.shapes import Track
from sniper.core.optimal.stages import Course, Courses
from sniper.core.optimal.waves import Choice, Lineup, Waves
from sniper.core.strategy import Terms

MOST_STEPS = 20_000
"""Where looking ahead takes more, the locations are looked ahead of one by one."""
_SAME = 1e-9
_WAIT = Choice((), {0: ()})


class Value(NamedTuple):
    """What is worth more is greater, the first difference deciding.

    Attributes:
        goal: The probability of the whole goal.
        enough: The probability of the goal or the accepted fallback.
        rank: 1 for what is had at the best rank for sure, less for worse ones; 0 for nothing.
        spared: Minus the expected number of attempts.
    """

    goal: float
    enough: float
    rank: float
    spared: float

    def beats(self, other: Value) -> bool:
        """Is it worth more? Differences that come of rounding are none."""
        for mine, theirs in zip(self, other, strict=True):
            if mine > theirs + _SAME:
                return True
            if theirs > mine + _SAME:
                return False
        return False

    def yields_to(self, other: Value) -> bool:
        """Is the goal, or else the fallback, likelier with the other? Then what stands in its way may go."""
        if abs(self.goal - other.goal) > _SAME:
            return other.goal > self.goal
        return other.enough > self.enough + _SAME


class State(NamedTuple):
    """What matters before a stage."""

    course: Course
    runs: tuple[Run, ...]
    crew: Crew


@dataclass(frozen=True, slots=True)
class Decision:
    """What is best at a state.

    Attributes:
        tracks: Who is sent where; nobody is where it is better to wait.
        value: Of the goal from here on. Where `is_bound`, no strategy has more.
    """

    tracks: tuple[Track, ...]
    value: Value
    is_bound: bool


@dataclass(frozen=True, slots=True)
class Effort:
    """How much was looked at.

    Attributes:
        states: Situations for which what is best was decided.
        steps: What could come of a wave there, each time.
        lotteries: Waves of which it was computed what may come of them; they are the same at many states.
    """

    states: int
    steps: int
    lotteries: int


class TooMuchError(Exception):
    """Looking ahead takes too many steps."""


class Induction:
    """Decides by looking ahead to the end; what was looked at once is remembered."""

    def __init__(self, terms: Terms, kinds: Kinds, courses: Courses, waves: Waves) -> None:
        self._terms = terms
        self._goal = terms.goal
        self._kinds = kinds
        self._courses = courses
        self._following = Following(terms, kinds)
        self._enough = terms.goal.fallback.consecutive_hours or 0
        self._ranks = len(terms.goal.priorities)
        self._best: dict[tuple[Course, tuple[Run, ...], Crew], tuple[Value, tuple[Track, ...]]] = {}
        self._decided: dict[State, Decision] = {}
        self._over: dict[tuple[Run, ...], bool] = {}
        self._all_waves = waves
        self._too_much: set[Course] = set()
        """Where looking ahead took too many steps once."""
        self._steps_left: float = 0
        self._steps = 0

    def decide(self, state: State) -> Decision:
        """The best wave at the state's first stage."""
        if state not in self._decided:
            try:
                self._decided[state] = self._looked_ahead(state)
            except TooMuchError:
                self._too_much.add(state.course)
                self._steps_left = inf  # One location alone is never too much.
                bound, tracks = self._choose(state, bounded=True)
                self._decided[state] = Decision(tracks, bound, is_bound=True)
        return self._decided[state]

    def _looked_ahead(self, state: State) -> Decision:
        if state.course in self._too_much and state not in self._best:
            raise TooMuchError
        self._steps_left = MOST_STEPS
        value, tracks = self._look(state)
        return Decision(tracks, value, is_bound=False)

    @property
    def effort(self) -> Effort:
        """How much was looked at so far."""
        return Effort(len(self._best), self._steps, self._all_waves.lotteries)

    def ending(self, runs: tuple[Run, ...]) -> Value:
        """What these runs are worth when nothing more is won."""
        reached = next((rank for rank, (run, _) in enumerate(runs) if run >= self._goal.hours), None)
        if reached is not None:
            return Value(1, 1, self._worth(reached), 0)
        enough = next((rank for rank, (_, kept) in enumerate(runs) if kept), None)
        return Value(0, 0, 0, 0) if enough is None else Value(0, 1, self._worth(enough), 0)

    def is_over(self, runs: tuple[Run, ...]) -> bool:
        """Is the best reached that will be aimed at?"""
        if runs not in self._over:
            reached = [rank for rank, (run, _) in enumerate(runs) if run >= self._goal.hours]
            self._over[runs] = bool(reached) and (reached[0] == 0 or not self._terms.insured)
        return self._over[runs]

    # -- looking ahead

    def _ahead(self, course: Course | None, runs: tuple[Run, ...], crew: Crew) -> Value:
        """What may be had from there on."""
        if course is None or not crew or self.is_over(runs):
            return self.ending(runs)
        known = self._best.get((course, runs, crew))  # Equal to the state, and there in most cases.
        return (known or self._look(State(course, runs, crew)))[0]

    def _settled(self, course: Course | None, runs: tuple[Run, ...], crew: Crew) -> Value:
        """The same after a wave, when hours are given back that are only in the way."""
        value = self._ahead(course, runs, crew)
        if course is None or not self._terms.can_give_back or value.goal > 1 - _SAME or self.is_over(runs):
            return value
        for rank, left in self._following.without_a_run(course, runs, crew):
            other = self._ahead(*left)
            is_better = value.yields_to(other) and other.beats(value)
            if is_better and self._alone(course, runs, crew, rank).goal == 0:
                value = other
        return value

    def can_complete(self, state: State, rank: int) -> bool:
        """Can these accounts still reach the goal at this location, with all that is held?"""
        self._steps_left = inf  # One location alone is never too much.
        return self._alone(*state, rank).goal > 0

    def _alone(self, course: Course, runs: tuple[Run, ...], crew: Crew, rank: int) -> Value:
        """What may be had from there on at one location, when all accounts do nothing else."""
        part = self._courses.only(course, rank)
        run = tuple(run if i == rank else (0, 0) for i, run in enumerate(runs))
        return self._ahead(part, run, self._following.seen_from(crew, part) if part else ())

    def _look(self, state: State) -> tuple[Value, tuple[Track, ...]]:
        if state not in self._best:
            self._best[state] = self._choose(state, bounded=False)
        return self._best[state]

    def _choose(self, state: State, *, bounded: bool) -> tuple[Value, tuple[Track, ...]]:
        """The best of all waves, and of waiting."""
        kinds, choice = self._waves(state)
        self._steps += len(choice.results)
        self._steps_left -= len(choice.results)
        if self._steps_left < 0:
            raise TooMuchError
        ahead = self._bound if bounded else self._ahead
        best = ahead(*self._following.wait(*state))
        if not choice.waves:
            return best, ()
        settled = self._bound if bounded else self._settled
        then: dict[int, Value] = {}
        for number, wins in choice.results.items():
            won = tuple((hour, slot, kinds[kind]) for hour, slot, kind in wins)
            first, *others = self._following.steps(*state, won)
            then[number] = settled(*first)
            for other in others:
                if (value := settled(*other)).beats(then[number]):
                    then[number] = value
        goals, enoughs, ranks, spareds = (
            dict(zip(then, column, strict=True)) for column in zip(*then.values(), strict=True)
        )
        most = max(goals.values())
        chosen: tuple[Track, ...] = ()
        for tracks, lottery, nothing, attempts in choice.waves:
            if nothing * goals[0] + (1 - nothing) * most < best.goal - _SAME:
                break  # Whatever is won, it is won too seldom, here and by all that follow.
            goal = lottery.mean(goals)
            if goal < best.goal - _SAME:
                continue
            enough = lottery.mean(enoughs)
            if goal < best.goal + _SAME and enough < best.enough - _SAME:
                continue
            value = Value(goal, enough, lottery.mean(ranks), lottery.mean(spareds) - attempts)
            if value.beats(best):
                best, chosen = value, tracks
        return best, tuple(Track(one.chain, tuple(kinds[kind] for kind in one.crew)) for one in chosen)

    def _bound(self, course: Course | None, runs: tuple[Run, ...], crew: Crew) -> Value:
        """No strategy has more: as if every location had all accounts for itself."""
        if course is None or not crew or self.is_over(runs):
            return self.ending(runs)
        missed_goal = missed = 1.0
        rank = spared = 0.0
        for number in range(self._ranks):
            value = self._alone(course, runs, crew, number)
            rank += missed * value.rank
            missed_goal *= 1 - value.goal
            missed *= 1 - value.enough
            spared += value.spared
        return Value(1 - missed_goal, 1 - missed, rank, spared)

    # -- what can be done at a stage

    def _waves(self, state: State) -> tuple[list[int], Choice]:
        """The kinds of accounts, which waves call by their places in this list; and the waves."""
        course = state.course
        hours = course.stage.hours
        wanted = self.wanted(state)
        alike = self._kinds.alike([kind for kind, _ in state.crew], course)
        groups = tuple(
            (index, slots)
            for index, hour in enumerate(hours)
            if hour.rank in wanted
            for slots in alike[index]
        )
        if not groups:
            return [], _WAIT
        able = {kind: self._kinds.able(kind, course) for kind, _ in state.crew}
        # Who can have the most goes first: two that can have one thing each are worth more than one for both.
        crew = sorted(state.crew, key=lambda one: -self._kinds.choice(one[0], course))
        crew = [(kind, count) for kind, count in crew if any(able[kind])]
        lineup = Lineup(
            groups,
            tuple(hour.rank for hour in hours),
            tuple(hour.capacity for hour in hours),
            tuple(hour.most for hour in hours),
            tuple((count, able[kind]) for kind, count in crew),
        )
        return [kind for kind, _ in crew], self._all_waves.of(lineup, tuple(hour.win for hour in hours))

    def wanted(self, state: State) -> set[int]:
        """The locations of which winning the hour would be of use."""
        reached = min((r for r, (run, _) in enumerate(state.runs) if run >= self._goal.hours), default=None)
        wanted = set()
        for hour in state.course.stage.hours:
            run, _ = state.runs[hour.rank]
            most = run + 1 + hour.ahead
            for_goal = most >= self._goal.hours and (reached is None or hour.rank < reached)
            had = any(kept for _, kept in state.runs[: hour.rank + 1])
            for_less = reached is None and not had and 0 < self._enough <= most
            if for_goal or for_less:
                wanted.add(hour.rank)
        if self._terms.insured:
            return wanted
        best = next((rank for rank in range(self._ranks) if self._hopeful(state, rank)), None)
        if best is None:
            return wanted
        hour_of_best = next((h for h in state.course.stage.hours if h.rank == best), None)
        if hour_of_best is None:
            return set()
        lost_with_it = hour_of_best.longest_after < self._goal.hours
        return wanted if lost_with_it else wanted & {best}

    def _hopeful(self, state: State, rank: int) -> bool:
        """Can the location still be completed, if all is won?"""
        first = state.course.first_hour(rank)
        if first is None:
            return False
        return max(state.runs[rank][0] + 1 + first.ahead, first.longest) >= self._goal.hours

    def _worth(self, rank: int) -> float:
        return (self._ranks - rank) / self._ranks
