"""Who wins when others want the same: `python -m benchmarks.contest [--json FILE]`."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import click
from playwright.async_api import Error as PlaywrightError
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks.contenders import CONTENDERS
from benchmarks.lineup import Lineup
from benchmarks.options import NewFile
from benchmarks.venue import PLACES, Venue, practice_venue, slot_for
from sniper.core.quantiles import quantile
from sniper.errors import SniperError
from sniper.practice.settings import Mode

_CREATED = 201
_PAST = timedelta(seconds=2)


@dataclass
class Score:
    """Slots won, of those that were contested, and how many ms after the opening our requests came."""

    won: int = 0
    of: int = 0
    arrivals: list[float] = field(default_factory=list)


@click.command()
@click.option(
    "--rivals-at", type=click.IntRange(0), default=100, show_default=True, help="ms after each opening."
)
@click.option(
    "--openings", type=click.IntRange(1), default=50, show_default=True, help="Contested by each method."
)
@click.option(
    "--accounts",
    type=click.IntRange(1, len(PLACES)),
    default=1,
    show_default=True,
    help="Of each method, each after a court of its own.",
)
@click.option(
    "--mode",
    type=click.Choice(["strict", "lenient"]),
    default="strict",
    show_default=True,
    help="Of the site.",
)
@click.option(
    "--method",
    "methods",
    type=click.Choice(list(CONTENDERS)),
    multiple=True,
    default=("sniper", "playwright"),
    show_default=True,
)
@click.option("--json", "json_", type=NewFile(), help="Write the table here.")
def main(
    *, rivals_at: int, openings: int, accounts: int, mode: Mode, methods: tuple[str, ...], json_: Path | None
) -> None:
    """Book against rivals that take every court at the same instant after each opening."""
    delay = timedelta(milliseconds=rivals_at)
    with practice_venue(accounts, court_places=1, rivals=len(PLACES), rival_delay=delay) as venue:
        scores = asyncio.run(_contest(venue, mode, list(methods), accounts, openings))
    _print(scores)
    if json_:
        found = {method: {"won": score.won, "of": score.of} for method, score in scores.items()}
        json_.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


async def _contest(
    venue: Venue, mode: Mode, methods: list[str], accounts: int, openings: int
) -> dict[str, Score]:
    """In turn, so that what disturbs one disturbs the others."""
    scores = {method: Score() for method in methods}
    async with Lineup(venue, methods, accounts) as lineup:
        lineup.turn_to(mode, accounts)
        with Progress(console=Console(stderr=True), transient=True) as progress:
            for _ in progress.track(range(openings), description="openings"):
                for method in methods:
                    scores[method].of += accounts
                    await _one_opening(venue, lineup, method, scores[method])
    return scores


async def _one_opening(venue: Venue, lineup: Lineup, method: str, score: Score) -> None:
    """What counts is what the site says that it answered."""
    opening = venue.next_opening()
    contender = lineup.contenders[method]
    ours = {person.username for person in lineup.people}
    try:
        await contender.park(
            {account: slot_for(index, opening) for index, account in enumerate(sorted(ours))}
        )
    except (SniperError, PlaywrightError) as error:
        click.echo(f"{method} was not ready, which counts as lost: {error}", err=True)
        lineup.jump_before(opening + _PAST, timedelta(0))
        return
    lineup.jump_before(opening, contender.ahead)
    venue.new_arrivals()
    await contender.fire(opening)
    arrivals = [one for one in venue.new_arrivals() if one.account in ours]
    score.won += len({one.account for one in arrivals if one.status == _CREATED})
    score.arrivals += [(one.at - opening) / timedelta(milliseconds=1) for one in arrivals]
    venue.cancel_everything(lineup.people)


def _print(scores: dict[str, Score]) -> None:
    table = Table()
    table.add_column("method")
    for name in ("won", "of", "%", "request arrives, p50 ms"):
        table.add_column(name, justify="right")
    for method, score in scores.items():
        arrives = f"{quantile(score.arrivals, 0.5):.0f}" if score.arrivals else "–"
        table.add_row(method, str(score.won), str(score.of), f"{100 * score.won / score.of:.0f}", arrives)
    Console().print(table)


if __name__ == "__main__":
    main()
