"""A context's storage state as the text that is kept between runs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from playwright.async_api import BrowserContext, StorageState

from sniper.clock.instants import NoInstantError, of_json
from sniper.sites.signed_in import Expires

_WITHIN = 5.0
_SHORTEST_SECRET = 16


async def state_of(context: BrowserContext) -> str:
    """Cookies, local storage and IndexedDB of all the sites the context has been at.

    Raises:
        PlaywrightError: The context is gone.
        TimeoutError: It does not answer.
    """
    async with asyncio.timeout(_WITHIN):
        return json.dumps(await context.storage_state(indexed_db=True))


def as_storage_state(text: str) -> StorageState:
    """What `state_of` returned, for a new context.

    Raises:
        ValueError: It is something else.
    """
    state = json.loads(text)
    if not isinstance(state, dict):
        raise ValueError("no storage state")  # noqa: TRY004 - of the text, not of a type
    return cast(StorageState, state)


def secrets_in(text: str) -> set[str]:
    """The values of a state that may be tokens: whatever is long and has no space in it."""
    state = json.loads(text)
    values = [cookie["value"] for cookie in state.get("cookies", ())]
    for origin in state.get("origins", ()):
        values += _texts(origin.get("localStorage", ()))
        values += _texts(origin.get("indexedDB", ()))
    return {value for value in values if len(value) >= _SHORTEST_SECRET and not any(map(str.isspace, value))}


def _texts(node: Any) -> Iterator[str]:
    """Every text below, also inside texts that are JSON themselves."""
    match node:
        case dict():
            for value in node.values():
                yield from _texts(value)
        case list() | tuple():
            for value in node:
                yield from _texts(value)
        case str() if node[:1] in ("{", "["):
            try:
                inner = json.loads(node)
            except ValueError:
                yield node
            else:
                yield from _texts(inner)
        case str():
            yield node


def expiry_of(text: str, how: Expires | None) -> datetime | None:
    """When the sign-in ends that a state keeps; None where that is not known."""
    if how is None:
        return None
    state = json.loads(text)
    if how.cookie is not None:
        ends = [cookie["expires"] for cookie in state.get("cookies", ()) if cookie["name"] == how.cookie]
        return _instant(max(ends, default=None))
    for origin in state.get("origins", ()):
        for item in origin.get("localStorage", ()):
            if item["name"] == how.local_storage:
                return _told(item["value"], how)
    return None


def _told(value: str, how: Expires) -> datetime | None:
    """What a value of local storage tells of the end. What it does not tell is nobody's mistake."""
    try:
        told = json.loads(value)
    except ValueError:
        return None
    if how.at is not None:
        return _instant(how.at.of(told))
    begun = _instant(how.since.of(told)) if how.since else None
    lasts = how.seconds.of(told) if how.seconds else None
    if begun is None or isinstance(lasts, bool) or not isinstance(lasts, int | float):
        return None
    with suppress(OverflowError):
        return begun + timedelta(seconds=lasts)
    return None


def _instant(value: Any) -> datetime | None:
    """UTC. A cookie that ends with the browser tells -1, which is none."""
    try:
        return of_json(value).date.astimezone(UTC)
    except NoInstantError:
        return None
