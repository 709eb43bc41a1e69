"""What a daemon has people told of by itself: what no run and no watch tells them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sniper.clock.clock import SimulatedClock
from sniper.errors import EnvironmentProblem
from sniper.notify import notifier
from sniper.service.files import Files
from sniper.service.notices import Notices
from sniper.service.telling import FileRefused, Missed, PutOff, Said, ServiceEvent
from sniper.store.planned import OccurrenceRecord, OccurrenceState
from tests.aio import run_async
from tests.notify.conftest import service
from tests.notify.service import TOKEN, Service
from tests.service.conftest import OPENING, TUESDAY, once

__all__ = ["service"]

NOW = datetime(2026, 11, 21, 11, tzinfo=UTC)
WAS_MISSED = "nothing served from its opening on"


def day(site: str = "tudelft-x", on: date = TUESDAY) -> OccurrenceRecord:
    return OccurrenceRecord(
        1, 1, "squash", site, on, None, OPENING, OPENING, OccurrenceState.MISSED, None, None, NOW
    )


def bookings(folder: Path, *urls: str, site: str = "tudelft-x", name: str = "bookings.json") -> Path:
    """A file with channels."""
    location = {"tudelft-x": "X1", "uzh": "Fitness"}[site]
    content: dict[str, Any] = {
        "site": site,
        "accounts": [{"netid": "user1", "password": "pass1"}],
        "snipe_config": {
            "consecutive_hours": 1,
            "time_window": {"start": "13:00", "end": "14:00"},
            "priorities": [{"rank": 1, "location": location, "max_accounts": 1}],
        },
        "schedules": [once()],
        "notifications": [{"url": url, "level": "problems"} for url in urls],
    }
    path = folder / name
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def told(paths: list[Path], *events: ServiceEvent, until: Callable[[], bool] = lambda: True) -> list[str]:
    """Have these told; returns what the terminal was told of it."""
    said: list[str] = []

    async def go() -> None:
        notices = Notices(
            Files(paths), SimulatedClock(NOW), lambda: not until(), lambda one: said.append(str(one))
        )
        async with notices.listening():
            for event in events:
                notices.tell(event)

    run_async(go())
    return said


def test_a_missed_day_a_refused_file_and_a_day_that_cannot_begin_are_told(
    service: Service, tmp_path: Path
) -> None:
    path = bookings(tmp_path, service.url())
    until = NOW + timedelta(seconds=15)
    assert not told(
        [path],
        Missed(day(), WAS_MISSED),
        FileRefused(str(path), "bookings.json:3: `site` is missing"),
        PutOff(day(), "the calendar cannot be read", until, told=False),
    )
    messages = [one["title"] + one["message"] for one in service.posted]
    text = "\n".join(messages)
    for part in (
        "'squash' on Tue 24 Nov 2026 was missed",
        WAS_MISSED,
        "is refused",
        "`site` is missing",
        "What it said before still holds.",
        "'squash' on Tue 24 Nov 2026 cannot be run now",
        "the calendar cannot be read",
    ):
        assert part in text


def test_what_a_run_has_told_itself_is_not_told_again(service: Service, tmp_path: Path) -> None:
    told(
        [bookings(tmp_path, service.url())],
        PutOff(day(), "no browser", NOW, told=True),
        Said("the watch failed", problem=True, told=True),
        Said("hello"),
    )
    assert service.posted == []


def test_who_names_a_site_hears_of_its_days_and_everybody_what_concerns_all(
    service: Service, tmp_path: Path
) -> None:
    x = bookings(tmp_path, service.url("x"))
    both = bookings(tmp_path, service.url("x"), service.url("more"), name="more.json")
    told([x, both], Missed(day(), WAS_MISSED), Said("the database does not answer", problem=True))
    # Each channel once, though both files name it; what waits for a channel goes out together.
    text = [one["title"] + one["message"] for one in service.posted]
    assert sum("was missed" in one for one in text) == 2
    assert sum("the database does not answer" in one for one in text) == 2


def test_a_problem_that_stays_is_told_once_a_day_and_of_a_mistake_only_what_it_is(
    service: Service, tmp_path: Path
) -> None:
    trace = "looking failed, it is begun again in {} s: Traceback:\n  File secret.py\nValueError: odd"
    told(
        [bookings(tmp_path, service.url())],
        *(Said(trace.format(pause), problem=True) for pause in (1, 2, 4)),
    )
    text = "\n".join(one["title"] + one["message"] for one in service.posted)
    assert text.count("ValueError: odd") == 1
    assert "it is begun again in 1 s" in text
    assert "secret.py" not in text


def test_a_daemon_that_dies_of_an_error_says_so(service: Service, tmp_path: Path) -> None:
    files = Files([bookings(tmp_path, service.url())])

    async def go() -> None:
        async with Notices(
            files, SimulatedClock(NOW), lambda: False, lambda one: pytest.fail(str(one))
        ).listening():
            raise EnvironmentProblem("another daemon has taken over", mend="Look for it.")

    with pytest.raises(EnvironmentProblem):
        run_async(go())
    (told,) = service.posted
    assert "the daemon has ended" in told["title"]
    assert "another daemon has taken over" in told["message"]


def test_a_channel_that_does_not_answer_is_told_on_the_terminal_without_its_secret(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifier, "FLUSHED_WITHIN", timedelta(seconds=0.2))
    service.refuses = 99
    said = told([bookings(tmp_path, service.url())], Missed(day(), WAS_MISSED))
    assert any("could not be sent" in one for one in said)
    assert TOKEN not in "".join(said)
