"""What a profile names and its site does not have: where it stands, and what there is most like it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from difflib import get_close_matches

from pydantic import BaseModel

from sniper.documents import KeyPath
from sniper.sites.profile import Profile
from sniper.sites.steps import HasText, Selector

_BY_VALUE = re.compile(r"\[([\w-]+)=['\"]?([^'\"\]]+)['\"]?\]")
_NAMES = re.compile(r"[#.][\w-]+|(?<![\w.#-])[a-z]+(?:-[a-z]+)+(?![\w-])")
_IN_BRACKETS = re.compile(r"\[[^\]]*\]")
_NOT = re.compile(r"(?<=[\w\])*]):not\([^()]*(?:\([^()]*\)[^()]*)*\)")
_MOST = 3


def selectors_in(node: object, at: KeyPath = ()) -> Iterator[tuple[KeyPath, str]]:
    """Every selector of a part of a profile, those inside others too, and where it stands."""
    match node:
        case Selector() | HasText():
            yield at, node.css
            if isinstance(node, Selector):
                for index, inner in enumerate(node.has):
                    yield from selectors_in(inner, (*at, "has", index))
                if node.find is not None:
                    yield (*at, "find"), node.find
        case _:
            for key, part in _below(node):
                yield from selectors_in(part, (*at, key))


def place_of(part: object, within: object, at: KeyPath = ()) -> KeyPath | None:
    """Where in a profile this very part stands; None where it does not."""
    if part is within:
        return at
    found = (place_of(part, inner, (*at, key)) for key, inner in _below(within))
    return next((place for place in found if place is not None), None)


def attributes_in(profile: Profile) -> tuple[str, ...]:
    """The attributes by whose values a profile's selectors know elements."""
    return tuple(sorted({name for _, css in selectors_in(profile) for name, _ in _BY_VALUE.findall(css)}))


def names_in(profile: Profile) -> frozenset[str]:
    """The names that a profile's selectors know elements by."""
    return frozenset(name for _, css in selectors_in(profile) for name in _named(css))


def nearest(css: str, names: Collection[str], known: Collection[str] = ()) -> list[str]:
    """Of the names there are, those most like one of a selector that is not among them, of the same kind.

    Args:
        css: The selector. What it excludes by `:not` does not count.
        names: As `inpage/naming.js` tells them: `#id`, `[data-test-id='…']`, `.class`, names of elements.
        known: What has a meaning of its own already: these come last.
    """
    found: list[str] = []
    for name in (one for one in _named(css) if one not in names):
        kind, text = _kind(name)
        same = {_kind(one)[1]: one for one in sorted(names) if _kind(one)[0] == kind}
        found += [same[near] for near in get_close_matches(text, same, n=_MOST)]
    return sorted(dict.fromkeys(found), key=lambda one: one in known)[:_MOST]


def in_any_state(css: str) -> str:
    """The selector without what it excludes by `:not`: what it means, ready or not."""
    return _NOT.sub("", css)


def _named(css: str) -> list[str]:
    css = in_any_state(css)
    by_value = [f"[{name}='{value}']" for name, value in _BY_VALUE.findall(css)]
    return [*by_value, *_NAMES.findall(_IN_BRACKETS.sub("", css))]


def _kind(name: str) -> tuple[str, str]:
    """What kind of name it is, and what is left of it without that."""
    if name.startswith("["):
        kind, _, text = name.strip("[]").partition("=")
        return kind, text.strip("'")
    return (name[0], name[1:]) if name[0] in "#." else ("", name)


def _below(node: object) -> Iterator[tuple[str | int, object]]:
    """What stands in a part of a profile, with its key."""
    match node:
        case BaseModel():
            for name, info in type(node).model_fields.items():
                yield info.alias or name, getattr(node, name)
        case dict():
            for key, value in node.items():
                yield str(getattr(key, "value", key)), value
        case tuple() | list():
            yield from enumerate(node)
