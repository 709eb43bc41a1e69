"""The recorder and the page tell of the same deeds, each in its own way."""

from __future__ import annotations

from sniper.drafting.matching import Action, by_hand, matched
from sniper.drafting.notes import Deed, DeedNote
from tests.drafting.stories import note, way


def test_what_is_typed_letter_by_letter_is_one_deed_and_a_password_is_let_go() -> None:
    actions = [Action(0, "fill", "#name", "ann"), Action(1, "fill", "#secret", "8f3a")]
    name = note("fill", "input", element=1, ways=[way("id", "#name")])
    secret = note("fill", "input", element=2, type="password", secret=True)
    deeds = matched(actions, [(2, name), (3, name), (4, name), (5, secret), (6, secret)])
    assert [(deed.at, deed.text) for deed in deeds] == [(4, "ann"), (6, None)]


def test_what_only_one_of_the_two_tells_puts_nothing_else_out_of_order() -> None:
    actions = [
        Action(0, "click", "internal:role=button[name='Menu']", None),
        Action(1, "click", "text=closed shadow root", None),
        Action(2, "click", "internal:role=button[name='Book']", None),
    ]
    menu, date, book = note(text="Menu"), note(tag="input", type="date"), note(text="Book")
    deeds = matched(actions, [(3, menu), (4, date), (5, book)])
    assert [deed.note and deed.note.text for deed in deeds] == ["Menu", None, "Book"]


def test_what_was_typed_where_no_page_tells_of_the_field_counts_as_secret() -> None:
    (deed,) = matched([Action(0, "fill", "iframe >> #card", "4111 1111")], [])
    assert deed.text is None


def test_the_last_press_before_the_window_is_closed_counts_although_the_recorder_did_not_tell_it() -> None:
    deeds = matched([Action(0, "click", "#book", None)], [(1, note()), (2, note(text="Confirm"))])
    assert [deed.note and deed.note.text for deed in deeds] == ["", "Confirm"]


def test_enter_and_the_click_that_the_browser_makes_of_it_count_once() -> None:
    def pressed(on: DeedNote) -> list[str]:
        enter = Deed(0, "press", "", "Enter", note("press", "input", element=1))
        return [deed.name for deed in by_hand([enter, Deed(1, "click", "", None, on)])]

    assert pressed(note(element=2, by_key=True)) == ["press"], "a field, and the button of its form"
    assert pressed(note(element=1, by_key=True)) == ["click"], "a button that has the focus"
    assert pressed(note(element=2)) == ["press", "click"], "a mouse has pressed the button"


def test_what_a_script_of_the_page_presses_is_no_deed_and_what_it_types_is_one() -> None:
    deeds = [
        Deed(0, "click", "", None, note(trusted=False)),
        Deed(1, "fill", "", "2026-11-24", note("fill", "input", trusted=False)),
    ]
    assert by_hand(deeds) == deeds[1:]
