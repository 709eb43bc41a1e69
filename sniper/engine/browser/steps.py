"""A profile's steps carried out through Playwright locators."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Locator, Page, Request, Response
from playwright.async_api import TimeoutError as PlaywrightTimeout

from sniper.core.outcomes import Outcome
from sniper.core.retry_after import TOO_MANY_REQUESTS
from sniper.core.tries import Mark
from sniper.engine.browser.answers import BY_THE_PAGE_ITSELF, Noted, pause_of
from sniper.engine.browser.follower import NOBODY, Follower
from sniper.engine.browser.inpage import source
from sniper.engine.browser.loading import load
from sniper.engine.browser.selectors import Values, editable, filled, locate, ready, shown
from sniper.sites.steps import (
    Ask,
    AskStep,
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

_NG_SELECT = source("ng_select")
_NATIVE_SELECT = source("native_select")
_ASK = source("asking")
_FOUND_AGAIN = timedelta(seconds=5)
# Between being found and pressed it may have been drawn anew: what is on the page no more is not pressed.
_PRESS = f"el => el.isConnected && (({source('hand')})().pressed(el), true)"
_IS_TICKED = f"el => ({source('hand')})().isTicked(el)"
_SET_VALUE = f"(field, value) => ({source('hand')})().setValue(field, value)"


@dataclass
class StepError(Exception):
    """A step that did not work: what it was, and what it means for the try. Never a secret.

    Attributes:
        pause: How long the site asks to be left alone.
        about: The part of the profile that did not work: the step, if nothing else is said.
        near: What there is that is most like what was looked for.
    """

    outcome: Outcome
    message: str
    pause: timedelta | None = None
    about: object | None = None
    near: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.message


def asked_pause(error: Exception) -> timedelta:
    """How long the site asks to be left alone by what went wrong."""
    return (error.pause if isinstance(error, StepError) else None) or timedelta(0)


async def run_steps(
    page: Page,
    base_url: str,
    steps: Iterable[Step],
    values: Values,
    locations: Sequence[Values] = (),
    by: Follower = NOBODY,
) -> None:
    """Carry out steps in order.

    Args:
        page: Where.
        base_url: What `goto` paths stand below, without a slash at the end.
        steps: What.
        values: What the placeholders stand for.
        locations: The words of each location of the chain, for `each_location`.
        by: Who follows them.

    Raises:
        StepError: A step did not work, or saw what means an outcome.
    """
    for step in steps:
        try:
            await _run(page, base_url, step, values, locations, by)
        except StepError as error:
            error.about = error.about or step
            raise
        except (PlaywrightTimeout, TimeoutError):
            said = f"{described(step)}: nothing happened in time"
            raise StepError(Outcome.FAILED, said, about=step) from None
        except PlaywrightError as error:
            # Only the first line: what follows is a log that repeats what was typed.
            said = f"{described(step)}: {error.message.splitlines()[0]}"
            raise StepError(Outcome.FAILED, said, about=step) from None


async def _run(
    page: Page, base_url: str, step: Step, values: Values, locations: Sequence[Values], by: Follower
) -> None:
    if isinstance(step, GotoStep):
        await load(page, base_url + filled(step.goto, values))
        return
    if isinstance(step, EachLocationStep):
        for words in locations:
            await run_steps(page, base_url, step.each_location, {**values, **words}, by=by)
        return
    action = action_of(step)
    if action.only_with is not None and values.get(action.only_with) is None:
        return
    match action:
        case Click():
            await _click(page, action, values, by)
        case Fill():
            await _fill(page, action, values, by)
        case SetDate():
            field = locate(page, action.into, values).first
            await field.wait_for(state="attached", timeout=_ms(action.timeout))
            by.go()
            async with _answered(page, action.expect, action.timeout, by.noted):
                await field.evaluate(_SET_VALUE, filled(action.value, values), timeout=_ms(action.timeout))
        case Check():
            await _check(page, action, values, by)
        case Press():
            by.go()
            await page.keyboard.press(action.key)
        case NgSelect():
            await _choose(page, _NG_SELECT, action, values, by)
        case SelectOption():
            await _choose(page, _NATIVE_SELECT, action, values, by)
        case Reload():
            by.go()
            if action.to is None:
                await page.reload(wait_until="domcontentloaded", timeout=_ms(action.timeout))
            else:
                await load(page, base_url + filled(action.to, values), milliseconds=_ms(action.timeout))
        case WaitFor():
            await _wait(page, action, values)
        case Ask():
            await _ask(page, base_url, action, values)


async def _ask(page: Page, base_url: str, action: Ask, values: Values) -> None:
    about = {
        "url": base_url + filled(action.url, values),
        "method": action.method,
        "form": {key: filled(text, values) for key, text in action.form.items()},
        "fromPage": {key: filled(css, values) for key, css in action.from_page.items()},
    }
    async with asyncio.timeout(action.timeout / timedelta(seconds=1)):
        missing = await page.evaluate(_ASK, about)
    if missing:
        raise StepError(Outcome.FAILED, f"{action.from_page[missing]} was not there for {missing}")


async def _click(page: Page, action: Click, values: Values, by: Follower) -> None:
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
        await any_of.first.wait_for(state="attached", timeout=_ms(action.timeout))
    except PlaywrightTimeout:
        raise StepError(action.absent, f"{action.on.css} was not there in time") from None
    if skip and await skip.count():
        return
    for outcome, other in others.items():
        if await other.count():
            raise StepError(outcome, "so the page says")
    by_mouse = action.until is Until.ENABLED and await _is_in_reach(control, action.timeout)
    by.go()
    async with _answered(page, action.expect, action.timeout, by.noted):
        await _press(control, action.timeout, by_mouse=by_mouse)


async def _is_in_reach(control: Locator, within: timedelta) -> bool:
    """Can the mouse press it: does it stand still, and does nothing lie over it?"""
    try:
        await control.first.click(trial=True, timeout=_ms(within))
    except PlaywrightTimeout:
        return False
    return True


async def _press(control: Locator, within: timedelta, *, by_mouse: bool) -> None:
    """What the mouse does not reach is pressed all the same, as a keyboard would."""
    if by_mouse:
        await control.first.click(timeout=_ms(within))
    else:
        async with asyncio.timeout(max(within, _FOUND_AGAIN) / timedelta(seconds=1)):
            while not await control.first.evaluate(_PRESS):
                pass


async def _fill(page: Page, action: Fill, values: Values, by: Follower) -> None:
    field = editable(page, locate(page, action.into, values)).first
    skip = shown(locate(page, action.or_skip, values)) if action.or_skip else None
    await (field.or_(skip).first if skip else field).wait_for(state="attached", timeout=_ms(action.timeout))
    if skip and await skip.count():
        return
    by.go()
    await field.fill(filled(action.value, values), timeout=_ms(action.timeout))
    # The browser tells of it only when the focus leaves the field, which it may never do.
    await field.dispatch_event("change", timeout=_ms(action.timeout))


async def _check(page: Page, action: Check, values: Values, by: Follower) -> None:
    found = locate(page, action.on, values)
    # Of one that is ticked nothing is wanted, whatever its state.
    ticked = found.and_(page.locator(":checked, [aria-checked='true']"))
    box = ready(page, found, Until.ENABLED).or_(ticked).first
    await box.wait_for(state="attached", timeout=_ms(action.timeout))
    if await box.is_checked():
        return
    by_mouse = await _is_in_reach(box, action.timeout)
    # Drawn anew, it may not be the first any more that fits.
    pressed = await box.element_handle()
    by.go()
    async with _answered(page, action.expect, action.timeout, by.noted):
        await _press(box, action.timeout, by_mouse=by_mouse)
    await page.wait_for_function(_IS_TICKED, arg=pressed, timeout=_ms(action.timeout))


async def _choose(
    page: Page, script: str, action: NgSelect | SelectOption, values: Values, by: Follower
) -> None:
    host = locate(page, action.on, values).first
    option = filled(action.option, values)
    await host.wait_for(state="attached", timeout=_ms(action.timeout))
    by.go()
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
        await shown(locate(page, action.seen, values)).first.wait_for(state="attached", timeout=timeout)
    elif action.present:
        await locate(page, action.present, values).first.wait_for(state="attached", timeout=timeout)
    elif action.gone:
        await shown(locate(page, action.gone, values)).first.wait_for(state="detached", timeout=timeout)
    else:
        await page.wait_for_function(
            "key => localStorage.getItem(key) !== null", arg=action.local_storage, timeout=timeout, polling=50
        )


@asynccontextmanager
async def _answered(page: Page, path: str | None, within: timedelta, noted: Noted) -> AsyncIterator[None]:
    """Wait, after the body, until a request that it made, whose path ends in `path`, is answered to the end.

    What was asked for before does not count: its answer is of an earlier time.
    """
    if path is None:
        yield
        return
    asked: set[Request] = set()
    answered: asyncio.Future[Request] = asyncio.get_running_loop().create_future()

    def sent(request: Request) -> None:
        where = urlsplit(request.url).path
        if where.rstrip("/").endswith(path) and request.resource_type in BY_THE_PAGE_ITSELF:
            asked.add(request)
            noted(Mark.ASKED, where)

    def finished(request: Request) -> None:
        if request in asked and not answered.done():
            answered.set_result(request)

    page.on("request", sent)
    page.on("requestfinished", finished)
    try:
        yield
        async with asyncio.timeout(within / timedelta(seconds=1)):
            response = await (await answered).response()
        noted(Mark.HEARD, str(response.status) if response else "")
        if response and response.status == TOO_MANY_REQUESTS:
            raise asks_for_less(response)
    finally:
        page.remove_listener("request", sent)
        page.remove_listener("requestfinished", finished)


def asks_for_less(response: Response) -> StepError:
    """What it means that the site is asked too often, and how long it wants to be left alone."""
    path = urlsplit(response.url).path
    return StepError(Outcome.RATE_LIMITED, f"{path} was answered {response.status}", pause_of(response))


Action = Click | Fill | SetDate | Check | Press | NgSelect | SelectOption | WaitFor | Reload | Ask


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
        case AskStep():
            return step.ask
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
        case Reload(to=to):
            return f"{kind} {to}" if to else kind
        case Ask(method=method, url=url):
            return f"{kind} {method} {url}"
        case WaitFor() as wait:
            selector = wait.seen or wait.present or wait.gone
            return f"{kind} {selector.css if selector else wait.local_storage}"


def _ms(duration: timedelta) -> float:
    return duration / timedelta(milliseconds=1)
