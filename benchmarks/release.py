"""How late a booking request is after the opening: `python -m benchmarks.release [--json FILE]`."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain, product
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks.contenders import CONTENDERS
from benchmarks.lineup import Lineup
from benchmarks.options import Names, NewFile, Numbers, contexts_per_browser
from benchmarks.quantiles import summary
from benchmarks.venue import MODES, Venue, practice_venue, slot_for
from sniper.practice.settings import Mode


@dataclass
class Times:
    """Milliseconds after the opening, of all rounds together.

    Attributes:
        arrival: When each booking request reached the site.
        confirmed: When each account knew that it has its slot.
        first: When the first request for each slot reached the site.
        missing: How many accounts did not get their slot confirmed.
    """

    arrival: list[float] = field(default_factory=list)
    confirmed: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    missing: int = 0


Found = dict[tuple[Mode, int, str], Times]


async def race(
    venue: Venue,
    modes: list[Mode],
    methods: list[str],
    counts: list[int],
    rounds: int,
    contexts_per_browser: int,
) -> Found:
    """All methods in turn within every round, so that what disturbs one disturbs the others."""
    found: Found = defaultdict(Times)
    progress = Progress(console=Console(stderr=True), transient=True)
    task = progress.add_task("browsers", total=len(modes) * len(counts) * rounds * len(methods))
    with progress:
        async with Lineup(venue, methods, max(counts), contexts_per_browser) as lineup:
            for mode, count in product(modes, counts):
                lineup.turn_to(mode, count)
                # Pages are parked for a day, and most of them are new to it here in any case.
                venue.pass_the_day()
                # Who is second finds the site warm: each is, as often as the others.
                turns = (methods[:: -1 if number % 2 else 1] for number in range(rounds))
                for method in chain.from_iterable(turns):
                    progress.update(task, description=f"{mode}, {count} accounts, {method}")
                    with lineup.turn_of(method):
                        await _one_opening(venue, lineup, method, count, found[mode, count, method])
                    progress.advance(task)
    return found


async def _one_opening(venue: Venue, lineup: Lineup, method: str, count: int, times: Times) -> None:
    contender, people = lineup.contenders[method], lineup.people[:count]
    opening = venue.next_opening()
    await contender.park({one.username: slot_for(index, opening) for index, one in enumerate(people)})
    lineup.jump_before(opening, contender.ahead)
    booked = await contender.fire(opening)
    first: dict[str, float] = {}
    for arrival in sorted(venue.new_arrivals(), key=lambda one: one.at):
        late = (arrival.at - opening) / timedelta(milliseconds=1)
        times.arrival.append(late)
        first.setdefault(arrival.place, late)
    times.first += first.values()
    times.confirmed += [(at - opening) / timedelta(milliseconds=1) for at in booked.values()]
    times.missing += count - len(booked)
    venue.cancel_everything(people)


@click.command()
@click.option("--mode", "modes", type=Names(MODES), default="lenient,strict", show_default=True)
@click.option("--accounts", "counts", type=Numbers(), default="1,8,16,32", show_default=True)
@click.option("--rounds", type=click.IntRange(1), default=10, show_default=True, help="Openings of each.")
@click.option("--methods", type=Names(CONTENDERS), default="httpx,playwright,sniper", show_default=True)
@contexts_per_browser
@click.option("--json", "json_", type=NewFile(), help="Write the table here.")
def main(
    *,
    modes: list[Mode],
    counts: list[int],
    rounds: int,
    methods: list[str],
    contexts_per_browser: int,
    json_: Path | None,
) -> None:
    """Measure sniper beside bare requests and beside a Playwright script, on a practice site of its own."""
    with practice_venue(max(counts)) as venue:
        found = asyncio.run(race(venue, modes, methods, counts, rounds, contexts_per_browser))
    rows = [_row(*key, times) for key, times in found.items()]
    _print(rows)
    if json_:
        json_.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


def _row(mode: Mode, accounts: int, method: str, times: Times) -> dict[str, Any]:
    return {
        "mode": mode,
        "accounts": accounts,
        "method": method,
        "n": len(times.arrival),
        "missing": times.missing,
        "arrival_ms": summary(times.arrival),
        "first_ms": summary(times.first),
        "confirmed_ms": summary(times.confirmed),
    }


def _print(rows: list[dict[str, Any]]) -> None:
    table = Table(title="ms after the opening: median, p95, worst", title_justify="left")
    for name in ("mode", "accounts", "method"):
        table.add_column(name)
    for name in ("request arrives", "first at each slot", "confirmed", "÷ httpx", "first ÷ httpx", "missing"):
        table.add_column(name, justify="right")
    for row in rows:
        base = next(
            (one for one in rows if one["method"] == "httpx" and _group(one) == _group(row)),
            None,
        )
        table.add_row(
            row["mode"],
            str(row["accounts"]),
            row["method"],
            *(_three(row[what]) for what in ("arrival_ms", "first_ms", "confirmed_ms")),
            *(_ratio(row, base, what) for what in ("arrival_ms", "first_ms")),
            str(row["missing"] or ""),
        )
    Console(width=None if sys.stdout.isatty() else 140).print(table)


def _group(row: dict[str, Any]) -> tuple[str, int]:
    return row["mode"], row["accounts"]


def _three(times: dict[str, float | None]) -> str:
    return " / ".join("–" if value is None else f"{value:.1f}" for value in times.values())


def _ratio(row: dict[str, Any], base: dict[str, Any] | None, what: str) -> str:
    if base is None or not base[what]["p50"] or row[what]["p50"] is None:
        return ""
    return f"{row[what]['p50'] / base[what]['p50']:.1f}"


if __name__ == "__main__":
    main()
