"""A real HTTP server on loopback, in its own process: its clock is skewed, the way to it slow."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from multiprocessing.connection import Connection
from random import Random

from benchmarks.clock_simulated import one_way

_READY_WITHIN = 30.0
_STOPS_WITHIN = 5.0


@contextmanager
def skewed_server(skew: timedelta, seed: int) -> Iterator[str]:
    """The address of a server whose clock is that far ahead of this machine's.

    Raises:
        TimeoutError: It does not start.
    """
    processes = multiprocessing.get_context("spawn")
    ours, theirs = processes.Pipe()
    process = processes.Process(target=_serve, args=(skew, seed, theirs), daemon=True)
    process.start()
    try:
        if not ours.poll(_READY_WITHIN):
            raise TimeoutError("the server with the skewed clock does not start")
        yield f"http://127.0.0.1:{ours.recv()}/"
    finally:
        process.terminate()
        process.join(_STOPS_WITHIN)


def _serve(skew: timedelta, seed: int, told: Connection) -> None:
    asyncio.run(_serve_for_ever(skew, Random(seed), told))  # noqa: S311 - a simulation


async def _serve_for_ever(skew: timedelta, random: Random, told: Connection) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                await asyncio.sleep(one_way(random).total_seconds())
                date = format_datetime((datetime.now(UTC) + skew).replace(microsecond=0), usegmt=True)
                await asyncio.sleep(one_way(random).total_seconds())
                writer.write(f"HTTP/1.1 200 OK\r\nDate: {date}\r\nContent-Length: 0\r\n\r\n".encode())
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    told.send(server.sockets[0].getsockname()[1])
    await server.serve_forever()
