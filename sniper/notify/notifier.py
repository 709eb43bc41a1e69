"""Listens to a run, and has people told of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

from sniper.clock.site import SiteClock
from sniper.core.outcomes import Proof
from sniper.core.plan import Held
from sniper.events import Event, Noted, Proven, RunStarted, Tell, WaveOver, WavePlanned
from sniper.logs import logger
from sniper.notify.channels import Channel
from sniper.notify.messages import Kind, Level, Message, Scene, message_of
from sniper.notify.sender import Sender

_LOG = logger("notify")
QUIET_BEFORE = timedelta(seconds=15)
"""So long before an opening, and until the answers of its wave are proven, no message is on its way."""
FLUSHED_WITHIN = timedelta(seconds=20)
_TOLD_AFTER = timedelta(seconds=1)
_STEP = 0.05


class Notifier:
    """Makes messages of a run's events. Use it as an async context manager around the run: leaving it lets
    what has not gone out go out, within 20 s.

    Nothing that goes wrong here reaches the run.
    """

    def __init__(
        self,
        channels: Iterable[Channel],
        scene: Scene,
        terminal: Tell,
        is_quiet: Callable[[timedelta], bool] | None = None,
    ) -> None:
        """Nothing is sent yet.

        Args:
            channels: Where messages go.
            scene: Which site it is about.
            terminal: Told when a channel fails.
            is_quiet: Whether what takes so long may not set out just now, asked from threads; around the
                openings of the run that this listens to, if None.
        """
        self._sender = Sender(channels, is_quiet or self._is_quiet, self._fails)
        self._scene = scene
        self._terminal = terminal
        self._clock: SiteClock | None = None
        self._opening: datetime | None = None
        self._told: set[tuple[Held, Proof]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def wants_pictures(self) -> bool:
        """Could any channel send one?"""
        return self._sender.wants_pictures

    @property
    def waiting(self) -> dict[str, int]:
        """How many messages have not gone out yet, by the names of their channels."""
        return self._sender.waiting

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._sender.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Whoever asks for the end once more does not want to wait for this; how the run ended stays.
        with suppress(asyncio.CancelledError):
            await self._flush()
        self._sender.stop()

    def go_by(self, clock: SiteClock) -> None:
        """From now on times are told, and openings waited for, on the site's clock."""
        self._clock = clock

    def tell(self, event: Event) -> None:
        """Have people told of an event, if it is worth a message."""
        if not self._sender:
            return
        try:
            self._take(event)
        except Exception:  # noqa: BLE001 - no notification harms a booking
            _LOG.exception("an event could not be made a message of")

    def say(self, level: Level, kind: Kind, what: str, more: str = "") -> None:
        """Have people told of something that is no event of a run."""
        if self._sender:
            now = self._now().astimezone(self._scene.zone)
            self._sender.post(Message(level, kind, what, more, now, self._scene))

    def _take(self, event: Event) -> None:
        match event:
            case RunStarted(run_id):
                self._scene = replace(self._scene, run_id=run_id)
            case WavePlanned(_, wave):
                self._opening = wave.opens_at
            case WaveOver():
                self._opening = None
            case Proven(booking, proof):
                if (booking, proof) in self._told:
                    return  # Each reading of my bookings proves it anew.
                self._told.add((booking, proof))
        if message := message_of(event, self._scene, self._now()):
            self._sender.post(message)

    def _now(self) -> datetime:
        return self._clock.now() if self._clock else datetime.now(UTC)

    def _is_quiet(self, takes: timedelta) -> bool:
        """May what takes so long not set out now? It could still be on its way when the quiet begins."""
        opening = self._opening
        return opening is not None and self._now() + takes >= opening - QUIET_BEFORE

    def _fails(self, why: str) -> None:
        """Called from a thread."""
        if self._loop:
            with suppress(RuntimeError):  # The run is over, and its loop closed.
                self._loop.call_soon_threadsafe(self._terminal, Noted(why))

    async def _flush(self) -> None:
        self._sender.hurry()
        loop = asyncio.get_running_loop()
        begun, has_told = loop.time(), False
        while self.waiting and (waited := timedelta(seconds=loop.time() - begun)) < FLUSHED_WITHIN:
            if waited > _TOLD_AFTER and not has_told:
                has_told = True
                names = ", ".join(self.waiting)
                within = f"{FLUSHED_WITHIN / timedelta(seconds=1):.0f} s"
                self._terminal(Noted(f"waiting for notifications to go out ({names}), {within} at most"))
            await asyncio.sleep(_STEP)
        for name, number in self.waiting.items():
            _LOG.error("messages were never told", channel=name, messages=number)
            messages = "1 notification" if number == 1 else f"{number} notifications"
            self._terminal(Noted(f"{messages} could not be sent by {name} (`sniper notify test` tries it)"))
