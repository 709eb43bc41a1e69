"""The openings still to come, as the induction sees them: one stage for each opening and hour."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from sniper.core.goals import Goal, Priority, consecutive
from sniper.core.odds import Odds
from sniper.core.plan import Held, Situation
from sniper.core.slots import Slot
from sniper.core.strategy import Terms
from sniper.core.streaks import opening_at


@dataclass(frozen=True, slots=True)
class Hour:
    """One location's slots of one hour, none of which is ours.

    Attributes:
        rank: The location's place among the priorities, from 0.
        slots: What can still be had, in order of preference.
        win: The probability that who begins with one of them wins it.
        most: How many accounts may fire at it.
        linked: Whether a run that ends with the location's stage before goes on with this hour.
        before: How many hours just before it are held already, without a gap.
        after: How many hours just after it are held already.
        ahead: How many hours in a row just after it are held or can still be won.
        longest: The longest run that can still be had from this hour on, without what is before it.
        longest_after: The same without this hour.
    """

    rank: int
    slots: tuple[Slot, ...]
    win: float
    most: int
    capacity: int
    linked: bool
    before: int
    after: int
    ahead: int
    longest: int
    longest_after: int


@dataclass(frozen=True, slots=True)
class Stage:
    """What opens at one instant and starts at one hour. What opened already is fired at at once."""

    opens_at: datetime
    instant: datetime
    hours: tuple[Hour, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    """One location's hours of the day, held or not; `joined` says whether an hour follows the one before."""

    priority: Priority
    starts: tuple[datetime, ...]
    openings: tuple[datetime, ...]
    slots: tuple[tuple[Slot, ...], ...]
    joined: tuple[bool, ...]

    def ours(self, held: Iterable[Held]) -> list[bool]:
        """Which hours are held."""
        instants = {one.slot.instant for one in held if self.priority.offers(one.slot)}
        return [slots[0].instant in instants for slots in self.slots]

    def free(self, situation: Situation) -> list[tuple[Slot, ...]]:
        """What is not known to be gone of each hour."""
        lost, now = situation.lost, situation.now
        return [
            tuple(one for one in slots if one not in lost) if slots[0].instant > now else ()
            for slots in self.slots
        ]


@lru_cache
def _lines(goal: Goal) -> tuple[_Line, ...]:
    """In order of rank."""
    lines = []
    for priority in goal.ranked:
        starts = goal.starts(priority)
        lines.append(
            _Line(
                priority,
                starts,
                tuple(opening_at(priority, start) for start in starts),
                tuple(priority.slots_at(start) for start in starts),
                tuple(
                    index > 0 and consecutive((starts[index - 1], start), priority.slot_length)
                    for index, start in enumerate(starts)
                ),
            )
        )
    return tuple(lines)


@lru_cache
def _wins(goal: Goal, odds: Odds) -> tuple[tuple[float, ...], ...]:
    """What is believed of each hour of each line."""
    return tuple(
        tuple(odds.of(line.priority.location, start.time()) for start in line.starts) for line in _lines(goal)
    )


def stages_of(terms: Terms, situation: Situation) -> tuple[Stage, ...]:
    """The stages in the order in which they are fired at.

    What opened before now counts as if it stood at the end of the longest chain of its hour: who wanted it
    most was there already.
    """
    hours: defaultdict[tuple[datetime, datetime, datetime], list[Hour]] = defaultdict(list)
    wins = _wins(terms.goal, terms.odds)
    for rank, line in enumerate(_lines(terms.goal)):
        for index, hour in _hours(rank, line, wins[rank], situation):
            opens_at = line.openings[index]
            hours[max(opens_at, situation.now), opens_at, hour.slots[0].instant].append(hour)
    return tuple(
        Stage(
            opens_at,
            instant,
            tuple(_late(terms, found) if opens_at <= situation.now else found),
        )
        for (_, opens_at, instant), found in sorted(hours.items(), key=lambda item: item[0])
    )


def _late(terms: Terms, hours: list[Hour]) -> Iterator[Hour]:
    places = sum(len(hour.slots) for hour in hours)
    for hour in hours:
        yield replace(hour, win=hour.win * terms.odds.decay**places)


def _hours(rank: int, line: _Line, wins: Sequence[float], situation: Situation) -> Iterator[tuple[int, Hour]]:
    priority, joined = line.priority, line.joined
    ours = line.ours(situation.held)
    free = [() if mine else slots for mine, slots in zip(ours, line.free(situation), strict=True)]
    possible = [mine or bool(slots) for mine, slots in zip(ours, free, strict=True)]
    linked, before = False, 0
    for index in range(len(line.starts)):
        if not joined[index]:
            linked, before = False, 0
        if ours[index]:
            before += 1
        elif not free[index]:
            linked, before = False, 0
        else:
            yield (
                index,
                Hour(
                    rank,
                    free[index],
                    wins[index],
                    priority.max_accounts,
                    priority.capacity,
                    linked,
                    before,
                    _run(ours, joined, index + 1),
                    _run(possible, joined, index + 1),
                    _longest(possible, joined, index),
                    _longest(possible, joined, index + 1),
                ),
            )
            linked, before = True, 0


def _run(there: Sequence[bool], joined: Sequence[bool], first: int, *, alone: bool = False) -> int:
    """How many in a row are there from `first` on, which has to follow what is before unless `alone`."""
    length = 0
    while (
        first + length < len(there)
        and there[first + length]
        and (joined[first + length] or (alone and not length))
    ):
        length += 1
    return length


def _longest(there: Sequence[bool], joined: Sequence[bool], first: int) -> int:
    starts = range(first, len(there))
    return max((_run(there, joined, start, alone=True) for start in starts), default=0)


def possible_runs(goal: Goal, situation: Situation) -> dict[tuple[str, datetime], int]:
    """By location and hour: how many hours in a row around it are held, may be held, or can still be won."""
    runs = {}
    perhaps = (*situation.held, *situation.doubtful)
    for line in _lines(goal):
        free = line.free(situation)
        there = [mine or bool(slots) for mine, slots in zip(line.ours(perhaps), free, strict=True)]
        first = 0
        while first < len(there):
            length = max(1, _run(there, line.joined, first, alone=True))
            for index in range(first, first + length):
                key = line.priority.location, line.slots[index][0].instant
                runs[key] = length if there[index] else 0
            first += length
    return runs


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """A stage and all after it. Equal courses are one object, however a run came to them.

    Attributes:
        links: For each location of the stage, its next hour's `linked` and `before`. A location's first hour
            of a course has neither: the state says how long a run leads up to it.
        slots: All that can still be won.
    """

    stages: tuple[Stage, ...]
    links: dict[int, tuple[bool, int]]
    slots: tuple[Slot, ...]
    rest: Course | None

    @property
    def stage(self) -> Stage:
        """What comes first."""
        return self.stages[0]

    def first_hour(self, rank: int) -> Hour | None:
        """The location's next hour."""
        return next((h for stage in self.stages for h in stage.hours if h.rank == rank), None)


class Courses:
    """All courses met so far."""

    def __init__(self) -> None:
        self._known: dict[tuple[Stage, ...], Course] = {}

    def of(self, stages: tuple[Stage, ...]) -> Course | None:
        """The course of these stages; none of none."""
        if not stages:
            return None
        whole = _begun(stages)
        if whole not in self._known:
            later = {
                hour.rank: (hour.linked, hour.before)
                for stage in reversed(stages[1:])
                for hour in stage.hours
            }
            slots = tuple(slot for stage in whole for hour in stage.hours for slot in hour.slots)
            self._known[whole] = Course(whole, later, slots, self.of(whole[1:]))
        return self._known[whole]

    def only(self, course: Course, rank: int) -> Course | None:
        """The part of a course that is about one location."""
        alone = (
            replace(stage, hours=tuple(hour for hour in stage.hours if hour.rank == rank))
            for stage in course.stages
        )
        return self.of(tuple(stage for stage in alone if stage.hours))


def _begun(stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
    """With each location's first hour as if nothing led up to it."""
    met: set[int] = set()
    begun = []
    for stage in stages:
        if any((hour.linked or hour.before) and hour.rank not in met for hour in stage.hours):
            hours = (h if h.rank in met else replace(h, linked=False, before=0) for h in stage.hours)
            begun.append(replace(stage, hours=tuple(hours)))
        else:
            begun.append(stage)
        met |= {hour.rank for hour in stage.hours}
    return tuple(begun)


def leading_up(stages: tuple[Stage, ...]) -> dict[int, int]:
    """How many hours are held just before each location's first hour."""
    return {hour.rank: hour.before for stage in reversed(stages) for hour in stage.hours}
