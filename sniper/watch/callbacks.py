"""Calls whom the person wants to be told: a command of theirs, a web hook."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx

from sniper.child_processes import kill, started
from sniper.clock.clock import Clock
from sniper.core.retry_after import pause_asked
from sniper.core.slots import Slot
from sniper.notify.messages import Kind as MessageKind
from sniper.notify.messages import Level
from sniper.notify.notifier import Notifier
from sniper.site_client import site_client
from sniper.watch.happenings import Callback, CallbackError, Happening, Kind

COMMAND_WITHIN = timedelta(seconds=30)
_PAUSES = (timedelta(seconds=1), timedelta(seconds=5), timedelta(seconds=20))
"""Before a web hook is called again."""
_LONGEST_PAUSE = timedelta(minutes=1)
_WORTH_REPEATING = frozenset({408, 425, 429})
_SERVER_ERROR = 500
_SHOWN = 200
_OURS = "SNIPER_"


def document(happening: Happening, slot: Slot | None = None) -> dict[str, Any]:
    """What happened, as JSON: all slots, or one of them."""
    slots = happening.slots if slot is None else (slot,)
    listed = [
        {
            "location": one.location,
            "sub_location": one.sub_location,
            "place": one.place,
            "start": one.start.isoformat(),
        }
        for one in slots
    ]
    return {
        "event": happening.kind.value,
        "at": happening.at.isoformat(),
        "site": happening.site,
        "title": happening.title,
        "rehearsal": happening.rehearsal,
        **({"slots": listed} if slot is None else {"slot": listed[0]}),
    }


@dataclass(frozen=True, slots=True)
class Command:
    """A command for each slot that appears: the slot stands in its environment, and as JSON on its input.

    Attributes:
        argv: The program and what it is given. No shell reads it.
        hidden: Variables of our environment that it does not get, beside all that begin with SNIPER_.
    """

    argv: Sequence[str]
    hidden: frozenset[str] = frozenset()
    within: timedelta = COMMAND_WITHIN

    @property
    def name(self) -> str:
        """The program alone: what it is given may be a secret."""
        return f"the command {self.argv[0]}"

    async def call(self, happening: Happening) -> None:
        """Run it, one slot after the other. See `Callback.call`."""
        if happening.kind is not Kind.APPEARED:
            return
        problems = []
        for slot in happening.slots:
            try:
                await self._run(document(happening, slot), _variables(happening, slot))
            except CallbackError as error:
                problems.append(str(error))
        if problems:
            raise CallbackError("; ".join(dict.fromkeys(problems)))

    async def _run(self, given: dict[str, Any], variables: Mapping[str, str]) -> None:
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(_OURS) and name not in self.hidden
        }
        try:
            # In a session of its own, so that all that it starts can be ended.
            process = await started(
                *self.argv,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                env={**kept, **variables},
            )
        except OSError as error:
            raise CallbackError(f"it cannot be started: {error.strerror or error}") from error
        try:
            async with asyncio.timeout(self.within.total_seconds()):
                said, _ = await process.communicate(json.dumps(given).encode())
        except TimeoutError:
            raise CallbackError(
                f"it took longer than {self.within.total_seconds():g} s and was ended"
            ) from None
        finally:
            if process.returncode is None:
                kill(process)
                await process.wait()
        if process.returncode:
            words = " ".join(said.decode(errors="replace").split())[-_SHOWN:]
            raise CallbackError(f"it ended with {process.returncode}{f': {words}' if words else ''}")


def _variables(happening: Happening, slot: Slot) -> dict[str, str]:
    return {
        "SNIPER_EVENT": happening.kind.value,
        "SNIPER_SITE": happening.site,
        "SNIPER_LOCATION": slot.location,
        "SNIPER_SUB_LOCATION": slot.sub_location or "",
        "SNIPER_PLACE": slot.place,
        "SNIPER_START": slot.start.isoformat(),
        "SNIPER_REHEARSAL": "1" if happening.rehearsal else "0",
    }


@dataclass(frozen=True, slots=True)
class WebHook:
    """Posts what happened, as JSON, to an address. It may be a secret: only its host is ever shown."""

    url: str = field(repr=False)
    clock: Clock

    @property
    def name(self) -> str:
        """Its host alone."""
        return f"the web hook at {urlsplit(self.url).hostname}"

    async def call(self, happening: Happening) -> None:
        """Post it; again a little later where that may help. See `Callback.call`."""
        body = document(happening)
        async with site_client(self.url) as client:
            for pause in (*_PAUSES, None):
                again_after = await self._post(client, body, pause)
                if again_after is None:
                    return
                await self.clock.sleep_until(self.clock.now() + again_after)

    async def _post(
        self, client: httpx.AsyncClient, body: dict[str, Any], pause: timedelta | None
    ) -> timedelta | None:
        """None where it was taken, else the pause before the next time.

        Raises:
            CallbackError: It was not, and this was the last time.
        """
        try:
            response = await client.post(self.url, json=body)
        except (httpx.HTTPError, httpx.InvalidURL, OverflowError, UnicodeError) as error:
            # What it says may hold the address.
            if pause is None:
                raise CallbackError(f"it does not answer ({type(error).__name__})") from None
            return pause
        status = response.status_code
        if response.is_success:
            return None
        if pause is None or not (status in _WORTH_REPEATING or status >= _SERVER_ERROR):
            raise CallbackError(f"it answers {status}")
        asked = pause_asked(response.headers.get("Retry-After"), self.clock.now())
        return min(max(pause, asked or pause), _LONGEST_PAUSE)


@dataclass(frozen=True, slots=True)
class Notification:
    """The channels of bookings.json."""

    notifier: Notifier

    @property
    def name(self) -> str:
        """All of them: each tells of itself when it fails."""
        return "the notifications"

    async def call(self, happening: Happening) -> None:
        """Have it sent; that goes on by itself. See `Callback.call`."""
        appeared = happening.kind is Kind.APPEARED
        what = ", ".join(f"{slot.place} {slot.start:%H:%M}" for slot in happening.slots)
        self.notifier.say(
            Level.RESULTS,
            MessageKind.SUCCESS if appeared else MessageKind.INFO,
            f"{what}: {'can be had' if appeared else 'not to be had any more'}",
            "\n".join(str(slot) for slot in happening.slots),
        )


class Calls:
    """Calls everybody about everything, while the watch goes on."""

    def __init__(self, callbacks: Iterable[Callback], failed: Callable[[str], None]) -> None:
        """Nobody is called yet; `failed` is told who could not be, and why."""
        self._callbacks = tuple(callbacks)
        self._failed = failed
        self._going: set[asyncio.Task[None]] = set()

    def about(self, happening: Happening) -> None:
        """Begin to call everybody; returns at once."""
        for callback in self._callbacks:
            task = asyncio.create_task(self._call(callback, happening))
            self._going.add(task)
            task.add_done_callback(self._going.discard)

    async def done(self, within: timedelta) -> None:
        """Wait for those who are still being called, though not for ever."""
        if self._going:
            _, late = await asyncio.wait(set(self._going), timeout=within.total_seconds())
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _call(self, callback: Callback, happening: Happening) -> None:
        try:
            await callback.call(happening)
        except CallbackError as error:
            self._failed(f"{callback.name} could not be called: {error}")
        except asyncio.CancelledError:
            self._failed(f"{callback.name} could not be called in time")
            raise
