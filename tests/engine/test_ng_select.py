"""The driver of ng-select pickers, on the practice site's real ones with each of its switches.

What these do not have is in test_ng_select_contract.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from sniper.engine.browser.inpage import source
from sniper.practice.settings import Picker
from tests.conftest import StartSite
from tests.pages.visitor import Visitor, slot_at

SCRIPT = source("ng_select")
PATIENCE = 10_000
"""Milliseconds that a choice may take; on a busy machine."""
LITTLE_PATIENCE = 1_000
"""For what is not there: the driver looks for as long as it may."""
TO_BE_ABSENT = 250

SWITCHES = ("search", "append_to_body", "virtual_scroll", "typeahead")
# Every two switches together and apart; a typeahead is searchable in any case.
VARIANTS = [
    Picker(),
    Picker(typeahead=True),
    Picker(search=True, append_to_body=True),
    Picker(search=True, virtual_scroll=True),
    Picker(append_to_body=True, virtual_scroll=True),
    Picker(append_to_body=True, virtual_scroll=True, typeahead=True),
]


def name(picker: Picker) -> str:
    return "+".join(switch for switch in SWITCHES if getattr(picker, switch)) or "plain"


@dataclass(frozen=True)
class Select:
    """The picker in the dialog of a slot whose X3 A is taken, and whose X3 B is free."""

    visitor: Visitor
    picker: Picker

    @property
    def page(self) -> Page:
        return self.visitor.page

    @property
    def host(self) -> Locator:
        return self.page.locator("modal-container product-select-input ng-select")

    def choose(self, option: str, timeout: float = PATIENCE) -> dict[str, Any]:
        """As steps.py does."""
        answer: dict[str, Any] = self.host.evaluate(SCRIPT, {"option": option, "timeout": timeout})
        return answer

    def shows(self, option: str) -> None:
        expect(self.host.locator(".ng-value-label")).to_have_text(option)
        expect(self.visitor.confirm).to_be_enabled()

    def shows_nothing(self) -> None:
        expect(self.host.locator(".ng-value-label")).to_have_count(0)
        expect(self.visitor.confirm).to_be_disabled()

    def is_closed(self) -> None:
        expect(self.host.locator("input")).to_have_attribute("aria-expanded", "false")
        expect(self.page.locator("ng-dropdown-panel")).to_have_count(0)
        expect(self.host.locator("input")).to_have_value("")


@pytest.fixture(scope="module", params=VARIANTS, ids=name)
def picker(request: pytest.FixtureRequest) -> Picker:
    variant: Picker = request.param
    return variant


@pytest.fixture(scope="module")
def visitor(browser: Browser, shared_site: StartSite, picker: Picker) -> Iterator[Visitor]:
    """On one page for all tests of a variant; X3 A is taken, all else is free."""
    site = shared_site(name="Pickers", picker=picker)
    if not site.venue.participations(site.accounts.member("user2")):
        site.venue.book(site.accounts.member("user2"), slot_at("X3 A", "12:00"))
    found = Visitor(browser.new_page(), site)
    found.sign_in()
    found.open_schedule()
    yield found
    found.page.close()


def just_opened(visitor: Visitor, picker: Picker, location: str) -> Select:
    if visitor.dialog.count():
        visitor.find("button-close-modal").dispatch_event("click")
        expect(visitor.dialog).to_have_count(0)
    visitor.press_book(location, "12:00")
    select = Select(visitor, picker)
    expect(select.host).to_be_visible()
    return select


@pytest.fixture
def x1(visitor: Visitor, picker: Picker) -> Select:
    return just_opened(visitor, picker, "X1")


@pytest.fixture
def x3(visitor: Visitor, picker: Picker) -> Select:
    return just_opened(visitor, picker, "X3")


def test_a_choice_is_made_and_proven(x1: Select) -> None:
    x1.shows_nothing()
    assert x1.choose("X1 A") == {"result": "chosen", "seen": []}
    x1.shows("X1 A")
    x1.is_closed()


def test_what_is_chosen_already_is_left_alone(x1: Select) -> None:
    x1.choose("X1 B")
    assert x1.choose("X1 B") == {"result": "already", "seen": []}
    x1.shows("X1 B")
    x1.is_closed()


def test_one_may_change_ones_mind(x1: Select) -> None:
    for option in ("X1 B", "X1 A", "X1 B"):
        assert x1.choose(option)["result"] == "chosen"
        x1.shows(option)
    x1.is_closed()


def test_a_disabled_option_is_told_and_another_can_be_had(x3: Select) -> None:
    answer = x3.choose("X3 A")
    assert answer["result"] == "disabled"
    assert "X3 A" in answer["seen"]
    x3.is_closed()
    x3.shows_nothing()
    assert x3.choose("X3 B")["result"] == "chosen"
    x3.shows("X3 B")


def test_an_absent_option_is_told_with_what_is_there_and_another_can_be_had(x3: Select) -> None:
    answer = x3.choose("X3 C", LITTLE_PATIENCE)
    assert answer["result"] == "absent"
    if x3.picker.typeahead:
        assert answer["seen"] == []  # it offers nothing to who types this
    elif x3.picker.virtual_scroll:
        assert 0 < len(answer["seen"]) <= 20
    else:
        assert answer["seen"] == ["X3 A", "X3 B"]
    x3.is_closed()
    x3.shows_nothing()
    assert x3.choose("X3 B")["result"] == "chosen"
    x3.shows("X3 B")


def test_a_part_of_an_option_is_not_the_option(x3: Select) -> None:
    # The long list has "Annex1 Atrium", "Annex 10" and "Tower 1", which contain these.
    for part in ("X3", "x3 b", *(("X1 A", "Annex 1", "Tower") if x3.picker.virtual_scroll else ())):
        assert x3.choose(part, TO_BE_ABSENT)["result"] == "absent", part
        x3.shows_nothing()
        x3.is_closed()


def test_the_panel_of_another_picker_that_was_left_open_is_not_used(x3: Select) -> None:
    x3.page.evaluate(
        """() => {
            const panel = document.createElement("ng-dropdown-panel");
            panel.id = "left-open";
            panel.innerHTML = `<div class="ng-dropdown-panel-items">
                <div class="ng-option" id="left-open-1"><span class="ng-option-label">X3 B</span></div>
                </div>`;
            panel.addEventListener("click", () => panel.classList.add("was-pressed"));
            document.body.prepend(panel);
        }"""
    )
    try:
        assert x3.choose("X3 B")["result"] == "chosen"
        x3.shows("X3 B")
        expect(x3.page.locator("#left-open")).not_to_have_class("was-pressed")
    finally:
        x3.page.evaluate("() => document.querySelector('#left-open').remove()")
