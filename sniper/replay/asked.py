"""What a page asks for, what it is answered, and how much two of its questions are alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

CUT_OFF = 0
"""The status of an answer that never came: the connection failed."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page asks for.

    Attributes:
        body: As text; what is none in UTF-8 is replaced.
    """

    method: str
    url: str
    body: str = ""

    def __str__(self) -> str:
        return f"{self.method} {self.url}"


@dataclass(frozen=True, slots=True)
class Reply:
    """What it is answered.

    Attributes:
        status: `CUT_OFF`, where the connection failed.
        headers: Their names in small letters.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


def most_like(asked: Asked, known: Iterable[Asked]) -> Asked | None:
    """The known one that is most like this; None where none is at its path, with a query of the same names.

    Pages put the time, or a number of their own, into queries and bodies.
    """
    like = [one for one in known if _shape(one) == _shape(asked)]
    return max(like, key=lambda one: _alike(one, asked), default=None)


def _shape(asked: Asked) -> tuple[object, ...]:
    parts = urlsplit(asked.url)
    names = sorted(name for name, _ in parse_qsl(parts.query, keep_blank_values=True))
    return asked.method, parts.scheme, parts.netloc, parts.path, names


def _alike(one: Asked, other: Asked) -> tuple[bool, bool, int]:
    """How much two of one shape have in common: the same body, the same query, values of it."""
    here, there = (parse_qsl(urlsplit(it.url).query, keep_blank_values=True) for it in (one, other))
    return one.body == other.body, here == there, len(set(here) & set(there))
