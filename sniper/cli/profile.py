"""`sniper profile`: what is known of which site."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from ruamel.yaml import YAML

from sniper.documents import validated
from sniper.errors import SniperError
from sniper.schema import schema_of
from sniper.sites.library import find_profile, known_profiles, load_profile, read_extended
from sniper.sites.profile import Profile


@click.group()
def profile() -> None:
    """List, show and check the profiles of sites."""


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
def check(file: Path) -> None:
    """Check a profile file: the schema and every placeholder."""
    path = file if file.suffix else find_profile(str(file), Path.cwd())
    found = load_profile(path)
    windows = ", ".join(
        f"{name} {location.opening.before_start / timedelta(hours=1):g} h"
        for name, location in found.locations.items()
    )
    click.echo(f"{path}: good. {found.title} at {found.url}; opens before the start: {windows}.")
    sys.exit(0)
