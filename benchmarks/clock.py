"""How well the site's clock is measured: `python -m benchmarks.clock [--json FILE]`."""

from __future__ import annotations

import asyncio
import json
import math
import shutil
from collections import defaultdict
from datetime import timedelta
from pathlib import Path
from random import Random

import click
import httpx
from rich.console import Console
from rich.table import Table

from benchmarks.clock_estimators import Estimate, centred, htpdate, naive, sniper
from benchmarks.clock_server import skewed_server
from benchmarks.clock_simulated import MOST_SKEW_SECONDS, SimulatedServer
from sniper.clock.clock import SystemClock
from sniper.clock.site import date_header_probe

Trials = defaultdict[str, list[tuple[timedelta, Estimate]]]
"""Of each estimator: the true offset, and what it found."""


@click.command()
@click.option("--trials", type=click.IntRange(1), default=200, show_default=True, help="In simulated time.")
@click.option("--real", type=click.IntRange(0), default=3, show_default=True, help="Over a real socket.")
@click.option("--seed", default=1, show_default=True, help="Of skews, phases and jitter.")
@click.option(
    "--json", "json_", type=click.Path(dir_okay=False, path_type=Path), help="Write the table here."
)
def main(*, trials: int, real: int, seed: int, json_: Path | None) -> None:
    """Measure servers of known skew, 30 ms ± 10 ms away."""
    found: Trials = defaultdict(list)
    random = Random(seed)  # noqa: S311 - a simulation
    asyncio.run(_simulated(trials, random, found))
    command = shutil.which("htpdate")
    for _ in range(real):
        skew = timedelta(seconds=random.uniform(-MOST_SKEW_SECONDS, MOST_SKEW_SECONDS))
        with skewed_server(skew, random.randrange(2**32)) as url:
            asyncio.run(_real(url, skew, command, found))
    if real and command is None:
        click.echo("htpdate is not installed (Debian: apt install htpdate), so it is left out", err=True)
    results = {name: _summary(estimates) for name, estimates in found.items()}
    _print(results, {name: len(estimates) for name, estimates in found.items()})
    if json_:
        json_.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


async def _simulated(trials: int, random: Random, found: Trials) -> None:
    for _ in range(trials):
        skew = timedelta(seconds=random.uniform(-MOST_SKEW_SECONDS, MOST_SKEW_SECONDS))
        server = SimulatedServer(skew, random)
        reading = await server.probe()
        found["naive"].append((skew, naive(reading)))
        found["centred"].append((skew, centred(reading)))
        found["sniper"].append((skew, await sniper(server.probe, server.clock)))


async def _real(url: str, skew: timedelta, command: str | None, found: Trials) -> None:
    local = SystemClock()
    async with httpx.AsyncClient(trust_env=False) as client:
        probe = date_header_probe(client, url, local)
        reading = await probe()
        found["naive_real"].append((skew, naive(reading)))
        found["centred_real"].append((skew, centred(reading)))
        found["sniper_real"].append((skew, await sniper(probe, local)))
    if command and (estimate := await htpdate(command, url)):
        found["htpdate"].append((skew, estimate))


def _summary(estimates: list[tuple[timedelta, Estimate]]) -> dict[str, float]:
    errors = sorted(abs(one.offset - true) / timedelta(milliseconds=1) for true, one in estimates)
    return {
        "p50_ms": round(_quantile(errors, 0.5), 2),
        "p95_ms": round(_quantile(errors, 0.95), 2),
        "probes": max(one.probes for _, one in estimates),
    }


def _quantile(ordered: list[float], share: float) -> float:
    """The smallest value that at least this share does not exceed."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def _print(results: dict[str, dict[str, float]], trials: dict[str, int]) -> None:
    table = Table()
    table.add_column("estimator")
    for column in ("trials", "p50 ms", "p95 ms", "probes at most"):
        table.add_column(column, justify="right")
    for name, row in results.items():
        table.add_row(
            name, str(trials[name]), f"{row['p50_ms']:.1f}", f"{row['p95_ms']:.1f}", f"{row['probes']:.0f}"
        )
    Console().print(table)


if __name__ == "__main__":
    main()
