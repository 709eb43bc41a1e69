"""Reads the files again: when they change, when a signal says so, and when `sniper serve reload` asks."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from sniper.clock.clock import Clock
from sniper.errors import EnvironmentProblem, InputError
from sniper.scheduling import FromFile, sync
from sniper.service.daemon import Daemon, Times
from sniper.service.files import Files
from sniper.service.place import GLANCES_EVERY
from sniper.service.telling import FileRead, FileRefused, TellAll
from sniper.store.repository import Store


class Reloading:
    """Keeps the schedules in the store what the files say. A file that is wrong changes nothing.

    Runs that are under way go on with what the file said when they began.
    """

    def __init__(
        self,
        files: Files,
        store: Store,
        number: int,
        clock: Clock,
        times: Times,
        daemon: Daemon,
        tell: TellAll,
    ) -> None:
        """Nothing is read yet.

        Args:
            files: What they said when they were last read.
            store: Open.
            number: Of the daemon, as the store gave it.
            clock: This machine's.
            times: What time it is at the sites.
            daemon: Looks anew after every reading.
            tell: Called for what was read, and for what is wrong.
        """
        self._files = files
        self._store = store
        self._number = number
        self._clock = clock
        self._times = times
        self._daemon = daemon
        self._tell = tell
        self._wanted = asyncio.Event()
        self._done = 0

    def soon(self) -> None:
        """Read all files again at the next opportunity."""
        self._wanted.set()

    async def begin(self) -> None:
        """Bring the store up to what the files said when they were read.

        Raises:
            EnvironmentProblem: A practice site, or the database, does not answer.
        """
        for file in self._files:
            await self._sync(file)

    async def watch(self) -> None:
        """Read again whatever has changed or is asked for, for ever.

        Raises:
            EnvironmentProblem: The database does not answer.
        """
        while True:
            if not self._daemon.runs.in_volley:
                await self._look()
            await self._pause()

    async def _look(self) -> None:
        asked = await asyncio.to_thread(self._store.asked_of_daemon, self._number)
        everything = asked > self._done or self._wanted.is_set()
        self._wanted.clear()
        changed = await asyncio.to_thread(self._files.changed)
        paths = [Path(path) for path in self._files.paths] if everything else changed
        if paths:
            complaint = await self.read_again(paths)
            self._store.has_read(self._number, asked, self._files.paths, complaint)
            self._done = asked

    async def read_again(self, paths: Sequence[Path]) -> str | None:
        """Read these files; returns what is wrong with those that were refused."""
        complaints = []
        for path in paths:
            try:
                file = await asyncio.to_thread(self._files.read_again, path)
                await self._sync(file)
            except (InputError, EnvironmentProblem) as error:
                complaints.append(error.explain())
                self._tell(FileRefused(str(path), error.explain()))
        self._daemon.runs.forgive()
        self._daemon.renew_soon()
        return "\n".join(complaints) or None

    async def _sync(self, file: FromFile) -> None:
        now = await self._times.now(file.profile)
        synced = await asyncio.to_thread(sync, file, self._store, now)
        self._tell(FileRead(str(file.document.path), synced.added, synced.changed, synced.removed))

    async def _pause(self) -> None:
        waits = [
            asyncio.create_task(self._wanted.wait()),
            asyncio.create_task(self._clock.sleep_until(self._clock.now() + GLANCES_EVERY)),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waits:
                task.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
