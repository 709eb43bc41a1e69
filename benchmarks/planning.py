"""How good plans are, against all that could be done: `python -m benchmarks.planning [--json FILE]`.

Three hours in a row at one location with two places, in a window of four hours; one booking an account, as at
TU Delft X. The odds of the goal are computed for `optimal`, played for the others, and found by trying every
chain for every account where it says exhaustive.

Below it, how long a first plan takes where there is much to look at: 20 accounts, 8 hours, 6 sub-locations.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from statistics import median
from time import process_time
from typing import Any
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.table import Table

from benchmarks.options import NewFile, Numbers
from sniper.core.goals import Fallback, Goal, Priority
from sniper.core.limits import Limit, Per
from sniper.core.odds import Odds
from sniper.core.openings import OpeningRule
from sniper.core.optimal import Optimal
from sniper.core.optimal.shapes import chains, shapes
from sniper.core.plan import Situation, Standing
from sniper.core.policy import StrategyName
from sniper.core.simulation import Simulation
from sniper.core.strategy import Terms
from tests.core.exhaustive import Exhaustive

ACCOUNTS = (3, 4, 6)
WINS = (0.3, 0.5, 0.7, 0.9)
HOURS = (2, 3, 4)
ACCOUNT_FAILURES = (0, 0.02, 0.1)
RUNS = 20_000
TIMES = 5
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


@dataclass(frozen=True, slots=True)
class Timing:
    """What a first plan takes, in ms of processor time: the median, of the win that takes longest."""

    given_back: bool
    hours: int
    account_failure: float
    ms: float
    states: int
    lotteries: int


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


def large(hours: int, win: float, account_failure: float, *, given_back: bool) -> Terms:
    """Much to look at: six places at eight hours."""
    places = tuple(f"X1 {name}" for name in "ABCDEF")
    small = terms(win, given_back=given_back)
    x1 = replace(small.goal.priorities[0], sub_locations=places, max_accounts=20)
    goal = replace(small.goal, hours=hours, window_start=time(11), window_end=time(19), priorities=(x1,))
    return replace(small, goal=goal, odds=Odds(win, 0.5, account_failure))


def timing(hours: int, account_failure: float, *, given_back: bool, times: int = TIMES) -> Timing:
    """How long 20 accounts take, nothing being remembered of earlier plans."""
    begin = Situation(datetime(2026, 11, 1, tzinfo=UTC), tuple(f"a{n}" for n in range(1, 21)))
    slowest = 0.0
    for win in WINS:
        taken = []
        for _ in range(times):
            shapes.cache_clear()
            chains.cache_clear()
            strategy = Optimal(large(hours, win, account_failure, given_back=given_back))
            began = process_time()
            strategy.next_wave(begin)
            taken.append(process_time() - began)
        slowest = max(slowest, median(taken))
    effort = strategy.effort
    return Timing(given_back, hours, account_failure, slowest * 1000, effort.states, effort.lotteries)


@click.command()
@click.option("--accounts", "counts", type=Numbers(), default="3,4,6", show_default=True)
@click.option("--runs", type=click.IntRange(min=100), default=RUNS, show_default=True)
@click.option("--json", "json_", type=NewFile(), help="Write the tables here.")
def main(*, counts: list[int], runs: int, json_: Path | None) -> None:
    """The odds of the goal by each strategy, beside the best there is; and what a large plan takes."""
    rows = [
        row(count, win, given_back=given_back, runs=runs)
        for given_back in (False, True)
        for count in counts
        for win in WINS
    ]
    _print(rows)
    timings = [
        timing(hours, failure, given_back=given_back)
        for given_back in (False, True)
        for hours in HOURS
        for failure in ACCOUNT_FAILURES
    ]
    _print_timings(timings)
    if json_:
        shown: dict[str, list[dict[str, Any]]] = {
            "odds": [asdict(one) for one in rows],
            "large_plan": [asdict(one) for one in timings],
        }
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


def _print_timings(timings: list[Timing]) -> None:
    table = Table(title="20 accounts, 8 hours, 6 sub-locations: a first plan")
    for name in ("surplus", "hours", "account failure", "ms of a processor", "states", "lotteries"):
        table.add_column(name, justify="right")
    for one in timings:
        back = "given back" if one.given_back else "kept"
        shown = (one.hours, one.account_failure, f"{one.ms:.0f}", one.states, one.lotteries)
        table.add_row(back, *map(str, shown))
    Console().print(table)


if __name__ == "__main__":
    main()
