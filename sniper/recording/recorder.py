"""Records a run while it goes on, into a folder that nobody else sees; it is scrubbed before it is kept."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from playwright.async_api import BrowserContext, Page
from playwright.async_api import Error as PlaywrightError

from sniper.clock.clock import SystemClock
from sniper.core.tries import AttemptResult
from sniper.engine.browser.evidence import ConsoleLine, document_of, name_of, picture_of
from sniper.engine.browser.recording import Recording
from sniper.recording.personal import names_in

_WITHIN = 5.0
_IN_A_HURRY = 1.5
_TRACE_WITHIN = 30.0


@dataclass
class Step:
    """Something that was done, and what was kept of it.

    Attributes:
        at: On the site's clock.
        recorded_at: The same instant on this machine's, by which the browser notes its requests.
        name: What.
        files: What shows it, by their names.
        result: What came of firing.
    """

    at: datetime
    recorded_at: datetime
    name: str
    files: list[str] = field(default_factory=list)
    result: AttemptResult | None = None


@dataclass
class Taken:
    """What was taken of one account, not scrubbed yet.

    Attributes:
        account: Whose.
        folder: Where it is.
        secrets: What must not be in what is kept.
        names: What may tell who the account is.
        fills_in: Something of the person's own is filled in.
        state: What keeps it signed in, as Playwright has it; None if it never was.
        traces: Of each context it had, and each stretch of it, in their order.
        console: What its pages wrote, and the errors nobody caught in them.
        lost: What could not be had, and why.
    """

    account: str
    folder: Path
    secrets: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    fills_in: bool = False
    state: Any = None
    steps: list[Step] = field(default_factory=list)
    traces: list[list[Path]] = field(default_factory=list)
    console: list[ConsoleLine] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    @property
    def films(self) -> list[Path]:
        """Its films, in order of their making."""
        return sorted(self.folder.glob("film/*.webm"), key=lambda path: path.stat().st_mtime)


class RunRecorder:
    """A `Recorder` that takes a trace of each context, and a picture and the document at each step."""

    def __init__(
        self,
        folder: Path,
        accounts: Sequence[str],
        now: Callable[[], datetime],
        *,
        local_now: Callable[[], datetime] | None = None,
        film: bool = False,
        not_names: Collection[str] = (),
    ) -> None:
        """Nothing is recorded yet.

        Args:
            folder: Where what is taken lies until it is scrubbed. It exists.
            accounts: All that may take part.
            now: The site's clock.
            local_now: This machine's, unless told.
            film: Whether to film the pages as well.
            not_names: Words of the site that are never taken for names of people.
        """
        self.folder = folder
        self.draws = film
        self._clocks = now, local_now or SystemClock().now
        self._not_names = frozenset(not_names)
        self.taken = {
            account: Taken(account, folder / f"account-{number}", names={account})
            for number, account in enumerate(accounts, 1)
        }

    def options(self, account: str) -> dict[str, Any]:
        """See `Recorder.options`."""
        return {"record_video_dir": self.taken[account].folder / "film"} if self.draws else {}

    async def begin(self, context: BrowserContext, account: str) -> Recording:
        """See `Recorder.begin`."""
        taken = self.taken[account]
        taken.folder.mkdir(exist_ok=True, mode=0o700)
        recording = _ContextRecording(context, taken, self._clocks, self._not_names)
        await recording.begin()
        return recording


class _ContextRecording:
    """A `Recording` of one context of an account, which may have had others before."""

    def __init__(
        self,
        context: BrowserContext,
        taken: Taken,
        clocks: tuple[Callable[[], datetime], Callable[[], datetime]],
        not_names: Collection[str],
    ) -> None:
        self._context = context
        self._taken = taken
        self._now, self._local_now = clocks
        self._not_names = not_names
        self._traces = False
        self._stretches: list[Path] = []
        self._rests = False

    async def begin(self) -> None:
        """Let Playwright trace. Nothing but what pages ask and show: pictures on the way cost too much."""
        try:
            async with asyncio.timeout(_WITHIN):
                # `live` keeps the scripts as well, without which nothing can be replayed.
                await self._context.tracing.start(snapshots=True, live=True)
            self._traces = True
            self._taken.traces.append(self._stretches)
            # Traces have it, too, but not while they rest.
            self._context.on("console", lambda message: self._note(message.type, message.text))
            self._context.on("weberror", lambda found: self._note("page error", found.error.message))
        except (PlaywrightError, TimeoutError) as error:
            self._lose("the trace", error)

    def know(self, secrets: Iterable[str]) -> None:
        """See `Recording.know`."""
        self._taken.secrets.update(secrets)

    def know_state(self, state: str) -> None:
        """See `Recording.know_state`."""
        self._taken.state = json.loads(state)
        self._taken.names.update(names_in(self._taken.state, self._not_names))

    def know_person(self, details: Iterable[str]) -> None:
        """See `Recording.know_person`."""
        self._taken.names.update(details)
        self._taken.fills_in |= bool(tuple(details))

    async def step(
        self, page: Page, name: str, result: AttemptResult | None = None, *, hurry: bool = False
    ) -> None:
        """See `Recording.step`."""
        taken = self._taken
        step = Step(self._now(), self._local_now(), name, result=result)
        taken.steps.append(step)
        stem = taken.folder / f"{len(taken.steps):02}-{name_of(name)}"
        try:
            async with asyncio.timeout(_IN_A_HURRY if hurry else _WITHIN):
                stem.with_suffix(".html").write_text(await document_of(page), encoding="utf-8")
                step.files.append(f"{stem.name}.html")
                picture = stem.with_suffix(".png")
                await picture_of(page, picture, taken.names, hides_fields=taken.fills_in)
                step.files.append(f"{stem.name}.png")
        except (PlaywrightError, TimeoutError, OSError) as error:
            self._lose(f"what shows step {stem.name}", error)

    async def end(self) -> None:
        """See `Recording.end`."""
        await self.rest()
        self._traces = False

    async def rest(self) -> None:
        """See `Recording.rest`. Each call from outside would be waited for twice, to picture the document."""
        if not self._traces or self._rests:
            return
        number = sum(len(stretches) for stretches in self._taken.traces) + 1
        path = self._taken.folder / f"trace-{number}.zip"
        try:
            async with asyncio.timeout(_TRACE_WITHIN):
                await self._context.tracing.stop_chunk(path=path)
            self._rests = True
            self._stretches.append(path)
        except (PlaywrightError, TimeoutError, OSError) as error:
            self._traces = False
            self._lose("the trace", error)
            with suppress(FileNotFoundError):
                path.unlink()

    async def go_on(self) -> None:
        """See `Recording.go_on`."""
        if not self._traces or not self._rests:
            return
        try:
            async with asyncio.timeout(_WITHIN):
                await self._context.tracing.start_chunk()
            self._rests = False
        except (PlaywrightError, TimeoutError) as error:
            self._traces = False
            self._lose("the trace", error)

    def _note(self, kind: str, text: str) -> None:
        self._taken.console.append(ConsoleLine(self._now().isoformat(), kind, text))

    def _lose(self, what: str, error: Exception) -> None:
        said = "it took too long" if isinstance(error, TimeoutError) else (str(error).splitlines() or [""])[0]
        self._taken.lost.append(f"{what}: {said}")
