"""`sniper profile check --live`: a profile held against its live site, without booking."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from sniper.cli.exit_codes import INTERRUPTED
from sniper.cli.stopping import until_done_or_stopped
from sniper.cli.tables import console, hint, print_json, rehearsal_mark, text
from sniper.cli.working import working
from sniper.core.sightings import Sighting
from sniper.documents import Document, complaint, named_key
from sniper.errors import InputError
from sniper.events import Event, Noted, to_each
from sniper.execution import need_display
from sniper.logs import lines
from sniper.profile_check import Found, Wanted, look_over
from sniper.setup.browser import find_browser
from sniper.sites.library import read_extended
from sniper.sites.profile import Profile

Command = TypeVar("Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--account", metavar="NAME", help="Who looks, with --live; the first one stored that can."),
    click.option(
        "--day",
        type=click.DateTime(["%Y-%m-%d"]),
        metavar="DATE",
        help="The day to park for, with --live; tomorrow, if that is open by then, or else today.",
    ),
    click.option("--fresh-sign-in", is_flag=True, help="Sign in anew, with --live, to look at that as well."),
    click.option("--headed", is_flag=True, help="Show the browser, with --live."),
    click.option("--json", "as_json", is_flag=True, help="Print what --live found as JSON."),
)


def live_options(command: Command) -> Command:
    """What only --live has a use for: handed over as `wanted`, and `as_json`."""

    @wraps(command)
    def with_wanted(
        *, account: str | None, day: datetime | None, fresh_sign_in: bool, headed: bool, **others: Any
    ) -> None:
        wanted = Wanted(account, day.date() if day else None, fresh_sign_in, headed)
        command(wanted=wanted, **others)

    for option in reversed(_OPTIONS):
        with_wanted = option(with_wanted)
    return with_wanted  # type: ignore[return-value]


def check_options(wanted: Wanted, *, live: bool, against_fixtures: bool, as_json: bool) -> None:
    """Refuse what would do nothing.

    Raises:
        InputError: Something is asked for that only --live has a use for, or JSON of two things.
    """
    if not live and (wanted != Wanted() or as_json):
        raise InputError("--account, --day, --fresh-sign-in, --headed and --json are for --live")
    if as_json and against_fixtures:
        raise InputError("--json tells what --live found only", mend="Leave --fixtures or --json out.")


def fits_its_site(path: Path, profile: Profile, wanted: Wanted, *, as_json: bool) -> bool:
    """Look the profile's site over, and print what was found; is all there that could be looked at?

    Raises:
        InputError: The account is not known, or the day is past.
        EnvironmentProblem: The site or this machine is not up to it.
    """
    find_browser()
    if wanted.headed:
        need_display("Leave --headed out, or run under a virtual display: xvfb-run sniper profile check …")
    found = asyncio.run(_looked_over(profile, wanted))
    if found is None:
        hint("interrupted: the browser is closed")
        sys.exit(INTERRUPTED)
    document = read_extended(path)
    if as_json:
        print_json(_as_json(document, profile, found))
    else:
        _print(document, profile, found)
    return not found.drifted


async def _looked_over(profile: Profile, wanted: Wanted) -> Found | None:
    """What was found, or None when Ctrl-C or a SIGTERM ended it."""

    def tell(event: Event) -> None:
        if isinstance(event, Noted):
            hint(event.text)

    with working() as say:
        return await until_done_or_stopped(look_over(profile, wanted, say, to_each(tell, lines.write)))


def _print(document: Document, profile: Profile, found: Found) -> None:
    for one in found.drifted:
        click.echo(complaint(document, one.at, _said(one)))
    out = console()
    whys = {why: [one for one in found.untold if one.why == why] for why in _each_why(found.untold)}
    for why, of_it in whys.items():
        keys = ", ".join(dict.fromkeys(named_key(one.at) for one in of_it))
        out.print(text(f"not looked at: {keys} ({why})", "dim"), soft_wrap=True)
    if found.picture:
        out.print(text(f"What the page showed is in {found.picture}."), soft_wrap=True)
    where = f"{found.account} at {profile.title}, {found.slots[0]}"
    counts = f"{len(found.met)} of {len(found.met) + len(found.drifted)} steps and controls are there"
    left = f", {len(found.untold)} could not be looked at" if found.untold else ""
    held = "" if found.held is None else f" My bookings shows {found.held}."
    verdict = text(f"{where}: {counts}{left}.{held} Nothing was booked.", "bold")
    mark = rehearsal_mark(rehearsal=profile.practice is not None)
    out.print(*([verdict, mark] if mark else [verdict]), soft_wrap=True)


def _each_why(untold: tuple[Sighting, ...]) -> list[str]:
    return list(dict.fromkeys(one.why for one in untold))


def _said(one: Sighting) -> str:
    what = f"{one.lacks} is not there" if one.lacks else one.why
    return f"{what}; most like it: {', '.join(one.near)}" if one.near else what


def _as_json(document: Document, profile: Profile, found: Found) -> dict[str, Any]:
    return {
        "profile": profile.name,
        "url": profile.url,
        "rehearsal": profile.practice is not None,
        "account": found.account,
        "slots": found.slots,
        "fits": not found.drifted,
        "drifted": [_drift_document(document, one) for one in found.drifted],
        "met": [named_key(one.at) for one in found.met],
        "not_looked_at": [{"key": named_key(one.at), "why": one.why} for one in found.untold],
        "bookings_held": found.held,
        "picture": found.picture,
    }


def _drift_document(document: Document, one: Sighting) -> dict[str, Any]:
    file, line = document.locate(one.at)
    return {
        "key": named_key(one.at),
        "file": str(file),
        "line": line,
        "lacks": one.lacks or None,
        "why": one.why,
        "near": list(one.near),
    }
