"""Has people told of what no run and no watch tells them: days that are missed, files that are refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta

from sniper.clock.clock import Clock
from sniper.config.notifications import NotificationConfig, channels
from sniper.errors import InputError, SniperError
from sniper.events import Event, Noted
from sniper.notify.messages import Kind, Level, Scene
from sniper.notify.notifier import Notifier
from sniper.scheduling import FromFile
from sniper.service.files import Files
from sniper.service.telling import FileRefused, Missed, PutOff, Said, ServiceEvent, TellAll, name_of

_AGAIN_AFTER = timedelta(hours=24)
"""The same problem is told again when so much time has passed."""


class Notices:
    """Listens to a daemon. Each file's channels hear what concerns it; what concerns all, all of them."""

    def __init__(self, files: Files, clock: Clock, is_quiet: Callable[[], bool], terminal: TellAll) -> None:
        """Nothing is sent yet.

        Args:
            files: Those that are served.
            clock: This machine's.
            is_quiet: Is a wave in flight, so that nothing may be sent?
            terminal: Told when a channel fails.
        """
        self._files = files
        self._clock = clock
        self._is_quiet = is_quiet
        self._terminal = terminal
        self._stack = AsyncExitStack()
        self._notifiers: dict[tuple[object, ...], Notifier] = {}
        self._opening = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._told: dict[str, datetime] = {}

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Within the block messages go out; leaving it lets the last ones go out, within 20 s.

        What ends the block early is told, too.
        """
        async with self._stack:
            try:
                yield
            except SniperError as error:
                self._post(self._files, Kind.FAILURE, "the daemon has ended", error.explain())
                raise
            except Exception as error:
                what = f"{type(error).__name__}: a mistake of sniper's own"
                self._post(self._files, Kind.FAILURE, "the daemon has ended", what)
                raise
            finally:
                await asyncio.gather(*self._tasks)

    def tell(self, event: ServiceEvent) -> None:
        """Have people told of an event, if it is worth a message and no run has told it."""
        match event:
            case Missed(day, why):
                self._post(self._of_site(day.site), Kind.FAILURE, f"{name_of(day)} was missed", why)
            case PutOff(day, why, _, told) if not told:
                self._post(self._of_site(day.site), Kind.WARNING, f"{name_of(day)} cannot be run now", why)
            case FileRefused(path, complaint):
                mend = f"{complaint}\nWhat it said before still holds."
                self._post(self._of_path(path), Kind.WARNING, f"{path} is refused", mend)
            case Said(text, problem=True, told=False):
                # Of a mistake of ours only what it is: the rest is for the log.
                *_, last = text.splitlines() or [""]
                if self._is_new(last):
                    first = text.splitlines()[0]
                    self._post(self._files, Kind.WARNING, first, last if last != first else "")

    def _is_new(self, problem: str) -> bool:
        now = self._clock.now()
        told = self._told.get(problem)
        if told is not None and now - told < _AGAIN_AFTER:
            return False
        self._told[problem] = now
        return True

    def _of_site(self, site: str) -> Iterable[FromFile]:
        return [file for file in self._files if file.profile.name == site] or self._files

    def _of_path(self, path: str) -> Iterable[FromFile]:
        return [file for file in self._files if str(file.document.path.resolve()) == path] or self._files

    def _post(self, files: Iterable[FromFile], kind: Kind, what: str, more: str) -> None:
        """Send it by the channels of these files, each channel once."""
        wanted: dict[NotificationConfig, FromFile] = {}
        for file in files:
            for one in file.bookings.notifications:
                wanted.setdefault(one, file)
        for config, file in wanted.items():
            task = asyncio.create_task(self._say(config, file, kind, what, more))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _say(
        self, config: NotificationConfig, file: FromFile, kind: Kind, what: str, more: str
    ) -> None:
        try:
            notifier = await self._notifier(config, file)
        except InputError as error:
            self._terminal(Said(f"a channel of {file.document.path} cannot be used: {error}"))
            return
        notifier.say(Level.PROBLEMS, kind, what, more)

    async def _notifier(self, config: NotificationConfig, file: FromFile) -> Notifier:
        profile = file.profile
        async with self._opening:
            key = (config, profile.name)
            known = self._notifiers.get(key)
            if known is None:
                scene = Scene(profile.title, profile.practice is not None, profile.timezone)
                made = Notifier(channels((config,)), scene, self._fails, lambda _: self._is_quiet())
                known = self._notifiers[key] = await self._stack.enter_async_context(made)
            return known

    def _fails(self, event: Event) -> None:
        if isinstance(event, Noted):
            self._terminal(Said(event.text))
