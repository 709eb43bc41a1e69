"""A run as one page: nothing is fetched but what lies beside it, nothing runs, and all is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING

from sniper import __version__
from sniper.core.outcomes import Outcome
from sniper.core.timeline import Phase, Row, away_from, in_words
from sniper.core.tries import Mark, ReadBack
from sniper.store.records import RunDetail
from sniper.waterfall.axis import Axis
from sniper.waterfall.waves import WaveView

if TYPE_CHECKING:
    from jinja2 import Template

LEFT, WIDTH, RIGHT = 230, 720, 280
"""Of the picture, in its own units: who and where, the scale, how it ended."""
ROW, HEAD = 30, 34
PAGE_WIDTH = 1240
"""Of the page at its widest, with its margins (`page.html`)."""
_NARROWEST = 2.0
"""A phase too short to be seen is drawn so wide."""
_NAMES_APART = 52
_LONGEST_NAME = 16


@dataclass(frozen=True, slots=True)
class _Bar:
    phase: Phase
    x: float
    width: float
    told: str


@dataclass(frozen=True, slots=True)
class _Dot:
    kind: str
    x: float
    told: str


@dataclass(frozen=True, slots=True)
class _Line:
    """A row of the picture."""

    y: int
    account: str
    slot: str
    bars: tuple[_Bar, ...]
    dots: tuple[_Dot, ...]
    ended: str
    sent: str
    kind: str
    told: str


@dataclass(frozen=True, slots=True)
class _Tick:
    x: float
    name: str
    is_zero: bool


@dataclass(frozen=True, slots=True)
class _Picture:
    """A wave as it is drawn."""

    view: WaveView
    ticks: tuple[_Tick, ...]
    lines: tuple[_Line, ...]

    @property
    def width(self) -> int:
        return LEFT + WIDTH + RIGHT

    @property
    def height(self) -> int:
        return HEAD + ROW * len(self.lines) + 6


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture of a page, and what else shows the same; paths are counted from the page it is shown on."""

    caption: str
    picture: str | None
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Shown:
    """What was kept of an account's pages.

    Attributes:
        account: Whose.
        figures: In their order.
        links: Names and paths of what is about all of it.
        lost: What could not be kept, and why.
    """

    account: str
    figures: tuple[Figure, ...]
    links: tuple[tuple[str, str], ...] = ()
    lost: tuple[str, ...] = ()


def page_of(detail: RunDetail, waves: Sequence[WaveView], shown: Sequence[Shown] = ()) -> str:
    """The whole page, with what was kept of the accounts' pages, if it lies beside it."""
    return _template().render(
        run=detail.run,
        bookings=detail.bookings,
        pictures=[_picture(wave) for wave in waves],
        shown=shown,
        phases=list(Phase),
        version=__version__,
        in_words=in_words,
        left=LEFT,
        right=LEFT + WIDTH,
        head=HEAD,
        row=ROW,
    )


@cache
def _template() -> Template:
    # When a page is drawn: most that can draw one never do.
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("sniper.waterfall", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html")


def _picture(wave: WaveView) -> _Picture:
    axis = Axis(wave.falls.first, wave.falls.last)
    lines = tuple(_line(wave, axis, row, HEAD + ROW * index) for index, row in enumerate(wave.falls.rows))
    return _Picture(wave, _ticks(axis), lines)


def _x(position: float) -> float:
    return round(LEFT + position * WIDTH, 1)


def _ticks(axis: Axis) -> tuple[_Tick, ...]:
    ticks: list[_Tick] = []
    for after, name in axis.ticks():
        x = _x(axis.position(after))
        if all(abs(x - other.x) >= _NAMES_APART for other in ticks):
            ticks.append(_Tick(x, name, is_zero=not after))
    return tuple(ticks)


def _line(wave: WaveView, axis: Axis, row: Row, y: int) -> _Line:
    away = partial(away_from, wave.falls.counted_from)
    bars = []
    for span in row.spans():
        start, end = _x(axis.position(span.start)), _x(axis.position(span.end))
        told = f"{span.phase.meaning}: {in_words(span.end - span.start)}, from {away(span.start)}"
        bars.append(_Bar(span.phase, start, max(end - start, _NARROWEST), told))
    dots = [
        _Dot(
            _dot(point.mark, point.detail),
            _x(axis.position(point.after)),
            f"{point.mark.value}{f' ({point.detail})' if point.detail else ''}, {away(point.after)}",
        )
        for point in row.points
    ]
    lines = [f"{row.account} at {row.slot}: {wave.ended(row)}", row.message]
    lines += [dot.told for dot in dots]
    return _Line(
        y,
        _shortened(row.account),
        f"{row.slot.place} {row.slot.start:%H:%M}",
        tuple(bars),
        tuple(dots),
        wave.ended(row),
        in_words(sent.after) if (sent := row.last(Mark.SENT)) else "",
        _kind(row),
        "\n".join(line for line in lines if line),
    )


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"


def _dot(mark: Mark, detail: str) -> str:
    if mark is Mark.PROVEN:
        return _PROOFS[ReadBack(detail)]
    return "outcome" if mark is Mark.OUTCOME else "moment"


_PROOFS = {ReadBack.SHOWN: "proven", ReadBack.NOT_SHOWN: "unproven", ReadBack.UNREADABLE: "unreadable"}


def _kind(row: Row) -> str:
    """In which colour a row's end is told."""
    outcome = row.outcome
    if row.proof is ReadBack.UNREADABLE:
        return "open"
    if outcome is Outcome.BOOKED and row.proof is not ReadBack.NOT_SHOWN:
        return "won"
    if outcome in (Outcome.STOOD_DOWN, Outcome.NOT_PRESSED):
        return "idle"
    return "open" if outcome is None else "lost"
