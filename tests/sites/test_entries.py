"""What one entry of a list of bookings tells, and when a slot opens that has to end within a time ahead."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sniper.core.openings import OpeningRule
from sniper.core.slots import Slot
from sniper.engine.browser.selectors import values_of
from sniper.sites.answers import Answer, JsonPath, MisreadError, OutcomeRule, as_words
from sniper.sites.entries import MyBookings, instant_of, is_doubled, slot_of, was_first
from sniper.sites.library import load_profile
from sniper.sites.profile import Profile
from tests.sites.examples import bundled, refusal

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 11, 24, 10, tzinfo=BERLIN)
SLOT = Slot("Courts", "Court 1", START)


def club(**changes: Any) -> Profile:
    return bundled("librebooking").model_copy(update=changes)


def entry(resource: object, begins: datetime, ends: datetime | None = None) -> dict[str, Any]:
    ends = ends or begins + timedelta(hours=1)
    return {"ResourceId": resource, "StartDate": int(begins.timestamp()), "EndDate": int(ends.timestamp())}


def list_of_club() -> MyBookings:
    how = club().my_bookings
    assert how is not None
    return how


def test_a_place_is_known_by_the_number_the_site_has_for_it_written_either_way() -> None:
    profile, how = club(), list_of_club()
    for number in (1, "1"):
        assert slot_of(entry(number, START), how, profile) == SLOT
    assert slot_of(entry(2, START), how, profile).place == "Court 2"


def test_a_place_that_the_profile_does_not_know_goes_by_the_number() -> None:
    profile, how = club(), list_of_club()
    assert slot_of(entry(77, START), how, profile) == Slot("77", None, START)
    with pytest.raises(MisreadError, match=r"nothing at \$\.ResourceId"):
        slot_of({"StartDate": 1}, how, profile)


@given(st.datetimes(START.replace(2020, tzinfo=None), START.replace(2040, tzinfo=None)))
def test_an_instant_is_the_same_in_seconds_milliseconds_digits_and_iso_8601(naive: datetime) -> None:
    instant = naive.replace(microsecond=0, tzinfo=UTC)
    seconds, path = int(instant.timestamp()), JsonPath.parse("$.at")
    for told in (seconds, str(seconds), seconds * 1000, instant.isoformat()):
        # In the hour that comes twice no time of one zone equals one of another (PEP 495).
        assert instant_of(path, {"at": told}, BERLIN).astimezone(UTC) == instant


@pytest.mark.parametrize("told", [None, True, "soon", "2026-11-24T10:00:00", [], float("inf")])
def test_what_is_no_instant_with_its_offset_is_told(told: object) -> None:
    with pytest.raises(MisreadError, match=r"an entry has (no|an) instant"):
        instant_of(JsonPath.parse("$.at"), {"at": told}, BERLIN)


@pytest.mark.parametrize(
    ("there", "near"),
    [({"startDates": "soon"}, ("$.startDates",)), ({"startDate": "soon"}, ()), ({}, ())],
)
def test_where_no_instant_is_found_the_most_like_place_of_the_entry_is_told(
    there: dict[str, Any], near: tuple[str, ...]
) -> None:
    with pytest.raises(MisreadError) as refused:
        instant_of(JsonPath.parse("$.startDate"), there, BERLIN)
    assert refused.value.near == near


def test_a_slot_is_doubled_by_whatever_overlaps_with_it_at_its_place() -> None:
    profile = club()
    how = profile.slot_owners
    assert how
    hour = timedelta(hours=1)
    ours = entry(1, START)

    def doubled(*others: dict[str, Any]) -> bool:
        return is_doubled([ours, *others], how, SLOT, profile)

    assert not doubled()
    assert doubled(entry("1", START))
    assert doubled(entry(1, START - hour, START + hour))
    assert not doubled(entry(2, START), entry(1, START + hour), entry(1, START - hour))


def test_of_several_owners_the_one_with_the_lowest_number_was_first() -> None:
    profile = club()
    how = profile.slot_owners
    assert how

    def numbered(number: object, reference: str, begins: datetime = START) -> dict[str, Any]:
        return {**entry(1, begins), "Id": number, "ReferenceNumber": reference}

    earlier = numbered(1, "b", START - timedelta(hours=1))
    items = [numbered("12", "ours"), numbered(13, "theirs"), earlier]
    assert was_first(items, how, SLOT, "ours", profile) is True
    assert was_first(items, how, SLOT, "theirs", profile) is False
    assert was_first(items, how, SLOT, "gone", profile) is None
    untold = how.model_copy(update={"first": None})
    assert was_first(items, untold, SLOT, "ours", profile) is None


def test_a_slot_that_has_to_end_within_three_days_opens_three_days_before_its_end() -> None:
    place = club().locations["Courts"]
    assert place.opening == OpeningRule(timedelta(hours=71))
    ends = club().end_of(SLOT)
    assert place.opening.opening_of(SLOT) == ends - timedelta(hours=72)


@given(st.integers(0, 24 * 366))
def test_a_slot_ends_its_length_after_its_start_on_whatever_day(hours: int) -> None:
    start = (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours)).astimezone(BERLIN)
    slot = Slot("Courts", "Court 1", start)
    end = club().end_of(slot)
    assert end.astimezone(UTC) - slot.instant == timedelta(hours=1)
    assert values_of(club(), slot)["end"] == end


def test_a_word_may_be_another_one_for_each_sub_location() -> None:
    assert values_of(club(), SLOT)["rid"] == "1"
    assert values_of(club(), Slot("Courts", "Court 2", START))["rid"] == "2"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            "locations: {X1: {opens: {before_end: 72h}}}\n",
            "mine.yaml:3: locations.X1.opens: say when slots open: by one of before_start or before_end, "
            "72h say, or by days_before and at",
        ),
        (
            "locations: {X9: {opens: {before_end: 30m}}}\n",
            "mine.yaml:3: locations.X9.opens.before_end: is shorter than a slot lasts",
        ),
        (
            "locations: {X9: {opens: {days_before: 7}}}\n",
            "mine.yaml:3: locations.X9.opens.days_before: goes with at: days_before: 7 and at: 06:00, say",
        ),
        (
            "locations: {X1: {opens: {at: 06:00}}}\n",
            "mine.yaml:3: locations.X1.opens.at: goes with days_before: days_before: 7 and at: 06:00, say",
        ),
        (
            "locations: {X9: {opens: {days_before: 7, at: 6:00}}}\n",
            "mine.yaml:3: locations.X9.opens.at: '6:00' is no time of day; write it with four digits, "
            "as 09:00 or 13:00",
        ),
        (
            "locations: {X9: {opens: {days_before: -1, at: 06:00}}}\n",
            "mine.yaml:3: locations.X9.opens.days_before: must be greater than or equal to 0 (is -1)",
        ),
        (
            "locations: {X9: {opens: {days_before: 7, at: 06:00, counted: elapsed}}}\n",
            "mine.yaml:3: locations.X9.opens.counted: is of before_start and before_end; whole days go by "
            "the wall clock",
        ),
        (
            "locations: {X1: {words: {rid: {X1 A: '1'}}}}\n",
            "mine.yaml:3: locations.X1.words.rid: needs a text for each sub-location, and for nothing else",
        ),
        (
            "arm:\n  - ask: {url: /book}\n",
            "mine.yaml:4: arm[0].ask: what it asks for may book; it is for reading and giving back",
        ),
        (
            "fire:\n  - ask: {url: /book}\n",
            "mine.yaml:4: fire[0].ask: at the opening the page's own controls are pressed",
        ),
        (
            "outcomes:\n  - {is: booked, response: {url: /book}, reference_text: 'no \\d+'}\n",
            "mine.yaml:4: outcomes[0].reference_text: has 0 groups; put what is meant into one: (…)",
        ),
        (
            "outcomes:\n  - {is: booked, response: {url: /book}, message: $.a, message_text: '(a)'}\n",
            "mine.yaml:4: outcomes[0].message_text: is said by message already",
        ),
        (
            "my_bookings: {place: {word: tag, at: $.id}}\n",
            "mine.yaml:3: my_bookings: say where the place stands: either `location` or `place`",
        ),
    ],
)
def test_what_does_not_fit_together_is_told(tmp_path: Path, changes: str, said: str) -> None:
    assert refusal(tmp_path, changes) == said


def test_whoever_extends_a_profile_with_an_example_says_these_things_anew(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("name: mine\nextends: librebooking\nbase_url: http://a.example\n", encoding="utf-8")
    with pytest.raises(Exception, match=r"timezone: is missing\n.*locations: is missing"):
        load_profile(path)
    path.write_text(
        "name: mine\nextends: librebooking\nbase_url: http://a.example\ntimezone: Europe/Vienna\n"
        "locations: {Hall: {opens: {before_end: 7d}, words: {sid: '4', rid: '9'}}}\n",
        encoding="utf-8",
    )
    assert list(load_profile(path).locations) == ["Hall"]


def test_words_and_numbers_are_found_in_an_answer_that_is_html() -> None:
    rule = OutcomeRule.model_validate(
        {
            "is": "booked",
            "response": {"url": "/book"},
            "reference_text": "<b>(.*?)</b>",
            "message_text": "(?s)<p>(.*?)</p>",
        }
    )
    answer = Answer("POST", "/book", 200, "<p>Gl&uuml;ck:<br>it&#039;s\n <i>yours</i></p> <b> 4f-2 </b>")
    assert (rule.message_in(answer), rule.reference_in(answer)) == ("Glück: it's yours", "4f-2")
    assert rule.message_in(Answer("POST", "/book", 200, "{}")) == ""
    assert rule.reference_in(Answer("POST", "/book", 200, "{}")) is None
    assert as_words("a &amp; b") == "a & b"


def test_the_profile_of_ones_own_that_the_documentation_shows_is_whole(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "librebooking.md").read_text(encoding="utf-8")
    path = tmp_path / "club.yaml"
    path.write_text(page.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    profile = load_profile(path)
    hall = profile.locations["Hall"]
    assert hall.opening == OpeningRule(timedelta(days=7) - timedelta(minutes=90))
    assert profile.place_known_by("rid", "9") == ("Hall", None)
    assert profile.place_known_by("rid", "4") == ("Courts", "Court 2")
