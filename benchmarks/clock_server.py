"""Real HTTP servers on loopback, in a process of their own: their clocks are skewed, the way to them slow."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from multiprocessing.connection import Connection
from random import Random

from benchmarks.networks import NETWORKS

_READY_WITHIN = 30.0
_STOPS_WITHIN = 5.0


@contextmanager
def skewed_servers(skews: Sequence[timedelta], network: str, seed: int) -> Iterator[list[str]]:
    """The addresses of servers whose clocks are that far ahead of this machine's.

    Raises:
        TimeoutError: They do not start.
    """
    processes = multiprocessing.get_context("spawn")
    ours, theirs = processes.Pipe()
    process = processes.Process(target=_serve, args=(skews, network, seed, theirs), daemon=True)
    process.start()
    try:
        if not ours.poll(_READY_WITHIN):
            raise TimeoutError("the servers with the skewed clocks do not start")
        yield [f"http://127.0.0.1:{port}/" for port in ours.recv()]
    finally:
        process.terminate()
        process.join(_STOPS_WITHIN)


def _serve(skews: Sequence[timedelta], network: str, seed: int, told: Connection) -> None:
    asyncio.run(_serve_for_ever(skews, network, Random(seed), told))  # noqa: S311 - a simulation


async def _serve_for_ever(skews: Sequence[timedelta], network: str, random: Random, told: Connection) -> None:
    servers = [await asyncio.start_server(_Answers(skew, network, random), "127.0.0.1", 0) for skew in skews]
    told.send([server.sockets[0].getsockname()[1] for server in servers])
    await asyncio.gather(*(server.serve_forever() for server in servers))


class _Answers:
    """What one server does with a connection."""

    def __init__(self, skew: timedelta, network: str, random: Random) -> None:
        self._skew = skew
        self._network = NETWORKS[network]
        self._random = random

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                there, back = self._network(self._random)
                await asyncio.sleep(there / 1000)
                date = format_datetime((datetime.now(UTC) + self._skew).replace(microsecond=0), usegmt=True)
                await asyncio.sleep(back / 1000)
                writer.write(f"HTTP/1.1 200 OK\r\nDate: {date}\r\nContent-Length: 0\r\n\r\n".encode())
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
