"""What became of an account's attempts and bookings, by period; and what it could still book on a day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from sniper.core.goals import Goal, Priority
from sniper.core.limits import Limit, allowed, could_hold
from sniper.core.outcomes import Outcome
from sniper.core.slots import Slot
from sniper.core.tries import Mark, Moment, ReadBack

PERIODS = (timedelta(days=7), timedelta(days=30), timedelta(days=365), None)
"""What is counted apart: the last so many days, and all there is."""

_NOT_FIRED = (Outcome.NOT_PARKED, Outcome.STOOD_DOWN, Outcome.NOT_PRESSED)
# Whoever fires later than this after the opening did not race for it.
_AT_THE_OPENING = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Shot:
    """An attempt that was fired.

    Attributes:
        at: When it was written down, on this machine's clock.
        won: The site said that it is booked, and *my bookings* did not deny it.
        answered: From the opening until the site's last answer; None where that was not seen, or the slot
            had been open before.
    """

    at: datetime
    won: bool
    answered: timedelta | None


@dataclass(frozen=True, slots=True)
class Got:
    """A booking, and when it was made, on this machine's clock; `kept` unless it was given back or failed."""

    at: datetime
    kept: bool


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of it all within a period.

    Attributes:
        within: The last so many days; None for all.
        bookings: Those that were kept.
        not_kept: Those that were given back, or failed.
        attempts: Those that were fired.
        success_rate: Won ones among them; None without any.
        median_answer: From the opening until the site's answer, of those that raced for it.
    """

    within: timedelta | None
    bookings: int
    not_kept: int
    attempts: int
    won: int
    success_rate: float | None
    median_answer: timedelta | None


@dataclass(frozen=True, slots=True)
class Room:
    """What an account could still book at a location on a day.

    Attributes:
        bookings: How many, at best.
        full_at: The starts at which it could book nothing there, where it could at others.
        limit: What stands in the way, where it could book nothing at all.
    """

    location: str
    bookings: int
    full_at: tuple[datetime, ...] = ()
    limit: Limit | None = None


def shot(at: datetime, opens_at: datetime, outcome: Outcome | None, course: Iterable[Moment]) -> Shot | None:
    """An attempt, if it was fired.

    Args:
        at: When it was written down, on this machine's clock.
        opens_at: When its slots opened, on the site's clock.
        outcome: How it ended; None where it is open, or never began.
        course: Its moments, on the site's clock.
    """
    if outcome is None or outcome in _NOT_FIRED:
        return None
    fired = answered = proof = None
    for moment in course:
        match moment.mark:
            case Mark.FIRED:
                fired = fired or moment.at
            case Mark.ANSWERED:
                answered = moment.at
            case Mark.PROVEN:
                proof = moment.detail
    raced = fired is not None and fired - opens_at <= _AT_THE_OPENING
    won = outcome is Outcome.BOOKED and proof != ReadBack.NOT_SHOWN
    return Shot(at, won, answered - opens_at if raced and answered else None)


def tallies(shots: Sequence[Shot], bookings: Sequence[Got], now: datetime) -> tuple[Tally, ...]:
    """Counted for each of the periods; `now` is this machine's clock."""
    return tuple(_tally(shots, bookings, within, now) for within in PERIODS)


def room_on(goal: Goal, limits: Sequence[Limit], held: Sequence[Slot]) -> tuple[Room, ...]:
    """What an account that holds `held` could still book of a goal, at each of its locations."""
    return tuple(_room(goal, priority, limits, held) for priority in goal.ranked)


def _tally(shots: Sequence[Shot], bookings: Sequence[Got], within: timedelta | None, now: datetime) -> Tally:
    fired = [one for one in shots if within is None or now - one.at <= within]
    got = [one for one in bookings if within is None or now - one.at <= within]
    won = sum(one.won for one in fired)
    answers = [one.answered.total_seconds() for one in fired if one.answered is not None]
    return Tally(
        within,
        sum(one.kept for one in got),
        sum(not one.kept for one in got),
        len(fired),
        won,
        won / len(fired) if fired else None,
        timedelta(seconds=median(answers)) if answers else None,
    )


def _room(goal: Goal, priority: Priority, limits: Sequence[Limit], held: Sequence[Slot]) -> Room:
    hours = {start: priority.slots_at(start) for start in goal.starts(priority)}
    open_at = {
        start: places
        for start, slots in hours.items()
        if (places := [slot for slot in slots if allowed(limits, held, slot)])
    }
    number = could_hold(limits, held, list(hours.values()))
    if number:
        return Room(priority.location, number, tuple(start for start in hours if start not in open_at))
    slots = [slot for places in hours.values() for slot in places]
    tightest = max(limits, key=lambda one: sum(not one.allows(held, slot) for slot in slots), default=None)
    return Room(priority.location, 0, limit=tightest)
