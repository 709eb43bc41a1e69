"""The driver of ng-select pickers, on what was measured of the library's releases from 9 to 24.

The selects are drawn by ng_select_imitation.js. How it was tried on real ones is in docs/ng-select.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from sniper.engine.browser.inpage import source

SCRIPT = source("ng_select")
NATIVE = source("native_select")
IMITATION = (Path(__file__).parent / "ng_select_imitation.js").read_text(encoding="utf-8")
PATIENCE = 20_000
"""Milliseconds that a choice may take; on a busy machine."""
ERAS = ("9", "13.9", "15.2", "21", "23", "24")
PAGE = """<main id="place"></main><div class="cdk-overlay-container"></div>"""


class Form:
    """A page with one imitated select, or several."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def draw(self, options: str, place: str = "document.querySelector('#place')") -> None:
        """Options are JavaScript: the page's functions belong to them."""
        self.page.evaluate(f"() => {{ window.select = window.imitation({place}, {options}); }}")

    def choose(self, option: str, select: str = "select") -> dict[str, Any]:
        """As steps.py does."""
        host = self.page.evaluate_handle(f"() => {select}.host")
        answer: dict[str, Any] = self.page.evaluate(
            f"([host, argument]) => ({SCRIPT})(host, argument)",
            [host, {"option": option, "timeout": PATIENCE}],
        )
        return answer

    def chosen(self, select: str = "select") -> list[str]:
        texts: list[str] = self.page.evaluate(f"() => {select}.texts()")
        return texts

    def is_open(self) -> bool:
        is_open: bool = self.page.evaluate("() => document.querySelector('ng-dropdown-panel') !== null")
        return is_open

    def pressed(self) -> int:
        number: int = self.page.evaluate("() => select.pressed")
        return number


@pytest.fixture(scope="module")
def blank(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    yield page
    page.close()


@pytest.fixture(scope="module")
def hurried_blank(browser: Browser) -> Iterator[Page]:
    """Its clock goes on to the next timer as soon as the page has nothing else to do."""
    page = browser.new_page()
    page.context.new_cdp_session(page).send("Emulation.setVirtualTimePolicy", {"policy": "advance"})
    yield page
    page.close()


@pytest.fixture
def form(blank: Page) -> Form:
    return _form_on(blank)


@pytest.fixture
def hurried(hurried_blank: Page) -> Form:
    """For what is about time, but not about frames."""
    return _form_on(hurried_blank)


def _form_on(page: Page) -> Form:
    page.set_content(PAGE)
    page.add_script_tag(content=IMITATION)
    return Form(page)


@pytest.mark.parametrize("era", ERAS)
def test_the_contract_of_every_release_is_enough(form: Form, era: str) -> None:
    form.draw(f"{{ era: '{era}', items: ['X1 A2', 'X1 B', {{ text: 'X1 B2', disabled: true }}] }}")
    assert form.choose("X1 B2")["result"] == "disabled"
    assert form.choose("X1 A") == {"result": "absent", "seen": ["X1 A2", "X1 B", "X1 B2"]}
    assert not form.is_open()
    assert form.chosen() == []
    assert form.choose("X1 B") == {"result": "chosen", "seen": []}
    assert form.choose("X1 B")["result"] == "already"
    assert form.choose("X1 A2")["result"] == "chosen"
    assert form.chosen() == ["X1 A2"]
    assert not form.is_open()


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("searchable", ["true", "false"])
def test_1_is_not_15(form: Form, era: str, searchable: str) -> None:
    form.draw(
        f"{{ era: '{era}', searchable: {searchable}, items: ['15', '115', '1', 'Aeroporto', 'Porto'] }}"
    )
    for option in ("1", "Porto", "15"):
        assert form.choose(option)["result"] == "chosen"
        assert form.chosen() == [option]
    assert form.choose("5")["result"] == "absent"


@pytest.mark.parametrize("shown", ["A  B", " A B ", "A\\u00a0B", "A\\n B"])
def test_white_space_is_what_a_person_sees_of_it(form: Form, shown: str) -> None:
    form.draw(f"{{ items: ['AB', '{shown}'] }}")
    assert form.choose("A B")["result"] == "chosen"
    assert form.choose("A  B")["result"] == "already"


def test_letters_with_and_without_accents_are_different_texts(form: Form) -> None:
    form.draw("{ items: ['Sao Paulo', 'São Paulo'] }")
    assert form.choose("São Paulo")["result"] == "chosen"
    assert form.chosen() == ["São Paulo"]
    assert form.choose("Sa\N{COMBINING TILDE}o Paulo")["result"] == "already"


def test_of_two_options_with_the_same_text_the_first_is_meant(form: Form) -> None:
    form.draw("{ items: [{ text: 'X1', isGroup: true }, 'Noon', { text: 'X2', isGroup: true }, 'Noon'] }")
    assert form.choose("Noon")["result"] == "chosen"
    assert form.page.evaluate("() => select.list.indexOf(select.chosen[0])") == 1


def test_the_panel_of_another_select_that_was_left_open_is_not_used(form: Form) -> None:
    form.draw("{ items: ['Noon', 'Evening'] }")
    form.page.evaluate("""() => {
        window.other = select;
        const container = other.host.querySelector(".ng-select-container");
        container.dispatchEvent(new MouseEvent("mousedown", { bubbles: true }));
    }""")
    form.draw("{ items: ['Evening', 'Noon'] }")
    assert form.choose("Noon")["result"] == "chosen"
    assert form.chosen() == ["Noon"]
    assert form.chosen("other") == []


def test_what_a_panel_has_above_its_rows_is_no_row(form: Form) -> None:
    form.draw("""{ items: ['Noon'], header: '<input><div class="ng-option" id="no-row">Evening</div>' }""")
    assert form.choose("Evening") == {"result": "absent", "seen": ["Noon"]}


def test_nothing_is_added_to_a_list_that_takes_new_items(form: Form) -> None:
    form.draw("{ items: ['Noon'], addTag: true }")
    assert form.choose("Evening")["result"] == "absent"
    assert form.pressed() == 0


def test_a_heading_is_an_option_only_where_groups_can_be_taken(form: Form) -> None:
    items = "[{ text: 'X1', isGroup: true }, 'Noon']"
    form.draw(f"{{ items: {items} }}")
    assert form.choose("X1")["result"] == "absent"
    form.draw(f"{{ items: {items}, selectableGroup: true }}")
    assert form.choose("X1")["result"] == "chosen"


# -- what a template makes of an option


def seats(*left: str) -> str:
    rows = [
        f"{{ text: '{name} {free}', html: '<i>★</i><span><b>{name}</b> <small>{free}</small></span>' }}"
        for name, free in zip("ABCD", left, strict=False)
    ]
    return f"[{', '.join(rows)}]"


def test_an_option_is_known_by_its_name_beside_which_other_text_stands(form: Form) -> None:
    form.draw(f"{{ items: {seats('B', '2 left', '2 left')} }}")
    for name in "ABC":
        assert form.choose(name)["result"] == "chosen"
        assert form.chosen()[0].startswith(name)


def test_a_name_may_stand_bare_beside_an_element(form: Form) -> None:
    form.draw("""{ items: ["1", "15"].map((text) => ({ text, html: `${text} <small>2 left</small>` })) }""")
    assert form.choose("15")["result"] == "chosen"
    assert form.choose("1")["result"] == "chosen"
    assert form.chosen() == ["1"]


def test_a_name_may_stand_after_something_that_differs_as_well(form: Form) -> None:
    form.draw(
        """{ items: ["A", "B"].map((text, at) => ({ text, html: `<i>no. ${at}</i> <b>${text}</b>` })) }"""
    )
    assert form.choose("B")["result"] == "chosen"
    assert form.chosen() == ["B"]


def test_what_several_options_say_beside_their_names_is_none_of_them(form: Form) -> None:
    form.draw(f"{{ items: {seats('1 left', '2 left', '2 left')} }}")
    assert form.choose("2 left")["result"] == "absent"
    assert form.chosen() == []


@pytest.mark.parametrize("label", ["() => '<i>★</i>'", "() => ''", "(item) => `no. ${item.text.length}`"])
def test_a_select_that_shows_no_text_of_its_choice_is_asked_what_is_selected(form: Form, label: str) -> None:
    form.draw(f"{{ items: ['Noon', 'Evening'], label: {label} }}")
    assert form.choose("Noon") == {"result": "chosen", "seen": []}
    assert form.chosen() == ["Noon"]
    assert form.choose("Noon")["result"] == "already"
    assert form.choose("Evening")["result"] == "chosen"
    assert form.chosen() == ["Evening"]
    assert not form.is_open()


def test_a_press_without_effect_is_no_choice(form: Form) -> None:
    form.draw("{ items: ['Noon', 'Evening'], deaf: true }")
    assert form.choose("Noon")["result"] == "unproven"
    assert not form.is_open()


# -- several at once


@pytest.mark.parametrize("closes", ["true", "false"])
def test_what_is_chosen_is_added_to_several_and_never_taken_away(form: Form, closes: str) -> None:
    form.draw(f"{{ items: ['1', '15', '5'], multiple: true, closeOnSelect: {closes} }}")
    assert form.choose("15")["result"] == "chosen"
    assert form.choose("1")["result"] == "chosen"
    assert form.choose("15")["result"] == "already"
    assert form.chosen() == ["15", "1"]
    assert not form.is_open()


def test_several_may_be_shown_by_their_number_only(form: Form) -> None:
    form.draw("{ items: ['1', '15'], multiple: true, closeOnSelect: false, label: () => '<b>chosen</b>' }")
    for option, result in (("15", "chosen"), ("15", "already"), ("1", "chosen")):
        assert form.choose(option)["result"] == result
    assert form.chosen() == ["15", "1"]


# -- what is not there, or not yet


def test_a_select_that_is_disabled_is_told_without_waiting_for_the_time_out(form: Form) -> None:
    form.draw("{ items: ['Noon'], disabled: true }")
    assert form.choose("Noon") == {"result": "disabled", "seen": []}


def test_a_select_may_be_disabled_until_its_list_is_there(form: Form) -> None:
    form.draw("{ items: [], disabled: true }")
    form.page.evaluate("() => setTimeout(() => select.set({ isOff: false, items: ['Noon'] }), 100)")
    assert form.choose("Noon")["result"] == "chosen"


@pytest.mark.parametrize("searchable", ["true", "false"])
def test_a_list_may_come_after_the_panel(form: Form, searchable: str) -> None:
    opened = "(select) => setTimeout(() => select.set({ items: ['Evening', 'Noon'] }), 400)"
    form.draw(f"{{ searchable: {searchable}, opened: {opened} }}")
    assert form.choose("Noon")["result"] == "chosen"


@pytest.mark.parametrize("first", ["[]", "['Evening']", "[{ text: 'Noon', disabled: true }]"])
def test_a_list_that_says_it_is_loading_is_waited_for(hurried: Form, first: str) -> None:
    opened = """(select) => {
        select.set({ isLoading: true });
        setTimeout(() => select.set({ isLoading: false, items: ['Evening', 'Noon'] }), 2700);
    }"""
    hurried.draw(f"{{ items: {first}, opened: {opened} }}")
    assert hurried.choose("Noon")["result"] == "chosen"


def test_a_list_may_be_drawn_anew_all_the_time(form: Form) -> None:
    opened = """(select) => {
        let number = 0;
        const timer = setInterval(() => {
            select.set({ items: ['Old ' + number, 'Noon', ...(number > 8 ? ['Late'] : [])] });
            if ((number += 1) > 12) clearInterval(timer);
        }, 30);
    }"""
    form.draw(f"{{ items: ['Noon'], opened: {opened} }}")
    assert form.choose("Late")["result"] == "chosen"
    form.draw(f"{{ items: ['Noon'], opened: {opened} }}")
    assert form.choose("Noon")["result"] == "chosen"


@pytest.mark.parametrize("era", ["15.2", "21"])
@pytest.mark.parametrize("spinner", ["true", "false"])
def test_a_typeahead_is_given_the_time_its_answer_takes(hurried: Form, era: str, spinner: str) -> None:
    asked = f"""(term, select) => {{
        select.isLoading = {spinner};
        const items = term ? ['1', '15', '115'].filter((one) => one.includes(term)) : [];
        setTimeout(() => select.set({{ isLoading: false, items }}), 600);
    }}"""
    hurried.draw(f"{{ era: '{era}', typeahead: {asked} }}")
    assert hurried.choose("15")["result"] == "chosen"
    assert hurried.chosen() == ["15"]
    assert hurried.choose("7")["result"] == "absent"


# -- around it


def test_a_dialog_is_not_closed_by_what_is_done_in_it(form: Form) -> None:
    form.draw("{ era: '13.9', items: ['Noon', 'Evening'] }")
    form.page.evaluate("""() => {
        window.reached = [];
        document.addEventListener("keydown", ({ key }) => reached.push(key));
        const outside = ({ target }) => target.closest("#place") || reached.push("outside");
        document.addEventListener("mousedown", outside);
    }""")
    assert form.choose("Evening")["result"] == "chosen"
    assert form.choose("Morning")["result"] == "absent"
    assert form.page.evaluate("() => reached") == []


@pytest.mark.parametrize("era", ["13.9", "21"])
def test_a_select_may_stand_in_a_shadow_tree(form: Form, era: str) -> None:
    place = "document.querySelector('#place').attachShadow({ mode: 'open' })"
    form.draw(f"{{ era: '{era}', items: ['Evening', 'Noon'] }}", place)
    assert form.choose("Noon")["result"] == "chosen"
    assert form.choose("Morning")["result"] == "absent"
    assert form.chosen() == ["Noon"]


# -- native selects


def native(page: Page, html: str, option: str) -> dict[str, Any]:
    page.set_content(html)
    page.evaluate("() => { window.heard = []; document.onchange = ({ target }) => heard.push(target.id); }")
    answer: dict[str, Any] = page.locator("select").evaluate(NATIVE, {"option": option, "timeout": 200})
    return {**answer, "heard": page.evaluate("() => heard")}


@pytest.mark.parametrize(
    ("html", "option", "result", "value"),
    [
        ("<option>15<option>1", "1", "chosen", ["1"]),
        ("<option>15<option>1", "5", "absent", ["15"]),
        ("<option>15<option selected> 1 <option>5", "1", "already", ["1"]),
        ("<option>15<option disabled>1", "1", "disabled", ["15"]),
        ("<option>15<optgroup label=X disabled><option>1</optgroup>", "1", "disabled", ["15"]),
        ("<option>15<optgroup label=X><option>1</optgroup>", "1", "chosen", ["1"]),
        ("<option>15<optgroup label=X><option>1</optgroup>", "X", "absent", ["15"]),
        ("<option>15<option label='Hall 1' value=h1>", "Hall 1", "chosen", ["h1"]),
    ],
)
def test_a_native_select(blank: Page, html: str, option: str, result: str, value: list[str]) -> None:
    answer = native(blank, f"<select id=one>{html}</select>", option)
    assert answer["result"] == result
    assert answer["heard"] == (["one"] if result == "chosen" else [])
    assert (
        blank.evaluate("() => [...document.querySelector('select').selectedOptions].map((one) => one.value)")
        == value
    )


def test_a_native_select_of_several_keeps_what_is_selected(blank: Page) -> None:
    html = "<select multiple><option selected>15<option>1<option>5</select>"
    assert native(blank, html, "1")["result"] == "chosen"
    assert blank.evaluate(
        "() => [...document.querySelector('select').selectedOptions].map((one) => one.value)"
    ) == ["15", "1"]
    assert native(blank, html, "15")["result"] == "already"


@pytest.mark.parametrize(
    "around", ["<select disabled>{}</select>", "<fieldset disabled><select>{}</select></fieldset>"]
)
def test_a_native_select_may_be_disabled_as_a_whole(blank: Page, around: str) -> None:
    assert native(blank, around.format("<option>15<option>1"), "1")["result"] == "disabled"
