"""Processes of ours, and how they end."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import Callable

import pytest

from sniper.child_processes import ask_to_end, kill, started
from tests.aio import run_async

STAYS = ("sleep", "60")

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="sessions and signals are POSIX's")


@pytest.mark.parametrize("end", [ask_to_end, kill])
def test_the_exit_code_of_who_ends_at_that_moment_is_not_lost(
    end: Callable[[asyncio.subprocess.Process], None], caplog: pytest.LogCaptureFixture
) -> None:
    async def code(microseconds: float) -> int:
        process = await started(*STAYS)
        os.kill(process.pid, signal.SIGINT)
        # Busy, as nothing else hits the moment between its end and the loop's looking.
        until = time.perf_counter() + microseconds / 1e6
        while time.perf_counter() < until:
            pass
        end(process)
        return await process.wait()

    async def go() -> set[int]:
        return {await code(20 * tried) for tried in range(60)}

    ended_by = {-signal.SIGINT, -signal.SIGTERM, -signal.SIGKILL}
    assert run_async(go()) <= ended_by
    assert caplog.messages == []


def test_who_is_asked_to_end_ends_and_may_be_asked_twice() -> None:
    async def go() -> int:
        process = await started(*STAYS)
        ask_to_end(process)
        code = await process.wait()
        ask_to_end(process)
        kill(process)
        return code

    assert run_async(go()) == -15


def test_what_a_process_started_ends_with_it() -> None:
    async def go() -> bytes:
        process = await started("sh", "-c", "sleep 60 & echo there; wait", stdout=PIPE)
        assert process.stdout is not None
        await process.stdout.readline()
        kill(process)
        await process.wait()
        # The end of the pipe: nobody holds it any more.
        return await asyncio.wait_for(process.stdout.read(), 20)

    assert run_async(go()) == b""


def test_who_is_cancelled_while_a_process_starts_leaves_none_behind() -> None:
    begun = time.monotonic()

    async def go() -> bytes:
        reading, writing = os.pipe()
        starting = asyncio.create_task(started(*STAYS, stdout=writing))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        starting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await starting
        os.close(writing)
        with os.fdopen(reading, "rb") as end:
            return await asyncio.to_thread(end.read)

    assert run_async(go()) == b""
    assert time.monotonic() - begun < 30
