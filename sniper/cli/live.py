"""A run as it goes on: a live table on a terminal, one line an event elsewhere. All of it on stderr."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import assert_never

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from sniper.cli.asking import answer
from sniper.clock.site import SiteClock
from sniper.core.findings import Finding, Judgement, noes
from sniper.core.goals import Goal
from sniper.core.lead import Aim
from sniper.core.outcomes import Outcome, Proof
from sniper.core.plan import Role, Wave
from sniper.core.timeline import OPENING, away_from, in_words
from sniper.events import (
    AccountDoes,
    Activity,
    Aimed,
    Checked,
    ClockMeasured,
    Event,
    GivenBack,
    Jumped,
    LeftToDo,
    Noted,
    Proven,
    RunBroken,
    RunEnded,
    RunStarted,
    TookOver,
    Tried,
    Waiting,
    WaveOver,
    WavePlanned,
)
from sniper.telling import describe_goal, describe_try

_STYLES = {
    Activity.OUT: "red",
    Activity.ARMED: "cyan",
    Activity.READY: "green",
    Activity.OPEN: "green",
}


@dataclass
class _Row:
    activity: Activity = Activity.WAITING
    detail: str = ""
    wins: list[str] = field(default_factory=list)


class Progress:
    """Takes a run's events and shows them. Use it as a context manager around the run."""

    def __init__(self, console: Console, *, verbose: bool, label: str = "") -> None:
        """Shows nothing yet.

        Args:
            console: Where to.
            verbose: Every step of every account.
            label: Before every line, where several runs go on at once.
        """
        self._console = console
        self._verbose = verbose
        self._label = label
        self._live: Live | None = None
        self._clock: SiteClock | None = None
        self._started: RunStarted | None = None
        self._rows: dict[str, _Row] = {}
        self._waiting: Waiting | None = None
        self._wave: WavePlanned | None = None

    def __enter__(self) -> Progress:
        self._context: AbstractContextManager[object] = nullcontext()
        if self._console.is_terminal:
            self._live = Live(
                console=self._console, get_renderable=self._render, refresh_per_second=8, transient=True
            )
            self._context = self._live
        self._context.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._context.__exit__(None, None, None)

    async def ask(self, question: str) -> bool | None:
        """Ask the person, with the live part out of the way; None where nobody answers."""
        if self._live:
            self._live.stop()
        self._console.print(f"{question} [Y/n] ", end="", markup=False, highlight=False)
        try:
            return await answer()
        finally:
            self._console.print()
            if self._live:
                self._live.start()

    def show_clock(self, clock: SiteClock) -> None:
        """From now on times are shown on the site's clock."""
        self._clock = clock

    def tell(self, event: Event) -> None:
        """Show an event."""
        match event:
            case RunStarted():
                self._begin(event)
            case ClockMeasured(offset, bound):
                self._say(f"the site's clock is {_offset(offset)}, ± {_ms(bound)} ms", "dim")
            case AccountDoes(account, activity, detail):
                self._rows[account] = _Row(activity, detail, self._row(account).wins)
                if self._verbose:
                    self._say(f"{account}: {activity}{f': {detail}' if detail else ''}", "dim")
            case WavePlanned(number, wave):
                self._wave, self._waiting = event, None
                is_open = self._clock is not None and wave.opens_at <= self._clock.now()
                opens = "open since" if is_open else "opens"
                self._say(
                    f"wave {number}, {opens} {self._local(wave.opens_at):%a %H:%M:%S}: {wave.reason}", "bold"
                )
                for attempt in wave.attempts:
                    self._say(f"  {attempt}")
            case Waiting():
                self._waiting = event
                if self._live is None:
                    self._say(f"waiting for {event.what} at {self._local(event.until):%H:%M:%S}", "dim")
            case Aimed(aim):
                self._say(describe_aim(aim), "dim")
            case Checked(ahead, findings):
                self._say(*_checked(ahead, findings))
            case TookOver(attempt, instead_of):
                self._say(f"  in place of {instead_of}: {attempt}", "bold yellow")
            case Jumped(by):
                self._say(f"the practice site's clock jumps {describe_span(by)} ahead", "dim magenta")
            case Tried(account, result):
                self._say(f"  {account}: {describe_try(result)}", _outcome_style(result.outcome))
            case Proven(booking, proof):
                if proof is Proof.CONFIRMED:
                    self._row(booking.account).wins.append(f"{booking.slot.place} {booking.slot.start:%H:%M}")
                    words = f"confirmed by my bookings, reference {booking.reference}"
                    self._say(f"  {booking.account}: {booking.slot}: {words}", "bold green")
                elif proof is Proof.DOUBLED:
                    self._say(f"  {booking.account}: {booking.slot}: others have it as well", "bold red")
            case LeftToDo(booking, what):
                self._say(f"  {booking.account}: {booking.slot}: left to do: {what}", "bold yellow")
            case GivenBack(booking, error):
                self._say(
                    f"  {booking.account}: {booking.slot}: {error or 'not needed, given back'}", "yellow"
                )
                if not error:
                    wins = self._row(booking.account).wins
                    wins[:] = [w for w in wins if w != f"{booking.slot.place} {booking.slot.start:%H:%M}"]
            case Noted(text, problem):
                self._say(text, "red" if problem else "yellow")
            case WaveOver() | RunEnded() | RunBroken():
                pass  # Shown when all is over.
            case _:
                assert_never(event)

    def _begin(self, event: RunStarted) -> None:
        self._started = event
        self._rows = {account: _Row() for account in event.accounts}
        if event.rehearsal:
            self._say("REHEARSAL: this is the practice site, nothing real is booked", "bold magenta")
        self._say(f"run {event.run_id} at {event.title}: {describe_goal(event.goal)}", "bold")
        if event.foreseen:
            self._say(f"if every wave is won: {_waves(event.foreseen, event.goal)}", "dim")
        else:
            self._say("nothing is left to win: every hour is past, taken or ours", "yellow")

    def _row(self, account: str) -> _Row:
        return self._rows.setdefault(account, _Row())

    def _say(self, text: str, style: str = "") -> None:
        text = f"{self._label}{text}"
        stamp = f"{self._local(self._clock.now()):%H:%M:%S.%f}"[:12] if self._clock else " " * 12
        if self._console.is_terminal:
            line = Table.grid(padding=(0, 2, 0, 0))
            line.add_row(Text(stamp, style="dim", no_wrap=True), Text(text, style=style))
            self._console.print(line)
        else:
            # One line an event, however long: it is for a file or another program.
            self._console.print(f"{stamp}  {text}", markup=False, highlight=False, soft_wrap=True)

    def _local(self, moment: datetime) -> datetime:
        return moment.astimezone(self._started.goal.zone) if self._started else moment.astimezone()

    # -- the live part

    def _render(self) -> RenderableType:
        if self._clock is None or self._started is None:
            return Text("reaching the site and reading its clock …", style="dim")
        table = Table(box=None, expand=True, padding=(0, 2, 0, 0))
        for name in ("account", "does", "", "won"):
            table.add_column(name, header_style="dim", overflow="fold")
        for account, row in self._rows.items():
            activity = Text(row.activity.value, style=_STYLES.get(row.activity, ""))
            won = Text(", ".join(row.wins), style="bold green")
            table.add_row(account, activity, Text(row.detail, style="dim"), won)
        border = "magenta" if self._started.rehearsal else "green"
        title = f"{self._started.title}{' · REHEARSAL' if self._started.rehearsal else ''}"
        return Panel(Group(self._headline(), table), title=title, title_align="left", border_style=border)

    def _headline(self) -> Text:
        assert self._clock is not None
        now = self._clock.now()
        line = Text.assemble("site clock ", (f"{self._local(now):%a %d %b %H:%M:%S}", "bold"))
        if self._wave:
            line.append(f"   wave {self._wave.number}")
        if self._waiting and (left := self._waiting.until - now) > timedelta(0):
            line.append(f"   {describe_span(left, tenths=True)} ", "bold yellow")
            line.append(f"until {self._waiting.what}")
        return line


def _waves(waves: tuple[Wave, ...], goal: Goal) -> str:
    shown = []
    for wave in waves:
        targets = ", ".join(f"{a.account} {a.target.place}" for a in wave.attempts if a.role is Role.LEAD)
        start = wave.attempts[0].target.start
        shown.append(f"{wave.opens_at.astimezone(goal.zone):%a %H:%M} for {start:%H:%M} ({targets})")
    return " · ".join(shown)


def _checked(ahead: timedelta, findings: tuple[Finding, ...]) -> tuple[str, str]:
    """The result of a check in a line, and its colour; what is wrong is told by itself."""
    begin = f"checked {in_words(ahead)} before the opening"
    wrong = [one.name for one in noes(findings)]
    if wrong:
        return f"{begin}: NO-GO ({', '.join(wrong)})", "bold red"
    doubtful = [one.name for one in findings if one.judgement is Judgement.WARNING]
    if doubtful:
        return f"{begin}: go, with warnings ({', '.join(doubtful)})", "yellow"
    return f"{begin}: go", "green"


def _outcome_style(outcome: Outcome) -> str:
    if outcome is Outcome.BOOKED:
        return "green"
    return "red" if outcome.handling.tell_person else "yellow"


def _ms(duration: timedelta) -> str:
    return f"{duration / timedelta(milliseconds=1):.0f}"


def describe_aim(aim: Aim) -> str:
    """When a wave fires, and from what that was chosen."""
    known = f"clock ± {in_words(aim.bound)}, one way {in_words(aim.one_way)}, lead {in_words(aim.lead)}"
    return f"fires {away_from(OPENING, aim.at - aim.opens_at)} on our estimate: {known}"


def _offset(offset: timedelta) -> str:
    if abs(offset) < timedelta(milliseconds=1):
        return "the same as ours"
    return (
        f"{describe_span(abs(offset), tenths=True)} {'ahead of' if offset > timedelta(0) else 'behind'} ours"
    )


def describe_span(duration: timedelta, *, tenths: bool = False) -> str:
    """A duration in words: hours, minutes and seconds, as far as they matter."""
    total = duration.total_seconds()
    minutes, seconds = divmod(total, 60)
    hours, minutes = divmod(int(minutes), 60)
    end = f"{seconds:.1f} s" if tenths and not hours else f"{int(seconds)} s"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {end}" if minutes else end
