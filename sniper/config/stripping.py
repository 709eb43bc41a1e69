"""Takes the secrets out of the text of a bookings.json, and leaves all else as its owner has laid it out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from json.decoder import JSONDecoder
from typing import Any

from sniper.config.accounts import SECRET_KEYS

_SPACE = re.compile(r"[ \t\n\r]*")
_DECODER = JSONDecoder()


@dataclass(frozen=True, slots=True)
class _Member:
    """A key with its value, and where in the text the two stand."""

    key: str
    start: int
    value: int
    end: int


def without_secrets(text: str) -> str:
    """The same bookings.json without the passwords, seeds and tokens that stand in it in clear.

    Args:
        text: A JSON object with a list `accounts`; whose accounts stand there by name only stay as they are.
    """
    stripped = text
    accounts = next((one for one in _members(text, _over_space(text, 0)) if one.key == "accounts"), None)
    # From the last one on: what comes before it stays where it is.
    for start in reversed(list(_items(text, accounts.value))) if accounts else ():
        if text[start] == "{":
            stripped = _stripped(stripped, start)
    if json.loads(stripped) != _expected(json.loads(text)):
        raise AssertionError("the secrets could not be taken out without changing something else")
    return stripped


def _stripped(text: str, start: int) -> str:
    """With the object that begins there stripped; commas and white space go with what they belong to."""
    members = list(_members(text, start))
    parts: list[str] = []
    for index, one in enumerate(members):
        if one.key in SECRET_KEYS and text[one.value] == '"':
            continue
        if parts:
            parts.append(text[members[index - 1].end : one.start])
        parts.append(text[one.start : one.end])
    return f"{text[: members[0].start]}{''.join(parts)}{text[members[-1].end :]}" if members else text


def _members(text: str, at: int) -> Iterator[_Member]:
    """The members of the object that begins there."""
    at = _over_space(text, at + 1)
    while text[at] != "}":
        key, after = _DECODER.raw_decode(text, at)
        value = _over_space(text, _over_space(text, after) + 1)
        _, end = _DECODER.raw_decode(text, value)
        yield _Member(key, at, value, end)
        at = _over_comma(text, end)


def _items(text: str, at: int) -> Iterator[int]:
    """Where each item of the list begins that begins there."""
    at = _over_space(text, at + 1)
    while text[at] != "]":
        yield at
        _, end = _DECODER.raw_decode(text, at)
        at = _over_comma(text, end)


def _over_comma(text: str, at: int) -> int:
    at = _over_space(text, at)
    return _over_space(text, at + 1) if text[at] == "," else at


def _over_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _expected(root: Any) -> Any:
    return {
        **root,
        "accounts": [
            {k: v for k, v in one.items() if k not in SECRET_KEYS or not isinstance(v, str)}
            if isinstance(one, dict)
            else one
            for one in root["accounts"]
        ],
    }
