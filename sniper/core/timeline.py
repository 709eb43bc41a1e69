"""The course of a wave around its opening: what a waterfall is drawn from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sniper.core.lead import Aim
from sniper.core.outcomes import Outcome
from sniper.core.slots import Slot
from sniper.core.tries import AttemptResult, Mark, Moment, ReadBack, Try


class Phase(StrEnum):
    """What goes on between one moment of an attempt and the next."""

    WAITS = "waits"
    PAGE = "page"
    SITE = "site"
    READS = "reads"
    PROVES = "proves"

    @property
    def meaning(self) -> str:
        """One phrase for people."""
        return _MEANING[self]


_MEANING = {
    Phase.WAITS: "parked, waiting",
    Phase.PAGE: "the page at work, until the request leaves",
    Phase.SITE: "the site, until its answer is there",
    Phase.READS: "the answer is made sense of",
    Phase.PROVES: "my bookings is read",
}
_BEGINS = {
    Mark.PARKED: Phase.WAITS,
    Mark.HANDED: Phase.WAITS,
    Mark.FIRED: Phase.PAGE,
    Mark.ASKED: Phase.SITE,
    Mark.HEARD: Phase.PAGE,
    Mark.SENT: Phase.SITE,
    Mark.ANSWERED: Phase.READS,
}


@dataclass(frozen=True, slots=True)
class Point:
    """A moment of a row: how long after the zero of the waterfall, what, and in which detail."""

    after: timedelta
    mark: Mark
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """What went on from one point to the next."""

    phase: Phase
    start: timedelta
    end: timedelta


@dataclass(frozen=True, slots=True)
class Row:
    """One account at one slot.

    Attributes:
        outcome: None where no answer was written down: nobody knows how it ended.
        points: In the order of time; none where nothing was noted.
    """

    account: str
    slot: Slot
    outcome: Outcome | None
    points: tuple[Point, ...]
    message: str = ""

    @property
    def proof(self) -> ReadBack | None:
        """What *my bookings* told, where it was asked about this."""
        proven = self.last(Mark.PROVEN)
        return None if proven is None else ReadBack(proven.detail)

    @property
    def answer(self) -> timedelta | None:
        """How long the last request waited for its answer; None where none was noted."""
        sent, answered = self.last(Mark.SENT), self.last(Mark.ANSWERED)
        if sent is None or answered is None or answered.after < sent.after:
            return None
        return answered.after - sent.after

    def last(self, mark: Mark) -> Point | None:
        """The last point of a kind: what is told of a slot that was tried several times."""
        return next((point for point in reversed(self.points) if point.mark is mark), None)

    def spans(self) -> Iterator[Span]:
        """What went on between the points."""
        for point, following in zip(self.points, self.points[1:], strict=False):
            # After an outcome comes the next try; before the proof, my bookings is read whatever came before.
            phase = _BEGINS.get(point.mark, Phase.WAITS)
            if following.mark is Mark.PROVEN:
                phase = Phase.PROVES
            yield Span(phase, point.after, following.after)


@dataclass(frozen=True, slots=True)
class Waterfall:
    """All accounts of a wave.

    Attributes:
        zero: What all times are counted from, on the site's clock.
        open_before: How long the slots had been open at `zero`; nothing where `zero` is the opening.
        rows: In the order in which the attempts were planned, each with the slots of its chain.
    """

    zero: datetime
    open_before: timedelta
    rows: tuple[Row, ...]

    @property
    def counted_from(self) -> str:
        """What stands at zero."""
        return FIRST_PRESS if self.open_before else OPENING

    @property
    def first(self) -> timedelta:
        """The earliest of all points, and never after zero."""
        return min((point.after for row in self.rows for point in row.points), default=timedelta(0))

    @property
    def last(self) -> timedelta:
        """The latest of all points."""
        return max((point.after for row in self.rows for point in row.points), default=timedelta(0))


def waterfall(opens_at: datetime, results: Sequence[AttemptResult], aim: Aim | None) -> Waterfall:
    """Lay a wave's attempts side by side."""
    zero = zero_of(opens_at, results, aim)
    rows = tuple(row for result in results for row in _rows(result, zero))
    return Waterfall(zero, zero - opens_at, rows)


def zero_of(opens_at: datetime, results: Iterable[AttemptResult], aim: Aim | None) -> datetime:
    """What the times of a wave are counted from: the opening.

    A wave whose slots were open already when it was planned goes at once: there it is the first press.
    """
    moments = [moment for result in results for moment in result.timeline]
    fired = [moment.at for moment in moments if moment.mark is Mark.FIRED]
    planned = [aim.planned_at] if aim and aim.planned_at else []
    # Records of old do not tell when it was planned, only when its pages stood ready.
    known = planned or [moment.at for moment in moments if moment.mark is Mark.PARKED]
    return min(fired) if known and fired and min(known) > opens_at else opens_at


def _rows(result: AttemptResult, zero: datetime) -> Iterator[Row]:
    """A row for each slot that something is known of; for an attempt without any, one for its target."""
    attempt = result.attempt
    tried = {one.slot: one for one in result.tries}
    noted = {moment.slot for moment in result.timeline}
    known = [slot for slot in attempt.chain if slot in tried or slot in noted]
    for slot in known or [attempt.target]:
        one = tried.get(slot)
        moments = [moment for moment in result.timeline if moment.slot == slot]
        if one and not moments:
            moments = _from_try(one)
        points = sorted(
            (Point(moment.at - zero, moment.mark, moment.detail) for moment in moments),
            key=lambda point: point.after,
        )
        yield Row(
            attempt.account,
            slot,
            one.outcome if one else None,
            tuple(points),
            one.message if one else "",
        )


def _from_try(one: Try) -> list[Moment]:
    """What is left to tell where the course was not noted. A press that nobody saw is none of it."""
    if not one.took:
        return []
    return [
        Moment(one.started_at, Mark.FIRED, one.slot),
        Moment(one.started_at + one.took, Mark.OUTCOME, one.slot, one.outcome.value),
    ]


OPENING, FIRST_PRESS = "the opening", "the first press"


def away_from(zero: str, away: timedelta) -> str:
    """How far an instant is from what stands at zero, as people say it."""
    if abs(away) < timedelta(microseconds=50):
        return f"at {zero}"
    return f"{in_words(abs(away))} {'before' if away < timedelta(0) else 'after'} {zero}"


def in_words(duration: timedelta) -> str:
    """A duration as people say it, as exact as it is worth: 4.2 ms, 212 ms, 2.4 s, 3 min 20 s, 2 h."""
    if duration < timedelta(0):
        return f"−{in_words(-duration)}"
    milliseconds = duration / timedelta(milliseconds=1)
    if milliseconds < 9.95:
        return f"{milliseconds:.1f} ms"
    if milliseconds < 999.5:
        return f"{milliseconds:.0f} ms"
    if milliseconds < 59_950:
        return f"{milliseconds / 1000:.1f} s"
    minutes, seconds = divmod(round(milliseconds / 1000), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min {seconds} s" if seconds else f"{minutes} min"
