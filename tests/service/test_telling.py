"""What the daemon shows: a line an event, a table on a terminal, and lines of JSON for machines."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from sniper.audience import told
from sniper.cli.served import Served
from sniper.config.bookings import read_bookings
from sniper.config.goal import load_site
from sniper.errors import EnvironmentProblem
from sniper.events import Event, RunBroken
from sniper.service.telling import (
    ComesNext,
    FileRead,
    FileRefused,
    Missed,
    Next,
    PutOff,
    Said,
    ServiceEvent,
    Woken,
)
from sniper.store.planned import OccurrenceRecord
from tests.aio import run_async
from tests.service.conftest import TUESDAY, WAKES, House, once

MINUTE = timedelta(minutes=1)
MOMENT = datetime(2026, 11, 21, 11, tzinfo=UTC)


@pytest.fixture
def day(house: House) -> OccurrenceRecord:
    house.write(once())
    house.serve_until(WAKES - MINUTE)
    (record,) = house.store.occurrences()
    return record


def events(day: OccurrenceRecord) -> list[ServiceEvent]:
    return [
        FileRead("bookings.json", ("squash",), (), ()),
        FileRefused("bookings.json", "bookings.json:2: a comma is missing"),
        ComesNext(Next(day, MOMENT)),
        ComesNext(None),
        Woken(day, timedelta(hours=2)),
        PutOff(day, "the site does not answer", MOMENT),
        Missed(day, "nothing ran it"),
        Said("the machine slept", problem=True),
    ]


def shown(day: OccurrenceRecord, *, terminal: bool, json_lines: bool = False) -> str:
    out = io.StringIO()
    console = Console(file=out, width=100, force_terminal=terminal, color_system=None)
    with Served(console, verbose=False, json_lines=json_lines) as served:
        for event in events(day):
            served.tell(event)
    return out.getvalue()


@pytest.mark.parametrize("terminal", [True, False])
def test_every_event_is_shown_in_words(day: OccurrenceRecord, *, terminal: bool) -> None:
    text = shown(day, terminal=terminal)
    for words in (
        "new squash",
        "a comma is missing",
        "next: 'squash' on Tue 24 Nov 2026",
        "nothing is to come",
        "2 h 0 min after it was due",
        "cannot be run now: the site does not answer",
        "missed: 'squash' on Tue 24 Nov 2026: nothing ran it",
        "the machine slept",
    ):
        assert words in text


def test_every_event_is_a_line_of_json_for_machines(
    day: OccurrenceRecord, capsys: pytest.CaptureFixture[str]
) -> None:
    shown(day, terminal=False, json_lines=True)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["event"] for one in lines] == [
        "file read",
        "file refused",
        "comes next",
        "comes next",
        "woken",
        "put off",
        "missed",
        "said",
    ]
    assert lines[4]["schedule"] == "squash"
    assert lines[4]["day"] == str(TUESDAY)
    assert lines[4]["late_ms"] == 7_200_000


def test_on_a_terminal_a_table_says_what_runs_and_when_the_next_wakes(house: House) -> None:
    house.runner.lasts = 5 * MINUTE
    house.write(once("runs"), once("later", day=TUESDAY + timedelta(days=7)))
    out = io.StringIO()
    console = Console(file=out, width=100, force_terminal=True, color_system=None)

    async def life() -> None:
        with Served(console, verbose=False, json_lines=False) as served:
            async with house.serving() as (daemon, _):
                served.begin(daemon, ("bookings.json",))
                await house.until(WAKES + MINUTE)
                console.print(served._render())

    house.live(life)
    table = out.getvalue()
    assert "sniper serve" in table
    assert "wakes in" in table
    assert any("runs" in line and "Tue 24 Nov" in line for line in table.splitlines())


@pytest.mark.parametrize(("known", "heard"), [(None, 1), ("another failure", 1), ("the site is away", 0)])
def test_people_are_not_told_again_of_a_try_that_failed_as_the_one_before(
    house: House, known: str | None, heard: int
) -> None:
    house.write(once())
    bookings, document = read_bookings(house.path)
    told_of: list[Event] = []

    async def fail() -> None:
        async with told(load_site(bookings, document), bookings, told_of.append, known):
            raise EnvironmentProblem("the site is away", mend=f"Try again after {WAKES}.")

    with pytest.raises(EnvironmentProblem):
        run_async(fail())
    assert [type(event) for event in told_of] == [RunBroken] * heard
