"""`sniper rehearse --browser N`: plays real runs, and shows how they go."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.text import Text

from sniper.cli.exit_codes import INTERRUPTED
from sniper.cli.played import as_json, print_played, result_of
from sniper.cli.stopping import until_done_or_stopped
from sniper.cli.tables import console, print_json, rehearsal_mark, text
from sniper.core.policy import StrategyName
from sniper.core.timeline import in_words
from sniper.dress_rehearsal.casting import cast
from sniper.dress_rehearsal.difficulties import chosen
from sniper.dress_rehearsal.performing import perform, programme
from sniper.dress_rehearsal.played import Part, Played
from sniper.errors import EnvironmentProblem, InputError
from sniper.setup.browser import find_browser


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for on the command line.

    Attributes:
        strategies: The file's, where there are none.
        runs: Of each strategy.
        keep: Where the folders of the runs stay; None if they do not.
    """

    bookings: Path
    site: str | None
    schedule: str | None
    strategies: tuple[StrategyName, ...]
    runs: int
    rivals_at: timedelta | None
    faults: tuple[str, ...]
    seed: int
    keep: Path | None


def rehearse_in_browsers(wanted: Wanted, *, json: bool) -> None:
    """Play the runs, show how they go, and print what came of them; also of some, if it is interrupted.

    Raises:
        InputError: The file, the profile or an option is wrong, or the practice site cannot play it.
        EnvironmentProblem: There is no browser, or no practice site.
    """
    play = cast(wanted.bookings, wanted.site, datetime.now(UTC), wanted.schedule)
    find_browser()
    strategies = wanted.strategies or (play.strategy,)
    parts = programme(strategies, chosen(wanted.rivals_at, wanted.faults), wanted.runs, wanted.seed)
    with _folder(wanted.keep) as folder:
        with _Progress(Console(stderr=True), parts) as progress:
            for note in play.notes:
                progress.say(text(note, "yellow"))
            work = perform(play, parts, folder, progress, keeps=wanted.keep is not None)
            asyncio.run(until_done_or_stopped(work))
        played = progress.played
        finished = len(played) == len(parts)
        if json:
            print_json(as_json(play, played, wanted.seed, kept=wanted.keep is not None, finished=finished))
        elif played:
            print_played(console(), play, played, kept=wanted.keep is not None)
    if not finished:
        click.echo(f"interrupted after {len(played)} of {len(parts)} runs", err=True)
        sys.exit(INTERRUPTED)
    if any(one.standing is None for one in played):
        sys.exit(EnvironmentProblem.exit_code)


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    if keep is None:
        # Whatever a run that had to be killed still writes there.
        with TemporaryDirectory(prefix="sniper-rehearsal-", ignore_cleanup_errors=True) as folder:
            yield Path(folder)
        return
    try:
        keep.mkdir(mode=0o700, parents=True, exist_ok=True)
        full = any(keep.iterdir())
    except OSError as error:
        raise InputError(
            f"--keep: {keep} cannot be used: {error.strerror or error}.",
            mend="Name a new or an empty folder.",
        ) from error
    if full:
        raise InputError(f"--keep: {keep} is not empty.", mend="Name a new or an empty folder.")
    yield keep.resolve()


class _Progress:
    """How it goes: what is played and told now, live on a terminal; a line when a run begins and ends."""

    def __init__(self, out: Console, parts: Sequence[Part]) -> None:
        self._out = out
        self._parts = parts
        self._several = len({part.strategy for part in parts}) > 1
        self._part = parts[0]
        self._since = time.monotonic()
        self._heard = ""
        self.played: list[Played] = []

    def __enter__(self) -> _Progress:
        self._live: AbstractContextManager[object] = nullcontext()
        if self._out.is_terminal:
            self._live = Live(
                console=self._out, get_renderable=self._render, refresh_per_second=4, transient=True
            )
        self._live.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._live.__exit__(None, None, None)

    def begin(self, part: Part) -> None:
        """This run begins."""
        self._part, self._since, self._heard = part, time.monotonic(), ""
        if not self._out.is_terminal:
            self.say(text(f"{self._name(part)} …"))

    def hear(self, line: str) -> None:
        """It tells this."""
        self._heard = line

    def end(self, played: Played) -> None:
        """That came of it."""
        self.played.append(played)
        left = self._left(timedelta(0))
        last = text(f"; about {in_words(left)} left" if left else "", "dim")
        self.say(
            Text.assemble(
                f"{self._name(played.part)}: ", result_of(played), f", in {in_words(played.took)}", last
            )
        )

    def say(self, line: Text) -> None:
        """Say something that stays."""
        self._out.print(line, soft_wrap=not self._out.is_terminal)

    def _name(self, part: Part) -> str:
        by = f", {part.strategy.value}" if self._several else ""
        return f"run {part.number} of {len(self._parts)}{by}, {part.difficulty.name}"

    def _left(self, so_far: timedelta) -> timedelta | None:
        """How long the others will take if they take as long as those before them; None without any."""
        others = len(self._parts) - len(self.played)
        if not self.played or not others:
            return None
        usual = sum((one.took for one in self.played), timedelta(0)) / len(self.played)
        return max(usual * others - so_far, timedelta(seconds=1))

    def _render(self) -> RenderableType:
        so_far = timedelta(seconds=time.monotonic() - self._since)
        left = self._left(so_far)
        head = Text.assemble(
            rehearsal_mark(rehearsal=True),
            f"  {self._name(self._part)}  ",
            text(f"{so_far.total_seconds():.0f} s", "bold"),
            text(f", about {in_words(left)} left" if left else "", "dim"),
            no_wrap=True,
            overflow="ellipsis",
        )
        heard = text(f"  {self._heard}", "dim")
        heard.no_wrap, heard.overflow = True, "ellipsis"
        return Group(head, heard)
