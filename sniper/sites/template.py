"""Placeholders in a profile's texts: `{sub_location}`, `{start:%H:%M}`, `{details.email}`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from string import Formatter

Value = str | int | date | datetime
_FORMATTER = Formatter()
_OF_A_PERSON = "details."


def names(text: str) -> tuple[str, ...]:
    """The names of the placeholders in a text.

    Raises:
        ValueError: A brace is not closed, or a placeholder is more than a name and a format.
    """
    return tuple(name for name, _ in placeholders(text))


def placeholders(text: str) -> tuple[tuple[str, str], ...]:
    """The placeholders in a text: name and format.

    Raises:
        ValueError: A brace is not closed, or a placeholder is more than a name and a format.
    """
    found = []
    for _, name, spec, conversion in _FORMATTER.parse(text):
        if name is None:
            continue
        if not name.removeprefix(_OF_A_PERSON).isidentifier() or conversion:
            raise ValueError(
                f"{{{name}}} is no placeholder: use a name, and a format after a colon if need be"
            )
        found.append((name, spec or ""))
    return tuple(found)


def render(text: str, values: Mapping[str, Value | None]) -> str:
    """The text with its placeholders filled in.

    Raises:
        KeyError: A placeholder has no value.
    """
    parts = []
    for literal, name, spec, _ in _FORMATTER.parse(text):
        parts.append(literal)
        if name is not None:
            value = values[name]
            if value is None:
                raise KeyError(name)
            parts.append(format(value, spec or ""))
    return "".join(parts)
