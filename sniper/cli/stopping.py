"""Ends what a command does in good order when the person or the machine asks for it."""

from __future__ import annotations

import asyncio
import signal
from typing import Any


def stop_on_signals(work: asyncio.Task[Any]) -> None:
    """Ctrl-C, a polite kill and a closed terminal all cancel this task."""
    loop = asyncio.get_running_loop()
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is None:
            continue
        try:
            loop.add_signal_handler(number, work.cancel)
        except NotImplementedError:  # Windows' loops have none
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(work.cancel))
