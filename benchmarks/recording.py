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

from benchmarks.options import Names, Numbers, contexts_per_browser
from benchmarks.release import race
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
@click.option(
    "--json", "json_", type=click.Path(dir_okay=False, path_type=Path), help="Write the table here."
)
def main(
    *, modes: list[Mode], counts: list[int], rounds: int, contexts_per_browser: int, json_: Path | None
) -> None:
    """Compare how late requests are with and without --record, opening by opening in turn."""
    with practice_venue(max(counts)) as venue:
        found = asyncio.run(race(venue, modes, _METHODS, counts, rounds, contexts_per_browser))
    rows: list[dict[str, Any]] = []
    for mode in modes:
        for count in counts:
            without, with_it = (found[mode, count, method] for method in _METHODS)
            before, after = median(without.arrival), median(with_it.arrival)
            rows.append(
                {
                    "mode": mode,
                    "accounts": count,
                    "n": len(with_it.arrival),
                    "p50_ms": before,
                    "recorded_p50_ms": after,
                    "ratio": after / before,
                    "missing": with_it.missing,
                }
            )
    table = Table(title=f"ms after the opening, median; at most {_MOST} times as late", title_justify="left")
    for name in ("mode", "accounts", "n", "without", "with --record", "ratio", "missing"):
        table.add_column(name, justify="left" if name == "mode" else "right")
    for row in rows:
        table.add_row(
            row["mode"],
            str(row["accounts"]),
            str(row["n"]),
            f"{row['p50_ms']:.1f}",
            f"{row['recorded_p50_ms']:.1f}",
            f"{row['ratio']:.2f}",
            str(row["missing"] or ""),
        )
    Console().print(table)
    if json_:
        json_.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
