"""How a profile says what a site shows of its slots: what is asked, and what an answer tells."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from sniper.core.availability import Listed
from sniper.core.slots import Slot
from sniper.sites.answers import MisreadError
from sniper.sites.availability import Availability, listed, page_count, question, questions
from sniper.sites.library import load_profile
from sniper.sites.profile import Profile
from tests.sites.examples import bundled, mine, refusal

DAY = date(2026, 11, 24)
ENTRY: dict[str, Any] = {
    "startDate": "2026-11-24T12:00:00.000Z",
    "isAvailable": True,
    "product": {"description": "X1"},
    "linkedProduct": {"description": "X1 A"},
}
PER_LOCATION = """\
availability:
  request: {url: "/courts/{location}", query: {tag: "{tag}", page: null, join: null}, per_location: true}
  pages: null
  location: null
"""


def how(profile: Profile) -> Availability:
    assert profile.availability is not None
    return profile.availability


def read(profile: Profile, *entries: dict[str, Any], location: str | None = None) -> list[Listed]:
    """What these entries say."""
    return list(listed(profile, how(profile), {"data": list(entries)}, location))


def test_the_whole_day_is_asked_for_in_utc_with_json_where_the_site_wants_json() -> None:
    profile = bundled("tudelft-x")
    (asked,) = questions(profile, how(profile), DAY, ["X1", "Fitness"])
    assert asked.url == "https://backbone-web-api.production.delft.delcom.nl/bookable-slots"
    assert asked.query == (
        (
            "s",
            '{"startDate":"2026-11-23T23:00:00.000Z","endDate":"2026-11-24T22:59:59.999Z",'
            '"tagIds":{"$in":[28,147,149]}}',
        ),
        ("join", "product"),
        ("join", "linkedProduct"),
        ("page", "1"),
    )
    assert question(profile, how(profile), DAY, None, 3).query[-1] == ("page", "3")


def test_the_day_on_which_the_clocks_change_has_25_hours() -> None:
    profile = bundled("practice")
    (asked,) = questions(profile, how(profile), date(2026, 10, 25), [])
    assert asked.url == "http://127.0.0.1:8321/api/bookable-slots"
    assert '"startDate":"2026-10-24T22:00:00.000Z","endDate":"2026-10-25T22:59:59.999Z"' in asked.query[0][1]


def test_a_site_may_be_asked_for_each_location_by_itself(tmp_path: Path) -> None:
    profile = load_profile(mine(tmp_path, PER_LOCATION))
    asked = questions(profile, how(profile), DAY, ["Fitness", "X1"])
    assert [(one.url, one.location) for one in asked] == [
        ("https://x.tudelft.nl/courts/Fitness", "Fitness"),
        ("https://x.tudelft.nl/courts/X1", "X1"),
    ]
    assert ("tag", "147") in asked[1].query
    # What such an answer lists is at the location that was asked for.
    (one,) = read(profile, ENTRY | {"product": None}, location="X1")
    assert one.slot.place == "X1 A"


def test_an_entry_tells_its_slot_in_the_sites_zone_and_whether_it_is_free() -> None:
    profile = bundled("tudelft-x")
    (one,) = read(profile, ENTRY)
    assert one == Listed(Slot("X1", "X1 A", datetime(2026, 11, 24, 12, tzinfo=UTC)), is_free=True)
    assert one.slot.start.tzinfo == profile.timezone
    (other,) = read(profile, ENTRY | {"isAvailable": False})
    assert not other.is_free


def test_an_entry_may_tell_how_many_places_are_left_and_whether_it_is_open() -> None:
    entry = ENTRY | {"spotsLeft": 7, "spots": 60, "isOpen": False}
    (one,) = read(bundled("practice"), entry)
    assert (one.remaining, one.places, one.is_open) == (7, 60, False)


@pytest.mark.parametrize(("left", "is_free"), [(0, False), (3, True)])
def test_without_a_word_for_free_one_place_that_is_left_is_enough(
    tmp_path: Path, left: int, is_free: bool
) -> None:
    profile = load_profile(mine(tmp_path, "availability: {free: null, remaining: $.left}\n"))
    (one,) = read(profile, ENTRY | {"left": left})
    assert one.is_free is is_free


def test_starts_may_be_numbers_of_seconds_or_milliseconds() -> None:
    profile = bundled("tudelft-x")
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC).timestamp()
    for start in (noon, noon * 1000):
        (one,) = read(profile, ENTRY | {"startDate": start})
        assert one.slot.instant == datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_what_the_profile_does_not_name_is_passed_over() -> None:
    profile = bundled("tudelft-x")
    others = [{"product": {"description": "Squash"}}, {"linkedProduct": {"description": "X1 C"}}]
    assert read(profile, *(ENTRY | other for other in others)) == []
    # A location without sub-locations has none, whatever the site says.
    (fitness,) = read(profile, ENTRY | {"product": {"description": "Fitness"}})
    assert (fitness.slot.location, fitness.slot.sub_location) == ("Fitness", None)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"isAvailable": 1}, "an entry has neither true nor false at $.isAvailable"),
        ({"startDate": "tomorrow"}, "an entry has no instant at $.startDate"),
        ({"startDate": None}, "an entry has no instant at $.startDate"),
        ({"startDate": 1e300}, "an entry has no instant at $.startDate"),
        (
            {"startDate": "2026-11-24T12:00:00"},
            "an entry has an instant without its offset at $.startDate",
        ),
    ],
)
def test_an_answer_that_is_not_what_the_profile_says_is_not_guessed_at(
    change: dict[str, Any], said: str
) -> None:
    with pytest.raises(MisreadError) as refused:
        read(bundled("tudelft-x"), ENTRY | change)
    assert str(refused.value) == said


def test_an_answer_without_its_list_or_its_number_of_pages_is_not_an_empty_one() -> None:
    profile = bundled("tudelft-x")
    with pytest.raises(MisreadError, match=r"there is no list at \$.data"):
        list(listed(profile, how(profile), {"message": "Maintenance"}, None))
    assert page_count(how(profile), {"pageCount": 4}) == 4
    with pytest.raises(MisreadError, match=r"there is no whole number at \$.pageCount"):
        page_count(how(profile), {})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            "availability: {every: {floor: 0s}}\n",
            "mine.yaml:3: availability.every.floor: no time at all is too short; write 30s, say",
        ),
        (
            "availability: {every: {usually: 20s}}\n",
            "mine.yaml:3: availability.every.usually: is sooner than the floor",
        ),
        (
            "availability: {free: null}\n",
            "mine.yaml:3: availability: how to tell that a slot is free is not said; "
            "write free: $.isAvailable, say",
        ),
        (
            "availability: {location: null}\n",
            "mine.yaml:3: availability: where the location stands is not said; "
            "write location: $.product.name, say",
        ),
        (
            "availability: {request: {url: slots}}\n",
            "mine.yaml:3: availability.request.url: 'slots' is no address; "
            "write a path (/api/slots) or https://api.site.example/slots",
        ),
        (
            "availability: {request: {url: '/slots/{tag}'}}\n",
            "mine.yaml:3: availability.request.url: {tag} has no meaning here "
            "(there are: date, day_begins, day_ends, page)",
        ),
        (
            "availability: {request: {query: {s: {startDate: '{date'}}}}\n",
            "mine.yaml:3: availability.request.query: expected '}' before end of string",
        ),
        (
            "availability: {pages: null}\n",
            "mine.yaml:3: availability.pages: the request has a {page}; "
            "write pages: {count: $.pageCount}, say",
        ),
        (
            "availability: {request: {query: {page: null}}}\n",
            ": availability.pages: is only for a request with a {page}",
        ),
        (
            "availability: {request: {url: '/{tag_group}', per_location: true}}\n",
            "mine.yaml:3: availability.request.url: {tag_group} has no value at Fitness; "
            "`only_with: tag_group` leaves a step out there",
        ),
        ("availability: {fre: $.x}\n", "mine.yaml:3: availability.fre: unknown key; did you mean 'free'?"),
    ],
)
def test_what_is_wrong_is_told_when_the_profile_is_read(tmp_path: Path, changes: str, said: str) -> None:
    assert said in refusal(tmp_path, changes)
