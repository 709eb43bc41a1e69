"""A parked page practises: what it does at the opening is not new to it, and shows what it can do without."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sniper.core.slots import Slot
from sniper.engine.browser.account_page import AccountPage
from sniper.engine.browser.compile import compile_rehearsal
from sniper.engine.browser.frames import without_frames
from sniper.engine.browser.inpage import HANDLE
from sniper.engine.browser.processor_time import processor_time


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What worked.

    Attributes:
        undrawn: It works without frames.
        not_laid_out: The CSS of what need not be laid out up to the press, if anything.
    """

    undrawn: bool = False
    not_laid_out: str | None = None


async def rehearse(page: AccountPage, slot: Slot) -> Rehearsed:
    """Practise what the profile says at a slot; books nothing, and leaves the page as it was.

    Raises:
        PlaywrightError: There is no page.
    """
    plan = compile_rehearsal(page.profile, slot, page.details)
    if not page.watched:
        async with without_frames(page.page):
            if await _practised(page, plan):
                return Rehearsed(True, await _measured_without_layout(page, plan))
    if await _practised(page, plan):
        await _measured(page, plan)
    return Rehearsed()


async def _practised(page: AccountPage, plan: dict[str, Any]) -> bool:
    """Whether all of it worked."""
    worked: bool = await page.page.evaluate(f"plan => {HANDLE}.rehearse(plan)", plan)
    return worked


async def _measured(page: AccountPage, plan: dict[str, Any]) -> bool:
    """Once through it, when it is warm, tells what the page needs; whether all of it worked."""
    once = plan | {"parts": [part | {"times": 1} for part in plan["parts"]]}
    async with processor_time(page.page) as used:
        worked = await _practised(page, once)
    if worked and used.duration is not None:
        page.turns.learn(used.duration)
    return worked


async def _measured_without_layout(page: AccountPage, plan: dict[str, Any]) -> str | None:
    """The same without laying out what the profile leaves out, if that works; what can be left out.

    From the press on the page is laid out: what it practises without comes after what it practises with.
    """
    for css in dict.fromkeys((page.profile.not_laid_out, None)):
        await page.page.evaluate(f"css => {HANDLE}.leaveOut(css)", css)
        if await _measured(page, plan):
            return css
    return None
