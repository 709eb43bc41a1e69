"""`sniper schedule add`, `import` and `sync`: schedules come into the store."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count as counting
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from sniper.cli import schedule_options as options
from sniper.cli.schedule_tables import place, schedule_document, wanted
from sniper.cli.tables import JSON_OPTION, hint, print_json, table_of, text
from sniper.config.court_schedules import read_court_schedules
from sniper.core.occurrences import Occurrence
from sniper.core.wording import in_words
from sniper.errors import InputError
from sniper.scheduling import by_command, clashes, coming, lacking_accounts, read_file
from sniper.scheduling import sync as bring_up_to_date
from sniper.sites.library import find_profile, load_profile
from sniper.store import Store
from sniper.store.planned import Schedule, Synced

_PREVIEW = 5


@click.command()
@click.argument("phrase", required=False, metavar="[PHRASE]")
@click.option("--rrule", metavar="RULE", help="A calendar's rule (RFC 5545) instead of words.")
@click.option("--start", metavar="DATE", help="The first day that may be one, for --rrule.")
@click.option("--at", metavar="TIME", help="The hour, for --rrule.")
@click.option("--site", metavar="PROFILE", required=True, help="A profile (name or path).")
@click.option(
    "--location",
    "locations",
    multiple=True,
    required=True,
    help="Where; again for what to take else, in order.",
)
@click.option(
    "--sub-location", "subs", multiple=True, help="Which of its places, in order; all when left out."
)
@click.option("--hours", type=click.IntRange(1, 24), default=1, show_default=True, help="How many in a row.")
@click.option(
    "--between", nargs=2, metavar="TIME TIME", help="A window for them, where no hour is named: 17:00 21:00."
)
@click.option("--account", "accounts", multiple=True, metavar="NAME", help="Who books; all when left out.")
@click.option("--name", metavar="NAME", help="What to call it; by its location when left out.")
@click.option("--except", "excepted", multiple=True, metavar="DATE", help="A day that is left out.")
@click.option("--until", metavar="DATE", help="The last day that may be one.")
@click.option("--count", type=click.IntRange(min=1), metavar="N", help="How many days in all.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@JSON_OPTION
def add(
    *,
    phrase: str | None,
    rrule: str | None,
    start: str | None,
    at: str | None,
    site: str,
    locations: tuple[str, ...],
    subs: tuple[str, ...],
    hours: int,
    between: tuple[str, str] | None,
    accounts: tuple[str, ...],
    name: str | None,
    excepted: tuple[str, ...],
    until: str | None,
    count: int | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Store a schedule: "every other Friday at 10:00 starting 2027-01-08", or a day, "2027-01-08 10:00".

    What it means is shown, with its next days and when they open, and asked before it is stored. Words that
    can be understood in two ways are refused.
    """
    path = find_profile(site, Path.cwd())
    profile = load_profile(path)
    recurrence = options.limited(options.recurrence(phrase, rrule, start, at), until, count, excepted)
    window = None if between is None else options.window(*between)
    priorities = options.priorities(profile, locations, subs)
    now = datetime.now(UTC)
    unnamed = by_command("", path, profile, recurrence, priorities, hours, window, accounts)
    days = coming(unnamed, profile, now)
    with Store.open() as store:
        called = name or _free_name(store, locations[0])
        draft = replace(unnamed, name=called)
        _show(draft, days)
        _ask("Store it?", yes=yes)
        number = store.add_schedule(draft, days, now=now)
        if number is None:
            raise InputError(f"there is a schedule {called!r} already", mend="Give it another --name.")
        hint(f"Stored as {called!r} ({number}).")
        _tell((*lacking_accounts(store, draft), *clashes(store, [called])))
        if as_json:
            print_json(_stored(store, [number])[0])


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--site", metavar="PROFILE", required=True, help="A profile (name or path).")
@click.option("--account", "accounts", multiple=True, metavar="NAME", help="Who books; all when left out.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@JSON_OPTION
def import_(*, file: Path, site: str, accounts: tuple[str, ...], yes: bool, as_json: bool) -> None:
    """Take over the schedules of a court scheduler: a list of {type, desired_time, rrule, court_id}.

    Courts are found among the site's locations and sub-locations by their names. What is stored already is
    left out, and what is past.
    """
    path = find_profile(site, Path.cwd())
    profile = load_profile(path)
    now = datetime.now(UTC)
    with Store.open() as store:
        known = [(record.schedule.recurrence, place(record.schedule)) for record in store.schedules()]
        drafts: list[tuple[Schedule, tuple[Occurrence, ...]]] = []
        for one in read_court_schedules(file, profile):
            called = _free_name(store, one.place, [draft.name for draft, _ in drafts])
            draft = by_command(called, path, profile, one.recurrence, [one.priority], accounts=accounts)
            days = coming(draft, profile, now)
            if (one.recurrence, one.place) in known:
                hint(f"{one}: is stored already")
            elif not days:
                hint(f"{one}: is past")
            else:
                drafts.append((draft, days))
                known.append((one.recurrence, one.place))
        if not drafts:
            hint("Nothing is left to store.")
        for draft, days in drafts:
            _show(draft, days)
        if drafts:
            _ask("Store them?" if len(drafts) > 1 else "Store it?", yes=yes)
        numbers = [store.add_schedule(draft, days, now=now) for draft, days in drafts]
        if drafts:
            hint(f"Stored: {', '.join(draft.name for draft, _ in drafts)}.")
            _tell((*lacking_accounts(store, drafts[0][0]), *clashes(store, [one.name for one, _ in drafts])))
        if as_json:
            print_json(_stored(store, [number for number in numbers if number is not None]))


@click.command()
@click.argument("bookings", type=click.Path(path_type=Path), default=Path("bookings.json"))
@JSON_OPTION
def sync(*, bookings: Path, as_json: bool) -> None:
    """Bring what is stored of the `schedules` of BOOKINGS (default: bookings.json) up to what it says.

    Days that have not been run follow; those of a schedule that it does not name any more go.
    """
    file = read_file(bookings)
    with Store.open() as store:
        synced = bring_up_to_date(file, store, datetime.now(UTC))
        _tell(clashes(store, (*synced.added, *synced.changed)))
    if as_json:
        print_json(synced)
        return
    told = [f"{what}: {', '.join(names)}" for what, names in _told(synced) if names]
    hint(f"{'; '.join(told)}." if told else f"{bookings} names no schedules.")


def _told(synced: Synced) -> Iterable[tuple[str, tuple[str, ...]]]:
    return (
        ("added", synced.added),
        ("changed", synced.changed),
        ("unchanged", synced.unchanged),
        ("removed", synced.removed),
    )


def _free_name(store: Store, location: str, others: Iterable[str] = ()) -> str:
    """The location's name, with a number behind it if it is taken."""
    base = "-".join(location.lower().split())
    taken = {record.name for record in store.schedules()} | set(others)
    return next(name for n in counting(1) if (name := base if n == 1 else f"{base}-{n}") not in taken)


def _show(draft: Schedule, days: Sequence[Occurrence]) -> None:
    """What it means, and its next days; on stderr, where it is asked about."""
    out = Console(stderr=True, highlight=False)
    out.print(Text.assemble(text(draft.name, "bold"), ": ", text(in_words(draft.recurrence))))
    who = ", ".join(draft.accounts) or "all accounts"
    out.print(text(f"{wanted(draft)}: {place(draft)} at {draft.site} ({draft.zone}), for {who}"))
    if not days:
        raise InputError("no such day is to come", mend="Look at the start and the end.")
    table = table_of("starts (site)", "opens (site)", "")
    for day in days[:_PREVIEW]:
        if day.starts_at is None or day.opens_at is None:
            table.add_row(text(f"{day.day:%a %d %b %Y}"), text(""), text(day.why_not, "yellow"))
            continue
        opens = day.opens_at.astimezone(day.starts_at.tzinfo)
        is_open = "open already" if day.opens_at <= datetime.now(UTC) else ""
        table.add_row(
            text(f"{day.starts_at:%a %d %b %Y %H:%M}"),
            text(f"{opens:%a %d %b %Y %H:%M}"),
            text(is_open, "dim"),
        )
    out.print(table)
    if len(days) > _PREVIEW:
        out.print(text(f"and {len(days) - _PREVIEW} more, up to {days[-1].day:%a %d %b %Y}", "dim"))


def _ask(question: str, *, yes: bool) -> None:
    """Go on if the person agrees, else end.

    Raises:
        InputError: Nobody is there to be asked.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise InputError("nothing was stored: nobody is there to agree", mend="Add --yes.")
    if not click.confirm(question, default=True, err=True):
        hint("Nothing is stored.")
        sys.exit(1)


def _tell(warnings: Iterable[str]) -> None:
    told = list(warnings)
    for sentence in told[:_PREVIEW]:
        hint(click.style(sentence, fg="yellow"))
    if more := len(told[_PREVIEW:]):
        hint(click.style(f"and so do {more} more pairs", fg="yellow"))


def _stored(store: Store, numbers: Iterable[int]) -> list[dict[str, Any]]:
    wanted_numbers = set(numbers)
    return [schedule_document(record) for record in store.schedules() if record.id in wanted_numbers]
