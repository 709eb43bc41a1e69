"""Plays a fixture: the page is parked and fired as in a run, with the case at its other end."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.async_api import StorageState

from sniper.clock.clock import Clock, SystemClock
from sniper.core.outcomes import Outcome
from sniper.core.plan import Attempt, Role
from sniper.core.slots import Slot
from sniper.core.tries import Try
from sniper.engine.browser.account_page import AccountPage, Site
from sniper.engine.browser.armed import Armed
from sniper.engine.browser.driver import Driver
from sniper.engine.browser.firing import Firing, Mode
from sniper.engine.browser.kept_state import as_storage_state
from sniper.engine.browser.pool import BrowserPool
from sniper.engine.browser.session import AccountSession
from sniper.engine.protocol import ArmError, Credentials, Order
from sniper.errors import InputError
from sniper.replay.answering import Answering
from sniper.replay.case import Case
from sniper.replay.library import Fixture
from sniper.replay.replies import Asked, Replies
from sniper.sites.answers import Answer
from sniper.sites.profile import Profile

_NOTHING = timedelta(0)
# The page's day is the case's. Its timers, and what it measures by, go on as they are: the engine presses by
# them. A page that asks whether it is online is to think so; and no worker of its own is to ask past us.
_THAT_DAY = """(() => {
    const now = () => Math.floor(performance.timeOrigin + performance.now()) + AHEAD;
    window.Date = new Proxy(Date, {
        construct: (real, given, asked) => Reflect.construct(real, given.length ? given : [now()], asked),
        apply: (real) => new real(now()).toString(),
        get: (real, name) => name === "now" ? now : Reflect.get(real, name),
    });
    Object.defineProperty(Navigator.prototype, "onLine", { get: () => true });
    delete Navigator.prototype.serviceWorker;
})()"""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What came of a fixture.

    Attributes:
        asked: What the page asked for, in order.
        unanswered: What of it the case has no answer for.
    """

    fixture: Fixture
    mode: Mode
    tries: tuple[Try, ...]
    asked: tuple[Asked, ...]
    unanswered: tuple[str, ...]


async def play(fixture: Fixture, profile: Profile, mode: Mode, pool: BrowserPool) -> Replayed:
    """Park a page and fire it at once.

    Args:
        fixture: What it is played against.
        profile: How; the fixture's own, or one that is to be tried.
        mode: Who presses.
        pool: Has been entered.

    Raises:
        InputError: The profile does not know a location of the case, or a file cannot be read.
    """
    case = fixture.case
    chain = _chain(fixture, profile)
    # What is practised before the opening books nothing and decides nothing.
    profile = profile.model_copy(update={"rehearse": ()})
    answering = Answering(Replies.of(fixture, profile.url))
    clock = _OfThatDay(case.now)
    context = await pool.context(
        timezone=str(profile.timezone), locale=profile.locale, storage_state=_stored(case, profile)
    )
    try:
        await answering.install(context)
        await context.add_init_script(
            _THAT_DAY.replace("AHEAD", str(clock.ahead // timedelta(milliseconds=1)))
        )
        firing: Firing = await Armed.install(context) if mode is Mode.ARMED else Driver()
        credentials = Credentials("replay")
        page = _WithoutEvidence(Site(profile, clock, Path()), credentials, await context.new_page())
        session = AccountSession(page, credentials, firing)
        session.signed_in = True
        tries = await _tries(session, Attempt(credentials.account, chain, Role.LEAD), clock, case.presses)
    finally:
        await context.close()
    return Replayed(fixture, mode, tries, tuple(answering.asked), tuple(answering.unanswered))


async def _tries(
    session: AccountSession, attempt: Attempt, clock: Clock, presses: int | None
) -> tuple[Try, ...]:
    try:
        await session.arm(attempt)
    except ArmError as error:
        said = str(error).removeprefix(f"{attempt.account}: ")
        return (Try(attempt.target, Outcome.NOT_PARKED, clock.now(), _NOTHING, said),)
    return (await session.fire(attempt, Order(clock.now(), presses=presses))).tries


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


def _stored(case: Case, profile: Profile) -> StorageState | None:
    if not case.local_storage:
        return None
    kept = [{"name": name, "value": _as_text(value)} for name, value in case.local_storage.items()]
    origins = [{"origin": _origin(profile), "localStorage": kept}]
    return as_storage_state(json.dumps({"cookies": [], "origins": origins}))


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
