"""Processes of ours: Ctrl-C reaches only us, and ending them does not lose their exit codes."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import suppress
from typing import Any


async def started(*command: str, **options: Any) -> asyncio.subprocess.Process:
    """Start a process in a session of its own: Ctrl-C reaches only us, who know what has to end first.

    A run still reads its bookings back when it is interrupted, and needs its site for that. Who is cancelled
    meanwhile leaves no process behind: it is ended as soon as it is there.

    Raises:
        OSError: It cannot be started.
    """
    starting = asyncio.ensure_future(
        asyncio.create_subprocess_exec(*command, start_new_session=True, **options)
    )
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        process = await starting
        kill(process)
        await process.wait()
        raise


def ask_to_end(process: asyncio.subprocess.Process) -> None:
    """Tell a process to end, and do nothing if it has ended.

    Not by `process.terminate()`, which looks for the exit code itself first: up to Python 3.12 that takes it
    away from the event loop if the process ends at that moment, which then warns of an unknown child and
    makes the code 255 (https://github.com/python/cpython/issues/87744).
    """
    if process.returncode is not None:
        return
    if sys.platform == "win32":
        process.terminate()
    else:
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGTERM)


def kill(process: asyncio.subprocess.Process) -> None:
    """End a process that was `started`, and all that it started, without asking."""
    if process.returncode is not None:
        return
    if sys.platform == "win32":
        process.kill()
    else:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
