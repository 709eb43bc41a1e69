"""`sniper profile`: what is known of which site."""

from __future__ import annotations

import asyncio
import json
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from ruamel.yaml import YAML

from sniper.cli.profile_check import check_options, fits_its_site, live_options
from sniper.cli.profile_new import new
from sniper.cli.replay import print_replayed
from sniper.cli.working import working
from sniper.documents import complaint, validated
from sniper.engine.browser.firing import Mode
from sniper.engine.browser.pool import BrowserPool
from sniper.errors import InputError, SniperError
from sniper.profile_check import Wanted
from sniper.replay.comparing import is_same
from sniper.replay.library import fixtures_for
from sniper.replay.playing import Replayed
from sniper.replay.selectors import Meetings
from sniper.replay.together import play_all
from sniper.schema import schema_of
from sniper.sites.library import find_profile, known_profiles, load_profile, read_extended
from sniper.sites.profile import Profile


@click.group()
def profile() -> None:
    """List, show, check and draft the profiles of sites."""


profile.add_command(new)


@profile.command("list")
@click.option("--json", "json_", is_flag=True, help="Print JSON.")
def list_(json_: bool) -> None:
    """The profiles found by name: bundled ones, and those in ./profiles."""
    rows: dict[str, dict[str, Any]] = {}
    for name, path in known_profiles(Path.cwd()):
        try:
            found = load_profile(path)
            rows[name] = {"title": found.title, "url": found.url, "locations": list(found.locations)}
        except SniperError as error:
            rows[name] = {"error": str(error)}
        rows[name] = {"name": name, **rows[name], "file": str(path)}
    if json_:
        click.echo(json.dumps(list(rows.values()), indent=2, ensure_ascii=False))
        return
    table = Table()
    for column in ("name", "site", "locations", "file"):
        table.add_column(column, overflow="fold")
    for row in rows.values():
        site = row.get("error") or f"{row['title']}\n{row['url']}"
        table.add_row(row["name"], site, ", ".join(row.get("locations", ())), row["file"])
    Console().print(table)


@profile.command()
@click.argument("name")
def show(name: str) -> None:
    """A profile as it is used, with what it extends filled in (YAML)."""
    document = read_extended(find_profile(name, Path.cwd()))
    validated(Profile, document)
    out = StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.width = 100
    yaml.dump(document.root, out)
    click.echo(out.getvalue(), nl=False)


@profile.command()
def schema() -> None:
    """The JSON schema of profiles, for editors."""
    click.echo(json.dumps(schema_of(Profile), indent=2, ensure_ascii=False))


@profile.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--fixtures",
    "against_fixtures",
    is_flag=True,
    help="Also play the profile's fixtures: is every selector met, does the same come of all?",
)
@click.option("--live", is_flag=True, help="Also look whether it fits its site as it is now. Books nothing.")
@live_options
def check(*, file: Path, against_fixtures: bool, live: bool, wanted: Wanted, as_json: bool) -> None:
    """Check a profile file: the schema and every placeholder; with --fixtures or --live every selector, too.

    With --live an account that is stored signs in (what is kept of an earlier sign-in first), its page is
    parked and goes once through what is rehearsed, and my bookings is read. Nothing that books is pressed.

    Exit codes: 0 good, 1 a selector is met nowhere, a fixture comes to something else, or the site is not
    as the profile says, 2 bad input, 3 this machine or the site is not up to it: no browser, no answer,
    nobody who can sign in.
    """
    check_options(wanted, live=live, against_fixtures=against_fixtures, as_json=as_json)
    path = file if file.suffix else find_profile(str(file), Path.cwd())
    found = load_profile(path)
    if as_json:
        sys.exit(0 if fits_its_site(path, found, wanted, as_json=True) else 1)
    windows = ", ".join(f"{name} {location.opening}" for name, location in found.locations.items())
    click.echo(f"{path}: good. {found.title} at {found.url}; opens before the start: {windows}.")
    fits = not against_fixtures or _fits_its_fixtures(path, found)
    if live:
        fits = fits_its_site(path, found, wanted, as_json=False) and fits
    sys.exit(0 if fits else 1)


def _fits_its_fixtures(path: Path, found: Profile) -> bool:
    fixtures = fixtures_for(path, Path.cwd())
    if not fixtures:
        raise InputError(
            f"{path}: there are no fixtures of {found.name}, nor of what it extends",
            mend="`sniper fixtures list` shows those there are; `sniper fixtures add` makes some.",
        )
    meetings = Meetings(found)

    async def played() -> list[Replayed]:
        with working() as say:
            async with BrowserPool() as pool:
                cases = [(one, found) for one in fixtures]
                return await play_all(cases, Mode.ARMED, pool, say, meetings)

    replayed = asyncio.run(played())
    other = [one for one in replayed if not is_same(one)]
    if other:
        print_replayed(other)
    document = read_extended(path)
    for one in meetings.missing:
        near = meetings.nearest(one.css)
        hint = f"; most like it: {', '.join(near)}" if near else ""
        click.echo(complaint(document, one.at, f"{one.css} is met in no fixture{hint}"))
    met = len(meetings.watched) - len(meetings.missing)
    click.echo(
        f"{len(replayed) - len(other)} of {len(replayed)} fixtures came to the same; "
        f"{met} of {len(meetings.watched)} selectors were met."
    )
    return not (other or meetings.missing)
