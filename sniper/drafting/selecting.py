"""How a profile names an element that a person has used: by what lasts, and by what was booked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sniper.drafting.notes import Card, DeedNote, Leaf, Way
from sniper.drafting.wanted import Wanted

# What frameworks make up anew with every build or page: numbers, and what is made of letters and digits.
_MADE_UP = re.compile(
    r"\d{4,}|(?=\w*\d)(?=\w*[a-f])[0-9a-f]{6,}|[:]r\d*\w?:"
    r"|(?:mat|cdk|ng|radix|headlessui|react|ember|ext|mui|select2|yui|p)[-_][\w-]*\d",
    re.IGNORECASE,
)
_LASTING = ("test_id", "id", "name", "label", "role", "href", "type")
_OF_RECORDER = re.compile(r"^\[[\w-]+=\"[^\"]*\"\]$|^#[\w-]+$|^\w+\[[\w-]+=\"[^\"]*\"\]$")


@dataclass(frozen=True, slots=True)
class Found:
    """A selector as a profile has it.

    Attributes:
        select: A text, or what stands for a `Selector`.
        doubt: What is not sure about it, for the person to look at; nothing where it is.
    """

    select: str | dict[str, Any]
    doubt: str = ""

    def template(self) -> str:
        """All of its texts together, to look for placeholders in."""
        return str(self.select)


def found(note: DeedNote, wanted: Wanted) -> Found:
    """The element a note is about.

    It is found by what was booked, if that can be: a card that tells the time, an attribute, its own text.
    Else by a test id, an id or a name that is its alone; failing that by its place in the document.
    """
    doubt = "it is within a shadow root, where no selector of a profile reaches" if note.shadow else ""
    if not note.top:
        doubt = "it is within a frame, where no step of a profile reaches; a captcha is left to the person"
    if doubt:
        return Found(found_by(note.ways, wanted).select, doubt)
    by_card = _by_card(note.card, wanted) if note.card else None
    if by_card and wanted.tells_the_slot(by_card.template()):
        return by_card
    by_value = by_attribute(note, wanted.generalised, wanted.tells_the_slot)
    if by_value:
        return by_value
    own = next((way for way in note.ways if way.text and way.count == 1 and wanted.is_in(way.text)), None)
    if own:
        return Found(_select(own, wanted))
    best = found_by(note.ways, wanted)
    return by_card if best.doubt and by_card else best


def found_by(ways: Sequence[Way], wanted: Wanted) -> Found:
    """The best of several ways to the same element."""
    lasting = [way for by in _LASTING for way in ways if way.by == by and not _is_made_up(way)]
    alone = next((way for way in lasting if way.count <= 1), None)
    if alone:
        return Found(_select(alone, wanted))
    place = next((way for way in ways if way.by == "place"), None)
    first = next(iter(lasting), None)
    if first and (place is None or first.by in ("test_id", "name", "label", "role")):
        return Found(_select(first, wanted), f"{first.count} elements are like this one, the first is taken")
    if place is None:
        return Found("body", "nothing was told by which this can be found")
    return Found(_select(place, wanted), "it has no name that lasts, and goes by its place in the page")


def of_the_recorder(selector: str, wanted: Wanted) -> Found | None:
    """The recorder's own selector, where it is one of CSS; else None."""
    if _OF_RECORDER.match(selector):
        return Found(wanted.generalised(selector.replace('"', "'")), "nothing but this is known of it")
    return None


def _select(way: Way, wanted: Wanted) -> str | dict[str, Any]:
    css = wanted.generalised(way.css)
    return css if way.text is None else {"css": css, "text": wanted.generalised(way.text)}


def _is_made_up(way: Way) -> bool:
    return way.by in ("id", "name") and bool(_MADE_UP.search(way.css))


def by_attribute(
    note: DeedNote, generalised: Callable[[str], str], is_meant: Callable[[str], bool]
) -> Found | None:
    """By an attribute that tells the slot, its own or of what it stands in: the cell of a table, say.

    Args:
        note: The element.
        generalised: Writes a text as a profile has it.
        is_meant: Whether a value, so written, tells what is looked for.
    """
    within = ""
    for tag, attributes in ((note.tag, note.attributes), *((one.tag, one.attributes) for one in note.around)):
        for name, value in attributes.items():
            told = generalised(value)
            if is_meant(told):
                return Found(f"{tag}[{name}='{_quoted(told)}']{within}")
        own = next((way.css for way in note.ways if way.by in ("test_id", "name")), note.tag)
        within = f" {generalised(own)}"
    return None


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")


def _by_card(card: Card, wanted: Wanted) -> Found | None:
    """By the texts of its card that tell what was booked; None where none does."""
    telling = [(leaf, wanted.generalised(leaf.text)) for leaf in card.leaves if wanted.is_in(leaf.text)]
    chosen: list[tuple[Leaf, str]] = []
    for names in (("start",), ("sub_location", "location"), ("date",)):
        first = next((one for one in telling if any(f"{{{name}" in one[1] for name in names)), None)
        if first and first not in chosen:
            chosen.append(first)
    if not chosen:
        return None
    like_it = sum(_has_all(other, (leaf for leaf, _ in chosen)) for other in card.others)
    select = {
        "css": wanted.generalised(card.css),
        "has": [{"css": wanted.generalised(leaf.css), "text": [text]} for leaf, text in chosen],
        "find": wanted.generalised(card.find),
    }
    return Found(
        select, f"{like_it + 1} of the list are like this one, the first is taken" if like_it else ""
    )


def _has_all(other: Iterable[Leaf], chosen: Iterable[Leaf]) -> bool:
    return {(leaf.css, leaf.text) for leaf in chosen} <= {(leaf.css, leaf.text) for leaf in other}
