"""`sniper fixtures`: the saved cases that profiles are tried against."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from pathlib import Path

import click

from sniper.cli.replay import cases_of, print_replayed
from sniper.cli.tables import JSON_OPTION, console, hint, print_json, table_of, text
from sniper.cli.working import working
from sniper.engine.browser.pool import BrowserPool
from sniper.errors import InputError
from sniper.replay.adding import add
from sniper.replay.case import Case
from sniper.replay.comparing import is_same
from sniper.replay.library import known_fixtures, load_fixture
from sniper.replay.playing import Replayed
from sniper.schema import schema_of

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")


@click.group()
def fixtures() -> None:
    """The saved cases that profiles are tried against."""


@fixtures.command("list")
@click.argument("profile", required=False)
@JSON_OPTION
def list_fixtures(*, profile: str | None, as_json: bool) -> None:
    """List the fixtures, bundled ones and those in ./fixtures; of PROFILE only, if it is given."""
    known = known_fixtures(Path.cwd())
    found = [
        load_fixture(folder)
        for name, folder in known.items()
        if profile is None or name.split("/")[0] == profile
    ]
    if as_json:
        print_json(
            [
                {
                    "name": one.name,
                    "profile": one.case.profile,
                    "shows": one.case.shows,
                    "made": one.case.made,
                    "outcomes": [expected.outcome.value for expected in one.case.expect],
                    "folder": str(one.folder),
                }
                for one in found
            ]
        )
    elif found:
        table = table_of("fixture", "outcomes", "shows")
        for one in found:
            outcomes = ", ".join(expected.outcome.value for expected in one.case.expect)
            table.add_row(text(one.name), text(outcomes), text(one.case.shows))
        console().print(table)
    else:
        hint(
            f"There are no fixtures of {profile!r}; those there are: "
            f"{', '.join(sorted({name.split('/')[0] for name in known})) or 'none'}."
        )


@fixtures.command()
def schema() -> None:
    """The JSON schema of case.yaml, for editors."""
    click.echo(json.dumps(schema_of(Case), indent=2, ensure_ascii=False))


@fixtures.command("add")
@click.argument("run", metavar="RUN")
@click.option("--as", "name", required=True, metavar="NAME", help="What the new fixture is called.")
def add_fixture(*, run: str, name: str) -> None:
    """Make a fixture of a run that was recorded: ./fixtures/PROFILE/NAME.

    RUN is its number, and where several accounts fired, which one: `7/account-1`. It is played in both engine
    modes first, and only what that needs is kept. Look through it before you give it to anybody.

    Exit codes: 0 it is there, 1 something else came of it: there is no fixture, 2 bad input.
    """
    if not _NAME.fullmatch(name):
        raise InputError(
            f"--as: {name!r} is no name of a fixture",
            mend="Small letters, digits, - and _: taken-by-409, say.",
        )
    found = cases_of(run) if run.partition("/")[0].isdecimal() else []
    if len(found) != 1:
        names = ", ".join(fixture.name.removeprefix("run-") for fixture, _ in found)
        raise InputError(
            f"{run!r} is more than one case" if found else f"{run!r} is no number of a run",
            mend=f"Take one of {names}." if found else "`sniper runs list` shows them.",
        )
    ((fixture, profile),) = found
    target = Path.cwd() / "fixtures" / fixture.case.profile / name

    async def made() -> list[Replayed]:
        async with BrowserPool() as pool:
            return await add(fixture, profile, target, pool)

    with working() as say:
        say("playing it in both engine modes")
        played = asyncio.run(made())
    print_replayed(played)
    if not all(is_same(one) for one in played):
        click.echo("There is no fixture: what was recorded does not come to the same again.", err=True)
        sys.exit(1)
    click.echo(f"{target}: made. Look through it before you give it to anybody.", err=True)
