"""How schedules and their days are shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.table import Table
from rich.text import Text

from sniper.cli.tables import table_of, text, word
from sniper.core.wording import in_words
from sniper.store.planned import COMMAND, OccurrenceRecord, OccurrenceState, Schedule, ScheduleRecord


def place(schedule: Schedule) -> str:
    """ "X1 A or X1 B, then Fitness": the locations in order, the sub-locations where they are named."""
    ranked = sorted(schedule.goal["priorities"], key=lambda priority: priority["rank"])
    return ", then ".join(" or ".join(one.get("sub_locations") or (one["location"],)) for one in ranked)


def wanted(schedule: Schedule) -> str:
    """ "2 hours between 17:00 and 21:00", or "1 hour" where the rule names the hour."""
    hours = schedule.goal["consecutive_hours"]
    told = "1 hour" if hours == 1 else f"{hours} hours"
    window = schedule.goal["time_window"]
    end = "24:00" if window["end"] == "00:00" else window["end"]
    return told if schedule.recurrence.at else f"{told} between {window['start']} and {end}"


def origin(schedule: Schedule) -> str:
    """Where it comes from."""
    return "" if schedule.origin == COMMAND else schedule.origin


def schedule_table(records: Iterable[ScheduleRecord], coming: Mapping[int, OccurrenceRecord]) -> Table:
    """Schedules, each with its next day."""
    table = table_of("id", "name", "when", "what", "where", "accounts", "next", "state")
    for record in records:
        schedule = record.schedule
        following = coming.get(record.id)
        table.add_row(
            text(record.id),
            text(record.name),
            text(in_words(schedule.recurrence)),
            text(wanted(schedule)),
            text(f"{place(schedule)} ({schedule.site})"),
            text(", ".join(schedule.accounts) or "all"),
            text(f"{following.day:%a %d %b %Y}" if following else "none"),
            word(record.state),
        )
    return table


def day_table(days: Sequence[OccurrenceRecord], *, of_one: bool = False) -> Table:
    """Days of schedules: when they start, when they open, and what is or became of them."""
    names = ("starts (site)", "opens (site)", "due (here)", "state", "run", "")
    table = table_of(*(() if of_one else ("schedule",)), *names)
    for one in days:
        table.add_row(*(() if of_one else (text(one.schedule),)), *_cells(one))
    return table


def _cells(one: OccurrenceRecord) -> tuple[Text, ...]:
    state = Text("") if one.state is OccurrenceState.PENDING else word(one.state)
    told = (state, text(one.run_id), text(one.reason, "dim"))
    if one.starts_at is None or one.opens_at is None or one.wake_at is None:
        return text(f"{one.day:%a %d %b %Y}"), text(""), text(""), *told
    zone = one.starts_at.tzinfo
    return (
        text(_moment(one.starts_at)),
        text(_moment(one.opens_at.astimezone(zone))),
        text(_moment(one.wake_at.astimezone())),
        *told,
    )


def _moment(moment: datetime) -> str:
    return f"{moment:%a %d %b %Y %H:%M}"


def schedule_document(record: ScheduleRecord) -> dict[str, Any]:
    """A schedule for machines."""
    schedule, recurrence = record.schedule, record.schedule.recurrence
    return {
        "id": record.id,
        "name": record.name,
        "state": record.state.value,
        "site": schedule.site,
        "timezone": schedule.zone,
        "when": in_words(recurrence),
        "rrule": recurrence.rule,
        "start": recurrence.start,
        "at": f"{recurrence.at:%H:%M}" if recurrence.at else None,
        "until": recurrence.until,
        "count": recurrence.count,
        "except": recurrence.excluded,
        "goal": schedule.goal,
        "accounts": schedule.accounts,
        "file": None if schedule.origin == COMMAND else schedule.origin,
        "created_at": record.created_at,
        "updated_at": record.updated_at,
    }
