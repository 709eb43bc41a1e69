"""The profile of Munich's appointments: what it asks the city for, and how its two calendars are read."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sniper.clock.clock import SimulatedClock
from sniper.core.slots import Slot
from sniper.site_client import site_client
from sniper.sites.availability import questions
from sniper.sites.library import load_profile
from sniper.sites.profile import Profile
from sniper.watch.reader import NotReadError, Reader
from tests.aio import run_async
from tests.sites.examples import bundled
from tests.watch.servers import Reply, serving

DAY = date(2026, 12, 1)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
NINE = datetime(2026, 12, 1, 9, tzinfo=ZoneInfo("Europe/Berlin"))
RUPPERTSTRASSE, PASING = "Ruppertstraße", "Pasing"
OFFICE = {"officeId": 10489, "appointments": [int(NINE.timestamp()), int(NINE.timestamp()) + 300]}
COMBINED = {"availableDays": [{"date": "2026-12-01", "providerIDs": "10489", "offices": [OFFICE]}]}
NONE = {"errors": [{"errorCode": "noAppointmentForThisDay", "errorMessage": "…", "statusCode": 404}]}
CAPTCHA = {"errors": [{"errorCode": "captchaMissing", "errorMessage": "…", "statusCode": 400}]}
BY_OFFICE = """\
extends: munich
name: mine
availability:
  request:
    url: URL
    query:
      startDate: null
      endDate: null
      officeIds: null
      serviceIds: null
      serviceCounts: null
      date: "{date:%Y-%m-%d}"
      officeId: "{office}"
      serviceId: "{service}"
      serviceCount: "1"
  items: $.offices
"""


def at(folder: Path, url: str, text: str = "extends: munich\nname: mine\n") -> Profile:
    """The profile with the city's API at another address."""
    path = folder / "mine.yaml"
    request = "availability: {request: {url: URL}}\n" if "availability" not in text else ""
    path.write_text((text + request).replace("URL", f"{url}/calendar/"), encoding="utf-8")
    return load_profile(path)


def free(profile: Profile) -> list[Slot]:
    """What is free at one office, as a watch reads it."""

    async def go() -> list[Slot]:
        assert profile.availability is not None
        async with site_client(profile.url) as client:
            reader = Reader(client, profile, profile.availability, SimulatedClock(NOW))
            lists = await reader.read(DAY, [RUPPERTSTRASSE])
            return [one.slot for one in lists.entries if one.is_free]

    return run_async(go())


SLOTS = [Slot(RUPPERTSTRASSE, None, NINE), Slot(RUPPERTSTRASSE, None, NINE.replace(minute=5))]


def test_each_office_is_asked_for_by_its_number_and_the_service() -> None:
    profile = bundled("munich")
    assert profile.availability is not None
    first, second = questions(profile, profile.availability, DAY, [RUPPERTSTRASSE, PASING])
    assert first.url == "https://www48.muenchen.de/buergeransicht/api/citizen/available-calendar/"
    assert dict(first.query) == {
        "startDate": "2026-12-01",
        "endDate": "2026-12-01",
        "officeIds": "10489",
        "serviceIds": "1063475",
        "serviceCounts": "1",
    }
    assert dict(second.query)["officeIds"] == "54261"


def test_the_calendar_that_has_days_and_times_together_is_read(tmp_path: Path) -> None:
    with serving(Reply(200, COMBINED)) as server:
        assert free(at(tmp_path, server.url)) == SLOTS


def test_the_older_calendar_of_one_day_is_read(tmp_path: Path) -> None:
    with serving(Reply(200, {"offices": [OFFICE]})) as server:
        assert free(at(tmp_path, server.url, BY_OFFICE)) == SLOTS
        (asked,) = server.requests
    assert asked.path == "/calendar/?date=2026-12-01&officeId=10489&serviceId=1063475&serviceCount=1"


@pytest.mark.parametrize("answer", [Reply(404, NONE), Reply(200, {"availableDays": []})])
def test_that_nothing_is_free_is_no_failure(tmp_path: Path, answer: Reply) -> None:
    with serving(answer) as server:
        assert free(at(tmp_path, server.url)) == []


@pytest.mark.parametrize(
    ("answer", "said"),
    [(Reply(404, "gone"), "answers 404"), (Reply(400, CAPTCHA), "answers 400")],
)
def test_what_does_not_say_so_is_told(tmp_path: Path, answer: Any, said: str) -> None:
    with serving(answer) as server, pytest.raises(NotReadError, match=said):
        free(at(tmp_path, server.url))


def test_a_booking_is_left_to_be_confirmed_and_never_proven() -> None:
    profile = bundled("munich")
    assert profile.my_bookings is None
    assert profile.left_to_do is not None
    assert "within" in profile.left_to_do or "30 minutes" in profile.left_to_do
