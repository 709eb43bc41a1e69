"""`sniper profile new`: a profile's first draft, from what a person does in a browser."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import click

from sniper.cli.stopping import until_done_or_stopped
from sniper.cli.tables import hint, print_json
from sniper.documents import read_yaml, validated
from sniper.drafting.drafting import draft_of, name_of, wanted_of
from sniper.drafting.questions import Draft
from sniper.drafting.wanted import Wanted
from sniper.drafting.window import watched
from sniper.drafting.writing import text_of
from sniper.errors import InputError, SniperError
from sniper.execution import need_display
from sniper.files import write_whole
from sniper.sites.profile import Profile

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_HEAD = """\
A draft of a profile, made by `sniper profile new`. It is not good to book with yet.
Every comment that begins with a question mark asks something that using the site once does not tell.
Answer it, take it away, and look with `sniper profile check {file}`.
"""


@click.command("new")
@click.argument("url")
@click.option("--name", metavar="NAME", help="What the profile is called; from the address, else.")
@click.option(
    "--to", "to", type=click.Path(path_type=Path), metavar="FILE", help="Where to: profiles/NAME.yaml, else."
)
@click.option("--force", is_flag=True, help="Replace the file if there is one.")
@click.option(
    "--start",
    type=click.DateTime(formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]),
    metavar="2026-11-24T13:00",
    help="When what you book starts, as the site's pages say it.",
)
@click.option("--location", metavar="X1", help="The place you book, as the site calls it.")
@click.option("--sub-location", metavar="'X1 A'", help="The part of it, where it has parts.")
@click.option("--timezone", metavar="ZONE", help="The site's, Europe/Amsterdam say; this machine's, else.")
@click.option("--json", "json_", is_flag=True, help="Print the file and its open questions as JSON.")
def new(
    *,
    url: str,
    name: str | None,
    to: Path | None,
    force: bool,
    start: datetime | None,
    location: str | None,
    sub_location: str | None,
    timezone: str | None,
    json_: bool,
) -> None:
    """Draft a profile of the site at URL: a window opens, sign in there and book once.

    What is pressed and chosen becomes the profile's steps, what was booked its placeholders; what cannot be
    known from it stands in the file as a question. Nothing that is typed to sign in is kept.

    What you book in the window is booked: take a slot that nobody minds, and give it back, or stop before the
    press that books.

    Exit codes: 0 there is a draft, 1 nothing was done, 2 bad input, 3 no screen, no browser or no recorder.
    """
    _check(url, name, timezone)
    name = name or name_of(url)
    file = to or Path("profiles") / f"{name}.yaml"
    _check_place(file, force=force)
    need_display("Do it on a machine with a screen; over `ssh -X`, say.")
    told = Wanted(
        day=start.date() if start else None,
        time=start.strftime("%H:%M") if start else None,
        location=location,
        sub_location=sub_location,
    )
    draft = _drafted(url, name, file, told, timezone)
    if json_:
        questions = [{"at": ".".join(map(str, at)), "question": text} for at, text in draft]
        print_json({"file": str(file), "questions": questions})
    else:
        click.echo(str(file))
    hint(f"It is a draft with {len(draft)} open questions: look for `# ?` in it.")
    hint(f"Then: sniper profile check {file}")


def _drafted(url: str, name: str, file: Path, told: Wanted, timezone: str | None) -> Draft:
    seen = asyncio.run(until_done_or_stopped(watched(url, hint, timezone=timezone)))
    if seen is None:
        # Before the window was there: from then on what was done is kept.
        raise click.Abort
    if not seen.story.deeds:
        raise SniperError("nothing was done in the window, so nothing is written")
    wanted = _asked(wanted_of(seen.story, told), told)
    draft = draft_of(seen.story, wanted, name, seen.secrets)
    file.parent.mkdir(parents=True, exist_ok=True)
    write_whole(file, text_of(draft, _HEAD.format(file=file)))
    _prove(file, draft)
    return draft


def _check(url: str, name: str | None, timezone: str | None) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise InputError(
            f"{url!r} is no address of a site", mend="Write it whole: https://x.tudelft.nl, say."
        )
    if name is not None and not _NAME.fullmatch(name):
        raise InputError(
            f"--name {name!r}: small letters, digits, - and _ only", mend=f"--name {name_of(url)}, say."
        )
    if timezone is not None and timezone not in available_timezones():
        raise InputError(f"--timezone {timezone!r} is no time zone", mend="Write Europe/Amsterdam, say.")


def _check_place(file: Path, *, force: bool) -> None:
    """What is done in the window must not be lost for want of a place to write to."""
    if file.is_dir():
        raise InputError(f"{file} is a folder.", mend="Name a file in it.")
    if file.exists() and not force:
        raise InputError(f"{file} is there already.", mend="--force replaces it; --to names another file.")
    folder = next(parent for parent in file.absolute().parents if parent.exists())
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise InputError(f"{folder} cannot be written to.", mend="--to names another place.")


def _asked(guessed: Wanted, told: Wanted) -> Wanted:
    """On a terminal, what was booked is asked for as far as it was not told; with what it looks like."""
    if not sys.stdin.isatty():
        return guessed
    hint("What did you book? Enter takes what is proposed; - says that there is none.")
    answers: dict[str, Any] = {}
    if told.start is None:
        proposed = guessed.start.strftime("%Y-%m-%dT%H:%M") if guessed.start else "-"
        start = click.prompt("  start, as the site says it", default=proposed, value_proc=_start, err=True)
        answers |= {"day": start and start.date(), "time": start and start.strftime("%H:%M")}
    for key, what in (("location", "place"), ("sub_location", "part of it")):
        if getattr(told, key) is None:
            answer = click.prompt(f"  {what}", default=getattr(guessed, key) or "-", err=True).strip()
            answers[key] = None if answer == "-" else answer
    return replace(guessed, **answers)


def _start(text: str) -> datetime | None:
    if text.strip() == "-":
        return None
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=None)
    except ValueError:
        raise click.BadParameter("write it like 2026-11-24T13:00, or -") from None


def _prove(file: Path, draft: Draft) -> None:
    try:
        validated(Profile, read_yaml(file))
    except InputError as error:
        raise SniperError(
            f"{file} is written, but is not valid yet:\n{error}",
            mend=f"Mend that first; then answer its {len(draft)} questions.",
        ) from None
