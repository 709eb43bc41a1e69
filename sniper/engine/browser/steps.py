"""A profile's steps carried out through Playwright locators."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, Request
from playwright.async_api import TimeoutError as PlaywrightTimeout

from sniper.core.outcomes import Outcome
from sniper.core.tries import Mark
from sniper.engine.browser.inpage import source
from sniper.engine.browser.selectors import Values, filled, locate
from sniper.sites.steps import (
    Check,
    CheckStep,
    Click,
    ClickStep,
    DateStep,
    EachLocationStep,
    Fill,
    FillStep,
    GotoStep,
    NgSelect,
    NgSelectStep,
    Press,
    PressStep,
    Reload,
    ReloadStep,
    SelectOption,
    Selector,
    SelectStep,
    SetDate,
    Step,
    Until,
    WaitFor,
    WaitForStep,
)

Noted = Callable[[Mark, str], None]
_NG_SELECT = source("ng_select")
_NATIVE_SELECT = source("native_select")
# Angular listens to the events, not to the value; the prototype's setter is the one a person's hand uses.
_SET_VALUE = """(field, value) => {
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(field, value);
    field.dispatchEvent(new Event("input", {bubbles: true}));
    field.dispatchEvent(new Event("change", {bubbles: true}));
}"""


@dataclass
class StepError(Exception):
    """A step that did not work: what it was, and what it means for the try. Never a secret."""

    outcome: Outcome
    message: str

    def __str__(self) -> str:
        return self.message


def not_noted(_mark: Mark, _detail: str) -> None:
    """Nobody keeps a timeline."""


async def run_steps(
    page: Page,
    base_url: str,
    steps: Iterable[Step],
    values: Values,
    locations: Sequence[Values] = (),
    noted: Noted = not_noted,
) -> None:
    """Carry out steps in order.

    Args:
        page: Where.
        base_url: What `goto` paths stand below, without a slash at the end.
        steps: What.
        values: What the placeholders stand for.
        locations: The words of each location of the chain, for `each_location`.
        noted: Called for what a step asks the site and awaits, and for its answer.

    Raises:
        StepError: A step did not work, or saw what means an outcome.
    """
    for step in steps:
        try:
            await _run(page, base_url, step, values, locations, noted)
        except (PlaywrightTimeout, TimeoutError):
            raise StepError(Outcome.FAILED, f"{described(step)}: nothing happened in time") from None
        except PlaywrightError as error:
            # Only the first line: what follows is a log that repeats what was typed.
            raise StepError(Outcome.FAILED, f"{described(step)}: {_first_line(error)}") from None


async def _run(
    page: Page, base_url: str, step: Step, values: Values, locations: Sequence[Values], noted: Noted
) -> None:
    if isinstance(step, GotoStep):
        await page.goto(base_url + filled(step.goto, values), wait_until="domcontentloaded")
        return
    if isinstance(step, EachLocationStep):
        for words in locations:
            await run_steps(page, base_url, step.each_location, {**values, **words}, noted=noted)
        return
    action = action_of(step)
    if action.only_with is not None and values.get(action.only_with) is None:
        return
    match action:
        case Click():
            await _click(page, action, values, noted)
        case Fill():
            field = locate(page, action.into, values).first
            await field.fill(filled(action.value, values), timeout=_ms(action.timeout))
        case SetDate():
            field = locate(page, action.into, values).first
            async with _answered(page, action.expect, action.timeout, noted):
                await field.evaluate(_SET_VALUE, filled(action.value, values), timeout=_ms(action.timeout))
        case Check():
            box = locate(page, action.on, values).first
            if not await box.is_checked(timeout=_ms(action.timeout)):
                async with _answered(page, action.expect, action.timeout, noted):
                    await box.check(timeout=_ms(action.timeout))
        case Press():
            await page.keyboard.press(action.key)
        case NgSelect():
            await _choose(page, _NG_SELECT, action, values)
        case SelectOption():
            await _choose(page, _NATIVE_SELECT, action, values)
        case Reload():
            await page.reload(wait_until="domcontentloaded", timeout=_ms(action.timeout))
        case WaitFor():
            await _wait(page, action, values)


async def _click(page: Page, action: Click, values: Values, noted: Noted) -> None:
    """Press the control, or find out what stands there instead."""
    control = locate(page, action.on, values)
    if action.if_present and not await control.count():
        return
    others = {outcome: locate(page, selector, values) for outcome, selector in action.or_outcome.items()}
    skip = locate(page, action.or_skip, values) if action.or_skip else None
    any_of = control
    for other in (*others.values(), *((skip,) if skip else ())):
        any_of = any_of.or_(other)
    try:
        await any_of.first.wait_for(
            state="attached" if action.until is Until.PRESENT else "visible", timeout=_ms(action.timeout)
        )
    except PlaywrightTimeout:
        raise StepError(action.absent, f"{action.on.css} was not there in time") from None
    if skip and await skip.count():
        return
    for outcome, other in others.items():
        if await other.count():
            raise StepError(outcome, "so the page says")
    async with _answered(page, action.expect, action.timeout, noted):
        if action.until is Until.ENABLED:
            # Some pages only write it down in the class.
            await control.and_(page.locator(":not(.disabled)")).first.click(timeout=_ms(action.timeout))
        else:
            await control.first.dispatch_event("click", timeout=_ms(action.timeout))


async def _choose(page: Page, script: str, action: NgSelect | SelectOption, values: Values) -> None:
    host = locate(page, action.on, values).first
    option = filled(action.option, values)
    await host.wait_for(state="attached", timeout=_ms(action.timeout))
    report = await host.evaluate(script, {"option": option, "timeout": _ms(action.timeout)})
    on_offer = ", ".join(report["seen"]) or "nothing"
    match report["result"]:
        case "disabled":
            raise StepError(Outcome.OPTION_DISABLED, f"{option} is shown, but cannot be chosen")
        case "absent":
            raise StepError(Outcome.NOT_OFFERED, f"the picker has no {option} (it has: {on_offer})")
        case "unproven":
            raise StepError(Outcome.FAILED, f"{option} was pressed, but the picker does not show it")


async def _wait(page: Page, action: WaitFor, values: Values) -> None:
    timeout = _ms(action.timeout)
    if action.seen:
        await locate(page, action.seen, values).first.wait_for(state="visible", timeout=timeout)
    elif action.present:
        await locate(page, action.present, values).first.wait_for(state="attached", timeout=timeout)
    elif action.gone:
        await locate(page, action.gone, values).first.wait_for(state="hidden", timeout=timeout)
    else:
        await page.wait_for_function(
            "key => localStorage.getItem(key) !== null", arg=action.local_storage, timeout=timeout, polling=50
        )


@asynccontextmanager
async def _answered(page: Page, path: str | None, within: timedelta, noted: Noted) -> AsyncIterator[None]:
    """Wait, after the body, until the answer to a request whose path ends in `path` is complete."""
    if path is None:
        yield
        return

    def asked(request: Request) -> None:
        if urlsplit(request.url).path.endswith(path):
            noted(Mark.ASKED, urlsplit(request.url).path)

    page.on("request", asked)
    try:
        async with page.expect_response(
            lambda response: urlsplit(response.url).path.endswith(path), timeout=_ms(within)
        ) as info:
            yield
        response = await info.value
        async with asyncio.timeout(within / timedelta(seconds=1)):
            await response.finished()
        noted(Mark.HEARD, str(response.status))
    finally:
        page.remove_listener("request", asked)


Action = Click | Fill | SetDate | Check | Press | NgSelect | SelectOption | WaitFor | Reload


def action_of(step: Step) -> Action:
    """What a step does, out of its wrapping."""
    match step:
        case ClickStep():
            return step.click
        case FillStep():
            return step.fill
        case DateStep():
            return step.date
        case CheckStep():
            return step.check
        case PressStep():
            return step.press
        case NgSelectStep():
            return step.ng_select
        case SelectStep():
            return step.select
        case WaitForStep():
            return step.wait_for
        case ReloadStep():
            return step.reload
    raise TypeError(f"{type(step).__name__} has no single action")


def described(step: Step) -> str:
    """The step as it stands in the profile, its placeholders unfilled: safe to show."""
    if isinstance(step, GotoStep):
        return f"goto {step.goto}"
    kind = next(iter(type(step).model_fields))
    if isinstance(step, EachLocationStep):
        return kind
    match action_of(step):
        case (
            Click(on=Selector(css=css))
            | Check(on=Selector(css=css))
            | NgSelect(on=Selector(css=css))
            | SelectOption(on=Selector(css=css))
        ):
            return f"{kind} {css}"
        case Fill(into=Selector(css=css)) | SetDate(into=Selector(css=css)):
            return f"{kind} {css}"
        case Press(key=key):
            return f"{kind} {key}"
        case Reload():
            return kind
        case WaitFor() as wait:
            selector = wait.seen or wait.present or wait.gone
            return f"{kind} {selector.css if selector else wait.local_storage}"


def _first_line(error: PlaywrightError) -> str:
    return error.message.splitlines()[0]


def _ms(duration: timedelta) -> float:
    return duration / timedelta(milliseconds=1)
