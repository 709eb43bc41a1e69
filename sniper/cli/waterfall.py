"""A wave in characters: all its accounts on one scale of time, and why what was lost was lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sniper.cli.tables import STYLES, rehearsal_mark, text
from sniper.core.slots import Slot
from sniper.core.timeline import Phase, Row, in_words
from sniper.core.tries import Mark, ReadBack
from sniper.waterfall import Axis, WaveView

_NARROWEST = 20


@dataclass(frozen=True, slots=True)
class _Glyphs:
    """What is drawn; everything can be told apart without colour."""

    phases: dict[Phase, str]
    zero: str
    tick: str
    line: str
    outcome: str
    shown: str
    not_shown: str
    unreadable: str = "?"

    def end(self, row: Row) -> str:
        """How the row's line ends."""
        match row.points[-1]:
            case one if one.mark is not Mark.PROVEN:
                return self.outcome if one.mark is Mark.OUTCOME else ""
            case one if one.detail == ReadBack.SHOWN:
                return self.shown
            case one:
                return self.not_shown if one.detail == ReadBack.NOT_SHOWN else self.unreadable

    @property
    def legend(self) -> str:
        """What the signs mean."""
        of = self.phases
        return (
            f"{of[Phase.WAITS]} parked  {of[Phase.PAGE]} our page  {of[Phase.SITE]} the site  "
            f"{self.outcome} outcome  {of[Phase.PROVES]}{self.shown} proven by my bookings"
        )


_FINE = _Glyphs(
    {Phase.WAITS: "·", Phase.PAGE: "░", Phase.SITE: "█", Phase.READS: "▒", Phase.PROVES: "╌"},
    zero="│",
    tick="┴",
    line="─",
    outcome="◆",
    shown="✓",
    not_shown="✗",
)
_ASCII = _Glyphs(
    {Phase.WAITS: ".", Phase.PAGE: ":", Phase.SITE: "#", Phase.READS: "=", Phase.PROVES: "-"},
    zero="|",
    tick="+",
    line="-",
    outcome="O",
    shown="V",
    not_shown="X",
)
_STYLES = {
    Phase.WAITS: "dim",
    Phase.PAGE: "yellow",
    Phase.SITE: "cyan",
    Phase.READS: "cyan",
    Phase.PROVES: "dim",
}


def print_legend(out: Console) -> None:
    """What the signs of the waterfalls mean."""
    zero = "Times count from 0, the opening unless a wave says otherwise, on a logarithmic scale."
    out.print(text(f"{zero}  {_glyphs_for(out).legend}", "dim"))


def print_wave(out: Console, wave: WaveView, *, rehearsal: bool) -> None:
    """Its heading, the waterfall, and a verdict for each slot that was lost."""
    glyphs = _glyphs_for(out)
    out.print()
    mark = ("  ", rehearsal_mark(rehearsal=True)) if rehearsal else ()
    out.print(Text.assemble(text(wave.title, "bold"), *mark))
    out.print(text(wave.record.reason))
    for attempt in wave.attempts:
        out.print(text(f"  {attempt}"))
    for who, instead_of, before in wave.took_over:
        words = f"  {who} stood by and took over from {instead_of}, {in_words(before)} before the opening"
        out.print(text(words, "yellow"))
    for who, why in wave.not_parked:
        out.print(text(f"  {who} could not be parked: {why}", "yellow"))
    if wave.aimed:
        out.print(text(f"{wave.aimed}.", "dim"))
    if not wave.falls.rows:
        return
    out.print()
    out.print(_table(wave, glyphs))
    if wave.losses:
        out.print()
        out.print(text("Lost", "bold"))
        out.print(Padding(losses_of([wave]), (0, 0, 0, 2)))


def _glyphs_for(out: Console) -> _Glyphs:
    return _ASCII if out.options.ascii_only else _FINE


def _table(wave: WaveView, glyphs: _Glyphs) -> Table:
    axis = Axis(wave.falls.first, wave.falls.last)
    table = Table(box=None, expand=True, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("account", overflow="fold", max_width=16)
    table.add_column("slot", no_wrap=True)
    table.add_column("sent", justify="right", no_wrap=True)
    table.add_column("answer", justify="right", no_wrap=True)
    table.add_column(_Fitted(partial(_scale, axis, glyphs)), ratio=1)
    table.add_column("outcome", no_wrap=True)
    shown = None
    for row in wave.falls.rows:
        name = "" if row.account == shown else row.account
        shown = row.account
        sent = row.last(Mark.SENT)
        table.add_row(
            text(name),
            text(f"{row.slot.place} {row.slot.start:%H:%M}"),
            text(in_words(sent.after) if sent else ""),
            text(in_words(row.answer) if row.answer is not None else ""),
            _Fitted(partial(_line, axis, glyphs, row)),
            text(wave.ended(row), _style(row)),
        )
    return table


def _style(row: Row) -> str:
    if row.outcome is None or row.proof is ReadBack.UNREADABLE:
        return "bold yellow"
    # The site's word alone is no booking.
    return "" if row.proof is ReadBack.NOT_SHOWN else STYLES.get(row.outcome, "")


def losses_of(waves: Iterable[WaveView], *, nearest_only: bool = False) -> Table:
    """Why what was lost was lost: by all accounts that tried it, or only by the one that came nearest."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    saved: set[tuple[str, Slot]] = set()
    for wave in waves:
        for verdict in wave.losses:
            slot = f"{verdict.slot.place} {verdict.slot.start:%H:%M}"
            for one in verdict.tries[: 1 if nearest_only else None]:
                if one.reason.is_loss:
                    grid.add_row(text(slot), text(f"{one.account}: {one.told}"))
                    slot = ""
        # Several waves may have lost slots of one hour.
        for who, instead in wave.saved:
            if (who, instead) not in saved:
                told = f"is ours all the same: {who} got {instead.place}."
                grid.add_row(text(f"{instead.start:%H:%M}"), text(told, "green"))
        saved.update(wave.saved)
    return grid


@dataclass(frozen=True, slots=True)
class _Fitted:
    """Something as wide as the table has room for."""

    draw: Callable[[int], Text]

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> RenderResult:
        yield self.draw(options.max_width)

    def __rich_measure__(self, _console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement(min(_NARROWEST, options.max_width), options.max_width)


def _scale(axis: Axis, glyphs: _Glyphs, width: int) -> Text:
    """The names of some instants above a line with their ticks."""
    names, line = [" "] * width, [glyphs.line] * width
    for tick, name in axis.ticks():
        column = round(axis.position(tick) * (width - 1))
        begins = min(max(column - len(name) // 2, 0), width - len(name))
        room = names[max(begins - 1, 0) : begins + len(name) + 1]
        # A name that would touch another is left out, with its tick.
        if begins >= 0 and not "".join(room).strip():
            names[begins : begins + len(name)] = name
            line[column] = glyphs.tick
    return Text(f"{''.join(names)}\n{''.join(line)}", style="dim", no_wrap=True, overflow="crop")


def _line(axis: Axis, glyphs: _Glyphs, row: Row, width: int) -> Text:
    """One row: what went on when."""
    cells = [(" ", "")] * width
    zero = round(axis.zero * (width - 1))
    cells[zero] = (glyphs.zero, "dim")
    points = row.points
    if not points:
        return _joined(cells)
    columns = _columns([axis.position(point.after) for point in points], width)
    for span, start, end in zip(row.spans(), columns, columns[1:], strict=False):
        for column in range(start, max(end, start + 1)):
            cells[column] = (glyphs.phases[span.phase], _STYLES[span.phase])
    outcome = row.last(Mark.OUTCOME)
    style = _style(row)
    if outcome:
        cells[columns[points.index(outcome)]] = (glyphs.outcome, style)
    if sign := glyphs.end(row):
        cells[columns[-1]] = (sign, style)
    return _joined(cells)


def _columns(positions: Sequence[float], width: int) -> list[int]:
    """A column for each position; a column of its own as long as there is room, so that nothing is hidden."""
    columns = [round(position * (width - 1)) for position in positions]
    if len(columns) > width // 2:
        return columns
    for index in range(1, len(columns)):
        columns[index] = max(columns[index], columns[index - 1] + 1)
    limit = width - 1
    for index in reversed(range(len(columns))):
        columns[index] = min(columns[index], limit)
        limit = columns[index] - 1
    return columns


def _joined(cells: Sequence[tuple[str, str]]) -> Text:
    line = Text(no_wrap=True, overflow="crop")
    for letter, style in cells:
        line.append(letter, style)
    return line
