"""Where a calendar comes from: a missing file is an error; if an address does not answer, a copy counts."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from sniper.calendars.sources import Read, busy_calendar, read_calendar
from sniper.config.calendars import CalendarConfig
from sniper.errors import EnvironmentProblem, InputError
from sniper.scrubbing import KNOWN
from tests.calendars.ics import busy, calendar, event
from tests.calendars.server import Served, calendar_server
from tests.config.examples import GOOD, read

DENTIST = calendar(busy("14:00", "15:00"))
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "state"
    monkeypatch.setenv("SNIPER_STATE_DIR", str(folder))
    return folder


@pytest.fixture
def served(state: Path) -> Iterator[Served]:  # noqa: ARG001 - it has to be set
    with calendar_server() as server:
        server.body = DENTIST
        yield server


def ask(source: str, *, required: bool = False, beside: Path = Path(), now: datetime | None = None) -> Read:
    config = CalendarConfig.model_validate({"calendar": source, "required": required})
    return read_calendar(config, beside, now or datetime.now(UTC))


def shows(found: Read) -> list[str]:
    assert found.calendar is not None
    return [one.what for one in found.calendar.on(date(2026, 11, 24), ZoneInfo("Europe/Amsterdam"))]


def refusal(source: str) -> str:
    """Where it is required."""
    with pytest.raises(EnvironmentProblem) as refused:
        ask(source, required=True)
    assert refused.value.exit_code == 3
    return refused.value.explain()


def test_a_file_is_found_beside_the_file_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "mine.ics").write_text(DENTIST, newline="")
    found = ask("mine.ics", beside=tmp_path)
    assert (shows(found), found.told) == (["Dentist"], ())


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "there is no such calendar"),
        ("<html></html>", "is no calendar in .ics form"),
        (b"\xff\xfe\x00", "is no calendar in .ics form"),
    ],
)
def test_a_file_that_is_missing_or_no_calendar_is_bad_input_with_its_line(
    tmp_path: Path, content: str | bytes | None, said: str
) -> None:
    if content is not None:
        (tmp_path / "mine.ics").write_bytes(content if isinstance(content, bytes) else content.encode())
    bookings, document = read(tmp_path, {**GOOD, "busy_calendar": "mine.ics"})
    with pytest.raises(InputError) as refused:
        busy_calendar(bookings, document)
    assert refused.value.exit_code == 2
    assert refused.value.explain().startswith(f"{tmp_path}/bookings.json:")
    assert f"busy_calendar: {tmp_path}/mine.ics: {said}" in refused.value.explain()


def test_a_calendar_of_the_command_line_goes_before_the_files_and_is_found_from_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    (tmp_path / "here" / "other.ics").write_text(calendar(busy("14:00", "15:00", "Other")), newline="")
    bookings, document = read(tmp_path, {**GOOD, "busy_calendar": "missing.ics"})
    assert shows(busy_calendar(bookings, document, "other.ics")) == ["Other"]


def test_without_a_calendar_nothing_is_read(tmp_path: Path) -> None:
    assert busy_calendar(*read(tmp_path)) == Read()


def test_an_address_that_answers_is_read_and_copied_for_the_owner_only(served: Served, state: Path) -> None:
    assert shows(ask(served.url)) == ["Dentist"]
    (copy,) = (state / "calendars").iterdir()
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert "private" not in copy.name


def test_an_address_may_lead_to_another(served: Served) -> None:
    served.goes_to = "/elsewhere"
    assert shows(ask(served.url)) == ["Dentist"]


def test_a_webcal_address_is_asked_over_https(served: Served) -> None:
    """Where this server does not speak it."""
    assert "cannot be reached" in ask(served.url.replace("http://", "webcal://")).told[0]


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        (404, "", "answers 404"),
        (500, "", "answers 500"),
        (None, "", "cannot be reached"),
        (200, "<html>Sign in</html>", "answers, but it is no calendar in .ics form"),
    ],
)
def test_when_an_address_does_not_answer_well_the_last_good_copy_counts_and_its_age_is_told(
    served: Served, state: Path, status: int | None, body: str, why: str
) -> None:
    ask(served.url)
    (copy,) = (state / "calendars").iterdir()
    two_days_ago = NOW - timedelta(days=2, hours=3)
    os.utime(copy, (two_days_ago.timestamp(), two_days_ago.timestamp()))
    served.status, served.body = status, body
    found = ask(served.url, now=NOW, required=True)
    assert shows(found) == ["Dentist"]
    assert found.told == (f"the busy calendar at 127.0.0.1 {why}: going by the copy of 2 days ago",)


def test_without_a_copy_nothing_is_left_out_and_that_is_told(served: Served) -> None:
    served.status = 404
    assert ask(served.url) == Read(
        None,
        (
            "the busy calendar at 127.0.0.1 answers 404, and there is no earlier copy of it: "
            "no hour is left out for it",
        ),
    )


def test_a_calendar_that_is_required_and_cannot_be_had_stops_everything(served: Served) -> None:
    served.status = 404
    assert refusal(served.url) == (
        "the busy calendar at 127.0.0.1 answers 404, there is no earlier copy of it, and it is required\n"
        "Try again later, or take `required` out."
    )


def test_nothing_said_shows_the_private_part_of_an_address(served: Served) -> None:
    for served.status in (404, None):
        assert "private" not in str(ask(served.url))
        assert "private" not in refusal(served.url)


def test_nothing_that_is_logged_shows_the_private_part_of_an_address(served: Served) -> None:
    ask(served.url)
    logged = f'HTTP Request: GET {served.url} "HTTP/1.0 200 OK"'
    assert "private" not in KNOWN(logged)
    assert "private" not in KNOWN(logged.replace("http://127.0.0.1", "elsewhere"))


def test_an_address_may_stand_in_a_variable(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_CALENDAR", served.url)
    bookings, document = read(tmp_path, {**GOOD, "busy_calendar": {"env": "MY_CALENDAR"}})
    assert shows(busy_calendar(bookings, document)) == ["Dentist"]
    monkeypatch.delenv("MY_CALENDAR")
    with pytest.raises(InputError, match="busy_calendar: the environment variable is not set"):
        busy_calendar(bookings, document)


def test_events_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    (tmp_path / "mine.ics").write_text(calendar(event("DTSTART:soon"), busy("14:00", "15:00")), newline="")
    assert ask("mine.ics", beside=tmp_path).told == (
        "1 event of the busy calendar cannot be read, and so do not count",
    )


@pytest.mark.parametrize(
    ("age", "told"),
    [(timedelta(0), "1 minute"), (timedelta(minutes=5), "5 minutes"), (timedelta(hours=1), "1 hour")],
)
def test_the_age_of_a_copy_is_told_in_one_unit(
    served: Served, state: Path, age: timedelta, told: str
) -> None:
    ask(served.url)
    (copy,) = (state / "calendars").iterdir()
    written = datetime.fromtimestamp(copy.stat().st_mtime, UTC)
    served.status = 500
    assert ask(served.url, now=written + age).told[0].endswith(f"the copy of {told} ago")
