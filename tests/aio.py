"""Async code in tests."""

from __future__ import annotations

import asyncio
import threading
from asyncio.events import _get_running_loop, _set_running_loop
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

Result = TypeVar("Result")


def run_async(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine in a thread of its own: in the main one pytest-playwright keeps its own event loop."""
    with ThreadPoolExecutor(max_workers=1) as executor:
        return executor.submit(asyncio.run, coroutine).result()


@contextmanager
def no_loop() -> Iterator[None]:
    """As a command finds its thread: for the block the event loop of pytest-playwright is out of sight.

    It stands still for as long.
    """
    loop = _get_running_loop()
    _set_running_loop(None)
    try:
        yield
    finally:
        _set_running_loop(loop)


class LastingLoop:
    """An event loop in a thread of its own, for what goes on from one coroutine to the next."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()

    def run(self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        """Run a coroutine to its end."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[LastingLoop]:
        """One that runs until the block ends."""
        lasting = cls()
        thread = threading.Thread(target=lasting._loop.run_forever, name="lasting-loop", daemon=True)
        thread.start()
        try:
            yield lasting
        finally:
            lasting._loop.call_soon_threadsafe(lasting._loop.stop)
            thread.join()
            lasting._loop.close()
