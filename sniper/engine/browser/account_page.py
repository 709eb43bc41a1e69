"""The page of one account, and what everybody who works on it needs."""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import Browser, ConsoleMessage, Page, Response
from playwright.async_api import Error as PlaywrightError

from sniper.clock.clock import Clock
from sniper.core.outcomes import Outcome
from sniper.core.retry_after import TOO_MANY_REQUESTS
from sniper.core.slots import Slot
from sniper.core.tries import AttemptResult
from sniper.engine.browser.evidence import ConsoleLine, keep, name_of
from sniper.engine.browser.follower import NOBODY, Follower
from sniper.engine.browser.locator_actions import LocatorActions
from sniper.engine.browser.recording import NotRecorded, Recording
from sniper.engine.browser.selectors import Values, values_of
from sniper.engine.browser.steps import Actions, Shown, StepError, asks_for_less, run_steps
from sniper.engine.browser.turns import Turns
from sniper.engine.protocol import Credentials
from sniper.scrubbing import KNOWN, Scrubber, without_tokens
from sniper.sites.answers import Answer
from sniper.sites.details import Detail, as_placeholders
from sniper.sites.profile import Profile
from sniper.sites.steps import Selector, Step

_QUERY = re.compile(r"(https?://[^\s?#]+)[?#]\S*")
_CONSOLE_LINES = 200
_LONGEST_LINE = 2000
_NEEDS_A_LOOK = (Outcome.UNKNOWN, Outcome.FAILED, Outcome.CAPTCHA, Outcome.BLOCKED)


@dataclass(frozen=True, slots=True)
class Site:
    """What all sessions of a run share.

    Attributes:
        evidence: The folder for what is kept of pages that were not understood.
        watched: Somebody looks at the windows.
    """

    profile: Profile
    clock: Clock
    evidence: Path
    watched: bool = False
    turns: Turns = field(default_factory=Turns)


class AccountPage:
    """A page in the account's own context, with the profile, the site's clock and a folder for evidence."""

    def __init__(
        self,
        site: Site,
        credentials: Credentials,
        page: Page,
        recording: Recording | None = None,
        actions: Actions | None = None,
    ) -> None:
        """Its steps are carried out by `actions`: through Playwright's locators, unless told."""
        self.page = page
        self.recording: Recording = NotRecorded() if recording is None else recording
        self.recording.know(credentials.secrets)
        self.recording.know_person(credentials.personal)
        self.profile = site.profile
        self._actions: Actions = LocatorActions() if actions is None else actions
        self.clock = site.clock
        self.turns = site.turns
        self.watched = site.watched
        self._evidence = site.evidence
        self._credentials = credentials
        self._without_secrets = Scrubber((*credentials.secrets, *credentials.personal))
        self._numbers = count(1)
        rules = [rule.response for rule in site.profile.outcomes]
        if site.profile.my_bookings:
            rules.append(site.profile.my_bookings.response)
        self._rules = [rule for rule in rules if rule]
        self._crashed = False
        # Most pages write next to nothing there, and what did is wanted when something goes wrong.
        self._console: deque[ConsoleLine] = deque(maxlen=_CONSOLE_LINES)
        page.on("crash", self._note_crash)
        page.on("console", self._note_written)
        page.on("pageerror", self._note_error)

    @property
    def details(self) -> Values:
        """What the placeholders of the person stand for."""
        known = {Detail(name): value for name, value in self._credentials.details}
        return as_placeholders(self.profile.account_details, known)

    def values_of(self, slot: Slot) -> Values:
        """What the placeholders stand for at a slot, those of the person among them."""
        return {**values_of(self.profile, slot), **self.details}

    @property
    def browser(self) -> Browser | None:
        """The browser it is in."""
        return self.page.context.browser

    @property
    def lost(self) -> str | None:
        """Why there is nothing left to work on: the page, its context or its browser is gone."""
        browser = self.browser
        if browser is not None and not browser.is_connected():
            return "its browser has gone"
        if self._crashed:
            return "the page crashed"
        return "the page was closed" if self.page.is_closed() else None

    def keep_out(self, secrets: Iterable[str]) -> None:
        """These, too, must never be written anywhere."""
        secrets = set(secrets)
        self._without_secrets.know(secrets)
        self.recording.know(secrets)
        KNOWN.know(secrets)

    async def show(self, name: str, result: AttemptResult | None = None, *, hurry: bool = False) -> None:
        """Something was done: what the page shows now belongs to what is recorded."""
        if not self.lost:
            await self.recording.step(self.page, name, result, hurry=hurry)

    async def run(
        self,
        steps: tuple[Step, ...],
        values: Values,
        words: list[Values] | None = None,
        by: Follower = NOBODY,
    ) -> None:
        """Carry out steps; see `run_steps`.

        Where nothing is fired, they end as soon as the site says that it is asked too often.

        Raises:
            StepError: One did not work.
        """
        work = run_steps(self.page, self.profile.url, steps, values, self._actions, words or [], by)
        await (self._unless_too_often(work) if by is NOBODY else work)

    async def first_shown(
        self, selectors: Sequence[Selector], values: Values | None = None, within: timedelta | None = None
    ) -> Shown | None:
        """See `Actions.first_shown`."""
        return await self._actions.first_shown(self.page, selectors, values or {}, within)

    async def _unless_too_often(self, work: Coroutine[None, None, None]) -> None:
        refusals: list[StepError] = []
        refused = asyncio.Event()

        def answered(response: Response) -> None:
            if response.status == TOO_MANY_REQUESTS and self._is_the_sites(response):
                refusals.append(asks_for_less(response))
                refused.set()

        self.page.on("response", answered)
        working, told = asyncio.create_task(work), asyncio.create_task(refused.wait())
        try:
            await asyncio.wait((working, told), return_when=asyncio.FIRST_COMPLETED)
            if refusals:
                raise refusals[0]
            await working
        finally:
            self.page.remove_listener("response", answered)
            for task in (working, told):
                task.cancel()
            await asyncio.gather(working, told, return_exceptions=True)

    def _is_the_sites(self, response: Response) -> bool:
        """Is it what the page shows, or an answer of the site itself to it? Others count what they like."""
        if response.request.is_navigation_request():
            return response.frame == self.page.main_frame
        url = response.url
        return urlsplit(url).netloc == urlsplit(self.profile.url).netloc or any(
            urlsplit(url).path.rstrip("/").endswith(rule.url) for rule in self._rules
        )

    async def evidence_of(self, outcome: Outcome, answer: Answer | None = None) -> str | None:
        """See `evidence`, if somebody has to look at what the page shows."""
        return await self.evidence(answer) if outcome in _NEEDS_A_LOOK else None

    async def evidence(self, answer: Answer | None = None) -> str | None:
        """Keep what the page shows, and what it was answered: the path of a picture, mostly.

        Beside it lie files of the same name with other endings. None when nothing can be had any more.
        """
        name = name_of(self._credentials.account)
        # The account may have had another page before this one, with files of its own.
        stems = (self._evidence / f"{name}-{number}" for number in self._numbers)
        stem = next(stem for stem in stems if not any(self._evidence.glob(f"{stem.name}.*")))
        person = self._credentials.personal
        kept = await keep(
            self.page,
            stem,
            answer,
            self.scrubbed,
            names=(self._credentials.account, *person),
            hides_fields=bool(person),
            console=self._console,
        )
        return None if kept is None else str(kept)

    def scrubbed(self, text: str) -> str:
        """The text without the account's secrets, and without what looks like a token nobody knows yet."""
        return without_tokens(self._without_secrets(text))

    def said(self, error: Exception) -> str:
        """The first line, since later ones repeat what was typed; without secrets nor what URLs carry."""
        line = (str(error).splitlines() or [type(error).__name__])[0]
        return self.scrubbed(_QUERY.sub(r"\1?…", line))

    def _note_crash(self, _page: Page) -> None:
        self._crashed = True

    def _note_written(self, message: ConsoleMessage) -> None:
        self._note(message.type, message.text)

    def _note_error(self, error: PlaywrightError) -> None:
        self._note("page error", error.message)

    def _note(self, kind: str, text: str) -> None:
        self._console.append(ConsoleLine(self.clock.now().isoformat(), kind, text[:_LONGEST_LINE]))
