"""Hears what the site answers while an attempt is fired, and tells by the profile what it means."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, Request, Response

from sniper.core.outcomes import Outcome
from sniper.core.retry_after import pause_after
from sniper.core.tries import Mark
from sniper.engine.browser.selectors import Values, locate, shown
from sniper.sites.answers import Answer, OutcomeRule

Noted = Callable[[Mark, str], None]
BY_THE_PAGE_ITSELF = ("fetch", "xhr")
"""The types of requests a page hears the answers to."""
_SHOWN = 200
_PAGE_LOOK_EVERY = 0.25


@dataclass(frozen=True, slots=True)
class Verdict:
    """An outcome, the site's words and the booking's number; the answer where no rule fits it.

    Attributes:
        pause: How long the site asks to be left alone.
        before_press: See `Try`.
    """

    outcome: Outcome
    message: str = ""
    reference: str | None = None
    answer: Answer | None = None
    pause: timedelta | None = None
    before_press: bool = False


def not_noted(_mark: Mark, _detail: str) -> None:
    """Nobody keeps a timeline."""


class AnswerWatch:
    """Within the `async with`, what the page asks for is looked at if a rule speaks of it, and the answer.

    The first answer that fits a rule decides. One to the press that fits none is not understood; others that
    fit none just say nothing.
    """

    def __init__(
        self,
        page: Page,
        rules: Sequence[OutcomeRule],
        values: Values,
        noted: Noted = not_noted,
    ) -> None:
        """Nothing is heard yet; `noted` is called for each request that a rule speaks of, and its answer."""
        self._page = page
        self._response_rules = [(rule, rule.response) for rule in rules if rule.response]
        self._page_rules = [(rule, rule.page) for rule in rules if rule.page]
        self._values = values
        self._noted = noted
        self.is_pressed = False
        """Is it after the press?"""
        self._asked: dict[Request, bool] = {}
        """What was sent, and whether by the press."""
        self._pending: set[Request] = set()
        self._overheard: set[Request] = set()
        """What the press has sent besides, of which no rule speaks."""
        self._unforeseen: Verdict | None = None
        self._verdict: asyncio.Future[Verdict] = asyncio.get_running_loop().create_future()
        self._reading: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._page.on("request", self._sent)
        self._page.on("response", self._heard)
        self._page.on("requestfailed", self._lost)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._page.remove_listener("request", self._sent)
        self._page.remove_listener("response", self._heard)
        self._page.remove_listener("requestfailed", self._lost)
        for task in self._reading:
            task.cancel()
        await asyncio.gather(*self._reading, return_exceptions=True)

    @property
    def settled(self) -> Verdict | None:
        """What an answer has decided already."""
        return self._verdict.result() if self._verdict.done() else None

    @property
    def is_pending(self) -> bool:
        """Whether the press waits for its answer."""
        return bool(self._pending)

    def press(self) -> None:
        """What is sent from now on comes of the press."""
        self.is_pressed = True

    async def read_so_far(self) -> bool:
        """Whether an answer has decided already, when all that are there have been read."""
        await asyncio.gather(*self._reading)
        return self._verdict.done()

    async def verdict(self, within: timedelta) -> Verdict:
        """What the site answered; where no answer is due, what the page shows; in the end, UNKNOWN.

        With the first answer to the press that no rule is about: the site may take bookings elsewhere by now.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + within.total_seconds()
        while not self._verdict.done():
            left = deadline - loop.time()
            if left <= 0:
                silence = Verdict(Outcome.UNKNOWN, "no answer in time")
                return await self.on_page() or self._unforeseen or silence
            await asyncio.wait([self._verdict], timeout=min(left, _PAGE_LOOK_EVERY))
            if not (self._verdict.done() or self._pending) and (seen := await self.on_page()):
                return seen
        return self._verdict.result()

    async def on_page(self) -> Verdict | None:
        """What the page itself says, by the first page rule that fits."""
        for rule, selector in self._page_rules:
            try:
                if await shown(locate(self._page, selector, self._values)).count():
                    return Verdict(rule.is_, f"seen: {selector.css}")
            except PlaywrightError:
                return None
        return None

    def _is_meant(self, request: Request) -> bool:
        """Does a rule speak of it?"""
        return any(about.is_about(request.method, request.url) for _, about in self._response_rules)

    def _sent(self, request: Request) -> None:
        if request.redirected_from is not None or request.resource_type not in BY_THE_PAGE_ITSELF:
            return
        if not self._is_meant(request):
            if self.is_pressed and request.method != "GET":
                self._overheard.add(request)
        else:
            self._asked[request] = self.is_pressed
            if self.is_pressed:
                self._pending.add(request)
            self._noted(Mark.SENT, urlsplit(request.url).path)

    def _lost(self, request: Request) -> None:
        self._pending.discard(_asked_first(request))

    def _heard(self, response: Response) -> None:
        asked = _asked_first(response.request)
        # Of an answer that sends elsewhere a page hears nothing, only what comes of it in the end.
        is_on_its_way = 300 <= response.status < 400 and "location" in response.headers
        if is_on_its_way:
            return
        if asked in self._asked:
            self._noted(Mark.ANSWERED, str(response.status))
            self._start(self._read(asked, response))
        elif asked in self._overheard:
            self._start(self._overhear(asked, response))

    def _start(self, reading: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(reading)
        self._reading.add(task)
        task.add_done_callback(self._reading.discard)

    async def _overhear(self, asked: Request, response: Response) -> None:
        answer = Answer(asked.method, asked.url, response.status, await _body_of(response))
        why = (
            f"no rule is about {answer.method} {urlsplit(asked.url).path}, which was answered {answer.status}"
        )
        # What only counts visitors is mostly answered with nothing.
        if self._unforeseen is None or (answer.body and not _says_something(self._unforeseen)):
            self._unforeseen = _not_understood(why, answer)

    async def _read(self, asked: Request, response: Response) -> None:
        found = self._meaning(Answer(asked.method, asked.url, response.status, await _body_of(response)))
        found = replace(found, pause=pause_of(response))
        if not self._verdict.done() and (found.answer is None or self._asked[asked]):
            self._verdict.set_result(found)
        self._pending.discard(asked)

    def _meaning(self, answer: Answer) -> Verdict:
        for rule, about in self._response_rules:
            if about.fits(answer):
                return Verdict(rule.is_, rule.message_in(answer), rule.reference_in(answer))
        return _not_understood(f"no rule fits the answer {answer.status}", answer)


def _not_understood(why: str, answer: Answer) -> Verdict:
    words = " ".join(answer.body.split())[:_SHOWN]
    return Verdict(Outcome.UNKNOWN, f"{why}: {words}", answer=answer)


def _says_something(verdict: Verdict) -> bool:
    return verdict.answer is not None and bool(verdict.answer.body)


async def _body_of(response: Response) -> str:
    try:
        return await response.text()
    except PlaywrightError:
        return ""


def pause_of(response: Response) -> timedelta | None:
    """How long an answer asks to be left alone; None where it does not."""
    headers = response.headers
    # Both are on the site's own clock; its date is in whole seconds, rounded down.
    try:
        now = parsedate_to_datetime(headers.get("date", ""))
    except ValueError:
        now = datetime.now(UTC)
    return pause_after(response.status, headers.get("retry-after"), now)


def _asked_first(request: Request) -> Request:
    """What was asked for before the site sent it elsewhere."""
    while before := request.redirected_from:
        request = before
    return request
