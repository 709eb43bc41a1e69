"""What a run does with its pages: walks them to where they fire, lets them practise, and arms them."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Self

from playwright.async_api import BrowserContext, Page
from pydantic import AnyHttpUrl

from benchmarks.contenders.contender import Booked, Contender
from benchmarks.venue import PLACES, Person
from sniper.core.outcomes import Outcome
from sniper.core.plan import Attempt, Role
from sniper.core.slots import Slot
from sniper.core.tries import AttemptResult
from sniper.engine.browser.account_page import AccountPage, Site
from sniper.engine.browser.armed import Armed
from sniper.engine.browser.pool import BrowserPool
from sniper.engine.browser.priorities import put_requests_first
from sniper.engine.browser.selectors import values_of, words_of
from sniper.engine.browser.turns import usable_processors
from sniper.engine.protocol import Credentials, Order
from sniper.practice.settings import Mode
from sniper.sites.library import find_profile, load_profile
from sniper.sites.profile import Profile

_PROFILES: dict[Mode, str] = {"strict": "practice", "lenient": "practice-lenient"}
_REHEARSALS = 12
_PARKINGS_A_PROCESSOR = 4
_REQUESTS_PER_SECOND = 4
_LAST_REHEARSAL = timedelta(milliseconds=450)
_LAST_REHEARSAL_TAKES = timedelta(milliseconds=25)
_HAND_OVER = timedelta(milliseconds=340)
_HAND_OVER_TAKES = timedelta(milliseconds=12)


@dataclass
class _Account:
    """A page, and what it is to fire at."""

    page: AccountPage
    armed: Armed
    place: tuple[date, str] | None = None
    """The day and the location it is parked at: it stays there from one opening to the next."""
    attempt: Attempt | None = None


class Sniper(Contender):
    """Armed pages with the practice site's profile."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._stack = AsyncExitStack()
        self._profile = _profile(self.mode, self.url, self.ahead)
        self._accounts: dict[str, _Account] = {}
        self._targets: list[_Account] = []
        self._pool = BrowserPool(contexts_per_browser=self.contexts_per_browser)
        self._folder = Path()
        # No page's time-outs are eaten by too many others.
        self._parking = asyncio.Semaphore(_PARKINGS_A_PROCESSOR * usable_processors())

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            self._folder = Path(stack.enter_context(TemporaryDirectory(prefix="sniper-benchmark-")))
            await stack.enter_async_context(self._pool)
            site = self._site()
            await asyncio.gather(*(self._open(site, person) for person in self.people))
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    def turn_to(self, mode: Mode, accounts: int) -> None:
        """Every page goes to the list anew, by the profile of this mode.

        All of them have to be handed their plan, and then to rehearse once more, before the opening.
        """
        super().turn_to(mode, accounts)
        last_rehearsal = _LAST_REHEARSAL + accounts * _LAST_REHEARSAL_TAKES
        self.ahead = last_rehearsal + _HAND_OVER + accounts * _HAND_OVER_TAKES
        self._profile = _profile(mode, self.url, last_rehearsal)
        site = self._site()
        for person in self.people:
            one = self._accounts[person.username]
            one.page = _account_page(site, person, one.page.page)
            one.place = None

    async def park(self, targets: dict[str, Slot]) -> None:
        """As a wave does: the first at each target leads, the others are its backups."""
        self._targets = [self._accounts[name] for name in targets]
        await asyncio.gather(
            *(self._park(index, name, slot) for index, (name, slot) in enumerate(targets.items()))
        )
        for browser in {one.page.browser for one in self._targets}:
            if browser:
                await put_requests_first(browser)

    async def fire(self, opening: datetime) -> Booked:
        """Nobody stands anybody down: all of them are measured."""
        results = await asyncio.gather(
            *(self._fire(one, Order(opening, rank=rank)) for rank, one in enumerate(self._targets))
        )
        return {
            result.attempt.account: result.last.started_at + result.last.took
            for result in results
            if result.last and result.last.outcome is Outcome.BOOKED
        }

    async def _open(self, site: Site, person: Person) -> None:
        context = await self._pool.context(timezone=str(self._profile.timezone), locale=self._profile.locale)
        await self._begun(context, person)
        await context.add_init_script(person.keeping_script)
        armed = await Armed.install(context)
        page = _account_page(site, person, await context.new_page())
        self._accounts[person.username] = _Account(page, armed)

    async def _begun(self, context: BrowserContext, person: Person) -> None:
        """An account has a context, with no page yet."""

    def _site(self) -> Site:
        return Site(self._profile, self.clock, self._folder)

    async def _park(self, index: int, name: str, slot: Slot) -> None:
        one, profile = self._accounts[name], self._profile
        one.attempt = Attempt(name, (slot,), Role.LEAD if index < len(PLACES) else Role.BACKUP)
        values = values_of(profile, slot)
        place = (slot.day, slot.location)
        if one.place == place:
            await one.page.run(profile.reset, values)
        else:
            async with self._parking:
                await one.page.run(profile.arm, values, [words_of(profile, slot.location)])
                await one.armed.rehearse(one.page, slot)
            one.place = place
        if profile.fill_ahead:
            await one.page.run(profile.fill_ahead.arm, values)

    async def _fire(self, one: _Account, order: Order) -> AttemptResult:
        assert one.attempt is not None
        return await one.armed.fire(one.page, one.attempt, order, filled=self._profile.fill_ahead is not None)


def _account_page(site: Site, person: Person, page: Page) -> AccountPage:
    return AccountPage(site, Credentials(person.username, person.password), page)


def _profile(mode: Mode, url: str, last_rehearsal: timedelta) -> Profile:
    """As it is, with fewer, quicker and later rehearsals: a round is to be short."""
    profile = load_profile(find_profile(_PROFILES[mode], Path.cwd()))
    rehearse = tuple(
        # What is practised before every opening once more need not be practised often beforehand.
        part.model_copy(update={"times": 3, "last": last_rehearsal})
        if part.last
        else part.model_copy(update={"times": min(part.times, _REHEARSALS)})
        for part in profile.rehearse
    )
    budget = profile.budget.model_copy(update={"requests_per_second": _REQUESTS_PER_SECOND})
    return profile.model_copy(update={"base_url": AnyHttpUrl(url), "rehearse": rehearse, "budget": budget})
