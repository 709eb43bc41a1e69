"""`sniper rehearse`: how often a run of this file would win, played many times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import click
from click.core import ParameterSource
from rich.bar import Bar as Stroke
from rich.console import Console
from rich.text import Text

from sniper.charts import Bar, odds_chart
from sniper.cli.dress_rehearsal import Wanted, rehearse_in_browsers
from sniper.cli.planning import odds_options, overrides, percent, wanted_options
from sniper.cli.tables import (
    JSON_OPTION,
    REHEARSAL,
    console,
    hint,
    print_json,
    rehearsal_mark,
    table_of,
    text,
)
from sniper.cli.working import working
from sniper.core.plan import Standing
from sniper.core.policy import StrategyName
from sniper.core.simulation import Simulation, Tally
from sniper.errors import InputError
from sniper.files import write_whole
from sniper.plans import Outset, outset

_ALL = "all"


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What came of one strategy."""

    name: StrategyName
    tally: Tally

    @property
    def bar(self) -> Bar:
        """The same for pictures."""
        goal = self.tally.share(Standing.REACHED)
        fallback = self.tally.share(Standing.FALLBACK)
        return Bar(self.name.value, goal, fallback, self.tally.share(Standing.MISSED))


@click.command()
@click.argument("bookings", type=click.Path(path_type=Path), default=Path("bookings.json"))
@click.option("--site", metavar="PROFILE", help="A profile (name or path) instead of the file's.")
@wanted_options
@click.option(
    "--runs", type=click.IntRange(min=1), default=10_000, show_default=True, help="How many runs are played."
)
@click.option(
    "--strategies",
    metavar="NAMES",
    help=f"`{_ALL}`, or some of {', '.join(StrategyName)}, separated by commas.  [default: the file's]",
)
@odds_options
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed plays the same runs.")
@click.option("--plot", type=click.Path(path_type=Path), metavar="FILE", help="Draw the odds there, as SVG.")
@click.option(
    "--browser",
    type=click.IntRange(min=1),
    metavar="N",
    help="Play N real runs instead, each in a real browser on a practice site of its own.",
)
@click.option(
    "--rivals-at",
    type=click.IntRange(0, 600_000),
    metavar="MS",
    help="With --browser: rivals act so long after each opening, in every run.",
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="NAME[=VALUE][,KEY=VALUE…]",
    help="With --browser: what goes wrong in every run, as `sniper practice --fault` has it.",
)
@click.option(
    "--keep",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="With --browser: keep the runs' records there.",
)
@JSON_OPTION
@click.pass_context
def rehearse(
    context: click.Context,
    *,
    bookings: Path,
    site: str | None,
    schedule: str | None,
    busy: str | None,
    runs: int,
    strategies: str | None,
    win: float | None,
    decay: float | None,
    account_failure: float | None,
    seed: int,
    plot: Path | None,
    browser: int | None,
    rivals_at: int | None,
    faults: tuple[str, ...],
    keep: Path | None,
    as_json: bool,
) -> None:
    """Play runs of BOOKINGS (default: bookings.json) by chance, and count how they end.

    The strategies themselves plan, wave after wave; rivals and accounts that drop out are drawn by lot, as
    docs/planning.md has it. Nothing is asked of the site, and nothing is booked.

    With --browser N, real runs are played: each signs stand-ins in at a practice site of its own, with rivals
    and faults from easy to hard (docs/practice-site.md), and leaves nothing behind. Exit codes: 0 all were
    played, however they ended, 2 bad input, 3 one failed, 130 interrupted.
    """
    _check_options(context, browser)
    if browser is not None:
        rehearse_in_browsers(
            Wanted(
                bookings,
                site,
                schedule,
                _chosen(strategies),
                browser,
                None if rivals_at is None else timedelta(milliseconds=rivals_at),
                faults,
                seed,
                keep,
            ),
            json=as_json,
        )
        return
    beliefs = overrides(None, win, decay, account_failure)
    begin = outset(bookings, site, beliefs, datetime.now(UTC), schedule, busy)
    for said in begin.told:
        hint(said)
    with working() as begin_with:
        rehearsed = [
            Rehearsed(name, _played(name, begin, runs, seed, begin_with))
            for name in _chosen(strategies) or (begin.planning.strategy,)
        ]
    if plot is not None:
        goal = begin.terms.goal
        told = f"{runs} simulated runs, {len(begin.situation.accounts)} accounts, {goal.hours} hours"
        chart = odds_chart(
            f"{begin.profile.title}, {goal.target_date:%a %d %b %Y}",
            told,
            [one.bar for one in rehearsed],
            watermark=REHEARSAL,
        )
        replaced = write_whole(plot, chart)
        hint(f"The odds are drawn in {plot}{' (which was replaced)' if replaced else ''}.")
    if as_json:
        print_json(_document(begin, rehearsed, seed))
    else:
        _print(console(), begin, rehearsed, runs)


_OF_SIMULATIONS = {
    "runs": "N says how many are played",
    "win": "the rivals are real, and --rivals-at says how quick they are",
    "decay": "what falling through costs shows by itself",
    "account_failure": "--fault says what goes wrong with accounts",
    "plot": "it draws the odds of thousands of runs",
    "busy": "what is rehearsed is the whole goal",
}
_OF_REAL_RUNS = ("rivals_at", "faults", "keep")


def _check_options(context: click.Context, browser: int | None) -> None:
    """Refuse what would do nothing."""
    given = {
        param.name: param.opts[0]
        for param in context.command.params
        if param.name and context.get_parameter_source(param.name) is ParameterSource.COMMANDLINE
    }
    for name, option in given.items():
        if browser is not None and name in _OF_SIMULATIONS:
            raise click.UsageError(f"{option} is not for --browser: {_OF_SIMULATIONS[name]}.")
        if browser is None and name in _OF_REAL_RUNS:
            raise click.UsageError(f"{option} is for real runs: add --browser N.")


def _chosen(names: str | None) -> tuple[StrategyName, ...]:
    """The strategies that were asked for; none where nothing was said."""
    if names is None:
        return ()
    if names.strip() == _ALL:
        return tuple(StrategyName)
    known = {name.value: name for name in StrategyName}
    found = [name.strip() for name in names.split(",")]
    for name in found:
        if name not in known:
            raise InputError(
                f"--strategies: there is no strategy {name!r}.",
                mend=f"There are: {', '.join(known)}; or {_ALL}.",
            )
    return tuple(known[name] for name in dict.fromkeys(found))


def _played(
    name: StrategyName, begin: Outset, runs: int, seed: int, begin_with: Callable[[str], None]
) -> Tally:
    random = Random(seed)  # noqa: S311 - a simulation
    simulation = Simulation(begin.terms, name.on(begin.terms), begin.situation, random)
    return simulation.play(runs, lambda number: begin_with(f"{name}: {number:,} of {runs:,} runs"))


def _document(begin: Outset, rehearsed: list[Rehearsed], seed: int) -> dict[str, Any]:
    return {
        "rehearsal": True,
        "site": begin.profile.name,
        "target_date": begin.terms.goal.target_date.isoformat(),
        "seed": seed,
        "strategies": [
            {
                "strategy": one.name.value,
                "runs": one.tally.runs,
                "odds": {"goal": one.bar.goal, "fallback": one.bar.fallback, "nothing": one.bar.nothing},
                "locations": {place: n / one.tally.runs for place, n in one.tally.locations.items()},
                "attempts_per_run": one.tally.attempts / one.tally.runs,
            }
            for one in rehearsed
        ],
    }


def _print(out: Console, begin: Outset, rehearsed: list[Rehearsed], runs: int) -> None:
    goal = begin.terms.goal
    out.print(
        Text.assemble(
            text(f"{begin.profile.title}, {goal.target_date:%a %d %b %Y}: {runs} simulated runs", "bold"),
            "  ",
            rehearsal_mark(rehearsal=True),
        )
    )
    table = table_of("strategy", "goal", "only fallback", "nothing", "attempts", "at", "")
    for column in table.columns[1:5]:
        column.justify = "right"
    table.columns[-1].width = 30
    for one in rehearsed:
        bar = one.bar
        where = ", ".join(
            f"{p.location} {percent(one.tally.locations.get(p.location, 0) / runs)}" for p in goal.ranked
        )
        table.add_row(
            text(one.name.value),
            text(percent(bar.goal), "bold green"),
            text(percent(bar.fallback), "yellow"),
            text(percent(bar.nothing), "red"),
            text(f"{one.tally.attempts / runs:.1f}"),
            text(where),
            Stroke(1, 0, bar.goal, color="green"),
        )
    out.print(table)
    out.print(text("Odds of this model, not of the site: docs/planning.md says what is left out.", "dim"))
