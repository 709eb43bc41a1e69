"""Plays fixtures: the page is parked and fired as in a run, with the case at its other end."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

from playwright.async_api import CDPSession, Page

from sniper.clock.clock import SystemClock
from sniper.core.outcomes import Outcome
from sniper.core.plan import Attempt, Role
from sniper.core.slots import Slot
from sniper.core.tries import Try
from sniper.engine.browser.account_page import AccountPage, Site
from sniper.engine.browser.armed import Armed
from sniper.engine.browser.driver import Driver
from sniper.engine.browser.firing import Mode
from sniper.engine.browser.pool import BrowserPool
from sniper.engine.browser.selectors import Values
from sniper.engine.browser.session import AccountSession
from sniper.engine.protocol import ArmError, Credentials, Order
from sniper.errors import InputError
from sniper.replay.answering import Answering, without_network
from sniper.replay.asked import Asked
from sniper.replay.case import Case
from sniper.replay.library import Fixture
from sniper.replay.recorded import Entry
from sniper.replay.replies import Replies
from sniper.replay.selectors import WATCH, Meetings
from sniper.sites.answers import Answer
from sniper.sites.details import Detail
from sniper.sites.profile import Profile

_NOTHING = timedelta(0)
_SOMEBODY = {
    Detail.GIVEN_NAME.value: "Erika",
    Detail.FAMILY_NAME.value: "Mustermann",
    Detail.EMAIL.value: "erika@example.org",
    Detail.TELEPHONE.value: "+498900000",
}
"""Who books in a fixture: nobody that there is."""
# The page's day is the case's. Its timers, and what it measures by, go on as they are: the engine presses by
# them. A page that asks whether it is online is to think so; and no worker of its own is to ask past us.
_THAT_DAY = """({ ahead, origin, kept }) => {
    const now = () => Math.floor(performance.timeOrigin + performance.now() + ahead);
    window.Date = new Proxy(Date, {
        construct: (real, given, asked) => Reflect.construct(real, given.length ? given : [now()], asked),
        apply: (real) => new real(now()).toString(),
        get: (real, name) => name === "now" ? now : Reflect.get(real, name),
    });
    Object.defineProperty(Navigator.prototype, "onLine", { get: () => true });
    delete Navigator.prototype.serviceWorker;
    // Once: what the page takes away stays away.
    if (location.origin !== origin || sessionStorage.getItem("replayed")) return;
    sessionStorage.setItem("replayed", "yes");
    for (const [name, value] of kept) localStorage.setItem(name, value);
}"""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of a fixture.

    Attributes:
        asked: What the page asked for, in order.
        unanswered: What of it the case has no answer for.
        given: What of a recording was given in answer.
    """

    fixture: Fixture
    mode: Mode
    tries: tuple[Try, ...]
    asked: tuple[Asked, ...]
    unanswered: tuple[str, ...]
    given: tuple[Entry, ...] = ()


class Stage:
    """A page to play on, one fixture after the other, in a context without a network.

    To open one takes ten times as long as to play on it.
    """

    def __init__(self, page: Page, firing: Armed | Driver, session: CDPSession, profile: Profile) -> None:
        self._page = page
        self._firing = firing
        self._session = session
        self._zone, self._locale = profile.timezone, profile.locale
        self._answering: Answering | None = None
        self._scripts: list[str] = []
        self._meetings: Meetings | None = None

    @classmethod
    async def opened(cls, pool: BrowserPool, profile: Profile, mode: Mode) -> Self:
        """A new page, for profiles of one time zone and language.

        Raises:
            PlaywrightError: There is none.
        """
        context = await pool.context(timezone=str(profile.timezone), locale=profile.locale)
        try:
            firing = await Armed.install(context) if mode is Mode.ARMED else Driver()
            page = await context.new_page()
            session = await context.new_cdp_session(page)
            await session.send("Page.enable")
            stage = cls(page, firing, session, profile)
            await without_network(context, lambda: stage._answering)
        except BaseException:
            await context.close()
            raise
        return stage

    @property
    def mode(self) -> Mode:
        """Who presses."""
        return Mode.ARMED if isinstance(self._firing, Armed) else Mode.DRIVER

    async def close(self) -> None:
        """Close the page and its context."""
        await self._page.context.close()

    async def play(self, fixture: Fixture, profile: Profile, meetings: Meetings | None = None) -> Replayed:
        """Park the page and fire it at once.

        Args:
            fixture: What it is played against.
            profile: How; the fixture's own, or one that is to be tried.
            meetings: Are told which selectors of the profile are met meanwhile.

        Raises:
            InputError: The profile does not know a location of the case, or a file cannot be read.
        """
        assert (profile.timezone, profile.locale) == (self._zone, self._locale), "another stage's"
        case = fixture.case
        chain = _chain(fixture, profile)
        replies = Replies.of(fixture, profile.url)
        clock = _OfThatDay(case.now)
        await self._prepare(case, _origin(profile), clock)
        self._answering = answering = Answering(replies)
        # What is practised before the opening books nothing and decides nothing.
        profile = profile.model_copy(update={"rehearse": ()})
        credentials = Credentials("replay", details=tuple(_SOMEBODY.items()))
        page = _WithoutEvidence(Site(profile, clock, Path()), credentials, self._page)
        if meetings:
            await self._watch(meetings, [page.values_of(slot) for slot in chain])
        session = AccountSession(page, credentials, self._firing)
        session.signed_in = True
        attempt = Attempt(credentials.account, chain, Role.LEAD)
        try:
            await session.arm(attempt)
        except ArmError as error:
            said = str(error).removeprefix(f"{attempt.account}: ")
            tries: tuple[Try, ...] = (Try(attempt.target, Outcome.NOT_PARKED, clock.now(), _NOTHING, said),)
        else:
            replies.fired()
            # The page is parked for all that was wanted, as it was in the run, and fires at what it came to.
            fired = replace(attempt, chain=chain[: len(case.played)])
            tries = (await session.fire(fired, Order(clock.now(), presses=case.presses))).tries
        return Replayed(
            fixture,
            self.mode,
            tries,
            tuple(answering.asked),
            tuple(answering.unanswered),
            tuple(replies.recorded.given) if replies.recorded else (),
        )

    async def _prepare(self, case: Case, origin: str, clock: _OfThatDay) -> None:
        """Nothing is left of what was played before, and the browser keeps what the case says."""
        self._answering = None
        await self._page.context.clear_cookies()
        await self._session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
        while self._scripts:
            gone = {"identifier": self._scripts.pop()}
            await self._session.send("Page.removeScriptToEvaluateOnNewDocument", gone)
        given = {
            "ahead": clock.ahead / timedelta(milliseconds=1),
            "origin": origin,
            "kept": [[name, _as_text(value)] for name, value in case.local_storage.items()],
        }
        await self._in_every_document(f"({_THAT_DAY})({json.dumps(given)})")
        if isinstance(self._firing, Armed):
            self._firing.forget()
        else:
            self._firing = Driver()

    async def _watch(self, meetings: Meetings, slots: list[Values]) -> None:
        if self._meetings is None:
            await self._page.expose_binding("replayMet", lambda _, met, names: self._met(met, names))
        self._meetings = meetings
        await self._in_every_document(f"({WATCH})({json.dumps(meetings.wanted(slots))})")

    def _met(self, met: list[str], names: list[str]) -> None:
        if self._meetings:
            self._meetings.note(met, names)

    async def _in_every_document(self, source: str) -> None:
        added = await self._session.send("Page.addScriptToEvaluateOnNewDocument", {"source": source})
        self._scripts.append(added["identifier"])


def _chain(fixture: Fixture, profile: Profile) -> tuple[Slot, ...]:
    for one in fixture.case.chain:
        if one.location not in profile.locations:
            raise InputError(
                f"{fixture.name}: the profile {profile.name} has no location {one.location!r}",
                mend=f"It has {', '.join(profile.locations)}.",
            )
    return tuple(
        Slot(one.location, one.sub_location, one.start.astimezone(profile.timezone))
        for one in fixture.case.chain
    )


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _origin(profile: Profile) -> str:
    host, port = profile.base_url.host, profile.base_url.port
    usual = {"http": 80, "https": 443}.get(profile.base_url.scheme) == port
    return f"{profile.base_url.scheme}://{host}" + ("" if usual else f":{port}")


class _WithoutEvidence(AccountPage):
    """What is on the page is in the fixture."""

    async def evidence(self, answer: Answer | None = None) -> str | None:  # noqa: ARG002
        """None."""
        return None


class _OfThatDay:
    """This machine's clock, set to an instant of another day."""

    def __init__(self, now: datetime) -> None:
        self._local = SystemClock()
        self.ahead = now - self._local.now()

    @property
    def in_doubt(self) -> bool:
        """Never: it is the site's."""
        return False

    def now(self) -> datetime:
        """That day's time, in UTC."""
        return self._local.now() + self.ahead

    async def sleep_until(self, moment: datetime) -> None:
        """See `Clock.sleep_until`."""
        await self._local.sleep_until(moment - self.ahead)
