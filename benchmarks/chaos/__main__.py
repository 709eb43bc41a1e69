"""Nothing lost, doubled or orphaned? `python -m benchmarks.chaos [--runs N] [--seed S] [--json FILE]`.

Each trial starts `sniper run` as a process of its own against a practice site of its own, kills it by SIGKILL
at a random instant around an opening (some of them twice), starts it again, and compares what the final run
tells with what the site has. `benchmarks.chaos.verdict` says what counts as lost, doubled and orphaned. A
seed decides all of a trial but for how steady the machine is: `--seed N --runs 1` repeats one.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from benchmarks.chaos.faults import DIFFICULTIES
from benchmarks.chaos.trial import Plan, Trial, carry_out
from benchmarks.options import Names, NewFile


@click.command()
@click.option("--runs", type=click.IntRange(1), default=200, show_default=True, help="How many trials.")
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="Of the first; then upwards."
)
@click.option(
    "--workers", type=click.IntRange(1), default=2, show_default=True, help="How many trials at a time."
)
@click.option(
    "--faults",
    type=Names(one.name for one in DIFFICULTIES),
    default=",".join(one.name for one in DIFFICULTIES),
    help="Only these, separated by commas.  [default: all]",
)
@click.option("--json", "json_", type=NewFile(), help="Write what came of it.")
def main(*, runs: int, seed: int, workers: int, faults: list[str], json_: Path | None) -> None:
    """Kill runs at random instants, start them again, and look whether anything is wrong.

    Exits with 1 if something is.
    """
    chosen = tuple(one for one in DIFFICULTIES if one.name in faults)
    console = Console(stderr=True)
    trials: list[Trial] = []
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with (
        ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool,
        Progress(*columns, console=console, transient=True) as progress,
    ):
        task = progress.add_task("nothing wrong so far", total=runs)
        for done in as_completed(
            pool.submit(carry_out, Plan.of(number, chosen)) for number in range(seed, seed + runs)
        ):
            trial = done.result()
            trials.append(trial)
            wrong = sum(one.failed for one in trials)
            progress.update(
                task, advance=1, description=f"{wrong} failed" if wrong else "nothing wrong so far"
            )
            _tell(console, trial)
    trials.sort(key=lambda one: one.seed)
    report = summary(trials)
    _print(trials, report)
    if json_:
        document = {**report, "trials": [one.as_json() for one in trials]}
        json_.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    sys.exit(1 if report["failing_seeds"] else 0)


def summary(trials: Iterable[Trial]) -> dict[str, Any]:
    """How many trials lost, doubled or orphaned something, and which."""
    trials = list(trials)
    return {
        "runs": len(trials),
        "lost": sum(bool(one.lost) for one in trials),
        "doubled": sum(bool(one.doubled) for one in trials),
        "orphaned": sum(bool(one.orphaned) for one in trials),
        "failing_seeds": [one.seed for one in trials if one.failed],
    }


def _tell(console: Console, trial: Trial) -> None:
    killed = "; ".join(trial.killed) or "ended before it was killed"
    line = f"{trial.seed}: {trial.fault}; {killed}; {trial.standing}; {trial.seconds:.0f} s"
    console.print(line, style="red" if trial.failed else None, highlight=False)
    for what in ("lost", "doubled", "orphaned"):
        for sentence in getattr(trial, what):
            console.print(f"    {what}: {sentence}", style="red", highlight=False)


def _print(trials: list[Trial], report: dict[str, Any]) -> None:
    table = Table(title="killed and started again", title_justify="left")
    table.add_column("fault")
    for name in ("trials", "killed", "reached", "lost", "doubled", "orphaned"):
        table.add_column(name, justify="right")
    for fault, count in Counter(one.fault for one in trials).items():
        those = [one for one in trials if one.fault == fault]
        counts = (
            count,
            sum(bool(one.killed) for one in those),
            sum(one.standing == "reached" for one in those),
            *(sum(bool(getattr(one, what)) for one in those) for what in ("lost", "doubled", "orphaned")),
        )
        table.add_row(fault, *(str(number) for number in counts))
    console = Console(width=None if sys.stdout.isatty() else 120)
    console.print(table)
    seeds = ", ".join(str(seed) for seed in report["failing_seeds"])
    console.print(f"Failing seeds: {seeds}" if seeds else "Nothing was lost, doubled or orphaned.")


if __name__ == "__main__":
    main()
