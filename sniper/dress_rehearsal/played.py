"""What came of the runs of a dress rehearsal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sniper.core.plan import Standing
from sniper.core.policy import StrategyName
from sniper.core.quantiles import quantile
from sniper.core.slots import Slot
from sniper.core.tries import Mark
from sniper.core.verdicts import Reason
from sniper.dress_rehearsal.difficulties import Difficulty
from sniper.waterfall import WaveView

_EARLIEST, _LATEST = -timedelta(seconds=5), timedelta(minutes=10)
"""What is further away from an opening belongs to another one, or to none."""


@dataclass(frozen=True, slots=True)
class Part:
    """What is particular to one run.

    Attributes:
        number: From 1.
        skew: How far the practice site's clock is ahead of where the play begins: decides where its second
            ticks against this machine's.
    """

    number: int
    strategy: StrategyName
    difficulty: Difficulty
    skew: timedelta


@dataclass(frozen=True, slots=True)
class Played:
    """What came of one run.

    Attributes:
        took: On this machine's clock, the practice site's start and end included.
        folder: Its state folder, which may be gone.
        stand_ins: Who played the file's accounts, in their order.
        run_id: Its number in the record there; None where it has none.
        standing: How the goal stands; None where the run failed, and that says nothing of winning.
        failure: Why it failed.
        streak: The hours in a row that it has.
        arrivals: How long after the opening requests reached the site, see `first_requests`.
        waves: What it did.
    """

    part: Part
    took: timedelta
    folder: Path
    stand_ins: tuple[str, ...] = ()
    run_id: int | None = None
    standing: Standing | None = None
    failure: str = ""
    streak: tuple[Slot, ...] = ()
    arrivals: tuple[timedelta, ...] = ()
    waves: tuple[WaveView, ...] = ()

    @property
    def losses(self) -> Counter[Reason]:
        """How many slots were lost for which reason."""
        return Counter(one.reason for wave in self.waves for one in wave.losses)


@dataclass(frozen=True, slots=True)
class Totals:
    """What came of several.

    Attributes:
        places: At which locations the goal was won, and how often.
        arrivals: All of them.
        losses: How many slots were lost for which reason.
    """

    runs: int
    won: int
    fallback: int
    nothing: int
    failed: int
    places: Counter[str]
    arrivals: tuple[timedelta, ...]
    losses: Counter[Reason]

    @classmethod
    def of(cls, runs: Sequence[Played]) -> Totals:
        """Count them."""
        standings = Counter(one.standing for one in runs)
        return cls(
            len(runs),
            standings[Standing.REACHED],
            standings[Standing.FALLBACK],
            standings[Standing.MISSED],
            standings[None],
            Counter(one.streak[0].location for one in runs if one.standing is Standing.REACHED),
            tuple(late for one in runs for late in one.arrivals),
            sum((one.losses for one in runs), Counter[Reason]()),
        )

    def late(self, share: float) -> timedelta | None:
        """The lateness that so many requests do not exceed; None where none arrived."""
        return quantile(self.arrivals, share) if self.arrivals else None


def first_requests(waves: Iterable[WaveView], asked: Iterable[Mapping[str, Any]]) -> tuple[timedelta, ...]:
    """How long after the opening each account's first request of each wave reached the site, on its clock.

    Of waves whose slots were open before they were planned nothing is told: they race for nothing. A request
    that was early is less than nothing.

    Args:
        waves: Of a run.
        asked: Every booking request, as the practice site tells them.
    """
    arrived = [(one["account"], datetime.fromisoformat(one["arrived_at"])) for one in asked]
    return tuple(late for wave in waves if not wave.falls.open_before for late in _first_of(wave, arrived))


def _first_of(wave: WaveView, arrived: Sequence[tuple[str | None, datetime]]) -> Iterator[timedelta]:
    opens_at = wave.record.opens_at
    # Others may have asked in a later wave of the same opening.
    senders = dict.fromkeys(row.account for row in wave.falls.rows if row.last(Mark.SENT))
    for sender in senders:
        late = (at - opens_at for account, at in arrived if account == sender)
        yield from sorted(one for one in late if _EARLIEST < one < _LATEST)[:1]


def streak_of(result: Mapping[str, Any]) -> Iterator[tuple[str, Slot]]:
    """Whose hours in a row a run tells of, and which: by its JSON."""
    for one in result["bookings"]:
        if one["in_streak"]:
            start = datetime.fromisoformat(one["start"])
            yield one["account"], Slot(one["location"], one["sub_location"], start)
