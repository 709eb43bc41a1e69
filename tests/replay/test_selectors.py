"""Which selectors of a profile its fixtures meet."""

from __future__ import annotations

from datetime import datetime

import pytest

from sniper.core.slots import Slot
from sniper.engine.browser.selectors import values_of
from sniper.replay.selectors import Meetings, watched
from tests.sites.examples import bundled

START = datetime.fromisoformat("2026-11-24T13:00:00+01:00")


def test_every_selector_of_what_fixtures_play_is_watched_where_it_stands() -> None:
    found = {".".join(map(str, one.at)): one.css for one in watched(bundled("tudelft-x"))}
    assert found["arm.2.click.on"] == "#tag-filterinput"
    assert found["arm.3.each_location.1.check.on"] == "#tagCheckbox{tag}"
    assert found["fire.2.click.on.find"].startswith("button[data-test-id='bookable-slot-book-button']")
    assert found["fire.2.click.on.has.0"] == "p[data-test-id='bookable-slot-start-time'] strong"
    assert "opacity-50" in found["fire.2.click.or_outcome.too_early"]
    assert found["outcomes.16.page"] == "h1[data-test-id='login-page-header']"
    assert not [at for at in found if at.startswith(("sign_in", "my_bookings", "cancel"))]


def test_what_was_met_once_is_not_looked_for_again() -> None:
    profile = bundled("tudelft-x")
    meetings = Meetings(profile)
    slots = [values_of(profile, Slot(name, None, START)) for name in ("X1", "Fitness")]
    assert ("#tagCheckbox{tag}", "#tagCheckbox147") in meetings.wanted(slots)
    assert ("#tagCheckbox{tag}", "#tagCheckbox28") in meetings.wanted(slots)
    meetings.note(["#tagCheckbox{tag}"], [])
    assert not [css for css, _ in meetings.wanted(slots) if css == "#tagCheckbox{tag}"]
    assert "#tagCheckbox{tag}" not in [one.css for one in meetings.missing]


@pytest.mark.parametrize(
    ("css", "near"),
    [
        ("#tag-filter-input", ["#tag-filterinput"]),
        ("button[data-test-id='close-modal-button']", ["[data-test-id='button-close-modal']"]),
        ('button[data-test-id="close-modal-button"]', ["[data-test-id='button-close-modal']"]),
        ("bookable-slots-list .card", ["bookable-slot-list"]),
        ("#tag-filterinput", []),
        (".nothing-like-it", []),
        ("input[type='date']", []),
    ],
)
def test_what_stood_there_and_is_most_like_it_is_of_the_same_kind(css: str, near: list[str]) -> None:
    meetings = Meetings(bundled("tudelft-x"))
    meetings.note([], ["#tag-filterinput", "[data-test-id='button-close-modal']", "bookable-slot-list"])
    assert meetings.nearest(css) == near
