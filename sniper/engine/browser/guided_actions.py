"""`Actions` of pages that armed.js is in: it finds and waits, and says where mouse and keyboard are to act.

Through locators a processor takes a third longer until a page stands ready (docs/benchmarks.md), which
tells where many are to be ready at once. The events that come of it are the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Self
from uuid import uuid4

from playwright.async_api import BrowserContext, Page
from playwright.async_api import Error as PlaywrightError

from sniper.core.outcomes import Outcome
from sniper.engine.browser.compile import compile_guided, compile_selector
from sniper.engine.browser.follower import Follower
from sniper.engine.browser.inpage import HANDLE
from sniper.engine.browser.selectors import Values, filled
from sniper.engine.browser.steps import OnElements, Shown, StepError, action_of, answered, milliseconds
from sniper.sites.steps import (
    Check,
    CheckStep,
    Click,
    ClickStep,
    Fill,
    FillStep,
    NgSelectStep,
    Selector,
    SelectStep,
    SetDate,
)

_CARRY_OUT = f"([step, id]) => {HANDLE}.carryOut(step, id)"
_FIRST_SHOWN = f"([selectors, within]) => {HANDLE}.firstShown(selectors, within)"
# Nobody tells a page that it need not look any more: it looks no longer than this at a time.
_LOOK = timedelta(seconds=2)
# A page ends a step by itself that takes too long, to press, to see it pressed, or to leave; not if it hangs.
_STAGES = 3
_HANGS = timedelta(seconds=2)
_SECOND = timedelta(seconds=1)
# Left before it is proven, nothing is known.
_PROVEN = (CheckStep, NgSelectStep, SelectStep)


@dataclass
class _Work:
    """One step that is being carried out."""

    page: Page
    step: OnElements
    values: Values
    by: Follower
    answers: AsyncExitStack
    id: str = field(default_factory=lambda: uuid4().hex)
    has_acted: bool = False
    error: Exception | None = None

    async def do(self, what: dict[str, Any]) -> Any:
        """What the page asks for, right before anything is done."""
        if not self.has_acted:
            self.by.go()
            action = action_of(self.step)
            if isinstance(action, Click | Fill | SetDate | Check):
                heard = answered(self.page, action.expect, action.timeout, self.by.noted)
                await self.answers.enter_async_context(heard)
            self.has_acted = True
        match what["kind"]:
            case "press":
                await self.page.mouse.click(what["x"], what["y"])
            case "type":
                if text := self._text():
                    await self.page.keyboard.insert_text(text)
                else:
                    await self.page.keyboard.press("Delete")
            case "text":
                return self._text()
        return True

    def _text(self) -> str:
        assert isinstance(self.step, FillStep)
        return filled(self.step.fill.value, self.values)


class GuidedActions:
    """See `Actions`. Of one context, in which one step is carried out at a time.

    Make it with `install`, before the context's first page.
    """

    def __init__(self) -> None:
        self._work: _Work | None = None

    @classmethod
    async def install(cls, context: BrowserContext) -> Self:
        """Let the pages of a context, which has armed.js, ask for mouse and keyboard."""
        guided = cls()
        await context.expose_binding("sniperHand", lambda _source, what: guided._asked(what))
        return guided

    async def carry_out(self, page: Page, step: OnElements, values: Values, by: Follower) -> None:
        """See `Actions.carry_out`. Up to where something is done, it goes on in whatever document comes."""
        async with AsyncExitStack() as answers:
            work = self._work = _Work(page, step, values, by, answers)
            try:
                async with asyncio.timeout((action_of(step).timeout * _STAGES + _HANGS) / _SECOND):
                    failed = await self._carried_out(work)
            except PlaywrightError as error:
                raise work.error or error from None
            finally:
                self._work = None
            if work.error:
                raise work.error
            if failed:
                raise StepError(Outcome(failed["outcome"]), failed["message"])

    async def first_shown(
        self, page: Page, selectors: Sequence[Selector], values: Values, within: timedelta | None
    ) -> Shown | None:
        """See `Actions.first_shown`."""
        compiled = [compile_selector(one, values) for one in selectors]
        loop = asyncio.get_running_loop()
        end = None if within is None else loop.time() + within / _SECOND
        while end is None or loop.time() < end:
            look = _LOOK if end is None else min(_LOOK, (end - loop.time()) * _SECOND)
            try:
                async with asyncio.timeout((look + _HANGS) / _SECOND):
                    found = await page.evaluate(_FIRST_SHOWN, [compiled, milliseconds(look)])
            except TimeoutError:
                continue
            except PlaywrightError as error:
                if not _was_left(error):
                    raise
                continue
            if found:
                return Shown(found["place"], found["text"])
        return None

    async def _carried_out(self, work: _Work) -> dict[str, Any] | None:
        """What went wrong, if anything did."""
        compiled, loop = compile_guided(work.step, work.values), asyncio.get_running_loop()
        end = loop.time() + compiled["timeout"] / 1000
        while (left := end - loop.time()) > 0:
            try:
                failed: dict[str, Any] | None = await work.page.evaluate(
                    _CARRY_OUT, [compiled | {"timeout": left * 1000}, work.id]
                )
            except PlaywrightError as error:
                if not _was_left(error):
                    raise
                if work.has_acted:
                    if isinstance(work.step, _PROVEN):
                        raise
                    await _arrived(work.page)
                    return None
            else:
                return failed
        if isinstance(work.step, ClickStep):
            action = work.step.click
            raise StepError(action.absent, f"{action.on.css} was not there in time")
        raise TimeoutError

    async def _asked(self, what: dict[str, Any]) -> Any:
        """What a page asks for; None where it is not wanted any more."""
        work = self._work
        if work is None or what.get("id") != work.id:
            return None
        try:
            return await work.do(what)
        except Exception as error:  # noqa: BLE001 - it is raised where the step is carried out
            work.error = error
            return None


def _was_left(error: PlaywrightError) -> bool:
    """Has the page gone to another document meanwhile?"""
    return "Execution context was destroyed" in error.message


async def _arrived(page: Page) -> None:
    """Wait until a page that has left a document is at the next: what is asked of it before would be lost."""
    while True:
        try:
            await page.evaluate("0")
        except PlaywrightError as error:
            if not _was_left(error):
                raise
        else:
            return
