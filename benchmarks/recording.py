"""What it costs to record a run: `python -m benchmarks.recording [--json FILE]`."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from statistics import median
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from benchmarks.options import Names, NewFile, Numbers, contexts_per_browser
from benchmarks.release import Times, race
from benchmarks.venue import MODES, practice_venue
from sniper.practice.settings import Mode

_METHODS = ["sniper", "recorded"]
_MOST = 1.5
"""Times as late, in the median: more it must not cost."""


@click.command()
@click.option("--mode", "modes", type=Names(MODES), default="lenient,strict", show_default=True)
@click.option("--accounts", "counts", type=Numbers(), default="1,8", show_default=True)
@click.option("--rounds", type=click.IntRange(1), default=10, show_default=True, help="Openings of each.")
@contexts_per_browser
@click.option("--json", "json_", type=NewFile(), help="Write the table here.")
def main(
    *, modes: list[Mode], counts: list[int], rounds: int, contexts_per_browser: int, json_: Path | None
) -> None:
    """Compare how late requests are with and without --record, opening by opening in turn."""
    with practice_venue(max(counts)) as venue:
        found = asyncio.run(race(venue, modes, _METHODS, counts, rounds, contexts_per_browser))
    rows = [
        row(mode, count, *(found[mode, count, method] for method in _METHODS))
        for mode in modes
        for count in counts
    ]
    _print(rows)
    if json_:
        json_.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


def row(mode: Mode, accounts: int, without: Times, recorded: Times) -> dict[str, Any]:
    """Medians in ms, and how many times as late who is recorded is; None where nothing arrived."""
    before, after = (median(one.arrival) if one.arrival else None for one in (without, recorded))
    return {
        "mode": mode,
        "accounts": accounts,
        "n": len(recorded.arrival),
        "p50_ms": before,
        "recorded_p50_ms": after,
        "ratio": after / before if before and after is not None else None,
        "missing": without.missing + recorded.missing,
    }


def _print(rows: list[dict[str, Any]]) -> None:
    table = Table(title=f"ms after the opening, median; at most {_MOST} times as late", title_justify="left")
    for name in ("mode", "accounts", "n", "without", "with --record", "ratio", "missing"):
        table.add_column(name, justify="left" if name == "mode" else "right")
    for one in rows:
        table.add_row(
            one["mode"],
            str(one["accounts"]),
            str(one["n"]),
            *("–" if one[name] is None else f"{one[name]:.1f}" for name in ("p50_ms", "recorded_p50_ms")),
            "–" if one["ratio"] is None else f"{one['ratio']:.2f}",
            str(one["missing"] or ""),
        )
    Console().print(table)


if __name__ == "__main__":
    main()
