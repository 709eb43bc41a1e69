"""The window in which a person signs in and books once, and what is noted of it meanwhile."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, Page, Request, Response, async_playwright
from playwright.async_api import Error as PlaywrightError
from pydantic import ValidationError

from sniper.drafting.matching import Action, by_hand, matched
from sniper.drafting.notes import (
    MOST_DEEDS,
    NOTE,
    DeedNote,
    Exchange,
    PageNote,
    Shown,
    Story,
    origin_of,
)
from sniper.errors import EnvironmentProblem, InputError
from sniper.setup.browser import launch_options

_LAST_WORDS = 1.0
"""The recorder waits for half a second whether a click becomes a double one."""
_LAST_ANSWERS = 10.0
_MOST_BODY = 2_000_000
_ASKING = ("GET", "HEAD", "OPTIONS")
_TOLD = ("document", "xhr", "fetch")
_MODIFIERS = 1 | 2 | 4
"""Alt, Control and Meta, as the recorder counts them."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Watched:
    """What was done, and what must be in nothing that is made of it.

    Attributes:
        secrets: What was typed into fields for passwords and codes. It stays in memory.
    """

    story: Story
    secrets: frozenset[str]


async def watched(url: str, say: Say, *, timezone: str | None = None) -> Watched:
    """Open a window at `url`; what is done there until it is closed, or this is cancelled.

    Args:
        url: Where the person begins.
        say: Is told what is going on, in words.
        timezone: The one the site is to see; this machine's own without it.

    Raises:
        EnvironmentProblem: There is no browser, or this Playwright has no recorder.
        InputError: The address cannot be reached.
    """
    async with async_playwright() as playwright:
        try:
            browser = await playwright.chromium.launch(
                **launch_options(headless=False),
                handle_sigint=False,
                handle_sigterm=False,
                handle_sighup=False,
            )
        except PlaywrightError as error:
            raise EnvironmentProblem(
                f"the browser does not start: {error.message.splitlines()[0]}",
                mend="`sniper doctor` looks for the reason.",
            ) from None
        try:
            return await watch(await browser.new_context(timezone_id=timezone, no_viewport=True), url, say)
        finally:
            await _closed(browser)


async def watch(context: BrowserContext, url: str, say: Say) -> Watched:
    """The same in a context that has no page yet."""
    listener = _Listener(context, url, say)
    await listener.begin()
    page = await context.new_page()
    try:
        await page.goto(url, wait_until="commit")
    except PlaywrightError as error:
        raise InputError(
            f"{url} cannot be reached: {error.message.splitlines()[0]}", mend="Check the address."
        ) from None
    listener.landed_at(page.url)
    say("A window is open: sign in there, book once, and open the list of your own bookings.")
    say("Then close the window, or press Ctrl-C here.")
    say("The bar at the top of its pages is Playwright's recorder: leave it on.")
    try:
        await listener.over.wait()
    except asyncio.CancelledError:
        say("That is all, then.")
    return await listener.end()


class _Listener:
    """Keeps what the recorder and the pages tell, in the order it comes. Nothing is written anywhere."""

    def __init__(self, context: BrowserContext, url: str, say: Say) -> None:
        self._context = context
        self._say = say
        self._order = count()
        self._story = Story(url)
        self._actions: list[Action] = []
        self._notes: list[tuple[int, DeedNote]] = []
        self._asked: dict[Request, Exchange] = {}
        self._reading: set[asyncio.Task[None]] = set()
        self._signs_in_at: str | None = None
        """While somebody signs in: where they do."""
        self._has_signed_in = False
        self.over = asyncio.Event()
        """Set when the last window is closed."""

    async def begin(self) -> None:
        """Listen to all pages to come."""
        source = (files("sniper.drafting") / "noting.js").read_text(encoding="utf-8")
        await self._context.expose_binding("sniperNote", self._noted)
        # In the page every value is a script's own; the last word of a file is no semicolon.
        await self._context.add_init_script(f"({source.strip()})();")
        self._context.on("page", lambda page: page.on("close", self._closed))
        self._context.on("close", lambda _: self.over.set())
        self._context.on("request", self._sent)
        self._context.on("response", self._answered)
        # The recorder has no public name in Python yet.
        inner = self._context._impl_obj
        if not hasattr(inner, "_start_recording"):
            raise EnvironmentProblem(
                "this release of Playwright has no recorder that can be listened to",
                mend="`pip install -U playwright` gets a newer one.",
            )
        await inner._start_recording({"language": "jsonl"}, self)

    async def end(self) -> Watched:
        """All that was told, when nothing more comes."""
        await asyncio.sleep(_LAST_WORDS)
        if self._reading:
            await asyncio.wait(self._reading, timeout=_LAST_ANSWERS)
        for task in self._reading:
            task.cancel()
        deeds = matched(self._actions, self._notes)
        self._story.deeds = by_hand(deeds)
        typed = {one.text for one, deed in zip(self._actions, deeds, strict=False) if deed.text is None}
        return Watched(self._story, frozenset(text for text in typed if text))

    def landed_at(self, url: str) -> None:
        """Where the first address leads to is the site, unless that is where one signs in to many."""
        asked, landed = urlsplit(self._story.url), urlsplit(url)
        if (asked.hostname or "").removeprefix("www.") == (landed.hostname or "").removeprefix("www."):
            self._story.url = url

    def _closed(self, _page: Page) -> None:
        if all(page.is_closed() for page in self._context.pages):
            self.over.set()

    # -- the recorder's

    def action_added(self, _page: object, data: dict[str, Any], _code: str) -> None:
        """Something was done."""
        action = self._action(data)
        if action and len(self._actions) < MOST_DEEDS:
            self._actions.append(action)

    def action_updated(self, _page: object, data: dict[str, Any], _code: str) -> None:
        """It is the last one that goes on: a field that is typed in."""
        action = self._action(data)
        if action and self._actions:
            self._actions[-1] = action

    def _action(self, data: dict[str, Any]) -> Action | None:
        name = data["name"]
        if name in ("openPage", "closePage", "navigate"):
            return None
        if name == "press" and data.get("modifiers", 0) & _MODIFIERS:
            return None
        text = data.get("key") if name == "press" else data.get("text")
        return Action(next(self._order), name, data.get("selector", ""), text)

    # -- the pages'

    def _noted(self, _source: object, told: str) -> None:
        try:
            note = NOTE.validate_json(told)
        except ValidationError:
            # Not ours: the page itself can call the binding, too.
            return
        at = next(self._order)
        if isinstance(note, PageNote):
            self._story.pages.append(Shown(at, note))
            self._tell_progress(note)
        elif len(self._notes) < MOST_DEEDS:
            self._notes.append((at, note))
            if note.secret:
                self._signs_in_at = origin_of(note.url)
            elif not note.asks and (
                origin_of(note.url) == origin_of(self._story.url) or origin_of(note.url) != self._signs_in_at
            ):
                self._signs_in_at = None

    def _tell_progress(self, page: PageNote) -> None:
        is_ours = origin_of(page.url) == origin_of(self._story.url)
        if self._signs_in_at and is_ours and not page.asks and not self._has_signed_in:
            self._has_signed_in = True
            self._say("Signed in, as it seems.")

    # -- what is asked of the site

    def _sent(self, request: Request) -> None:
        if request.resource_type in _TOLD:
            at, page = next(self._order), _page_of(request)
            exchange = Exchange(at, request.method, request.url, request.resource_type, page)
            self._asked[request] = exchange
            self._story.exchanges.append(exchange)

    def _answered(self, response: Response) -> None:
        exchange = self._asked.get(response.request)
        if exchange is None:
            return
        exchange.status = response.status
        exchange.content_type = response.headers.get("content-type", "").partition(";")[0].strip()
        is_read = "json" in exchange.content_type or (
            "html" in exchange.content_type and exchange.method not in _ASKING
        )
        if is_read and self._signs_in_at is None:
            task = asyncio.create_task(_read(response, exchange))
            self._reading.add(task)
            task.add_done_callback(self._reading.discard)
        if exchange.method not in _ASKING and self._has_signed_in:
            self._say(f"The site answered {exchange.method} {exchange.path} with {exchange.status}.")


def _page_of(request: Request) -> str:
    try:
        return request.frame.url
    except PlaywrightError:
        # It loads the page, which is not there yet, or comes from a worker.
        return ""


async def _read(response: Response, exchange: Exchange) -> None:
    try:
        body = await response.body()
        if len(body) > _MOST_BODY:
            return
        if "json" in exchange.content_type:
            exchange.body = json.loads(body)
        else:
            exchange.html = body.decode("utf-8", "replace")
    except (PlaywrightError, ValueError):
        # The page has gone on, or the body is no JSON after all: then nothing is read of it.
        return


async def _closed(browser: Browser) -> None:
    try:
        await browser.close()
    except PlaywrightError:
        # The person has closed it already.
        return
