"""What a page tells of what is done on it, and what it never tells."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.resources import files

import pytest
from playwright.sync_api import Browser, Page

from sniper.drafting.notes import NOTE, DeedNote, PageNote

SITE = "http://page.test"
PAGE = """<!doctype html><title>Club</title><body>
<h1 id=welcome>Welcome</h1>
<label><input type=checkbox id=terms> I have read the rules of the club</label>
<select id=court><option value=1>Court 1<option value=2>Court 2</select>
<input type=password id=secret><button id=reveal>Show</button>
<input autocomplete=one-time-code id=code>
<ng-select class=courts><div class=ng-select-container><div class=ng-input>
  <input role=combobox aria-expanded=true aria-controls=list-7></div></div></ng-select>
<ul>
  <li class="slot free"><b>13:00</b> <span><i>Court 1</i><button class=book>Book</button></span></li>
  <li class="slot"><b>13:00</b> <span><i>Court 2</i><button class=book>Book</button></span></li>
  <li class="slot free"><b>14:00</b> <span><i>Court 1</i><button class=book>Book</button></span></li>
</ul>
<table><tr data-day=2026-11-24><td><button>Court 1</button></td></tr></table>
<ng-dropdown-panel id=list-7><div class=ng-dropdown-panel-items>
  <div class=ng-option id=list-7-0 role=option><span>Court 1</span> <i>2 left</i></div></div>
</ng-dropdown-panel>
<div id=host></div>
<script>
  localStorage.setItem("session", "x".repeat(40));
  localStorage.setItem("theme", "dark");
  reveal.onclick = () => { secret.type = "text"; terms.click() };
  host.attachShadow({mode: "open"}).innerHTML = "<button>Inside</button>";
</script>"""


@pytest.fixture(scope="module")
def told(browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    """A page, and all that it has told."""
    heard: list[str] = []
    context = browser.new_context()
    context.expose_binding("sniperNote", lambda _source, note: heard.append(note))
    source = (files("sniper.drafting") / "noting.js").read_text(encoding="utf-8")
    context.add_init_script(f"({source.strip()})();")
    context.route(f"{SITE}/**", lambda route: route.fulfill(body=PAGE, content_type="text/html"))
    yield context.new_page(), heard
    context.close()


@pytest.fixture
def done(told: tuple[Page, list[str]]) -> Callable[[Callable[[Page], object]], list[DeedNote]]:
    """What a page tells of what is done to it."""
    page, heard = told

    def do(hand: Callable[[Page], object]) -> list[DeedNote]:
        page.goto(SITE)
        heard.clear()
        hand(page)
        page.evaluate("0")  # What was told before has come then.
        notes = [NOTE.validate_json(one) for one in heard]
        return [note for note in notes if isinstance(note, DeedNote)]

    return do


Do = Callable[[Callable[[Page], object]], list[DeedNote]]


def test_nothing_that_is_typed_is_told_and_a_password_that_is_shown_stays_one(
    done: Do, told: tuple[Page, list[str]]
) -> None:
    def types(page: Page) -> None:
        page.locator("#secret").press_sequentially("plan")
        page.click("#reveal")
        page.locator("#secret").press_sequentially("ted")
        page.fill("#code", "123456")

    notes = [note for note in done(types) if note.kind == "fill"]
    assert [note.secret for note in notes] == [True] * len(notes)
    assert len(notes) == 8
    assert not [
        text for text in told[1] if "plan" in text or "ted" in text.replace("trusted", "") or "123456" in text
    ]


def test_a_label_and_a_box_that_a_script_ticks_are_told_for_what_they_are(done: Do) -> None:
    def presses(page: Page) -> None:
        page.click("label", position={"x": 100, "y": 8})
        page.click("#reveal")

    assert [(note.kind, note.trusted) for note in done(presses)] == [
        ("label", True),
        ("check", True),
        ("click", True),
        ("check", False),
    ]


def test_a_card_is_told_with_its_texts_and_those_of_the_others(done: Do) -> None:
    (note,) = done(lambda page: page.locator(".book").nth(1).click())
    card = note.card
    assert card is not None
    assert (card.css, card.find) == ("li.slot", "button")
    assert [(leaf.css, leaf.text) for leaf in card.leaves] == [
        ("b", "13:00"),
        ("i", "Court 2"),
        ("button.book", "Book"),
    ]
    assert [[leaf.text for leaf in other] for other in card.others] == [
        ["13:00", "Court 1", "Book"],
        ["14:00", "Court 1", "Book"],
    ]
    assert {way.by: way.count for way in note.ways} == {"role": 3, "place": 1}


def test_what_stands_around_an_element_is_told(done: Do) -> None:
    (note,) = done(lambda page: page.click("table button"))
    assert [(one.tag, one.attributes) for one in note.around][:2] == [
        ("td", {}),
        ("tr", {"data-day": "2026-11-24"}),
    ]
    (inside,) = done(lambda page: page.click("#host button"))
    assert (inside.shadow, inside.text) == (True, "Inside")


def test_options_of_pickers_are_told_with_the_picker_they_belong_to(done: Do) -> None:
    def chooses(page: Page) -> None:
        page.click("ng-select .ng-input input")
        page.click(".ng-option span")
        page.select_option("#court", label="Court 2")

    opened, option, native = (note.picker for note in done(chooses))
    assert opened is not None
    assert option is not None
    assert native is not None
    assert (opened.kind, opened.option) == ("ng_select", None)
    assert (option.kind, option.option, option.ways[0].css) == ("ng_select", "Court 1", "ng-select")
    assert (native.kind, native.option, native.ways[0].css) == ("select", "Court 2", "#court")


def test_a_page_tells_what_it_shows_before_anything_is_done_to_it(told: tuple[Page, list[str]]) -> None:
    page, heard = told
    heard.clear()
    page.goto(SITE)
    page.click("#welcome")
    page.evaluate("0")
    first = NOTE.validate_json(heard[0])
    assert isinstance(first, PageNote)
    assert (first.title, first.asks, first.local_storage) == ("Club", True, ("session",))
    assert ("#welcome", "Welcome") in [(mark.css, mark.text) for mark in first.marks]
