"""Which note of a page is of which action of Playwright's recorder: both tell of the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sniper.drafting.notes import Deed, DeedNote

_KINDS = {
    "click": ("click", "label"),
    "check": ("check",),
    "uncheck": ("check",),
    "fill": ("fill",),
    "select": ("select",),
    "press": ("press",),
}


_ENTER = ("press", "Enter")
_PRESSED = ("submit", "button", "image", "reset")
_NATIVE = ("date", "time", "datetime-local", "month", "week", "color", "range")


@dataclass(frozen=True, slots=True)
class Action:
    """What the recorder told.

    Attributes:
        at: Its place in the order of all that is known.
        text: What was typed, or the key that was pressed.
    """

    at: int
    name: str
    selector: str
    text: str | None


def matched(actions: Sequence[Action], notes: Sequence[tuple[int, DeedNote]]) -> list[Deed]:
    """The recorder's actions, each with its note: the pairs that fit best, none of them crossing another.

    Args:
        actions: In their order.
        notes: In theirs, each with its place in the order of all that is known.
    """
    notes = _once_each(notes)
    rows, columns = len(actions), len(notes)
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for row in reversed(range(rows)):
        for column in reversed(range(columns)):
            fits = _fit(actions[row], notes[column][1])
            together = best[row + 1][column + 1] + fits if fits else 0.0
            best[row][column] = max(together, best[row + 1][column], best[row][column + 1])
    deeds = []
    row = column = 0
    while row < rows:
        action = actions[row]
        if column < columns:
            fits = _fit(action, notes[column][1])
            if fits and best[row][column] == best[row + 1][column + 1] + fits:
                deeds.append(_deed(action, *notes[column]))
                row, column = row + 1, column + 1
                continue
            if best[row][column] == best[row][column + 1]:
                column += 1
                continue
        deeds.append(_deed(action))
        row += 1
    # What was pressed right before the window was closed: the recorder waits whether more clicks follow.
    deeds += [Deed(at, note.kind, "", None, note) for at, note in notes[column:] if _is_a_press(note)]
    return deeds


def by_hand(deeds: Sequence[Deed]) -> list[Deed]:
    """Those that a hand did, once each.

    What scripts of a page press is left out; what they put into a field counts. Of Enter and the click that
    the browser makes of it there is one: the press in a field that sends a form, or the click on what had the
    focus.
    """
    kept: list[Deed] = []
    for deed in deeds:
        note = deed.note
        if note and not note.trusted and deed.name not in ("fill", "select"):
            continue
        before = kept[-1] if kept else None
        if note and note.by_key and before and before.note and (before.name, before.text) == _ENTER:
            had_the_focus = (before.note.element, before.note.url) == (note.element, note.url)
            if not had_the_focus:
                continue
            kept.pop()
        kept.append(deed)
    return kept


def _is_a_press(note: DeedNote) -> bool:
    return note.kind == "check" or (note.kind == "click" and not _is_a_field(note))


def _is_a_field(note: DeedNote) -> bool:
    return note.tag in ("select", "option", "textarea") or (note.tag == "input" and note.type not in _PRESSED)


def _is_untold(note: DeedNote) -> bool:
    """Is it a click that the recorder has no word for?"""
    has_own = note.tag in ("select", "option") or (note.tag == "input" and note.type in _NATIVE)
    return note.kind == "click" and has_own


def _once_each(notes: Sequence[tuple[int, DeedNote]]) -> list[tuple[int, DeedNote]]:
    """Those that the recorder tells of; it tells once of a field that is typed in, letter by letter."""
    kept: list[tuple[int, DeedNote]] = []
    for at, note in notes:
        if _is_untold(note):
            continue
        if note.kind == "fill" and kept:
            _, before = kept[-1]
            same = (before.kind, before.element, before.url) == (note.kind, note.element, note.url)
            if same:
                kept[-1] = (at, note)
                continue
        kept.append((at, note))
    return kept


def _fit(action: Action, note: DeedNote) -> float:
    """How well they go together; nothing where they cannot."""
    if note.kind not in _KINDS.get(action.name, ()):
        return 0.0
    if action.name == "press" and note.key != action.text:
        return 0.0
    names = (value for value in (*note.attributes.values(), note.text[:20]) if value)
    return 2.0 if any(name in action.selector for name in names) else 1.0


def _deed(action: Action, at: int | None = None, note: DeedNote | None = None) -> Deed:
    """What is secret is left out. What was typed where nothing is known of the field counts as secret."""
    hidden = action.name == "fill" and (note is None or note.secret)
    return Deed(
        at=action.at if at is None else at,
        name=action.name,
        selector=action.selector,
        text=None if hidden else action.text,
        note=note,
    )
