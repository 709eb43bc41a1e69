"""What a stage leaves: the runs, the accounts, and what comes then."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import product
from typing import NamedTuple

from sniper.core.optimal.crew import FOR_GOOD, KEPT, Kinds
from sniper.core.optimal.lotteries import Win
from sniper.core.optimal.stages import Course
from sniper.core.strategy import Terms

Run = tuple[int, int]
"""Of a location: how long a run leads up to its next hour (`Goal.hours`: it is complete), and whether the
fallback is had (0), by the run that still goes on (1), or for good (2)."""
Crew = tuple[tuple[int, int], ...]
"""How many accounts there are of each kind."""


@dataclass(frozen=True, slots=True, eq=False)
class Left:
    """What is left after a stage at which some hours were won, whoever won them.

    Attributes:
        course: What comes then.
        winning: For each hour of the stage that is won, the location whose run its booking goes with.
        renewed: The location whose fallback stands on a new run: what it stood on is given back.
        kept: The locations whose fallback does not go on: what it stands on stays.
        freed: What is given back, by what it goes with.
        stay: What becomes of accounts that win nothing, by kind; None is one that can win nothing more.
        win: What becomes of those that win.
    """

    course: Course | None
    runs: tuple[Run, ...]
    winning: dict[int, int]
    renewed: int | None
    kept: tuple[int, ...]
    freed: tuple[int, ...]
    stay: dict[int, int | None] = field(default_factory=dict)
    win: dict[Win, int | None] = field(default_factory=dict)


class _Longer(NamedTuple):
    """A run that has become longer: how long it may become, and what leads up to its next hour without it."""

    rank: int
    most: int
    before: int


class Following:
    """Goes from a stage to the next. What the runs become does not depend on who wins: it is found once."""

    def __init__(self, terms: Terms, kinds: Kinds) -> None:
        self._terms = terms
        self._goal = terms.goal
        self._kinds = kinds
        self._ranks = len(terms.goal.priorities)
        self._enough = terms.goal.fallback.consecutive_hours or 0
        self._known: dict[tuple[Course, tuple[Run, ...], frozenset[int] | None], tuple[Left, ...]] = {}

    def wait(
        self, course: Course, runs: tuple[Run, ...], crew: Crew
    ) -> tuple[Course | None, tuple[Run, ...], Crew]:
        """What is left to come after a stage at which nobody fires: nothing is given back for a choice."""
        (left,) = self._left(course, runs, None)
        return left.course, left.runs, self._crew_after(course, left, crew, ())

    def steps(
        self, course: Course, runs: tuple[Run, ...], crew: Crew, wins: tuple[Win, ...]
    ) -> Iterator[tuple[Course | None, tuple[Run, ...], Crew]]:
        """What may be left to come after a wave of which this was won: we choose what is given back."""
        for left in self._left(course, runs, frozenset(hour for hour, _, _ in wins)):
            for some in self._kept(wins):
                yield left.course, left.runs, self._crew_after(course, left, crew, some)

    def _left(self, course: Course, runs: tuple[Run, ...], won: frozenset[int] | None) -> tuple[Left, ...]:
        key = course, runs, won
        if key not in self._known:
            self._known[key] = tuple(self._lefts(course, runs, won))
        return self._known[key]

    def _kept(self, wins: tuple[Win, ...]) -> Iterable[tuple[Win, ...]]:
        """Of two wins of one hour one is given back where that can be, and its account is free again."""
        if not self._terms.can_give_back:
            return (wins,)
        by_hour: defaultdict[int, dict[Win, None]] = defaultdict(dict)
        for win in wins:
            by_hour[win[0]][win] = None
        return product(*by_hour.values())

    def _crew_after(self, course: Course, left: Left, crew: Crew, wins: tuple[Win, ...]) -> Crew:
        if left.course is None:
            return ()
        remaining = dict(crew)
        found: dict[int, int] = {}
        for win in wins:
            hour, _, kind = win
            if hour not in left.winning:
                continue
            remaining[kind] -= 1
            if win not in left.win:
                left.win[win] = self._after(course, left, win)
            if (after := left.win[win]) is not None:
                found[after] = found.get(after, 0) + 1
        for kind, number in remaining.items():
            if not number:
                continue
            if kind not in left.stay:
                left.stay[kind] = self._later(kind, left)
            if (after := left.stay[kind]) is not None:
                found[after] = found.get(after, 0) + number
        return tuple(sorted(found.items()))

    def without_a_run(
        self, course: Course, runs: tuple[Run, ...], crew: Crew
    ) -> Iterator[tuple[int, tuple[Course, tuple[Run, ...], Crew]]]:
        """By location, the same with the hours of its run given back, unless the fallback stands on them."""
        for rank, (run, kept) in enumerate(runs):
            if 0 < run < self._goal.hours and kept != 1:
                freed = [(self._kinds.freed(kind, rank), number) for kind, number in crew]
                left = (*runs[:rank], (0, kept), *runs[rank + 1 :])
                yield rank, (course, left, self.seen_from(freed, course))

    def seen_from(self, crew: Iterable[tuple[int, int]], course: Course) -> Crew:
        """Accounts with only what matters from there on."""
        found: defaultdict[int, int] = defaultdict(int)
        for kind, number in crew:
            if (narrowed := self._kinds.seen_from(kind, course)) is not None:
                found[narrowed] += number
        return tuple(sorted(found.items()))

    def _after(self, course: Course, left: Left, win: Win) -> int | None:
        hour, slot, kind = win
        booked = course.stage.hours[hour].slots[slot]
        return self._later(self._kinds.after(kind, booked, left.winning[hour]), left)

    def _later(self, kind: int, left: Left) -> int | None:
        """What an account counts as before what comes then, when what is too much has been given back."""
        if left.renewed is not None:
            kind = self._kinds.freed(kind, KEPT + left.renewed)
        for rank in left.kept:
            kind = self._kinds.kept(kind, rank)
        for tail in left.freed:
            kind = self._kinds.freed(kind, tail)
        return self._kinds.seen_from(kind, left.course) if left.course else None

    def _lefts(self, course: Course, begin: tuple[Run, ...], won: frozenset[int] | None) -> Iterator[Left]:
        """One for each fallback that is had: one is enough, and we choose which when a wave has fired."""
        back, whole = self._terms.can_give_back, self._goal.hours
        runs = list(begin)
        winning: dict[int, int] = {}
        over: list[int] = []
        kept_now: list[int] = []
        longer: list[_Longer] = []
        again: list[int] = []
        for index, hour in enumerate(course.stage.hours):
            rank = hour.rank
            run, kept = runs[rank]
            if run >= whole:
                continue
            winning[index] = rank if back else FOR_GOOD
            linked, before = course.links.get(rank, (False, 0))
            if not won or index not in won:
                (kept_now if kept == 1 else over).append(rank)
                runs[rank] = before, kept and 2
            elif run + 1 + hour.after >= whole:
                runs[rank] = whole, 0
            else:
                run += 1
                if 0 < self._enough <= run + hour.after:
                    again += [rank] if kept == 2 else []
                    kept = kept or 1
                longer.append(_Longer(rank, run + hour.ahead, before))
                runs[rank] = (run if linked else 0) + before, kept
        coming = {hour.rank for stage in course.rest.stages for hour in stage.hours} if course.rest else set()
        for rank, (run, kept) in enumerate(runs):
            if rank not in coming and run < whole:
                kept_now += [rank] if kept == 1 else []
                runs[rank] = 0, kept and 2
        if won is None:
            yield self._left_over(course, tuple(runs), winning, kept=kept_now, freed=over)
            return
        had = [rank for rank, (_, kept) in enumerate(runs) if kept]
        bases: list[tuple[int | None, int | None]] = [(rank, None) for rank in had]
        bases += ((rank, rank) for rank in again)
        for base, renewed in (bases if back else bases[:1]) or [(None, None)]:
            then = [(run, kept if rank == base else 0) for rank, (run, kept) in enumerate(runs)]
            if renewed is not None:
                then[renewed] = then[renewed][0], 1 if renewed in coming else 2
            useless = [one for one in longer if not self._is_useful(one, base, had, then[one.rank][1])]
            for one in useless:
                then[one.rank] = one.before if one.rank in coming else 0, then[one.rank][1]
            kept_too = kept_now if renewed is None or renewed in coming else [*kept_now, renewed]
            freed = [*over, *(one.rank for one in useless), *(KEPT + rank for rank in had if rank != base)]
            yield self._left_over(course, tuple(then), winning, renewed=renewed, kept=kept_too, freed=freed)

    def _left_over(
        self,
        course: Course,
        runs: tuple[Run, ...],
        winning: dict[int, int],
        *,
        renewed: int | None = None,
        kept: Iterable[int],
        freed: Iterable[int],
    ) -> Left:
        if not self._terms.can_give_back:
            kept = freed = ()
        return self._without_worse(Left(course.rest, runs, winning, renewed, tuple(kept), tuple(freed)))

    def _without_worse(self, left: Left) -> Left:
        """Where the goal is reached, what is worse than that is of no use any more."""
        runs = left.runs
        reached = next((rank for rank, (run, _) in enumerate(runs) if run >= self._goal.hours), None)
        if reached is None:
            return left
        worse = range(reached + 1, self._ranks)
        over = (*worse, *(KEPT + rank for rank in range(self._ranks))) if self._terms.can_give_back else ()
        runs = tuple(
            (0, 0) if rank in worse else (run if rank >= reached else (run[0], 0))
            for rank, run in enumerate(runs)
        )
        return replace(left, runs=runs, freed=(*left.freed, *over))

    def _is_useful(self, longer: _Longer, base: int | None, had: Collection[int], kept: int) -> bool:
        """Can a run that has become longer be of use, or is it what the fallback stands on?"""
        if longer.most >= self._goal.hours or kept == 1:
            return True
        could_be_better = longer.rank not in had and (base is None or longer.rank < base)
        return could_be_better and 0 < self._enough <= longer.most
