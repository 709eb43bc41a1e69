"""Lists of what is free that are in lists, have several starts an entry, or show only what is free."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sniper.sites.answers import ListPath, MisreadError
from sniper.sites.availability import Availability, listed, questions
from sniper.sites.library import load_profile
from sniper.sites.profile import Profile
from tests.sites.examples import refusal

DAY = date(2026, 12, 1)
AT_NINE = datetime(2026, 12, 1, 9, tzinfo=ZoneInfo("Europe/Berlin"))
NINE, QUARTER_PAST = int(AT_NINE.timestamp()), int(AT_NINE.timestamp()) + 900
PROFILE = """\
extends: librebooking
name: mine
base_url: https://offices.example
timezone: Europe/Berlin
locations:
  Mitte: {opens: {before_start: 4320h}, slot: 15m, words: {sid: "1", rid: "10"}}
  Ost: {opens: {before_start: 4320h}, slot: 15m, words: {sid: "1", rid: "20"}}
availability:
  request: {url: /calendar, query: {day: "{date:%Y-%m-%d}", office: "{rid}"}, per_location: true}
  items: $.days[*].offices
  place: {word: rid, at: $.officeId}
  starts: $.appointments
  only_free: true
"""


def profile(folder: Path) -> Profile:
    path = folder / "mine.yaml"
    path.write_text(PROFILE, encoding="utf-8")
    return load_profile(path)


def how(profile: Profile) -> Availability:
    assert profile.availability is not None
    return profile.availability


def free(folder: Path, body: Any) -> list[tuple[str, str]]:
    there = profile(folder)
    found = list(listed(there, how(there), body, "Mitte"))
    assert all(one.is_free for one in found)
    return [(one.slot.location, f"{one.slot.start:%H:%M}") for one in found]


def office(number: int, *starts: Any) -> dict[str, Any]:
    return {"officeId": number, "appointments": list(starts)}


def test_each_start_of_each_entry_of_each_list_is_a_slot(tmp_path: Path) -> None:
    body = {
        "days": [
            {"offices": [office(10, NINE, QUARTER_PAST), office(77, NINE)]},
            {"offices": [office(20, str(NINE))]},
            {"date": "one of which nothing is told"},
        ]
    }
    assert free(tmp_path, body) == [("Mitte", "09:00"), ("Mitte", "09:15"), ("Ost", "09:00")]
    assert free(tmp_path, {"days": []}) == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"errors": []}, "there is no list at $.days[*].offices"),
        ({"days": [{"offices": {"10": []}}]}, "there is no list at $.days[*].offices"),
        ({"days": [{"offices": [{"officeId": 10}]}]}, "an entry has no list at $.appointments"),
        ({"days": [{"offices": [office(10, "soon")]}]}, "an entry has no instant at $.appointments"),
    ],
)
def test_what_is_not_as_the_profile_says_is_told(tmp_path: Path, body: Any, said: str) -> None:
    with pytest.raises(MisreadError) as told:
        free(tmp_path, body)
    assert str(told.value) == said


def test_each_office_is_asked_for_by_its_number(tmp_path: Path) -> None:
    there = profile(tmp_path)
    asked = questions(there, how(there), DAY, ["Mitte", "Ost"])
    assert [one.query for one in asked] == [
        (("day", "2026-12-01"), ("office", "10")),
        (("day", "2026-12-01"), ("office", "20")),
    ]


@pytest.mark.parametrize("text", ["$", "$.days", "$.days[*].offices", "$[*]", "$.a[0][*].b[*]"])
def test_a_way_through_lists_is_written_as_it_is_read(text: str) -> None:
    assert str(ListPath.parse(text)) == text


@pytest.mark.parametrize("text", ["days", "$.days[*]offices", "$.days.*", "[*].a"])
def test_what_is_no_way_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no path into JSON"):
        ListPath.parse(text)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ("{starts: $.all}", "say when the slots of an entry start: either start or starts"),
        ("{start: null}", "say when the slots of an entry start: either start or starts"),
        ("{only_free: true}", "only_free: then nothing else is to be told: leave free and remaining out"),
        ("{place: {word: tag, at: $.id}}", "place: tells the location and the sub-location as well"),
    ],
)
def test_what_contradicts_itself_is_refused(tmp_path: Path, changes: str, said: str) -> None:
    assert said in refusal(tmp_path, f"availability: {changes}\n")
