"""How late a booking request is after the opening: `python -m benchmarks.release [--json FILE]`."""

from __future__ import annotations

import asyncio
import json
import sys
from collections import defaultdict
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from benchmarks.contenders import CONTENDERS, Contender
from benchmarks.contenders.contender import KnownClock
from benchmarks.quantiles import summary
from benchmarks.venue import Mode, Person, Venue, practice_venue, slot_for

_SIGNED_IN_FOR = timedelta(hours=18)
_MODES: tuple[Mode, ...] = ("lenient", "strict")


@dataclass
class Times:
    """Milliseconds after the opening, of all rounds together.

    Attributes:
        arrival: When each booking request reached the site.
        confirmed: When each account knew that it has its slot.
        first: When the first request for each slot reached the site.
        missing: How many accounts sent no request.
    """

    arrival: list[float] = field(default_factory=list)
    confirmed: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    missing: int = 0


Found = dict[tuple[Mode, int, str], Times]


class _Race:
    """One mode of the site, and those who race on it."""

    def __init__(self, venue: Venue, mode: Mode, methods: list[str]) -> None:
        self._venue = venue
        self._mode = mode
        self._methods = methods
        self._clock = KnownClock()
        self._stack = AsyncExitStack()
        self._contenders: dict[str, Contender] = {}
        self._people: list[Person] = []
        self._since = datetime.max.replace(tzinfo=UTC)

    async def run(self, counts: list[int], rounds: int, found: Found) -> None:
        """All methods in turn within every round, so that what disturbs one disturbs the others."""
        try:
            for count in counts:
                for _ in range(rounds):
                    for method in self._methods:
                        opening = self._venue.next_opening()
                        await self._keep_signed_in(max(counts), opening)
                        await self._round(method, count, opening, found[self._mode, count, method])
        finally:
            await self._stack.aclose()

    async def _keep_signed_in(self, accounts: int, opening: datetime) -> None:
        if self._contenders and opening - self._since < _SIGNED_IN_FOR:
            return
        await self._stack.aclose()
        self._since = opening
        self._people = [self._venue.sign_in(number) for number in range(1, accounts + 1)]
        self._clock.offset = self._venue.offset()
        for method in self._methods:
            contender = CONTENDERS[method](self._venue.url, self._mode, self._people, self._clock)
            self._contenders[method] = await self._stack.enter_async_context(contender)

    async def _round(self, method: str, count: int, opening: datetime, times: Times) -> None:
        contender = self._contenders[method]
        targets = {person.username: slot_for(i, opening) for i, person in enumerate(self._people[:count])}
        await contender.park(targets)
        self._venue.jump_before(opening, contender.AHEAD)
        self._clock.offset = self._venue.offset()
        booked = await contender.fire(opening)
        first: dict[str, float] = {}
        for arrival in sorted(self._venue.new_arrivals(), key=lambda one: one.at):
            late = (arrival.at - opening) / timedelta(milliseconds=1)
            times.arrival.append(late)
            first.setdefault(arrival.place, late)
        times.first += first.values()
        times.confirmed += [(at - opening) / timedelta(milliseconds=1) for at in booked.values()]
        times.missing += count - len(booked)
        self._venue.cancel_everything(self._people[:count])


def _listed(kind: type, choices: tuple[str, ...] | None = None) -> Any:
    def read(_context: click.Context, _option: click.Parameter, value: str) -> list[Any]:
        try:
            found = [kind(part.strip()) for part in value.split(",")]
        except ValueError:
            raise click.BadParameter("numbers, separated by commas") from None
        if choices and (unknown := [one for one in found if one not in choices]):
            raise click.BadParameter(f"{unknown[0]} is none of {', '.join(choices)}")
        if kind is int and min(found) < 1:
            raise click.BadParameter("at least 1")
        return found

    return read


@click.command()
@click.option("--mode", "modes", default="lenient,strict", show_default=True, callback=_listed(str, _MODES))
@click.option("--accounts", "counts", default="1,8,16,32", show_default=True, callback=_listed(int))
@click.option("--rounds", type=click.IntRange(1), default=10, show_default=True, help="Openings of each.")
@click.option(
    "--methods",
    default=",".join(CONTENDERS),
    show_default=True,
    callback=_listed(str, tuple(CONTENDERS)),
)
@click.option(
    "--json", "json_", type=click.Path(dir_okay=False, path_type=Path), help="Write the table here."
)
def main(
    *, modes: list[Mode], counts: list[int], rounds: int, methods: list[str], json_: Path | None
) -> None:
    """Measure sniper beside bare requests and beside a Playwright script, on a practice site of its own."""
    found: Found = defaultdict(Times)
    for mode in modes:
        with practice_venue(mode, max(counts)) as venue:
            asyncio.run(_Race(venue, mode, methods).run(counts, rounds, found))
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
