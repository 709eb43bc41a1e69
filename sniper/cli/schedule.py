"""`sniper schedule`: what is wanted again and again, or on days of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path

import click
from rich.text import Text

from sniper.calendars.feed import feed
from sniper.cli.schedule_add import add, import_, sync
from sniper.cli.schedule_tables import day_table, origin, place, schedule_document, schedule_table, wanted
from sniper.cli.tables import JSON_OPTION, console, hint, print_json, text, word
from sniper.core.wording import in_words
from sniper.errors import InputError
from sniper.files import write_whole
from sniper.scheduling import keep_ahead, known_sites
from sniper.store import Store
from sniper.store.planned import COMMAND, OccurrenceRecord, OccurrenceState, ScheduleRecord, ScheduleState

_STILL = (OccurrenceState.PENDING, OccurrenceState.RUNNING)
_SHOWN_BEFORE, _SHOWN_AFTER = 5, 10


@click.group()
def schedule() -> None:
    """What is wanted again and again, or on days of its own (docs/schedules.md).

    A schedule is called by its name, or by the number that `list` shows.
    """


for command in (add, import_, sync):
    schedule.add_command(command)


@schedule.command("list")
@JSON_OPTION
def list_schedules(*, as_json: bool) -> None:
    """List the schedules, each with its next day."""
    with _up_to_date() as store:
        records = store.schedules()
        coming = _first_of_each(store.occurrences(states=_STILL))
    if as_json:
        following = {number: one.day for number, one in coming.items()}
        print_json([{**schedule_document(one), "next": following.get(one.id)} for one in records])
    elif records:
        console().print(schedule_table(records, coming))
    else:
        hint("No schedules yet. `sniper schedule add` makes one, and so do `schedules` in bookings.json.")


@schedule.command("next")
@click.argument("count", metavar="[N]", type=click.IntRange(min=1), default=10)
@JSON_OPTION
def next_days(*, count: int, as_json: bool) -> None:
    """Show the next N days (default: 10) of all schedules that are not paused, by their openings."""
    with _up_to_date() as store:
        days = store.occurrences(states=_STILL, active=True, limit=count)
    if as_json:
        print_json(days)
    elif days:
        console().print(day_table(days))
    else:
        hint("Nothing is to come. `sniper schedule list` shows what there is.")


@schedule.command()
@click.argument("name")
@JSON_OPTION
def show(*, name: str, as_json: bool) -> None:
    """Show a schedule, and its days: those that were, and those to come."""
    with _up_to_date() as store:
        record = _found(store, name)
        days = store.occurrences(record.id)
    if as_json:
        print_json({**schedule_document(record), "days": days})
        return
    out = console()
    head = Text.assemble(text(record.name, "bold"), ": ", text(in_words(record.schedule.recurrence)), "  ")
    out.print(head.append(word(record.state)))
    who = ", ".join(record.schedule.accounts) or "all accounts"
    at = f"{place(record.schedule)} at {record.schedule.site}"
    out.print(text(f"{wanted(record.schedule)}: {at}, for {who}"))
    if told := origin(record.schedule):
        out.print(text(f"From {told}", "dim"))
    by_day = sorted(days, key=lambda one: one.day)
    before = [one for one in by_day if one.state not in (*_STILL, OccurrenceState.SKIPPED)]
    after = [one for one in by_day if one not in before]
    out.print(day_table([*before[-_SHOWN_BEFORE:], *after[:_SHOWN_AFTER]], of_one=True))
    if len(after) > _SHOWN_AFTER:
        more = f"and {len(after) - _SHOWN_AFTER} more, up to {after[-1].day:%a %d %b %Y}"
        out.print(text(more, "dim"))


@schedule.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
def pause(*, names: tuple[str, ...]) -> None:
    """Pause schedules: none of their days is run until they are resumed."""
    _set(names, ScheduleState.PAUSED)


@schedule.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
def resume(*, names: tuple[str, ...]) -> None:
    """Resume schedules that were paused. Days that have passed meanwhile are missed."""
    _set(names, ScheduleState.ACTIVE)


@schedule.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
def remove(*, names: tuple[str, ...]) -> None:
    """Remove schedules, and their days that have not been run."""
    with Store.open() as store:
        records = [_found(store, name) for name in names]
        for record in records:
            if record.schedule.origin != COMMAND:
                raise InputError(
                    f"{record.name!r} stands in {record.schedule.origin}, and would come back from there",
                    mend="Take it out there and give `sniper schedule sync`, or pause it.",
                )
        for record in records:
            store.remove_schedule(record.id, now=datetime.now(UTC))
            hint(f"{record.name!r} is removed.")


@schedule.command()
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
def ics(*, file: Path) -> None:
    """Write FILE (.ics; `-` is the terminal): what is planned and what is booked, for calendars to show.

    Events keep their identity, so that a calendar that reads the file again follows. Bookings are busy times,
    plans are not, and neither counts for a busy calendar of ours.
    """
    with _up_to_date() as store:
        records = {record.id: record for record in store.schedules()}
        days = store.occurrences(states=_STILL, active=True)
        bookings = store.bookings()
        sites = known_sites(store)
    document = feed([(records[one.schedule_id].schedule, one) for one in days], bookings, sites)
    if str(file) == "-":
        click.echo(document, nl=False)
        return
    replaced = write_whole(file, document)
    hint(f"{len(days)} plans and the bookings are in {file}{' (which was replaced)' if replaced else ''}.")


@contextmanager
def _up_to_date() -> Iterator[Store]:
    """The store, with the days of all schedules as they are now."""
    with Store.open() as store:
        for problem in keep_ahead(store, datetime.now(UTC)):
            hint(click.style(problem, fg="yellow"))
        yield store


def _first_of_each(days: Sequence[OccurrenceRecord]) -> dict[int, OccurrenceRecord]:
    first: dict[int, OccurrenceRecord] = {}
    for one in sorted(days, key=lambda one: one.day):
        first.setdefault(one.schedule_id, one)
    return first


def _found(store: Store, name: str) -> ScheduleRecord:
    """The schedule of that name, else of that number.

    Raises:
        InputError: There is none, or there are several of that name.
    """
    records = store.schedules()
    found = [one for one in records if one.name == name] or [one for one in records if str(one.id) == name]
    if len(found) == 1:
        return found[0]
    if found:
        which = "; ".join(f"{one.id} ({origin(one.schedule) or 'by command'})" for one in found)
        raise InputError(f"several schedules are called {name!r}", mend=f"Say which by its number: {which}.")
    near = get_close_matches(name, [one.name for one in records], n=1)
    there = ", ".join(repr(one.name) for one in records)
    there_are = f"There are: {there}." if there else "There are none yet."
    raise InputError(
        f"there is no schedule {name!r}", mend=f"Did you mean {near[0]!r}?" if near else there_are
    )


def _set(names: Sequence[str], state: ScheduleState) -> None:
    with Store.open() as store:
        for record in [_found(store, name) for name in names]:
            if record.state is state:
                hint(f"{record.name!r} is {state.value} already.")
            else:
                store.set_schedule_state(record.id, state, now=datetime.now(UTC))
                hint(f"{record.name!r} is {state.value} now.")
