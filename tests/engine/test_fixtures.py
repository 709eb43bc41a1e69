"""Every fixture, played again in both engine modes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from sniper.core.outcomes import Outcome
from sniper.engine.browser.firing import Mode
from sniper.replay.comparing import compared, is_same
from sniper.replay.library import bundled_fixtures, known_fixtures, load_fixture
from sniper.replay.playing import Replayed, Stage
from sniper.replay.selectors import Meetings
from sniper.sites.library import find_profile, load_profile
from sniper.sites.profile import Profile
from tests.engine.benches import SharedBrowser

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "riverside"
"""That of docs/profiles.md, beside the bundled ones."""
FOLDERS = known_fixtures(EXAMPLE)
FIXTURES = sorted(FOLDERS)
Play = Callable[..., list[Replayed]]


@cache
def profile_of(name: str) -> Profile:
    return load_profile(find_profile(name.split("/")[0], EXAMPLE))


@pytest.fixture(scope="module")
def play(shared_browser: SharedBrowser) -> Iterator[Play]:
    """Plays a fixture in both modes, on pages that last from one to the next."""
    stages: dict[tuple[Any, ...], Stage] = {}
    run = shared_browser.loop.run

    def stage(profile: Profile, mode: Mode) -> Stage:
        key = profile.timezone, profile.locale, mode
        if key not in stages:
            stages[key] = run(Stage.opened(shared_browser.pool, profile, mode))
        return stages[key]

    def played(
        name: str,
        profile: Profile | None = None,
        folder: Path | None = None,
        meetings: Meetings | None = None,
    ) -> list[Replayed]:
        fixture = load_fixture(folder or FOLDERS[name])
        how = profile or profile_of(name)
        on = [stage(how, mode) for mode in Mode]

        async def both() -> list[Replayed]:
            return await asyncio.gather(*(one.play(fixture, how, meetings) for one in on))

        return run(both())

    yield played
    for one in stages.values():
        run(one.close())


@pytest.mark.parametrize("name", FIXTURES)
def test_a_fixture_comes_to_what_it_has_to_in_both_modes(play: Play, name: str) -> None:
    armed, driver = play(name)
    for replayed in (armed, driver):
        assert is_same(replayed), (replayed.mode, compared(replayed), replayed.unanswered)
    told = [
        [(one.slot, one.outcome, one.reference, one.message) for one in it.tries] for it in (armed, driver)
    ]
    assert told[0] == told[1]


def test_what_fixtures_meet_of_a_profile_is_told_also_what_is_there_for_a_moment_only(play: Play) -> None:
    document = profile_of("tudelft-x").model_dump(mode="json", by_alias=True)
    document["reset"][0]["click"]["on"] = {"css": "[data-test-id='button-modal-close']"}
    profile = Profile.model_validate(document)
    meetings = Meetings(profile)
    play("tudelft-x/booked", profile, meetings=meetings)
    missing = {one.css for one in meetings.missing}
    assert "#tagCheckbox{tag}" not in missing
    assert "modal-container product-select-input ng-select" not in missing
    assert "h1[data-test-id='login-page-header']" in missing
    assert "[data-test-id='button-modal-close']" in missing
    assert "[data-test-id='button-close-modal']" in meetings.nearest("[data-test-id='button-modal-close']")


def test_a_changed_selector_is_seen_by_what_comes_of_it(play: Play) -> None:
    profile = profile_of("tudelft-x")
    document = profile.model_dump(mode="json", by_alias=True)
    document["fire"][-1]["click"] |= {"on": {"css": "#book-it"}, "timeout": "300ms"}
    for replayed in play("tudelft-x/booked", Profile.model_validate(document)):
        (row,) = compared(replayed)
        assert "outcome" in row.differs
        assert row.found is not None
        assert (row.found.outcome, row.found.message) == (
            Outcome.FAILED,
            "#book-it was not there in time" if replayed.mode is Mode.DRIVER else row.found.message,
        )


def test_a_page_that_is_not_as_the_profile_says_is_not_parked(play: Play, tmp_path: Path) -> None:
    folder = copied(tmp_path, "pages:\n  /products/bookable-product-schedule: page.html")
    (folder / "page.html").write_text("<!doctype html><h1>We are away</h1>", encoding="utf-8")
    document = profile_of("tudelft-x").model_dump(mode="json", by_alias=True)
    document["arm"][1]["wait_for"]["timeout"] = "200ms"
    for replayed in play("", Profile.model_validate(document), folder):
        (one,) = replayed.tries
        assert one.outcome is Outcome.NOT_PARKED
        assert "nothing happened in time" in one.message


def test_what_the_case_has_no_answer_for_is_refused_and_named(play: Play, tmp_path: Path) -> None:
    page = bundled_fixtures() / "tudelft-x/_pages/schedule.html"
    script = bundled_fixtures() / "tudelft-x/_pages/schedule.js"
    folder = copied(
        tmp_path,
        "pages:\n  /products/bookable-product-schedule: page.html\n  /schedule.js: schedule.js\n"
        "answers:\n"
        "  - {url: 'https://*/bookable-slots', file: slots.json}\n"
        "  - {url: 'https://*/participations', method: POST, status: 201, json: {id: 1, status: 1}}",
    )
    (folder / "schedule.js").write_bytes(script.read_bytes())
    slots = bundled_fixtures() / "tudelft-x/_pages/slots-x1.json"
    (folder / "slots.json").write_bytes(slots.read_bytes())
    others = (
        "<img src='https://elsewhere.example/pixel.png'>"
        "<script>new WebSocket('wss://elsewhere.example/live')</script>"
    )
    (folder / "page.html").write_text(page.read_text(encoding="utf-8") + others, encoding="utf-8")
    for replayed in play("", profile_of("tudelft-x"), folder):
        assert [one.outcome for one in replayed.tries] == [Outcome.BOOKED]
        assert not is_same(replayed)
        assert sorted(replayed.unanswered) == [
            "GET https://elsewhere.example/pixel.png",
            "WebSocket wss://elsewhere.example/live",
        ]


def copied(tmp_path: Path, rest: str) -> Path:
    """A fixture of a test's own, that expects what `booked` does."""
    folder = tmp_path / "tudelft-x" / "mine"
    folder.mkdir(parents=True)
    (folder / "case.yaml").write_text(
        "profile: tudelft-x\nshows: It.\nmade: for a test\nnow: 2026-11-21T13:00:00+01:00\n"
        "chain:\n  - {location: X1, sub_location: X1 A, start: 2026-11-24T13:00:00+01:00}\n"
        f"{rest}\nexpect:\n  - {{place: X1 A, outcome: booked}}\n",
        encoding="utf-8",
    )
    return folder


# -- what is shown


def named(profile: Profile) -> set[Outcome]:
    """The outcomes that a profile can come to by its own words."""
    steps = [*profile.fire, *(profile.fill_ahead.fire if profile.fill_ahead else ())]
    clicks = [step.click for step in steps if hasattr(step, "click")]
    found = {rule.is_ for rule in profile.outcomes}
    found |= {outcome for click in clicks for outcome in click.or_outcome}
    return found | {click.absent for click in clicks} - {Outcome.FAILED}


def shown(name: str) -> set[Outcome]:
    """Those that its fixtures show."""
    cases = [load_fixture(FOLDERS[one]).case for one in FIXTURES if one.startswith(f"{name}/")]
    return {one.outcome for case in cases for one in case.expect}


@pytest.mark.parametrize("name", sorted({one.split("/")[0] for one in FIXTURES}))
def test_a_profile_names_no_outcome_that_no_fixture_shows(name: str) -> None:
    assert named(profile_of(name)) <= shown(name)
