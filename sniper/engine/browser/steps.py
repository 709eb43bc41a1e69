"""A profile's steps carried out in order; what has to do with a page's elements, by its `Actions`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol
from urllib.parse import urlsplit

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, Request, Response
from playwright.async_api import TimeoutError as PlaywrightTimeout

from sniper.core.outcomes import Outcome
from sniper.core.retry_after import TOO_MANY_REQUESTS
from sniper.core.tries import Mark
from sniper.engine.browser.answers import BY_THE_PAGE_ITSELF, Noted, pause_of
from sniper.engine.browser.follower import NOBODY, Follower
from sniper.engine.browser.inpage import source
from sniper.engine.browser.loading import load
from sniper.engine.browser.selectors import Values, filled
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
    WaitFor,
    WaitForStep,
)

_ASK = source("asking")


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


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows of several that were looked for.

    Attributes:
        place: Which of them, counted from 0.
        text: What can be read there, white space folded.
    """

    place: int
    text: str


OnElements = ClickStep | FillStep | DateStep | CheckStep | NgSelectStep | SelectStep | WaitForStep
"""The steps that have to do with a page's elements."""


class Actions(Protocol):
    """How elements are found, waited for, pressed and filled in."""

    async def carry_out(self, page: Page, step: OnElements, values: Values, by: Follower) -> None:
        """Carry a step out.

        Args:
            page: Where.
            step: What.
            values: What the placeholders stand for.
            by: Asked before anything is done, and told what is asked and answered.

        Raises:
            StepError: It did not work.
            TimeoutError: Nothing happened in time; or Playwright's own.
            PlaywrightError: There is no page, or no better is known.
        """
        ...

    async def first_shown(
        self, page: Page, selectors: Sequence[Selector], values: Values, within: timedelta | None
    ) -> Shown | None:
        """Wait until one of these is shown, in whatever document comes; the first of them, if several are.

        Args:
            page: Where.
            selectors: What.
            values: What the placeholders stand for.
            within: How long at the most; for ever, if None.

        Returns:
            None where none was shown in time.

        Raises:
            PlaywrightError: There is no page.
        """
        ...


async def run_steps(
    page: Page,
    base_url: str,
    steps: Iterable[Step],
    values: Values,
    actions: Actions,
    locations: Sequence[Values] = (),
    by: Follower = NOBODY,
) -> None:
    """Carry out steps in order.

    Args:
        page: Where.
        base_url: What `goto` paths stand below, without a slash at the end.
        steps: What.
        values: What the placeholders stand for.
        actions: How.
        locations: The words of each location of the chain, for `each_location`.
        by: Who follows them.

    Raises:
        StepError: A step did not work, or saw what means an outcome.
    """
    for step in steps:
        try:
            await _run(page, base_url, step, values, actions, locations, by)
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
    page: Page,
    base_url: str,
    step: Step,
    values: Values,
    actions: Actions,
    locations: Sequence[Values],
    by: Follower,
) -> None:
    if isinstance(step, GotoStep):
        await load(page, base_url + filled(step.goto, values))
        return
    if isinstance(step, EachLocationStep):
        for words in locations:
            await run_steps(page, base_url, step.each_location, {**values, **words}, actions, by=by)
        return
    action = action_of(step)
    if action.only_with is not None and values.get(action.only_with) is None:
        return
    match step:
        case PressStep():
            by.go()
            await page.keyboard.press(step.press.key)
        case ReloadStep(reload=Reload(to=to, timeout=timeout)):
            by.go()
            if to is None:
                await page.reload(wait_until="domcontentloaded", timeout=milliseconds(timeout))
            else:
                await load(page, base_url + filled(to, values), milliseconds=milliseconds(timeout))
        case AskStep():
            await _ask(page, base_url, step.ask, values)
        case _:
            await actions.carry_out(page, step, values, by)


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


@asynccontextmanager
async def answered(page: Page, path: str | None, within: timedelta, noted: Noted) -> AsyncIterator[None]:
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


def milliseconds(duration: timedelta) -> float:
    """A duration as Playwright and pages count it."""
    return duration / timedelta(milliseconds=1)
