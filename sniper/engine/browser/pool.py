"""The browsers of a run: as many processes as its accounts need, each with contexts for some of them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from playwright.async_api import Browser, BrowserContext, Playwright, StorageState, async_playwright
from playwright.async_api import Error as PlaywrightError

from sniper.errors import EnvironmentProblem
from sniper.setup.browser import launch_options

# Fewer lose less when one browser dies; each process costs memory of its own. How late a request is does not
# depend on it (docs/benchmarks.md).
CONTEXTS_PER_BROWSER = 8

_TRIES = 2
_CLOSED_WITHIN = 5.0


@dataclass(eq=False)
class _Process:
    """A browser that runs or is being started; `taken` counts its contexts, those to come included."""

    browser: asyncio.Task[Browser]
    taken: int = 0

    @property
    def running(self) -> Browser | None:
        """The browser, unless it is still being started or did not start."""
        task = self.browser
        return None if not task.done() or task.cancelled() or task.exception() else task.result()

    def give_back(self, _context: BrowserContext) -> None:
        """One of its contexts was closed."""
        self.taken -= 1


class BrowserPool:
    """Starts a browser when all that run are full. One that dies is replaced when somebody needs a context.

    Use it as an async context manager; leaving it closes the browsers.
    """

    def __init__(
        self,
        *,
        headless: bool = True,
        contexts_per_browser: int = CONTEXTS_PER_BROWSER,
        hidden: Collection[str] = (),
        unscrubbed: Path | None = None,
        slow_motion: timedelta = timedelta(0),
    ) -> None:
        """Nothing is started yet.

        Args:
            headless: False shows the browsers' windows.
            contexts_per_browser: How many accounts share a browser process.
            hidden: Environment variables the browsers are not to know, beside our own.
            unscrubbed: Where Playwright may write down what it records; in a folder of its own choice, else.
            slow_motion: How long Playwright waits before each thing it does.
        """
        self._unscrubbed = unscrubbed
        self._slow_motion = slow_motion
        self.headless = headless
        self._hidden = hidden
        self._most = contexts_per_browser
        self._options: dict[str, Any] = {}
        self._playwright: Playwright | None = None
        self._processes: list[_Process] = []

    async def __aenter__(self) -> Self:
        self._options = launch_options(self.headless, hidden=self._hidden)
        if self._unscrubbed:
            self._options |= {"traces_dir": self._unscrubbed, "artifacts_dir": self._unscrubbed}
        if self._slow_motion:
            self._options["slow_mo"] = self._slow_motion / timedelta(milliseconds=1)
        self._playwright = await async_playwright().start()
        try:
            # The first one at once: then it is told before anything else that none starts.
            await self._start().browser
        except PlaywrightError as error:
            await self._playwright.stop()
            raise EnvironmentProblem(
                f"the browser does not start: {error.message.splitlines()[0]}",
                mend="`sniper doctor` looks for the reason.",
            ) from None
        except BaseException:
            await self._playwright.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.gather(*(_closed(process) for process in self._processes))
        if self._playwright:
            await self._playwright.stop()

    async def context(
        self, *, timezone: str, locale: str, storage_state: StorageState | None = None, **others: Any
    ) -> BrowserContext:
        """An isolated context, in a browser that has a place for it; `others` as Playwright takes them.

        Raises:
            PlaywrightError: There is none, and none can be started.
        """
        for remaining in reversed(range(_TRIES)):
            process = next((one for one in self._processes if one.taken < self._most), None) or self._start()
            process.taken += 1
            try:
                # Others may wait for the same start: who is cancelled leaves it to them.
                browser = await asyncio.shield(process.browser)
                context = await browser.new_context(
                    timezone_id=timezone, locale=locale, storage_state=storage_state, **others
                )
            except PlaywrightError:
                process.taken -= 1
                died = process.running is None or not process.running.is_connected()
                if died:
                    self._forget(process)
                if not (died and remaining):
                    raise
            except BaseException:
                process.taken -= 1
                raise
            else:
                context.once("close", process.give_back)
                return context
        raise AssertionError("the last try returns or raises")

    def _start(self) -> _Process:
        process = _Process(asyncio.create_task(self._launch()))
        self._processes.append(process)

        def started(task: asyncio.Task[Browser]) -> None:
            if task.cancelled() or task.exception():
                self._forget(process)
            else:
                task.result().on("disconnected", lambda _: self._forget(process))

        process.browser.add_done_callback(started)
        return process

    async def _launch(self) -> Browser:
        assert self._playwright is not None, "used outside its `async with`"
        # Ctrl-C goes to every process of the terminal: the browsers have to outlive it, to read back.
        return await self._playwright.chromium.launch(
            **self._options, handle_sigint=False, handle_sigterm=False, handle_sighup=False
        )

    def _forget(self, process: _Process) -> None:
        if process in self._processes:
            self._processes.remove(process)


async def _closed(process: _Process) -> None:
    """Close a browser. One that hangs is left: it ends with Playwright."""
    with suppress(PlaywrightError, TimeoutError):
        async with asyncio.timeout(_CLOSED_WITHIN):
            browser = await process.browser
            await browser.close()
