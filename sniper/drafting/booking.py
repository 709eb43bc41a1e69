"""The parts of a profile about booking: `arm`, `fire`, `reset`, `fill_ahead`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sniper.drafting.course import Course
from sniper.drafting.doing import Done, steps_of
from sniper.drafting.notes import DeedNote, Mark, PageNote, place_of
from sniper.drafting.questions import Draft
from sniper.drafting.wanted import Wanted

Step = dict[str, Any]
_CONFIRMS = ("button", "input")


def add_booking(draft: Draft, course: Course, wanted: Wanted) -> None:
    """Everything up to the press that books; before the opening what is the same for all slots of a day."""
    done = steps_of(course.booking, course.story.exchanges, wanted)
    press = _press(draft, course, done)
    ready = done[:-1] if course.answer and done else done
    form = _form(course, wanted)
    if form:
        _by_its_form(draft, form, [one for one in ready if _path(one) in (_path(done[-1]), None)], press)
    else:
        _by_a_list(draft, course, wanted, ready, press)


def _by_its_form(draft: Draft, form: str, ready: Sequence[Done], press: Step) -> None:
    """The address tells the slot: its form is opened by that."""
    draft.put("arm", [{"goto": form}])
    _ask_for_numbers(draft, form)
    draft.ask(
        ("arm",), "can this form be opened before the slot can be had? If not, `fill_ahead` is of no use"
    )
    steps = [one.step for one in ready]
    waits = [{"wait_for": {"present": _pressed(press)}}]
    draft.put("fill_ahead", {"arm": steps or waits, "fire": [press]})
    draft.put("fire", [{"reload": {"to": form}}, *steps, press])
    for index, one in enumerate(ready):
        draft.ask(("fire", index + 1), *one.doubts)


def _by_a_list(draft: Draft, course: Course, wanted: Wanted, ready: Sequence[Done], press: Step) -> None:
    """The slot is chosen on a page that lists several."""
    first = next((index for index, one in enumerate(ready) if one.tells_the_slot(wanted)), len(ready))
    path = next((at for at in map(_path, ready[first:] or ready[-1:]) if at), None)
    begins = first
    while begins and _path(ready[begins - 1]) in (path, None):
        begins -= 1
    page = next((note.url for one in ready[begins:] if (note := one.deed.note) and note.top), None)
    at = wanted.generalised(place_of(page)) if page else _last_page(course)
    before, chosen = list(ready[begins:first]), list(ready[first:])
    again = [one.step for one in before]
    draft.put("arm", [{"goto": at}, *again])
    for index, one in enumerate(before):
        draft.ask(("arm", index + 1), *one.doubts)
    _ask_for_numbers(draft, at)
    anew = _asks_anew(before)
    begins_with = [anew] if anew else [{"reload": {"to": at}}, *again]
    draft.put("fire", [*begins_with, *(_choosing(one, one is chosen[0]) for one in chosen), press])
    draft.ask(
        ("fire", 0),
        "does doing this again make the page ask for its slots anew? If not: what does?"
        if anew
        else "a control that makes the page ask for its slots anew is quicker than loading it; is there one?",
    )
    for index, one in enumerate(chosen):
        draft.ask(("fire", len(begins_with) + index), *one.doubts)
    if not chosen:
        draft.ask(("fire",), "nothing that was pressed told which slot was meant: how is it chosen?")
    if any(_path(one) not in (path, None) for one in chosen):
        draft.ask(("fire",), "these steps are on several pages; `fire` works on one: is there a shorter way?")
    if anew:
        draft.put("reset", [{"reload": {"to": at}}, *again])
        draft.ask(
            ("reset",), "a control that closes a refusal is quicker than loading the page; is there one?"
        )


def _asks_anew(before: Sequence[Done]) -> Step | None:
    """What is done once more at the opening: what was pressed to ask for the same again, or the date."""
    for index, one in reversed(list(enumerate(before))):
        asked_before = {other.asks_for for other in before[:index]}
        if one.asks_for and ("date" in one.step or ("click" in one.step and one.asks_for in asked_before)):
            return one.expecting().step
    return None


def _ask_for_numbers(draft: Draft, address: str) -> None:
    if any(char.isdigit() for char in re.sub(r"\{[^}]*\}|%[0-9A-F]{2}", "", address)):
        draft.ask(
            ("arm", 0),
            "is there a number of a place, or of a slot, in this address? `words` of a location have what "
            "differs from one to the next",
        )


def _choosing(one: Done, is_first: bool) -> Step:
    """The first choice at the opening: what is not there, or not enabled yet, may not be released yet."""
    if is_first and "click" in one.step:
        return {"click": {**one.step["click"], "absent": "too_early", "timeout": "2s"}}
    return one.step


def _press(draft: Draft, course: Course, done: Sequence[Done]) -> Step:
    if course.answer and done:
        if course.others:
            others = ", ".join(f"{one.method} {one.path} {one.status}" for one in course.others[-3:])
            draft.ask(("fire",), f"the last press is taken for the one that books; there were also {others}")
        draft.ask(("fire",), *done[-1].doubts)
        return done[-1].step
    guess, more = _not_pressed(course, [one.deed.note for one in done])
    hint = f" There are also {', '.join(more)}" if more else ""
    draft.ask(("fire",), f"nothing was booked: is the last step the press that books?{hint}")
    return {"click": {"on": guess}}


def _not_pressed(course: Course, notes: Sequence[DeedNote | None]) -> tuple[Any, list[str]]:
    """What would have been pressed next: a button of the dialog, or of the page, that it ended with."""
    page: PageNote | None = next(iter(reversed(course.pages_signed_in)), None)
    pressed = {note.text for note in notes if note and note.kind == "click"}
    buttons = [
        mark
        for mark in (page.marks if page else ())
        if mark.tag in _CONFIRMS
        and (mark.tag == "button" or mark.type in ("submit", "button"))
        and mark.text
        and mark.text not in pressed
    ]
    likely = [mark for mark in buttons if mark.dialog] or [mark for mark in buttons if mark.type == "submit"]
    likely.sort(key=lambda mark: mark.type == "submit")
    guess = _named(likely[-1]) if likely else "#answer-this"
    return guess, [repr(mark.text) for mark in (likely[:-1] if likely else buttons)][:5]


def _named(mark: Mark) -> Any:
    return {"css": mark.css, "text": mark.text} if mark.by == "type" else mark.css


def _pressed(press: Step) -> Any:
    how = next(iter(press.values()))
    return how.get("on", "body") if isinstance(how, dict) else "body"


def _form(course: Course, wanted: Wanted) -> str | None:
    """The address of the page on which it was booked, if that tells the slot."""
    note = next((deed.note for deed in reversed(course.booking) if deed.note and deed.note.top), None)
    told = wanted.generalised(place_of(note.url)) if note else ""
    return told if "{start" in told else None


def _path(one: Done) -> str | None:
    """The page of a step, whatever is asked of it."""
    note = one.deed.note
    return place_of(note.url).partition("?")[0] if note and note.top else None


def _last_page(course: Course) -> str:
    page = next(iter(reversed(course.pages_signed_in)), None)
    return place_of(page.url) if page else "/"
