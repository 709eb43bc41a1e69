"""`sniper replay`: would a profile still come to what it came to that day?"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import click
from rich.text import Text

from sniper.cli.exit_codes import INTERRUPTED
from sniper.cli.stopping import until_done_or_stopped
from sniper.cli.tables import JSON_OPTION, console, jsonable, print_json, table_of, text
from sniper.cli.working import working
from sniper.core.tries import Try
from sniper.engine.browser.firing import Mode
from sniper.engine.browser.pool import BrowserPool
from sniper.errors import InputError
from sniper.execution import need_display, record_folder
from sniper.replay.case import Expected
from sniper.replay.comparing import Row, compared, is_same
from sniper.replay.library import Fixture, find_fixtures
from sniper.replay.playing import Replayed
from sniper.replay.runs import recorded
from sniper.replay.together import play_all
from sniper.sites.library import find_profile, load_profile
from sniper.sites.profile import Profile

_MOST_ADDRESSES = 5


@click.command()
@click.argument("what", nargs=-1, required=True, metavar="RUN|FIXTURE...")
@click.option(
    "--profile", metavar="FILE", help="Play by this profile (name or path) instead of the fixture's own."
)
@click.option(
    "--engine",
    type=click.Choice([mode.value for mode in Mode]),
    default=Mode.ARMED.value,
    show_default=True,
    help="Who presses: the page itself, or Playwright.",
)
@click.option("--headed", is_flag=True, help="Show the browser.")
@JSON_OPTION
def replay(*, what: tuple[str, ...], profile: str | None, engine: str, headed: bool, as_json: bool) -> None:
    """Play runs or fixtures again, without the network: does the same come of them?

    RUN is the number of a run that was recorded; it is played by the profile it had. FIXTURE is a
    fixture's name (`tudelft-x/booked`), the path of its folder, or the name of a profile for all of its
    fixtures. With --profile it answers whether a changed profile would still have worked that day.

    Exit codes: 0 the same came of all, 1 something else did, 2 bad input, 3 there is no browser.
    """
    if headed:
        need_display("Leave --headed away.")
    tried = load_profile(find_profile(profile, Path.cwd())) if profile else None
    wanted = [(fixture, tried or own) for name in what for fixture, own in cases_of(name)]
    replayed = asyncio.run(until_done_or_stopped(_played(wanted, Mode(engine), headed)))
    if replayed is None:
        click.echo("interrupted: the browser is closed", err=True)
        sys.exit(INTERRUPTED)
    if as_json:
        print_json([_document(one) for one in replayed])
    else:
        print_replayed(replayed)
    sys.exit(0 if all(is_same(one) for one in replayed) else 1)


def cases_of(name: str) -> list[tuple[Fixture, Profile]]:
    """The fixtures that somebody means by this, each with its own profile; a number is a recorded run.

    Raises:
        InputError: There is none, or one is wrong.
    """
    run, _, case = name.partition("/")
    if run.isdecimal():
        found, profile = recorded(record_folder(int(run)))
        chosen = [one for one in found if not case or one.name.split("/")[1] == case]
        if not chosen:
            known = ", ".join(one.name.removeprefix("run-") for one in found)
            raise InputError(f"run {run} has no {case!r}", mend=f"It has {known}.")
        return [(one, profile) for one in chosen]
    return [(one, _profile(one.case.profile)) for one in find_fixtures(name, Path.cwd())]


@cache
def _profile(name: str) -> Profile:
    return load_profile(find_profile(name, Path.cwd()))


async def _played(fixtures: list[tuple[Fixture, Profile]], mode: Mode, headed: bool) -> list[Replayed]:
    with working() as say:
        async with BrowserPool(headless=not headed) as pool:
            return await play_all(fixtures, mode, pool, say)


def print_replayed(replayed: Sequence[Replayed]) -> None:
    """What was expected and found, slot by slot, and in what it differs."""
    out = console()
    table = table_of("fixture", "engine", "place", "expected", "found", "")
    for one in replayed:
        for index, row in enumerate(compared(one)):
            table.add_row(
                text("" if index else one.fixture.name),
                text("" if index else one.mode.value),
                text(_place(row)),
                text("nothing" if row.expected is None else row.expected.outcome.value),
                _found(row),
                Text("differs", "bold red") if row.differs else Text("same", "green"),
            )
    out.print(table)
    for one in replayed:
        for line in _differences(one):
            out.print(line)
    same = sum(is_same(one) for one in replayed)
    out.print(text(f"{same} of {len(replayed)} came to the same."))


def _place(row: Row) -> str:
    if row.expected and row.found and row.expected.place != row.found.slot.place:
        return f"{row.expected.place} / {row.found.slot.place}"
    return row.found.slot.place if row.found else (row.expected.place if row.expected else "")


def _found(row: Row) -> Text:
    if row.found is None and not row.differs:
        return text("not played")
    if row.found is None:
        return text("nothing", "red")
    return text(row.found.outcome.value, "red" if "outcome" in row.differs else "")


def _differences(replayed: Replayed) -> Iterator[Text]:
    name = replayed.fixture.name
    for row in compared(replayed):
        for what in row.differs:
            wanted, found = _value(row.expected, what), _value(row.found, what)
            said = f" ({row.found.message})" if what == "outcome" and row.found and row.found.message else ""
            yield text(f"{name}: {what}: expected {wanted}, found {found}{said}", "red")
    addresses = list(dict.fromkeys(replayed.unanswered))
    for address in addresses[:_MOST_ADDRESSES]:
        yield text(f"{name}: the page asked for what the fixture has no answer for: {address}", "red")
    if len(addresses) > _MOST_ADDRESSES:
        yield text(f"{name}: and {len(addresses) - _MOST_ADDRESSES} more", "red")


def _value(one: Expected | Try | None, what: str) -> str:
    match one, what:
        case None, _:
            return "nothing"
        case Try(), "place":
            return one.slot.place
        case _, "outcome":
            return one.outcome.value
    return str(getattr(one, what) or "nothing")


def _document(replayed: Replayed) -> dict[str, Any]:
    return {
        "fixture": replayed.fixture.name,
        "engine": replayed.mode.value,
        "same": is_same(replayed),
        "slots": [
            {
                "expected": row.expected
                and {"place": row.expected.place, "outcome": row.expected.outcome.value}
                | {name: getattr(row.expected, name) for name in ("reference", "message")},
                "found": row.found
                and {"place": row.found.slot.place, "outcome": row.found.outcome.value}
                | {name: getattr(row.found, name) for name in ("reference", "message")}
                | {"took_ms": jsonable(row.found.took)},
                "differs": row.differs,
            }
            for row in compared(replayed)
        ],
        "unanswered": replayed.unanswered,
    }
