"""The picture of a run, in a real browser."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from playwright.sync_api import Dialog, Page, Request, expect

from sniper.cli.runs import runs
from sniper.errors import InputError
from sniper.store import Store
from tests.store.examples import GOAL_JSON, NOW
from tests.waterfall.records import a_run, a_run_at_open_slots, a_run_in_trouble


def draw(number: int, path: Path) -> Result:
    """Call `sniper runs show --html`."""
    return CliRunner().invoke(runs, ["show", str(number), "--html", str(path)])


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    return tmp_path / "run.html"


def test_the_page_shows_all_accounts_and_why_a_slot_was_lost(store: Store, picture: Path, page: Page) -> None:
    told = draw(a_run(store), picture)
    assert told.exit_code == 0
    assert str(picture) in told.stderr
    assert told.stdout == ""
    page.goto(picture.as_uri())
    rows = page.locator("svg .row")
    expect(rows).to_have_count(4)
    expect(rows.nth(1)).to_contain_text("booked, proven")
    expect(rows.nth(3)).to_contain_text("open: not settled")
    expect(page.get_by_text("late by 233 ms")).to_be_visible()
    expect(page.get_by_text("REHEARSAL")).to_have_count(0)


def test_what_my_bookings_did_not_tell_is_neither_drawn_nor_coloured_as_won(
    store: Store, picture: Path, page: Page
) -> None:
    draw(a_run_in_trouble(store), picture)
    page.goto(picture.as_uri())
    cleo = page.locator("svg .row").nth(2)
    expect(cleo.locator("path.unreadable")).to_have_count(1)
    expect(cleo.locator("text.open")).to_contain_text("booked, unreadable")


def test_pointing_at_a_bar_tells_its_times(store: Store, picture: Path, page: Page) -> None:
    draw(a_run(store), picture)
    page.goto(picture.as_uri())
    bar = page.locator("svg rect.site").first
    assert bar.locator("title").text_content() == (
        "the site, until its answer is there: 25 ms, from 14 ms after the opening"
    )
    bar.hover()


def test_where_slots_were_open_already_what_one_points_at_counts_from_the_first_press(
    store: Store, picture: Path, page: Page
) -> None:
    draw(a_run_at_open_slots(store), picture)
    page.goto(picture.as_uri())
    pointed = page.locator("svg title").all_text_contents()
    assert any("sent, 500 ms after the first press" in title for title in pointed)
    assert not any("the opening" in title for title in pointed)


def test_the_page_fetches_nothing_and_runs_nothing(store: Store, picture: Path, page: Page) -> None:
    asked: list[Request] = []
    dialogs: list[Dialog] = []
    page.on("request", lambda request: asked.append(request))
    page.on("dialog", lambda dialog: dialogs.append(dialog))
    draw(a_run(store, ann="<img src=x onerror=alert(2)>"), picture)
    page.goto(picture.as_uri())
    why = page.locator("section td p").first
    expect(why).to_contain_text("<script>alert(1)</script>")
    expect(why).to_contain_text("<img src=x onerror=alert(2)>")
    assert page.locator("script, img").count() == 0
    assert [request.url for request in asked] == [picture.as_uri()]
    assert dialogs == []


def test_a_long_name_is_cut_in_the_picture_and_whole_where_one_points(
    store: Store, picture: Path, page: Page
) -> None:
    name = "somebody.with.a.long.name@example.org"
    draw(a_run(store, ann=name), picture)
    page.goto(picture.as_uri())
    row = page.locator("svg .row").first
    expect(row.locator("text").first).to_have_text("somebody.with.a…")
    assert str(row.locator("title").first.text_content()).startswith(name)


def test_a_rehearsal_is_marked_all_over_the_page(store: Store, picture: Path, page: Page) -> None:
    draw(a_run(store, rehearsal=True), picture)
    page.goto(picture.as_uri())
    assert page.title().startswith("REHEARSAL")
    expect(page.locator(".watermark")).to_be_visible()
    expect(page.get_by_text("nothing real was booked")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_follows_the_colours_of_the_system(
    store: Store, picture: Path, page: Page, scheme: str
) -> None:
    draw(a_run(store), picture)
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(picture.as_uri())
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (paper == "rgb(255, 255, 255)") == (scheme == "light")


def test_a_run_in_which_nothing_was_planned_has_a_page_too(store: Store, picture: Path, page: Page) -> None:
    draw(store.start_run("tudelft-x", GOAL_JSON, rehearsal=False, now=NOW), picture)
    page.goto(picture.as_uri())
    expect(page.get_by_text("Nothing was planned")).to_be_visible()


def test_a_file_that_was_there_is_replaced_as_a_whole_and_said_so(store: Store, picture: Path) -> None:
    picture.write_text("old")
    told = draw(a_run(store), picture)
    assert "replaced" in told.stderr
    assert picture.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert stat.S_IMODE(picture.stat().st_mode) == 0o600
    assert [one.name for one in picture.parent.iterdir() if one.is_file()] == ["run.html"]


def test_a_folder_that_is_not_there_is_bad_input(store: Store, tmp_path: Path) -> None:
    told = draw(a_run(store), tmp_path / "nowhere" / "run.html")
    assert isinstance(told.exception, InputError)
    assert told.exception.exit_code == 2
    assert "nowhere" in str(told.exception)
    assert told.exception.mend


def test_a_folder_is_no_file(store: Store, tmp_path: Path) -> None:
    told = draw(a_run(store), tmp_path)
    assert isinstance(told.exception, InputError)
    assert "is a folder" in str(told.exception)
