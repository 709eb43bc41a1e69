"""A run against the practice site: starts it when nothing answers, and jumps over the waiting."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import httpx

from sniper.errors import EnvironmentProblem
from sniper.sites.profile import Practice, Profile

_READY_WITHIN = 30.0
_STOPS_WITHIN = 10.0


class TimeMachine:
    """The practice site's clock, as far as it can be turned: forward."""

    def __init__(self, client: httpx.AsyncClient, url: str, practice: Practice) -> None:
        self._client = client
        self._url = url
        self.before_opening = practice.jump_to_before_opening

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
            raise EnvironmentProblem(f"the practice site's clock does not jump: {error}") from error
        return timedelta(seconds=response.json()["jumped_seconds"])


@asynccontextmanager
async def practice_site(
    profile: Profile, practice: Practice, client: httpx.AsyncClient
) -> AsyncIterator[tuple[TimeMachine, bool]]:
    """The practice site at the profile's base URL, started for this block if nothing answers there.

    One that is started here has an empty database of its own, which goes with it. Yields the time machine and
    whether the site was started.

    Raises:
        EnvironmentProblem: Something else answers there, or it cannot be started.
    """
    machine = TimeMachine(client, profile.url, practice)
    if await _is_practice_site(client, profile.url):
        yield machine, False
        return
    with TemporaryDirectory(prefix="sniper-practice-") as folder:
        process = await _start(profile, practice, Path(folder))
        try:
            yield machine, True
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


async def _start(profile: Profile, practice: Practice, folder: Path) -> asyncio.subprocess.Process:
    address = urlsplit(profile.url)
    command = ["practice", "--host", address.hostname or "127.0.0.1", "--port", str(address.port or 80)]
    # In a session of its own: Ctrl-C must not take the site away while the run still reads its bookings back.
    complaints = folder / "stderr"
    with complaints.open("wb") as stderr:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "sniper",
            *(*command, "--db", str(folder / "practice.sqlite3"), "--json", "--while-stdin"),
            *practice.options,
            # It ends with us, however we end.
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=stderr,
            start_new_session=True,
        )
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), _READY_WITHIN)
    except TimeoutError:
        line = b""
    if not line:
        await _stop(process)
        said = complaints.read_text(encoding="utf-8", errors="replace").strip()
        raise EnvironmentProblem(f"the practice site does not start at {profile.url}: {said}")
    return process


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), _STOPS_WITHIN)
    except TimeoutError:
        process.kill()
        await process.wait()
