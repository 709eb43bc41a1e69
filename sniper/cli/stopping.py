"""Ends what a command does in good order when the person or the machine asks for it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


async def until_done_or_stopped(work: Coroutine[Any, Any, Result]) -> Result | None:
    """What came of it, or None when Ctrl-C, a polite kill or a closed terminal ended it in good order."""
    task = asyncio.create_task(work)
    on_signals(lambda _: task.cancel())
    try:
        return await task
    except asyncio.CancelledError:
        return None


def on_signals(handle: Callable[[str], object]) -> None:
    """From now on this is called with SIGINT, SIGTERM or SIGHUP, by name, where the system has them."""
    loop = asyncio.get_running_loop()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is None:
            continue
        try:
            loop.add_signal_handler(number, handle, name)
        except NotImplementedError:  # Windows' loops have none
            signal.signal(number, lambda *_, name=name: loop.call_soon_threadsafe(handle, name))
