"""A run against the practice site: starts it when nothing answers, and jumps over the waiting."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import httpx

from sniper.child_processes import ask_to_end, kill, started
from sniper.errors import EnvironmentProblem, InputError
from sniper.sites.profile import Practice, Profile
from sniper.unanswered import why_unanswered

_READY_WITHIN = 30.0
_STOPS_WITHIN = 10.0


class TimeMachine:
    """The practice site's clock, as far as it can be turned: forward."""

    def __init__(self, client: httpx.AsyncClient, url: str, practice: Practice) -> None:
        self._client = client
        self._url = url
        self.before_opening = practice.jump_to_before_opening

    async def now(self) -> datetime:
        """The time there, in UTC.

        Raises:
            EnvironmentProblem: The practice site does not tell it.
        """
        try:
            response = await self._client.get(f"{self._url}/practice/info")
            response.raise_for_status()
        except httpx.HTTPError as error:
            raise EnvironmentProblem(
                f"the practice site at {self._url} does not answer: {why_unanswered(error)}",
                mend="Start it: sniper practice.",
            ) from error
        return datetime.fromisoformat(response.json()["now"]).astimezone(UTC)

    async def jump_to(self, moment: datetime) -> timedelta:
        """Let the site's clock jump forward, close to `moment` and never past it; by how much exactly.

        Raises:
            EnvironmentProblem: The practice site did not do it.
        """
        try:
            response = await self._client.post(
                f"{self._url}/practice/clock/jump", json={"to": moment.isoformat()}
            )
            response.raise_for_status()
        except httpx.HTTPError as error:
            raise EnvironmentProblem(
                f"the practice site's clock does not jump: {why_unanswered(error)}",
                mend="Start it anew: sniper practice.",
            ) from error
        return timedelta(seconds=response.json()["jumped_seconds"])


@asynccontextmanager
async def practice_site(
    profile: Profile, practice: Practice, client: httpx.AsyncClient
) -> AsyncIterator[tuple[TimeMachine, bool]]:
    """The practice site at the profile's base URL, started for this block if nothing answers there.

    One that is started here has an empty database of its own, which goes with it. Yields the time machine and
    whether the site was started.

    Raises:
        InputError: It does not take the profile's options.
        EnvironmentProblem: Something else answers there, or it cannot be started.
    """
    machine = TimeMachine(client, profile.url, practice)
    if await _is_practice_site(client, profile.url):
        yield machine, False
        return
    address = urlsplit(profile.url)
    host, port = address.hostname or "127.0.0.1", address.port or 80
    async with own_practice_site(practice.options, host=host, port=port):
        yield machine, True


@asynccontextmanager
async def own_practice_site(
    options: Sequence[str], *, host: str = "127.0.0.1", port: int = 0
) -> AsyncIterator[dict[str, Any]]:
    """A practice site of one's own for this block, with an empty database that goes with it.

    Args:
        options: Of `sniper practice`.
        host: A loopback address.
        port: 0 takes a free one.

    Yields what it says of itself: its `url`, and who may sign in with what (`accounts`), among others.

    Raises:
        InputError: It does not take these options.
        EnvironmentProblem: It cannot be started.
    """
    with TemporaryDirectory(prefix="sniper-practice-") as folder:
        process, facts = await _start(options, host, port, Path(folder))
        try:
            yield facts
        finally:
            await _stop(process)


async def _is_practice_site(client: httpx.AsyncClient, url: str) -> bool:
    try:
        response = await client.get(f"{url}/practice/info")
    except httpx.TransportError:
        return False
    try:
        info: Any = response.json()
    except ValueError:
        info = None
    if not (isinstance(info, dict) and info.get("practice") is True):
        raise EnvironmentProblem(
            f"something answers at {url}, but it is no practice site",
            mend="Stop it, or give the practice site another port by a profile of your own.",
        )
    return True


async def _start(
    options: Sequence[str], host: str, port: int, folder: Path
) -> tuple[asyncio.subprocess.Process, dict[str, Any]]:
    complaints = folder / "stderr"
    with complaints.open("wb") as stderr:
        process = await started(
            *(sys.executable, "-m", "sniper", "practice", "--host", host, "--port", str(port)),
            *("--db", str(folder / "practice.sqlite3"), "--json", "--while-stdin"),
            *options,
            # It ends with us, however we end.
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=stderr,
        )
    assert process.stdout is not None
    line = b""
    try:
        async with asyncio.timeout(_READY_WITHIN):
            line = await process.stdout.readline()
            if not line:
                # It ends by itself, and how is what is wanted: its pipe is closed a little before that.
                await process.wait()
    except TimeoutError:
        pass
    except BaseException:
        await _stop(process)
        raise
    if line:
        return process, json.loads(line)
    code = await _stop(process)
    said = complaints.read_text(encoding="utf-8", errors="replace").strip().removeprefix("error: ")
    if code == InputError.exit_code:
        # What comes before it tells how the command is used.
        raise InputError(f"the practice site cannot be started so: {said.rpartition('Error: ')[2]}")
    where = f" at {host}:{port}" if port else ""
    said = said or f"nothing was heard of it in {_READY_WITHIN:.0f} s"
    raise EnvironmentProblem(f"the practice site does not start{where}: {said}")


async def _stop(process: asyncio.subprocess.Process) -> int:
    ask_to_end(process)
    try:
        return await asyncio.wait_for(process.wait(), _STOPS_WITHIN)
    except TimeoutError:
        kill(process)
        return await process.wait()
