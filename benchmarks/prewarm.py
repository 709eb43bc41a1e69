"""How soon all accounts stand ready, and in how much memory: `python -m benchmarks.prewarm [--json FILE]`."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Iterable
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
from pydantic import AnyHttpUrl
from rich.console import Console
from rich.table import Table

from benchmarks.contenders.contender import KnownClock
from benchmarks.memory import can_be_measured, descendants, program, proportional_size
from benchmarks.options import NewFile, Numbers, contexts_per_browser
from benchmarks.venue import Venue, let_sites_go_first, practice_venue, slot_for
from sniper.core.plan import Attempt, Role
from sniper.engine.browser.engine import BrowserEngine
from sniper.engine.browser.pool import BrowserPool
from sniper.engine.protocol import Credentials
from sniper.errors import SniperError
from sniper.practice.settings import Mode
from sniper.sites.library import find_profile, load_profile

_MIB = 1024 * 1024
_DRIVER = "node"
"""Playwright's own process, which is no part of the browser."""
_PROFILES: dict[Mode, str] = {"strict": "practice", "lenient": "practice-lenient"}


@click.command()
@click.option("--accounts", "counts", type=Numbers(), default="1,8,32", show_default=True)
@click.option(
    "--mode", type=click.Choice(list(_PROFILES)), default="strict", show_default=True, help="Of the site."
)
@contexts_per_browser
@click.option("--json", "json_", type=NewFile(), help="Write the table here.")
def main(*, counts: list[int], mode: Mode, contexts_per_browser: int, json_: Path | None) -> None:
    """Sign accounts in, park their pages and let them practise, as many at a time as the engine lets, each
    group with browsers of its own."""
    if not can_be_measured():
        click.echo("this system does not tell how much memory processes share: left out", err=True)
    with practice_venue(max(counts)) as venue:
        venue.show(mode)
        let_sites_go_first()
        rows = [asyncio.run(_prewarm(venue, mode, count, contexts_per_browser)) for count in counts]
    _print(rows)
    if json_:
        json_.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


async def _prewarm(venue: Venue, mode: Mode, count: int, contexts_per_browser: int) -> dict[str, Any]:
    profile = load_profile(find_profile(_PROFILES[mode], Path.cwd()))
    profile = profile.model_copy(update={"base_url": AnyHttpUrl(venue.url)})
    clock = KnownClock()
    clock.offset = venue.offset()
    opening = venue.next_opening() + timedelta(hours=1)  # Nothing opens meanwhile, however slow this is.
    crew = [Credentials(f"user{number}", f"pass{number}") for number in range(1, count + 1)]
    before = descendants()
    began = time.perf_counter()
    with TemporaryDirectory(prefix="sniper-benchmark-") as folder:
        async with (
            BrowserPool(contexts_per_browser=contexts_per_browser) as pool,
            BrowserEngine(profile, clock, Path(folder), pool) as engine,
        ):
            started = time.perf_counter()
            ready = await _who_could(((one.account, engine.sign_in(one)) for one in crew), "sign in")
            signed_in = time.perf_counter()
            attempts = [
                Attempt(account, (slot_for(index, opening),), Role.LEAD)
                for index, account in enumerate(ready)
            ]
            ready = await _who_could(((one.account, engine.arm(one)) for one in attempts), "park")
            parked = time.perf_counter()
            practising = ((one.account, engine.rehearse(one)) for one in attempts if one.account in ready)
            ready = await _who_could(practising, "practise")
            rehearsed = time.perf_counter()
            memory = _of_the_browser(before)
    return {
        "accounts": count,
        "mode": mode,
        "failed": count - len(ready),
        "start_s": round(started - began, 2),
        "sign_in_s": round(signed_in - started, 2),
        "park_s": round(parked - signed_in, 2),
        "total_s": round(parked - began, 2),
        "rehearse_s": round(rehearsed - parked, 2),
        "memory_mib": memory,
        "memory_per_account_mib": None if memory is None else round(memory / count, 1),
    }


async def _who_could(what: Iterable[tuple[str, Awaitable[object]]], named: str) -> list[str]:
    """All at once; who fails is told, and left out."""
    tried = list(what)
    errors = await asyncio.gather(*(work for _, work in tried), return_exceptions=True)
    ready = []
    for (account, _), error in zip(tried, errors, strict=True):
        if isinstance(error, SniperError):
            click.echo(f"{account} could not {named}: {error}", err=True)
        elif isinstance(error, BaseException):
            raise error
        else:
            ready.append(account)
    return ready


def _of_the_browser(before: set[int]) -> float | None:
    if not can_be_measured():
        return None
    new = descendants() - before
    return round(sum(proportional_size(one) for one in new if program(one) != _DRIVER) / _MIB, 1)


def _print(rows: list[dict[str, Any]]) -> None:
    table = Table()
    for name in (
        "accounts",
        "browser s",
        "sign-in s",
        "parking s",
        "together s",
        "rehearsing s",
        "MiB",
        "MiB an account",
        "failed",
    ):
        table.add_column(name, justify="right")
    for row in rows:
        times = (f"{row[key]:.1f}" for key in ("start_s", "sign_in_s", "park_s", "total_s", "rehearse_s"))
        sizes = (row["memory_mib"], row["memory_per_account_mib"])
        table.add_row(
            str(row["accounts"]),
            *times,
            *("–" if size is None else f"{size:.0f}" for size in sizes),
            str(row["failed"] or ""),
        )
    Console().print(table)


if __name__ == "__main__":
    main()
