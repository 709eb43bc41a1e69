"""`Actions` through Playwright's locators: as a person does it, who is watched."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from playwright.async_api import Locator, Page
from playwright.async_api import TimeoutError as PlaywrightTimeout

from sniper.core.outcomes import Outcome
from sniper.engine.browser.follower import Follower
from sniper.engine.browser.inpage import source
from sniper.engine.browser.selectors import Values, editable, filled, locate, ready, shown
from sniper.engine.browser.steps import OnElements, Shown, StepError, answered, milliseconds
from sniper.sites.steps import (
    Check,
    CheckStep,
    Click,
    ClickStep,
    DateStep,
    Fill,
    FillStep,
    NgSelect,
    NgSelectStep,
    SelectOption,
    Selector,
    SelectStep,
    SetDate,
    Until,
    WaitFor,
    WaitForStep,
)

_NG_SELECT = source("ng_select")
_NATIVE_SELECT = source("native_select")
_FOUND_AGAIN = timedelta(seconds=5)
# Between being found and pressed it may have been drawn anew: what is on the page no more is not pressed.
_PRESS = f"el => el.isConnected && (({source('hand')})().pressed(el), true)"
_IS_TICKED = f"el => ({source('hand')})().isTicked(el)"
_SET_VALUE = f"(field, value) => ({source('hand')})().setValue(field, value)"


class LocatorActions:
    """See `Actions`."""

    async def carry_out(self, page: Page, step: OnElements, values: Values, by: Follower) -> None:
        """See `Actions.carry_out`."""
        match step:
            case ClickStep():
                await self._click(page, step.click, values, by)
            case FillStep():
                await self._fill(page, step.fill, values, by)
            case DateStep():
                await self._set_date(page, step.date, values, by)
            case CheckStep():
                await self._check(page, step.check, values, by)
            case NgSelectStep():
                await self._choose(page, _NG_SELECT, step.ng_select, values, by)
            case SelectStep():
                await self._choose(page, _NATIVE_SELECT, step.select, values, by)
            case WaitForStep():
                await self._wait(page, step.wait_for, values)

    async def _click(self, page: Page, action: Click, values: Values, by: Follower) -> None:
        """Press the control, or find out what stands there instead."""
        found = locate(page, action.on, values)
        if action.if_present and not await found.count():
            return
        control = ready(page, found, action.until)
        others = {outcome: shown(locate(page, it, values)) for outcome, it in action.or_outcome.items()}
        skip = shown(locate(page, action.or_skip, values)) if action.or_skip else None
        any_of = control
        for other in (*others.values(), *((skip,) if skip else ())):
            any_of = any_of.or_(other)
        try:
            await any_of.first.wait_for(state="attached", timeout=milliseconds(action.timeout))
        except PlaywrightTimeout:
            raise StepError(action.absent, f"{action.on.css} was not there in time") from None
        if skip and await skip.count():
            return
        for outcome, other in others.items():
            if await other.count():
                raise StepError(outcome, "so the page says")
        by_mouse = action.until is Until.ENABLED and await _is_in_reach(control, action.timeout)
        by.go()
        async with answered(page, action.expect, action.timeout, by.noted):
            await _press(control, action.timeout, by_mouse=by_mouse)

    async def _fill(self, page: Page, action: Fill, values: Values, by: Follower) -> None:
        """Type into the field."""
        timeout = milliseconds(action.timeout)
        field = editable(page, locate(page, action.into, values)).first
        skip = shown(locate(page, action.or_skip, values)) if action.or_skip else None
        await (field.or_(skip).first if skip else field).wait_for(state="attached", timeout=timeout)
        if skip and await skip.count():
            return
        by.go()
        async with answered(page, action.expect, action.timeout, by.noted):
            await field.fill(filled(action.value, values), timeout=timeout)
            # The browser tells of it only when the focus leaves the field, which it may never do.
            await field.dispatch_event("change", timeout=timeout)

    async def _set_date(self, page: Page, action: SetDate, values: Values, by: Follower) -> None:
        """Set the field."""
        timeout = milliseconds(action.timeout)
        field = locate(page, action.into, values).first
        await field.wait_for(state="attached", timeout=timeout)
        by.go()
        async with answered(page, action.expect, action.timeout, by.noted):
            await field.evaluate(_SET_VALUE, filled(action.value, values), timeout=timeout)

    async def _check(self, page: Page, action: Check, values: Values, by: Follower) -> None:
        """Tick the box, unless it is ticked."""
        timeout = milliseconds(action.timeout)
        found = locate(page, action.on, values)
        # Of one that is ticked nothing is wanted, whatever its state.
        ticked = found.and_(page.locator(":checked, [aria-checked='true']"))
        box = ready(page, found, Until.ENABLED).or_(ticked).first
        await box.wait_for(state="attached", timeout=timeout)
        if await box.is_checked():
            return
        by_mouse = await _is_in_reach(box, action.timeout)
        # Drawn anew, it may not be the first any more that fits.
        pressed = await box.element_handle()
        by.go()
        async with answered(page, action.expect, action.timeout, by.noted):
            await _press(box, action.timeout, by_mouse=by_mouse)
        await page.wait_for_function(_IS_TICKED, arg=pressed, timeout=timeout)

    async def _choose(
        self, page: Page, script: str, action: NgSelect | SelectOption, values: Values, by: Follower
    ) -> None:
        """Choose the option."""
        host = locate(page, action.on, values).first
        option, timeout = filled(action.option, values), milliseconds(action.timeout)
        await host.wait_for(state="attached", timeout=timeout)
        by.go()
        report = await host.evaluate(script, {"option": option, "timeout": timeout})
        on_offer = ", ".join(report["seen"]) or "nothing"
        match report["result"]:
            case "disabled":
                raise StepError(Outcome.OPTION_DISABLED, f"{option} is shown, but cannot be chosen")
            case "absent":
                raise StepError(Outcome.NOT_OFFERED, f"the picker has no {option} (it has: {on_offer})")
            case "unproven":
                raise StepError(Outcome.FAILED, f"{option} was pressed, but the picker does not show it")

    async def _wait(self, page: Page, action: WaitFor, values: Values) -> None:
        """Wait until the page is like that."""
        timeout = milliseconds(action.timeout)
        if action.seen:
            found = shown(locate(page, action.seen, values))
            await found.first.wait_for(state="attached", timeout=timeout)
        elif action.present:
            await locate(page, action.present, values).first.wait_for(state="attached", timeout=timeout)
        elif action.gone:
            found = shown(locate(page, action.gone, values))
            await found.first.wait_for(state="detached", timeout=timeout)
        else:
            there = "key => localStorage.getItem(key) !== null"
            await page.wait_for_function(there, arg=action.local_storage, timeout=timeout, polling=50)

    async def first_shown(
        self, page: Page, selectors: Sequence[Selector], values: Values, within: timedelta | None
    ) -> Shown | None:
        """See `Actions.first_shown`."""
        every = [shown(locate(page, one, values)) for one in selectors]
        any_of = every[0]
        for other in every[1:]:
            any_of = any_of.or_(other)
        timeout = 0 if within is None else milliseconds(within)
        while True:
            try:
                await any_of.first.wait_for(state="attached", timeout=timeout)
            except PlaywrightTimeout:
                return None
            for place, one in enumerate(every):
                if await one.count():
                    return Shown(place, " ".join((await one.first.inner_text()).split()))


async def _is_in_reach(control: Locator, within: timedelta) -> bool:
    """Can the mouse press it: does it stand still, and does nothing lie over it?"""
    try:
        await control.first.click(trial=True, timeout=milliseconds(within))
    except PlaywrightTimeout:
        return False
    return True


async def _press(control: Locator, within: timedelta, *, by_mouse: bool) -> None:
    """What the mouse does not reach is pressed all the same, as a keyboard would."""
    if by_mouse:
        await control.first.click(timeout=milliseconds(within))
    else:
        async with asyncio.timeout(max(within, _FOUND_AGAIN) / timedelta(seconds=1)):
            while not await control.first.evaluate(_PRESS):
                pass
