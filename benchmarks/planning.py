"""How good plans are, against all that could be done: `python -m benchmarks.planning [--json FILE]`.

Three hours in a row at one location with two places, in a window of four hours; one booking an account, as at
TU Delft X. The odds of the goal are computed for `optimal`, played for the others, and found by trying every
chain for every account where it says exhaustive.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.table import Table

from benchmarks.options import Numbers
from sniper.core.goals import Fallback, Goal, Priority
from sniper.core.limits import Limit, Per
from sniper.core.odds import Odds
from sniper.core.openings import OpeningRule
from sniper.core.optimal import Optimal
from sniper.core.plan import Situation, Standing
from sniper.core.policy import StrategyName
from sniper.core.simulation import Simulation
from sniper.core.strategy import Terms
from tests.core.exhaustive import Exhaustive

ACCOUNTS = (3, 4, 6)
WINS = (0.3, 0.5, 0.7, 0.9)
RUNS = 20_000
_PLAYED = (StrategyName.DIVIDE_AND_CONQUER, StrategyName.SPARING, StrategyName.SPAM)


@dataclass(frozen=True, slots=True)
class Row:
    """The odds of the goal, each between 0 and 1."""

    given_back: bool
    accounts: int
    win: float
    exhaustive: float
    optimal: float
    divide_and_conquer: float
    sparing: float
    spam: float


def terms(win: float, *, given_back: bool) -> Terms:
    """The example: nobody drops out, and each place further down a chain halves the probability."""
    x1 = Priority(1, "X1", ("X1 A", "X1 B"), 9, OpeningRule(timedelta(hours=72)))
    day, zone = date(2026, 11, 24), ZoneInfo("Europe/Amsterdam")
    goal = Goal(day, zone, 3, time(13), time(17), (x1,), Fallback(None))
    limits = tuple(Limit(1, frozenset({Per.DATE, per})) for per in (Per.START, Per.LOCATION))
    return Terms(goal, limits, 12, Odds(win, 0.5, 0.0), can_give_back=given_back)


def row(accounts: int, win: float, *, given_back: bool, runs: int = RUNS) -> Row:
    """One row of the table; the same runs each time."""
    these = terms(win, given_back=given_back)
    begin = Situation(datetime(2026, 11, 1, tzinfo=UTC), tuple(f"a{n}" for n in range(1, accounts + 1)))
    played = {
        name.value: Simulation(these, name.on(these), begin, Random(1))  # noqa: S311 - a simulation
        .play(runs)
        .share(Standing.REACHED)
        for name in _PLAYED
    }
    return Row(
        given_back,
        accounts,
        win,
        Exhaustive(replace(these), accounts).best()[0],
        Optimal(these).outlook(begin).goal,
        **played,
    )


@click.command()
@click.option("--accounts", "counts", type=Numbers(), default="3,4,6", show_default=True)
@click.option("--runs", type=click.IntRange(min=100), default=RUNS, show_default=True)
@click.option(
    "--json", "json_", type=click.Path(dir_okay=False, path_type=Path), help="Write the table here."
)
def main(*, counts: list[int], runs: int, json_: Path | None) -> None:
    """The odds of the goal by each strategy, beside the best there is."""
    rows = [
        row(count, win, given_back=given_back, runs=runs)
        for given_back in (False, True)
        for count in counts
        for win in WINS
    ]
    _print(rows)
    if json_:
        shown: list[dict[str, Any]] = [
            {name: getattr(one, name) for name in Row.__dataclass_fields__} for one in rows
        ]
        json_.write_text(json.dumps(shown, indent=2) + "\n", encoding="utf-8")


def cells(one: Row) -> tuple[str, ...]:
    """A row as docs/planning.md shows it."""
    shares = (one.exhaustive, one.optimal, one.divide_and_conquer, one.sparing, one.spam)
    back = "given back" if one.given_back else "kept"
    return (back, str(one.accounts), f"{one.win}", *(f"{share * 100:.1f}" for share in shares))


def _print(rows: list[Row]) -> None:
    table = Table()
    for name in ("surplus", "accounts", "win", "exhaustive", *(name.value for name in StrategyName)):
        table.add_column(name, justify="right")
    for one in rows:
        table.add_row(*cells(one))
    Console().print(table)


if __name__ == "__main__":
    main()
