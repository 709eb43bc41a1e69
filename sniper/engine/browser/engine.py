"""The browser engine: keeps one session per account, and brings back those whose page or sign-in is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from playwright.async_api import BrowserContext
from playwright.async_api import Error as PlaywrightError

from sniper.clock.clock import Clock
from sniper.core.plan import Attempt, Held
from sniper.core.sightings import Sighting
from sniper.core.tries import AttemptResult
from sniper.engine.browser.account_page import AccountPage, Site
from sniper.engine.browser.armed import Armed
from sniper.engine.browser.drifted import drift_in, shown_instead
from sniper.engine.browser.driver import Driver
from sniper.engine.browser.firing import Firing, Mode
from sniper.engine.browser.guided_actions import GuidedActions
from sniper.engine.browser.held import Owners
from sniper.engine.browser.kept_state import as_storage_state, expiry_of, secrets_in
from sniper.engine.browser.locator_actions import LocatorActions
from sniper.engine.browser.places import Places
from sniper.engine.browser.pool import BrowserPool
from sniper.engine.browser.priorities import put_requests_first
from sniper.engine.browser.recording import NotRecorded, Recorder
from sniper.engine.browser.session import AccountSession
from sniper.engine.browser.steps import Actions
from sniper.engine.browser.turns import usable_processors
from sniper.engine.protocol import (
    AccountStoppedError,
    ArmError,
    CancelError,
    Credentials,
    NothingKept,
    Order,
    OwnerNeededError,
    ReadBackError,
    SignedOutError,
    SignIn,
    SignInError,
    SignInRefusedError,
    SignInStates,
    SiteError,
    Survey,
)
from sniper.sites.placeholders import missing_to_sign_in
from sniper.sites.profile import Profile

Done = TypeVar("Done")

_AFTER_A_SIGN_IN_THAT_FAILED = timedelta(seconds=30)


class BrowserEngine:
    """An `Engine` on real browsers. Use it as an async context manager; leaving it closes all its pages."""

    def __init__(
        self,
        profile: Profile,
        clock: Clock,
        evidence: Path,
        pool: BrowserPool,
        *,
        mode: Mode = Mode.ARMED,
        states: SignInStates | None = None,
        recorder: Recorder | None = None,
        pauses: bool = False,
    ) -> None:
        """No page is opened yet.

        Args:
            profile: The site.
            clock: The site's clock; openings are waited for on it.
            evidence: The folder for pictures of pages that were not understood; it exists.
            pool: Has the browsers; it has been entered, and goes on when the engine is left.
            mode: Who presses at the opening.
            states: Keeps the sign-ins; without it everybody signs in anew each time.
            recorder: Keeps the course of the pages.
            pauses: Each page waits before it fires until a person lets it go on.
        """
        self._recorder: Recorder = NotRecorded() if recorder is None else recorder
        self._pauses = pauses
        self._site = Site(profile, clock, evidence, watched=not pool.headless or self._recorder.draws)
        self._mode = mode
        self._states: SignInStates = NothingKept() if states is None else states
        self._pool = pool
        self._credentials: dict[str, Credentials] = {}
        self._sessions: dict[str, AccountSession] = {}
        self._owners: dict[tuple[str, str], Owners] = {}
        self._stopped: dict[Credentials, AccountStoppedError] = {}
        self._places = Places(usable_processors())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Sites renew what keeps an account signed in while it is used: the latest is the one to keep.
        await asyncio.gather(*(self._save(session) for session in self._sessions.values()))
        await asyncio.gather(*(session.close() for session in self._sessions.values()))

    async def sign_in(self, credentials: Credentials) -> SignIn:
        """See `Engine.sign_in`."""
        account = credentials.account
        self._credentials[account] = credentials
        if why := self._stopped.get(credentials):
            raise type(why)(str(why), mend=why.mend)
        async with self._places.to_sign_in:
            if old := self._sessions.pop(account, None):
                await old.close()
            if not self._site.profile.sign_in:
                return await self._open_anew(credentials)
            if await self._is_still_signed_in(credentials):
                return SignIn.STILL
            if not self._can_sign_in(credentials):
                with self._noting_stop(credentials):
                    raise OwnerNeededError.of(account, self._site.profile.name)
            session = await self._open(credentials)
            with self._noting_stop(credentials):
                try:
                    await session.sign_in()
                except SignInRefusedError:
                    self._states.forget(account)
                    raise
            await self._save(session)
            await session.page.show("signed-in")
            return SignIn.ANEW

    async def _open_anew(self, credentials: Credentials) -> SignIn:
        """A page is all there is to have where nobody signs in; nothing is asked of the site."""
        session = await self._open(credentials)
        session.signed_in = True
        return SignIn.NOBODY

    async def stay_signed_in(self, account: str) -> None:
        """See `Engine.stay_signed_in`."""
        credentials = self._credentials[account]
        session = self._sessions.get(account)
        async with self._places.to_sign_in:
            if session is None or session.lost:
                if not self._site.profile.sign_in:
                    await self._open_anew(credentials)
                    return
                if not await self._is_still_signed_in(credentials):
                    raise SignedOutError(f"{account}: it has no page, and nothing kept is still good")
                return
            try:
                with self._noting_stop(credentials):
                    await session.stay_signed_in()
            except SignedOutError:
                self._states.forget(account)
                raise
            await self._save(session)

    async def arm(self, attempt: Attempt) -> None:
        """See `Engine.arm`."""
        with self._page_of(attempt.account) as session:
            async with self._places.to_park:
                await session.page.recording.go_on()
                await session.arm(attempt)
                await session.page.show("parked", hurry=True)
                await session.page.recording.rest()
            # Of its own browser only: others may hang, or be starting still.
            if browser := session.browser:
                await put_requests_first(browser)

    async def rehearse(self, attempt: Attempt, latest: datetime | None = None) -> None:
        """See `Engine.rehearse`."""
        within = (latest - self._site.clock.now()).total_seconds() if latest else None
        if not self._site.profile.rehearse or (within is not None and within <= 0):
            return
        with self._page_of(attempt.account) as session:
            async with self._places.to_rehearse(within) as has_one:
                if has_one:
                    await session.rehearse(attempt)

    async def survey(self, attempt: Attempt) -> Survey:
        """See `Engine.survey`."""
        with self._page_of(attempt.account) as session:
            async with self._places.to_park:
                return await session.survey(attempt)

    async def drift_in(self, account: str, error: SiteError) -> Sighting | None:
        """What of the profile is not as the site is, if that is why something did not work for an account.

        Its page is looked at as it is now. None where the cause is another, or cannot be told.
        """
        if session := self._sessions.get(account):
            with suppress(PlaywrightError):
                return await drift_in(session.page, error)
        return None

    async def shown_instead(self, account: str) -> str:
        """What the account's page shows that no profile is about, a captcha, say; empty where nothing."""
        session = self._sessions.get(account)
        return await shown_instead(session.page) if session else ""

    async def look(self, account: str) -> None:
        """See `Engine.look`."""
        with self._page_of(account) as session:
            await session.look()

    async def fire(self, attempt: Attempt, order: Order) -> AttemptResult:
        """See `Engine.fire`."""
        session = self._sessions[attempt.account]
        if self._pauses:
            with suppress(PlaywrightError):
                await session.page.page.pause()
        result = await session.fire(attempt, order)
        await session.page.recording.go_on()
        ended = result.last.outcome.value if result.last else "never fired"
        await session.page.show(ended, result)
        self._forget_if_signed_out(session)
        return result

    async def my_bookings(self, account: str) -> tuple[Held, ...]:
        """See `Engine.my_bookings`. Whose page or sign-in is gone gets a new one for it."""
        held = await self._read(account, AccountSession.my_bookings, "my bookings")
        await self._sessions[account].page.show("my-bookings")
        return held

    async def is_doubled(self, booking: Held) -> bool:
        """See `Engine.is_doubled`. Whose page or sign-in is gone gets a new one for it."""
        if self._site.profile.slot_owners is None:
            return False
        what = f"the owners of {booking.slot}"
        owners = await self._read(booking.account, lambda session: session.owners(booking), what)
        self._owners[booking.account, booking.reference] = owners
        return owners.too_many

    def was_first(self, booking: Held) -> bool | None:
        """See `Engine.was_first`."""
        return self._owners.get((booking.account, booking.reference), Owners()).ours_first

    async def cancel(self, booking: Held) -> None:
        """See `Engine.cancel`. Whose page or sign-in is gone gets a new one for it."""
        try:
            await self._at_hand_for(booking.account, lambda session: session.cancel(booking))
        except SignInError as error:
            raise CancelError(
                f"{booking.account}: {booking.slot} could not be cancelled: {error}",
                mend="Cancel it by hand.",
                pause=error.pause,
            ) from None
        await self._sessions[booking.account].page.show("given-back")

    async def _read(self, account: str, read: Callable[[AccountSession], Awaitable[Done]], what: str) -> Done:
        try:
            return await self._at_hand_for(account, read)
        except AccountStoppedError:
            raise
        except SignInError as error:
            said = f"{account}: {what} could not be read: {error}"
            raise ReadBackError(said, pause=max(error.pause, _AFTER_A_SIGN_IN_THAT_FAILED)) from None

    async def _at_hand_for(self, account: str, work: Callable[[AccountSession], Awaitable[Done]]) -> Done:
        """Do something with the account's session; once more with a new one, if it proves to be gone by that.

        Raises:
            SignInError: There is none to be had.
        """
        session = await self._at_hand(account)
        try:
            return await work(session)
        except (ReadBackError, CancelError) as error:
            if error.pause:
                raise
            again = await self._at_hand(account)
            if again is session:
                raise
            return await work(again)

    # -- sessions

    async def _open(self, credentials: Credentials, kept: str | None = None) -> AccountSession:
        """A new page in a context of its own, which sees the site's time zone and language."""
        profile = self._site.profile
        try:
            context = await self._pool.context(
                timezone=str(profile.timezone),
                locale=profile.locale,
                storage_state=as_storage_state(kept) if kept else None,
                **self._recorder.options(credentials.account),
            )
            try:
                recording = await self._recorder.begin(context, credentials.account)
                firing, actions = await self._ways(context)
                page = AccountPage(self._site, credentials, await context.new_page(), recording, actions)
            except BaseException:
                with suppress(PlaywrightError):
                    await context.close()
                raise
        except PlaywrightError as error:
            raise SignInError(f"{credentials.account}: no page: {error.message.splitlines()[0]}") from None
        if kept:
            page.keep_out(secrets_in(kept))
            recording.know_state(kept)
        session = AccountSession(page, credentials, firing)
        self._sessions[credentials.account] = session
        return session

    async def _ways(self, context: BrowserContext) -> tuple[Firing, Actions]:
        """How the page of a context fires, and how its steps are carried out otherwise."""
        if self._mode is Mode.DRIVER:
            return Driver(), LocatorActions()
        return await Armed.install(context), await GuidedActions.install(context)

    async def _is_still_signed_in(self, credentials: Credentials) -> bool:
        """Open a page from what was kept and ask the site. What it does not take is closed again."""
        account = credentials.account
        kept = self._states.load(account)
        if not kept:
            return False
        try:
            session = await self._open(credentials, kept)
        except SignInError:
            if not self._can_sign_in(credentials):
                raise
            return False  # The sign-in itself will tell why.
        try:
            with self._noting_stop(credentials):
                await session.stay_signed_in()
        except SignInError as error:
            # Where the site did not tell, it may be good all the same, another time.
            if isinstance(error, SignedOutError):
                self._states.forget(account)
            del self._sessions[account]
            await session.close()
            if isinstance(error, AccountStoppedError) or error.pause:
                raise
            if not (isinstance(error, SignedOutError) or self._can_sign_in(credentials)):
                raise
            return False
        await self._save(session)
        return True

    def _can_sign_in(self, credentials: Credentials) -> bool:
        """Is there all that signing in anew takes?"""
        return not missing_to_sign_in(self._site.profile, credentials.placeholders)

    @contextmanager
    def _noting_stop(self, credentials: Credentials) -> Iterator[None]:
        """Who is stopped by the site within the block is not signed in again, whoever asks for it."""
        try:
            yield
        except AccountStoppedError as error:
            self._stopped[credentials] = error
            raise

    async def _at_hand(self, account: str) -> AccountSession:
        """The account's session, opened anew if its page is gone or shows that it is signed out.

        Raises:
            SignInError: It cannot be.
        """
        session = self._sessions.get(account)
        if session is not None and not session.lost:
            out = not session.signed_in
            with suppress(PlaywrightError, TimeoutError):
                out = out or await session.shows_signed_out()
            if not out:
                return session
            self._forget_if_signed_out(session)
        await self.sign_in(self._credentials[account])
        return self._sessions[account]

    @contextmanager
    def _page_of(self, account: str) -> Iterator[AccountSession]:
        """Who is seen to be signed out within the block has nothing kept any more that is good."""
        session = self._sessions.get(account)
        if session is None:
            raise ArmError(f"{account}: it has no page")
        try:
            yield session
        finally:
            self._forget_if_signed_out(session)

    # -- what is kept

    async def _save(self, session: AccountSession) -> None:
        how = self._site.profile.signed_in
        if how and session.signed_in and not session.lost:
            with suppress(PlaywrightError, TimeoutError):
                state = await session.state()
                expires_at = expiry_of(state, how.expires)
                self._states.save(session.credentials.account, state, expires_at)

    def _forget_if_signed_out(self, session: AccountSession) -> None:
        if session.signed_in is False:
            self._states.forget(session.credentials.account)
