"""`sniper fixtures`: the saved cases that profiles are tried against."""

from __future__ import annotations

from pathlib import Path

import click

from sniper.cli.tables import JSON_OPTION, console, hint, print_json, table_of, text
from sniper.replay.library import known_fixtures, load_fixture


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
