"""Backward induction over (what opens next, what is secured, free accounts)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from typing import NamedTuple

from sniper.core.optimal.crew import FOR_GOOD, KEPT, Kinds
from sniper.core.optimal.shapes import Track, Win
from sniper.core.optimal.stages import Course, Courses
from sniper.core.optimal.waves import Lineup, Possible, Waves
from sniper.core.strategy import Terms

MOST_STEPS = 5000
"""Where looking ahead takes more, the locations are looked ahead of one by one."""
_SAME = 1e-9

Run = tuple[int, int]
"""Of a location: how long a run leads up to its next hour (`Goal.hours`: it is complete), and whether the
fallback is had (0), by the run that still goes on (1), or for good (2)."""
Crew = tuple[tuple[int, int], ...]
"""How many accounts there are of each kind."""


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
            if abs(mine - theirs) > _SAME:
                return mine > theirs
        return False


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


class TooMuchError(Exception):
    """Looking ahead takes too many steps."""


class Induction:
    """Decides by looking ahead to the end; what was looked at once is remembered."""

    def __init__(self, terms: Terms, kinds: Kinds, courses: Courses) -> None:
        self._terms = terms
        self._goal = terms.goal
        self._kinds = kinds
        self._courses = courses
        self._enough = terms.goal.fallback.consecutive_hours or 0
        self._ranks = len(terms.goal.priorities)
        self._best: dict[State, tuple[Value, tuple[Track, ...]]] = {}
        self._decided: dict[State, Decision] = {}
        self._all_waves = Waves(terms, places_count=kinds.counts_places)
        self._too_much: set[Course] = set()
        """Where looking ahead took too many steps once."""
        self._steps: float = 0

    def decide(self, state: State) -> Decision:
        """The best wave at the state's first stage."""
        if state not in self._decided:
            try:
                self._decided[state] = self._looked_ahead(state)
            except TooMuchError:
                self._too_much.add(state.course)
                self._steps = -inf  # One location alone is never too much.
                bound, tracks = self._choose(state, bounded=True)
                self._decided[state] = Decision(tracks, bound, is_bound=True)
        return self._decided[state]

    def _looked_ahead(self, state: State) -> Decision:
        if state.course in self._too_much and state not in self._best:
            raise TooMuchError
        self._steps = 0
        value, tracks = self._look(state)
        return Decision(tracks, value, is_bound=False)

    def ending(self, runs: tuple[Run, ...]) -> Value:
        """What these runs are worth when nothing more is won."""
        reached = next((rank for rank, (run, _) in enumerate(runs) if run >= self._goal.hours), None)
        if reached is not None:
            return Value(1, 1, self._worth(reached), 0)
        enough = next((rank for rank, (_, kept) in enumerate(runs) if kept), None)
        return Value(0, 0, 0, 0) if enough is None else Value(0, 1, self._worth(enough), 0)

    def is_over(self, runs: tuple[Run, ...]) -> bool:
        """Is the best reached that will be aimed at?"""
        reached = [rank for rank, (run, _) in enumerate(runs) if run >= self._goal.hours]
        return bool(reached) and (reached[0] == 0 or not self._terms.insured)

    # -- looking ahead

    def _value(self, course: Course | None, runs: tuple[Run, ...], crew: Crew) -> Value:
        if course is None or not crew or self.is_over(runs):
            return self.ending(runs)
        return self._look(State(course, runs, crew))[0]

    def _look(self, state: State) -> tuple[Value, tuple[Track, ...]]:
        if state not in self._best:
            self._best[state] = self._choose(state, bounded=False)
        return self._best[state]

    def _choose(self, state: State, *, bounded: bool) -> tuple[Value, tuple[Track, ...]]:
        """The best of all waves, and of waiting."""
        known: dict[tuple[Win, ...], Value] = {}

        def then(wins: tuple[Win, ...]) -> Value:
            if wins not in known:
                self._steps += 1
                if self._steps > MOST_STEPS:
                    raise TooMuchError
                won = tuple((hour, slot, kinds[kind]) for hour, slot, kind in wins)
                course, runs, crew = self.step(state, won)
                known[wins] = (self._bound if bounded else self._value)(course, runs, crew)
            return known[wins]

        kinds, waves = self._waves(state)
        best = then(())
        chosen: tuple[Track, ...] = ()
        for tracks, lottery, attempts in waves:
            goal = enough = rank = spared = 0.0
            for wins, chance in lottery:
                value = then(wins)
                goal += chance * value.goal
                enough += chance * value.enough
                rank += chance * value.rank
                spared += chance * value.spared
            value = Value(goal, enough, rank, spared - attempts)
            if value.beats(best):
                best, chosen = value, tracks
        return best, tuple(Track(one.chain, tuple(kinds[kind] for kind in one.crew)) for one in chosen)

    def _bound(self, course: Course | None, runs: tuple[Run, ...], crew: Crew) -> Value:
        """No strategy has more: as if every location had all accounts for itself."""
        if course is None or not crew or self.is_over(runs):
            return self.ending(runs)
        missed_goal = missed = 1.0
        rank = spared = 0.0
        for number, run in enumerate(runs):
            alone: tuple[Run, ...] = tuple(run if i == number else (0, 0) for i in range(self._ranks))
            part = self._courses.only(course, number)
            narrowed = self._narrowed(crew, part) if part else ()
            value = self._value(part, alone, narrowed)
            rank += missed * value.rank
            missed_goal *= 1 - value.goal
            missed *= 1 - value.enough
            spared += value.spared
        return Value(1 - missed_goal, 1 - missed, rank, spared)

    # -- what can be done at a stage

    def _waves(self, state: State) -> tuple[list[int], tuple[Possible, ...]]:
        """The kinds of accounts, which waves call by their places in this list; and the waves."""
        course = state.course
        hours = course.stage.hours
        wanted = self._wanted(state)
        able = {kind: self._kinds.able(kind, course) for kind, _ in state.crew}
        places = tuple(
            len(hour.slots) if hour.rank in wanted and any(able[kind][i] for kind in able) else 0
            for i, hour in enumerate(hours)
        )
        if not any(places):
            return [], ()
        # Who can have the most goes first: two that can have one thing each are worth more than one for both.
        crew = sorted(state.crew, key=lambda one: -self._kinds.choice(one[0], course))
        crew = [(kind, count) for kind, count in crew if any(able[kind])]
        lineup = Lineup(
            places,
            tuple(hour.rank for hour in hours),
            tuple(hour.win for hour in hours),
            tuple(hour.capacity for hour in hours),
            tuple(hour.most for hour in hours),
            tuple((count, able[kind]) for kind, count in crew),
        )
        return [kind for kind, _ in crew], self._all_waves.of(lineup)

    def _wanted(self, state: State) -> set[int]:
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

    # -- what follows

    def step(self, state: State, wins: tuple[Win, ...]) -> tuple[Course | None, tuple[Run, ...], Crew]:
        """What is left to come after a stage at which this was won."""
        course, hours = state.course, state.course.stage.hours
        back = self._terms.can_give_back
        runs, crew = list(state.runs), Counter(dict(state.crew))
        over: list[int] = []
        kept_now: list[int] = []
        for index, hour in enumerate(hours):
            rank = hour.rank
            run, kept = runs[rank]
            if run >= self._goal.hours:
                continue
            won = [(slot, kind) for at, slot, kind in wins if at == index]
            for number, (slot, kind) in enumerate(won):
                if number and back:
                    continue  # It is given back, and the account is free again.
                crew[kind] -= 1
                tail = rank if back and not number else FOR_GOOD
                crew[self._kinds.after(kind, hour.slots[slot], tail)] += 1
            linked, before = course.links.get(rank, (False, 0))
            if won and run + 1 + hour.after >= self._goal.hours:
                run, kept = self._goal.hours, 0
            elif won:
                run += 1
                if not kept and 0 < self._enough <= run + hour.after:
                    kept = 1
                if self._is_useful(run + hour.ahead, kept, runs[:rank]):
                    run = (run if linked else 0) + before
                else:
                    over.append(rank)
                    run = before
            else:
                if kept == 1:
                    kept_now.append(rank)
                    kept = 2
                else:
                    over.append(rank)
                run = before
            runs[rank] = run, kept
        rest = course.rest
        coming = {hour.rank for stage in rest.stages for hour in stage.hours} if rest else set()
        for rank, (run, kept) in enumerate(runs):
            if rank not in coming and run < self._goal.hours:
                kept_now += [rank] if kept == 1 else []
                runs[rank] = 0, kept and 2
        for rank in [rank for rank, (_, kept) in enumerate(runs) if kept][1:]:
            over.append(KEPT + rank)  # A better fallback is had.
            runs[rank] = runs[rank][0], 0
        reached = next((rank for rank, (run, _) in enumerate(runs) if run >= self._goal.hours), None)
        if reached is not None:
            worse = range(reached + 1, self._ranks)
            over += [*worse, *(KEPT + rank for rank in range(self._ranks))]
            runs = [
                (0, 0) if rank in worse else (run if rank >= reached else (run[0], 0))
                for rank, run in enumerate(runs)
            ]
        if back:
            for rank in kept_now:
                crew = self._all(crew, self._kinds.kept, rank)
            for tail in over:
                crew = self._all(crew, self._kinds.freed, tail)
        return rest, tuple(runs), self._narrowed(tuple(crew.items()), rest) if rest else ()

    def _is_useful(self, most: int, kept: int, better: Sequence[Run]) -> bool:
        """Can a run that may become this long be of use, or is it what the fallback stands on?"""
        had = kept == 2 or any(other for _, other in better)
        return most >= self._goal.hours or (not had and (kept == 1 or 0 < self._enough <= most))

    @staticmethod
    def _all(crew: Counter[int], change: Callable[[int, int], int], rank: int) -> Counter[int]:
        changed = Counter[int]()
        for kind, number in crew.items():
            if number:
                changed[change(kind, rank)] += number
        return changed

    def _narrowed(self, crew: Crew, course: Course) -> Crew:
        found = Counter[int]()
        for kind, number in crew:
            narrowed = self._kinds.seen_from(kind, course) if number else None
            if narrowed is not None:
                found[narrowed] += number
        return tuple(sorted(found.items()))

    def _worth(self, rank: int) -> float:
        return (self._ranks - rank) / self._ranks
