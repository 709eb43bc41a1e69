"""A context's storage state as the text that is kept between runs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any, cast

from playwright.async_api import BrowserContext, StorageState

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
