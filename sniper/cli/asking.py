"""Asks the person in front of the terminal while a run goes on."""

from __future__ import annotations

import asyncio
import sys
import threading
from datetime import timedelta

_ANSWERED_WITHIN = timedelta(minutes=10)
_YES, _NO = ("", "y", "yes"), ("n", "no")


async def answer(within: timedelta = _ANSWERED_WITHIN) -> bool | None:
    """A line from the terminal: yes (also by Enter alone) or no; None where none comes, or the input ends.

    The loop goes on meanwhile. Who is cancelled does not wait for the line: a thread that reads from a
    terminal cannot be stopped, and ends with the process.
    """
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[str] = asyncio.Queue()

    def read() -> None:
        for line in iter(sys.stdin.readline, ""):
            loop.call_soon_threadsafe(lines.put_nowait, line.strip().lower())
            if line.strip().lower() in (*_YES, *_NO):
                return
        loop.call_soon_threadsafe(lines.put_nowait, "end")

    threading.Thread(target=read, name="answer", daemon=True).start()
    try:
        async with asyncio.timeout(within.total_seconds()):
            while (line := await lines.get()) not in (*_YES, *_NO, "end"):
                sys.stderr.write("Please answer y or n: ")
                sys.stderr.flush()
    except TimeoutError:
        return None
    return None if line == "end" else line in _YES
