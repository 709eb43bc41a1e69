"""From `sniper profile check --live` to what was found: a profile beside its site, and nothing is booked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import zip_longest

from sniper import accounts
from sniper.checking import pictures
from sniper.clock.clock import SystemClock
from sniper.clock.measuring import measure
from sniper.core.plan import Attempt, Role
from sniper.core.sightings import Sighting
from sniper.core.slots import Slot
from sniper.crew import PLACEHOLDERS, by_hand
from sniper.engine.browser.engine import BrowserEngine
from sniper.engine.browser.firing import Mode
from sniper.engine.browser.pool import BrowserPool
from sniper.engine.protocol import (
    AccountStoppedError,
    ArmError,
    Credentials,
    ReadBackError,
    SignIn,
    SignInError,
    SiteError,
)
from sniper.errors import EnvironmentProblem, InputError
from sniper.events import Noted, Tell
from sniper.execution import reached
from sniper.kept_sign_ins import KeptSignIns
from sniper.secrets import Vault
from sniper.site_client import clock_probe, site_client
from sniper.sites.placeholders import missing_to_sign_in
from sniper.sites.profile import Location, Profile
from sniper.store.records import AccountRecord
from sniper.store.repository import Store

_PROBES = 3
"""Of the site's clock: which day it is there has to be known to a second, not to a millisecond."""
_MOST_PLACES = 6
_NOON = timedelta(hours=12)
_NOBODY = "nobody"
_NOT_OPENED = "nothing could be opened that would show it"
_FOR_MEMBERS = ("arm", "rehearse", "fill_ahead", "fire", "my_bookings")
_ONLY_BY_BOOKING = ("sign_in_refused", "outcomes", "slot_owners", "cancel")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be looked at, and how.

    Attributes:
        account: Who looks; the first one stored that can sign in, if nobody is named.
        day: On the site's calendar; one that is open for booking, if none is named.
        fresh_sign_in: Pass over what is kept of earlier sign-ins, so that signing in is looked at as well.
        headed: Show the browser.
    """

    account: str | None = None
    day: date | None = None
    fresh_sign_in: bool = False
    headed: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What came of it.

    Attributes:
        account: Who looked.
        slots: What the page was parked for, the first one foremost.
        sightings: Of each step and control, in the order in which they are used.
        held: How many bookings *my bookings* showed; None where it was not read.
        picture: Where the page was kept on which something was missing.
    """

    account: str
    slots: tuple[Slot, ...]
    sightings: tuple[Sighting, ...]
    held: int | None = None
    picture: str | None = None

    @property
    def met(self) -> tuple[Sighting, ...]:
        """What is there as the profile says."""
        return tuple(one for one in self.sightings if one.seen)

    @property
    def drifted(self) -> tuple[Sighting, ...]:
        """What is not."""
        return tuple(one for one in self.sightings if one.seen is False)

    @property
    def untold(self) -> tuple[Sighting, ...]:
        """What could not be looked at."""
        return tuple(one for one in self.sightings if one.seen is None)


async def look_over(profile: Profile, wanted: Wanted, begin: Callable[[str], None], tell: Tell) -> Found:
    """Sign in, park, go once through what is rehearsed, read *my bookings*. Nothing that books is pressed.

    Args:
        profile: What is held against its site.
        wanted: What is looked at.
        begin: Called with what is looked at next.
        tell: Called for what people should know.

    Raises:
        InputError: The account is not known, or the day is past.
        EnvironmentProblem: The site does not answer, wants something else first, or lets nobody in; there is
            no account, browser, store or key.
    """
    async with AsyncExitStack() as stack:
        begin(f"reaching {profile.url}, and reading its clock")
        client = await stack.enter_async_context(site_client(profile.url))
        await stack.enter_async_context(reached(profile, client, tell))
        local = SystemClock()
        probe = clock_probe(client, profile.url + profile.clock.path, profile.clock, local)
        clock = await measure(probe, local, min(profile.clock.probes, _PROBES), leaps=local.leaps)
        slots = slots_to_look_at(profile, clock.now(), wanted.day)
        store = stack.enter_context(Store.open())
        credentials = _who_looks(store, profile, wanted.account)
        kept = KeptSignIns(
            store,
            Vault.open(),
            profile.name,
            lambda text: tell(Noted(text)),
            fresh=wanted.fresh_sign_in,
            by_hand=by_hand((credentials,), profile),
        )
        folder = stack.enter_context(pictures())
        pool = await stack.enter_async_context(BrowserPool(headless=not wanted.headed))
        engine = await stack.enter_async_context(
            BrowserEngine(profile, clock, folder, pool, mode=Mode.DRIVER, states=kept)
        )
        return await _Look(profile, engine, credentials, slots, begin, tell).carry_out()


def slots_to_look_at(profile: Profile, now: datetime, day: date | None = None) -> tuple[Slot, ...]:
    """A slot at each place, the first of every location first, at noon, or the next one where that is over.

    Args:
        profile: Has the places.
        now: On the site's clock.
        day: On the site's calendar; without one, tomorrow if that is open for booking by then, or else today.

    Raises:
        InputError: The day is past, or nothing starts any more.
    """
    today = now.astimezone(profile.timezone).date()
    tomorrow = today + timedelta(days=1)
    for one in (day,) if day else (tomorrow, today):
        slots = tuple(_slots_on(profile, one, now))
        if slots and (day or profile.locations[slots[0].location].opening.opening_of(slots[0]) <= now):
            return slots
    if day is None:
        return tuple(_slots_on(profile, tomorrow, now))
    raise InputError(
        f"--day: {day} is past on the site's calendar, or nothing starts on it any more",
        mend=f"It is {today} there; take that day or a later one.",
    )


def _slots_on(profile: Profile, day: date, now: datetime) -> Iterator[Slot]:
    # Where there are sub-locations, more of the profile is to be seen.
    ordered = sorted(profile.locations.items(), key=lambda item: not item[1].sub_locations)
    each = ([(name, one, sub) for sub in one.sub_locations or (None,)] for name, one in ordered)
    places = [one for row in zip_longest(*each) for one in row if one]
    for name, location, sub in places[:_MOST_PLACES]:
        if start := _start_on(day, location, profile, now):
            yield Slot(name, sub, start)


def _start_on(day: date, location: Location, profile: Profile, now: datetime) -> datetime | None:
    """Noon, as the location's slots lie; where that is over, the next start of the day, if there is one."""
    midnight = datetime.combine(day, time())
    starts = (midnight + index * location.slot for index in range(timedelta(days=1) // location.slot))
    local = [start.replace(tzinfo=profile.timezone) for start in starts]
    ahead = [start for start in local if start.astimezone(UTC) > now]
    noon = midnight.replace(tzinfo=profile.timezone) + _NOON
    return next((start for start in ahead if start + location.slot > noon), None)


def _who_looks(store: Store, profile: Profile, name: str | None) -> Credentials:
    """The account that is named, or the first one that can sign in.

    Raises:
        InputError: The one that is named is not known.
        EnvironmentProblem: There is none, or what is stored of it cannot be read.
    """
    if not profile.sign_in:
        return Credentials(name or _NOBODY)
    if name is not None:
        return accounts.credentials_of(store, accounts.find(store, name, profile.name))
    able = [one for one in store.accounts(profile.name) if one.active and _can_sign_in(one, profile)]
    if not able:
        raise EnvironmentProblem(
            f"no account is stored of {profile.name} that could sign in",
            mend=f"`sniper accounts add NAME --site {profile.name}` stores one; "
            "`sniper accounts list` shows those there are.",
        )
    return accounts.credentials_of(store, able[0])


def _can_sign_in(account: AccountRecord, profile: Profile) -> bool:
    has = {"username", *(PLACEHOLDERS[kind] for kind in account.secrets)}
    return account.sign_in is not None or not missing_to_sign_in(profile, has)


class _Look:
    """Once through all of the profile that books nothing."""

    def __init__(
        self,
        profile: Profile,
        engine: BrowserEngine,
        credentials: Credentials,
        slots: tuple[Slot, ...],
        begin: Callable[[str], None],
        tell: Tell,
    ) -> None:
        self._tell = tell
        self._profile = profile
        self._engine = engine
        self._credentials = credentials
        self._account = credentials.account
        self._slots = slots
        self._begin = begin
        self._picture: str | None = None
        self._held: int | None = None

    async def carry_out(self) -> Found:
        """See `look_over`."""
        sightings = await self._sign_in()
        if all(one.seen is not False for one in sightings):
            sightings += await self._survey()
            sightings += await self._my_bookings(drifted=any(one.seen is False for one in sightings))
        sightings += self._left_out(_ONLY_BY_BOOKING, "only a booking, or a refusal, shows it")
        return Found(self._account, self._slots, tuple(sightings), self._held, self._picture)

    def _left_out(self, parts: Sequence[str], why: str) -> list[Sighting]:
        """These parts, as far as the profile has them, are not looked at."""
        return [Sighting(one, one, None, why, (one,)) for one in parts if getattr(self._profile, one)]

    async def _sign_in(self) -> list[Sighting]:
        self._begin(f"signing {self._account} in")
        try:
            how = await self._engine.sign_in(self._credentials)
        except SignInError as error:
            drift = await self._drift_or_raise(error)
            if error.mend:
                self._tell(Noted(error.mend))
            return [drift, *self._left_out(_FOR_MEMBERS, "nobody is signed in")]
        # Where nobody signs in, there may be neither.
        signed_in = ["signed_in"] if self._profile.signed_in else []
        seen = [Sighting(one, one, True, at=(one,)) for one in signed_in]
        if how is SignIn.STILL:
            why = "the account is still signed in; --fresh-sign-in looks at it"
            return [*self._left_out(("sign_in",), why), *seen]
        steps = range(len(self._profile.sign_in))
        return [*(Sighting("sign_in", "sign_in", True, at=("sign_in", index)) for index in steps), *seen]

    async def _survey(self) -> Sequence[Sighting]:
        where = self._slots[0]
        self._begin(f"parking for {where}, and looking")
        try:
            survey = await self._engine.survey(Attempt(self._account, self._slots, Role.LEAD))
        except ArmError as error:
            raise EnvironmentProblem(str(error), mend=error.mend) from None
        if survey.instead:
            raise EnvironmentProblem(
                f"{self._account}: {survey.instead}",
                mend="Look again later"
                + (f"; what the page showed is in {survey.picture}." if survey.picture else "."),
            )
        self._picture = survey.picture
        arm = [one for one in survey.sightings if one.part == "arm"]
        fire = [
            one if one.seen is not None or one.why else replace(one, why=_NOT_OPENED)
            for one in survey.sightings
            if one.part != "arm"
        ]
        return [*arm, *survey.rehearsed, *fire]

    async def _my_bookings(self, *, drifted: bool) -> Sequence[Sighting]:
        part = "my_bookings"
        how = self._profile.my_bookings
        if how is None:
            return []
        self._begin("reading my bookings")
        try:
            held = await self._engine.my_bookings(self._account)
        except ReadBackError as error:
            try:
                return [await self._drift_or_raise(error)]
            except EnvironmentProblem:
                if not drifted:
                    raise
                # What has drifted is worth more than that something else cannot be told.
                return [Sighting(part, part, None, str(error), (part,))]
        self._held = len(held)
        steps = [Sighting(part, part, True, at=(part, "steps", index)) for index in range(len(how.steps))]
        answer = [Sighting(part, part, True, at=(part, key)) for key in ("response", "items")]
        why = "" if held else "the account holds nothing that would show it"
        entry = [
            Sighting(part, part, bool(held) or None, why, (part, key))
            for key in ("reference", "start", "location", "sub_location", "place")
            if getattr(how, key)
        ]
        return [*steps, *answer, *entry]

    async def _drift_or_raise(self, error: SiteError) -> Sighting:
        """What of the profile is not as the site is.

        Raises:
            EnvironmentProblem: It is not for the profile that it did not work.
        """
        if isinstance(error, AccountStoppedError):
            raise EnvironmentProblem(str(error), mend=error.mend)
        instead = await self._engine.shown_instead(self._account)
        found = None if instead else await self._engine.drift_in(self._account, error)
        if found is None:
            said = f"{error} ({instead})" if instead else str(error)
            raise EnvironmentProblem(said, mend=error.mend)
        return found
