"""How well the site's clock is measured: `python -m benchmarks.clock [--json FILE]`."""

from __future__ import annotations

import asyncio
import json
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
from benchmarks.clock_server import skewed_servers
from benchmarks.clock_simulated import MOST_SKEW_SECONDS, SimulatedServer
from benchmarks.networks import NETWORKS, Network
from benchmarks.options import NewFile
from sniper.clock.clock import Clock, SystemClock
from sniper.clock.measuring import Probe
from sniper.clock.probes import date_header_probe
from sniper.core.quantiles import quantile
from sniper.errors import EnvironmentProblem

Trials = defaultdict[str, list[tuple[timedelta, Estimate | None]]]
"""Of each estimator: the true offset, and what it found, None where it refused to say."""


_ANSWERS_WITHIN = 30.0


@click.command()
@click.option("--trials", type=click.IntRange(0), default=200, show_default=True, help="In simulated time.")
@click.option(
    "--real", type=click.IntRange(0), default=40, show_default=True, help="Over real sockets, all at once."
)
@click.option(
    "--network", type=click.Choice(list(NETWORKS)), default="each-way", show_default=True, help="The jitter."
)
@click.option("--seed", default=1, show_default=True, help="Of skews, phases and jitter.")
@click.option("--json", "json_", type=NewFile(), help="Write the table here.")
def main(*, trials: int, real: int, network: str, seed: int, json_: Path | None) -> None:
    """Measure servers of known skew, 30 ms ± 10 ms away."""
    found: Trials = defaultdict(list)
    random = Random(seed)  # noqa: S311 - a simulation
    asyncio.run(_simulated(trials, NETWORKS[network], random, found))
    command = shutil.which("htpdate")
    if real:
        skews = [_any_skew(random) for _ in range(real)]
        with skewed_servers(skews, network, random.randrange(2**32)) as urls:
            asyncio.run(_real(list(zip(urls, skews, strict=True)), command, random, found))
        if command is None:
            click.echo("htpdate is not installed (Debian: apt install htpdate), so it is left out", err=True)
    results = {name: summary(estimates) for name, estimates in found.items()}
    _print(results, {name: len(estimates) for name, estimates in found.items()})
    if json_:
        json_.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


def _any_skew(random: Random) -> timedelta:
    return timedelta(seconds=random.uniform(-MOST_SKEW_SECONDS, MOST_SKEW_SECONDS))


async def _simulated(trials: int, network: Network, random: Random, found: Trials) -> None:
    for _ in range(trials):
        skew = _any_skew(random)
        server = SimulatedServer(skew, network, random)
        reading = await server.probe()
        found["naive"].append((skew, naive(reading)))
        found["centred"].append((skew, centred(reading)))
        found["sniper"].append((skew, await _ours(server.probe, server.clock)))


async def _ours(probe: Probe, local: Clock) -> Estimate | None:
    try:
        return await sniper(probe, local)
    except EnvironmentProblem as error:
        click.echo(f"a trial is refused: {error}", err=True)
        return None


async def _real(
    servers: list[tuple[str, timedelta]], command: str | None, random: Random, found: Trials
) -> None:
    """All servers at once, for a measurement mostly waits; but not all in the same millisecond."""

    async def measure(url: str, skew: timedelta, after: float) -> None:
        await asyncio.sleep(after)
        local = SystemClock()
        async with httpx.AsyncClient(trust_env=False, timeout=_ANSWERS_WITHIN) as client:
            probe = date_header_probe(client, url, local)
            reading = await probe()
            found["naive_real"].append((skew, naive(reading)))
            found["centred_real"].append((skew, centred(reading)))
            found["sniper_real"].append((skew, await _ours(probe, local)))

    await asyncio.gather(*(measure(url, skew, random.uniform(0, 2)) for url, skew in servers))
    if command is None:
        return
    for estimate, (_, skew) in zip(
        await asyncio.gather(*(htpdate(command, url) for url, _ in servers)), servers, strict=True
    ):
        found["htpdate"].append((skew, estimate))


def summary(estimates: list[tuple[timedelta, Estimate | None]]) -> dict[str, float | None]:
    """One row: the errors of what was estimated, and how many trials were refused."""
    told = [(true, one) for true, one in estimates if one is not None]
    errors = [abs(one.offset - true) / timedelta(milliseconds=1) for true, one in told]
    return {
        "p50_ms": round(quantile(errors, 0.5), 2) if errors else None,
        "p95_ms": round(quantile(errors, 0.95), 2) if errors else None,
        "probes": max((one.probes for _, one in told), default=None),
        "refused": len(estimates) - len(told),
    }


def _print(results: dict[str, dict[str, float | None]], trials: dict[str, int]) -> None:
    table = Table()
    table.add_column("estimator")
    for column in ("trials", "refused", "p50 ms", "p95 ms", "probes at most"):
        table.add_column(column, justify="right")
    for name, row in results.items():
        known = (
            "" if value is None else f"{value:.{digits}f}"
            for value, digits in ((row["p50_ms"], 1), (row["p95_ms"], 1), (row["probes"], 0))
        )
        table.add_row(name, str(trials[name]), f"{row['refused']:.0f}", *known)
    Console().print(table)


if __name__ == "__main__":
    main()
