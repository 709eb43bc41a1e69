"""Where in a site's JSON a booking stands: its number, its start, its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from sniper.drafting.notes import Exchange
from sniper.drafting.wanted import Wanted
from sniper.sites.answers import JsonPath, MisreadError
from sniper.sites.entries import instant_of

_NUMBERED = re.compile(r"(?:id|uuid|ref|reference|number|nr|code|key)$", re.IGNORECASE)
_SAYS_HOW_IT_WENT = re.compile(r"^(?:status|state|success|ok|result|booked|confirmed)$", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z_][\w-]*")
_DEPTH = 4
_MOST_WORD = 20


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of somebody's bookings, in which the one that was made has been found.

    Attributes:
        exchange: Of the request that it answers.
        items: The way to the list.
        others: The rest: ways within an entry, None where nothing fits.
    """

    exchange: Exchange
    items: JsonPath
    reference: JsonPath | None
    start: JsonPath | None
    location: JsonPath | None
    sub_location: JsonPath | None
    keep: dict[str, Any]

    @property
    def known(self) -> int:
        """How much of the booking is told; its number above all."""
        return 3 * (self.reference is not None) + sum(
            one is not None for one in (self.start, self.location, self.sub_location)
        )


def references_in(body: Any) -> list[tuple[JsonPath, str]]:
    """What in an answer may be the number of a booking, the likeliest first."""
    told = [
        (path, str(value))
        for path, value in _leaves(body, JsonPath(()), 3)
        if _NUMBERED.search(str(path.keys[-1]) if path.keys else "") and _is_number(value)
    ]
    return sorted(told, key=lambda one: (len(one[0].keys), len(str(one[0].keys[-1]))))


def mentions(body: Any, number: str) -> bool:
    """Does an entry of a list in the answer have this number?"""
    return any(
        str(value) == number and _NUMBERED.search(str(path.keys[-1]))
        for _, items in _lists(body, JsonPath(()), _DEPTH)
        for item in items
        for path, value in _leaves(item, JsonPath(()), 2)
    )


def how_it_went(body: Any) -> dict[str, Any]:
    """What an answer says at its top of how it went: `{"status": 1}`."""
    if not isinstance(body, dict):
        return {}
    return {key: value for key, value in body.items() if _SAYS_HOW_IT_WENT.match(key) and _is_word(value)}


def listed_in(
    exchanges: list[Exchange], wanted: Wanted, zone: tzinfo, number: str | None, went: Mapping[str, Any]
) -> Listed | None:
    """The answer that lists the booking and tells the most of it; None where none does."""
    found = [
        _as_listed(one, path, item, wanted, zone, number, went)
        for one in exchanges
        if one.method == "GET"
        for path, items in _lists(one.body, JsonPath(()), _DEPTH)
        for item in items
    ]
    enough = [one for one in found if one.reference is not None or (one.start and one.location)]
    return max(enough, key=lambda one: (one.known, one.exchange.at), default=None)


def _as_listed(
    exchange: Exchange,
    items: JsonPath,
    item: dict[str, Any],
    wanted: Wanted,
    zone: tzinfo,
    number: str | None,
    went: Mapping[str, Any],
) -> Listed:
    leaves = list(_leaves(item, JsonPath(()), 3))
    start = wanted.start.replace(tzinfo=zone) if wanted.start else None

    def way(is_it: Any) -> JsonPath | None:
        return next((path for path, value in leaves if is_it(path, value)), None)

    def starts(path: JsonPath, value: Any) -> bool:
        if start is None or not isinstance(value, str | int | float) or isinstance(value, bool):
            return False
        try:
            return instant_of(path, item, zone) == start
        except MisreadError:
            return False

    return Listed(
        exchange=exchange,
        items=items,
        reference=way(
            lambda path, value: (
                number is not None and str(value) == number and _NUMBERED.search(str(path.keys[-1]))
            )
        ),
        start=way(starts),
        location=way(lambda _, value: wanted.location is not None and value == wanted.location),
        sub_location=way(lambda _, value: wanted.sub_location is not None and value == wanted.sub_location),
        keep={key: value for key, value in went.items() if key in item and item[key] == value},
    )


def _lists(body: Any, path: JsonPath, depth: int) -> Iterator[tuple[JsonPath, list[dict[str, Any]]]]:
    """Every list of objects."""
    if isinstance(body, list):
        items = [item for item in body if isinstance(item, dict)]
        if items:
            yield path, items
    elif isinstance(body, dict) and depth:
        for key, value in body.items():
            if _NAME.fullmatch(key):
                yield from _lists(value, JsonPath((*path.keys, key)), depth - 1)


def _leaves(body: Any, path: JsonPath, depth: int) -> Iterator[tuple[JsonPath, Any]]:
    """Every value that is no object, with the way to it; those that are nearer come first."""
    if not isinstance(body, dict):
        return
    ways = [(JsonPath((*path.keys, key)), value) for key, value in body.items() if _NAME.fullmatch(key)]
    yield from ((way, value) for way, value in ways if not isinstance(value, dict | list))
    if depth > 1:
        for way, value in ways:
            yield from _leaves(value, way, depth - 1)


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or value is None:
        return False
    return isinstance(value, int) or (isinstance(value, str) and bool(value) and " " not in value)


def _is_word(value: Any) -> bool:
    if isinstance(value, str):
        return value.isalpha() and len(value) <= _MOST_WORD
    return isinstance(value, bool) or (isinstance(value, int) and abs(value) < 10)
