"""By what an element is found again: what lasts comes before what a build makes up."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from sniper.drafting.guessing import completed
from sniper.drafting.notes import Deed
from sniper.drafting.selecting import found
from sniper.drafting.wanted import Wanted
from tests.drafting.stories import note, way

WANTED = Wanted(date(2026, 11, 24), "13:00", location="X1", sub_location="X1 A")
BOOK = {"css": "button", "text": "Book"}
PLACE = way("place", "main > div:nth-of-type(2) > button")


@pytest.mark.parametrize(
    ("ways", "select"),
    [
        ([way("id", "#book"), way("test_id", "button[data-test='book']")], "button[data-test='book']"),
        ([way("role", "button", "Book"), way("name", "button[name='book']")], "button[name='book']"),
        ([way("id", "#mat-input-3"), way("role", "button", "Book"), PLACE], BOOK),
        ([way("id", "#r7f3a91c2"), PLACE], PLACE["css"]),
        ([way("id", "#cell-20261124"), way("role", "button", "Book", 9), PLACE], BOOK),
        ([way("test_id", "button[data-test='book']", count=3), way("id", "#book")], "#book"),
    ],
)  # fmt: skip
def test_what_lasts_and_is_its_alone_is_preferred(ways: list[dict[str, Any]], select: object) -> None:
    assert found(note(ways=ways), Wanted()).select == select


def test_what_is_not_its_alone_is_told() -> None:
    assert (
        "3 elements" in found(note(ways=[way("test_id", "button[data-test='book']", count=3)]), WANTED).doubt
    )
    assert "its place" in found(note(ways=[PLACE]), WANTED).doubt
    assert "shadow" in found(note(ways=[way("id", "#book")], shadow=True), WANTED).doubt


@pytest.mark.parametrize(
    ("more", "select"),
    [
        ({"attributes": {"ref": "202611241300007"}}, "td[ref='{start:%Y%m%d}{start:%H%M%S}7']"),
        ({"around": [{"tag": "tr", "attributes": {"data-at": "13:00"}}]}, "tr[data-at='{start:%H:%M}'] td"),
        ({"ways": [way("role", "td", "At 13:00")]}, {"css": "td", "text": "At {start:%H:%M}"}),
    ],
)  # fmt: skip
def test_what_tells_the_slot_is_found_by_that(more: dict[str, Any], select: object) -> None:
    assert found(note(tag="td", **more), WANTED).select == select


def test_cards_that_what_was_booked_does_not_tell_apart_are_told() -> None:
    leaves = [{"css": "b", "text": "13:00"}]
    card = {
        "css": "li",
        "find": "button",
        "leaves": leaves,
        "others": [leaves, [{"css": "b", "text": "14:00"}]],
    }
    assert found(note(card=card), WANTED).doubt == "2 of the list are like this one, the first is taken"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("/form?sd=2026-11-24%2013:00:00&rid=3", "/form?sd={start:%Y-%m-%d}%20{start:%H:%M:%S}&rid=3"),
        ("24.11.2026, X1 A", "{date:%d.%m.%Y}, {sub_location}"),
        ("X10 and X1-B, 113:00", "X10 and X1-B, 113:00"),
        ("{brace} X1", "{{brace}} {location}"),
    ],
)
def test_what_was_booked_is_found_in_texts_as_whole_words_and_numbers(text: str, told: str) -> None:
    assert WANTED.generalised(text) == told


def test_what_was_booked_is_guessed_from_what_was_done_last_and_what_is_told_wins() -> None:
    leaves = [{"css": "b", "text": text} for text in ("9:30", "– 11:00", "X1", "2 left")]
    card = {"css": "li", "find": "button", "leaves": leaves, "others": []}
    picker = {"kind": "ng_select", "ways": [], "option": "X1 B"}
    booking = [
        Deed(0, "fill", "", "2026-11-25", note("fill", "input", type="date")),
        Deed(1, "click", "", None, note(card=card, text="Book")),
        Deed(2, "click", "", None, note(picker=picker)),
    ]
    guessed = completed(Wanted(), booking)
    assert str(guessed.start) == "2026-11-25 09:30:00"
    assert (str(guessed.length), guessed.location, guessed.sub_location) == ("1:30:00", "X1", "X1 B")
    assert completed(Wanted(day=date(2026, 11, 24), location="Hall"), booking).location == "Hall"
