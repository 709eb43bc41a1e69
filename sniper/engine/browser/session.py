"""One account in its own browser context: signed in, parked, fired, read back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from playwright.async_api import Browser, Request
from playwright.async_api import Error as PlaywrightError

from sniper.core.outcomes import Outcome
from sniper.core.plan import Attempt, Held
from sniper.core.tries import AttemptResult
from sniper.engine.browser.account_page import AccountPage
from sniper.engine.browser.asking import answer_to, with_values
from sniper.engine.browser.drifted import explained
from sniper.engine.browser.firing import Firing
from sniper.engine.browser.held import NotToldError, Owners, bookings_of, owners_of
from sniper.engine.browser.kept_state import secrets_in, state_of
from sniper.engine.browser.members_page import (
    NOT_SIGNED_IN,
    asked_as_member,
    came_by_itself,
    see_members_page,
)
from sniper.engine.browser.resting import NOTHING, Rest, errand
from sniper.engine.browser.selectors import Values, locate, values_to_sign_in, words_of
from sniper.engine.browser.steps import StepError, asked_pause
from sniper.engine.browser.stops import STOPS, stop_shown
from sniper.engine.browser.survey import surveyed
from sniper.engine.protocol import (
    ArmError,
    CancelError,
    Credentials,
    Order,
    ReadBackError,
    SignedOutError,
    SignInError,
    SignInRefusedError,
    Survey,
    TurnedAwayError,
)

_LOOK_WITHIN = 2.0
_CLOSED_WITHIN = 5.0


class AccountSession:
    """Everything one account does. Only one of its methods runs at a time."""

    def __init__(self, page: AccountPage, credentials: Credentials, firing: Firing) -> None:
        self._page = page
        self.rest = Rest(page, self._remember)
        """When the page rests between two of these methods."""
        self._profile = page.profile
        self._credentials = credentials
        self._firing = firing
        self._is_filled = False
        self._remembered: str | None = None
        self.signed_in: bool | None = None
        """What the site showed when somebody looked last; None when it has never told."""

    @property
    def credentials(self) -> Credentials:
        """Whose session it is."""
        return self._credentials

    @property
    def page(self) -> AccountPage:
        """Where it is at work."""
        return self._page

    @property
    def lost(self) -> str | None:
        """Why there is no page any more, if there is none."""
        return self._page.lost

    @property
    def browser(self) -> Browser | None:
        """The browser the page is in."""
        return self._page.browser

    async def state(self) -> str:
        """What keeps the account signed in, to be kept. From now on none of it is shown.

        Raises:
            PlaywrightError: The context is gone.
            TimeoutError: It does not answer.
        """
        # From an empty page it is only to be had by way of new ones, at each of the sites.
        resting = self._page.page.url == NOTHING
        state = (self._remembered if resting else None) or await state_of(self._page.page.context)
        self._page.keep_out(secrets_in(state))
        self._page.recording.know_state(state)
        return state

    @errand
    async def sign_in(self) -> None:
        """Sign in and look whether the site agrees.

        Raises:
            SignInRefusedError: It refused the password or the code.
            TurnedAwayError: It shows a captcha or a ban.
            SignInError: The page was not as the profile says.
        """
        refusal_shown = self._profile.sign_in_refused
        assert refusal_shown is not None, "nobody signs in there"
        values = values_to_sign_in(self._credentials, self._page.recording.know)
        steps = asyncio.create_task(self._page.run(self._profile.sign_in, values))
        refusal = asyncio.create_task(self._page.first_shown((refusal_shown,), values))
        try:
            with asked_as_member(self._page, self._profile.signed_in) as asked:
                await asyncio.wait({steps, refusal}, return_when=asyncio.FIRST_COMPLETED)
                if refusal.done() and not refusal.exception() and (refused := refusal.result()):
                    raise SignInRefusedError(
                        f"{self._credentials.account}: the site refused the sign-in: "
                        f"{self._page.scrubbed(refused.text)}",
                        mend="Check the account's password and second factor, in the file or as stored.",
                    )
                await steps
            await self._see_members_page(asked)
        except (StepError, PlaywrightError) as error:
            await self._stop_if_turned_away(error)
            picture = await self._page.evidence()
            raise SignInError(
                f"{self._credentials.account}: the sign-in did not work: {self._page.said(error)}",
                mend=f"Look at {picture}, or run with --headed."
                if picture
                else "Run with --headed to see why.",
                pause=asked_pause(error),
                cause=error,
            ) from None
        finally:
            for task in (steps, refusal):
                task.cancel()
            await asyncio.gather(steps, refusal, return_exceptions=True)

    @errand
    async def stay_signed_in(self) -> None:
        """Look at the members' page anew, which sites take for use of the session.

        Raises:
            SignedOutError: The site does not take the account for signed in.
            TurnedAwayError: It shows a captcha or a ban.
            SignInError: The page is gone, or nothing could be seen.
        """
        account = self._credentials.account
        if self.lost:
            raise SignInError(f"{account}: {self.lost}")
        try:
            await self._see_members_page()
        except (StepError, PlaywrightError) as error:
            if isinstance(error, StepError) and error.outcome is Outcome.SIGNED_OUT:
                raise SignedOutError(f"{account}: {error}") from None
            await self._stop_if_turned_away(error)
            raise SignInError(
                f"{account}: it cannot be told whether it is signed in: {self._page.said(error)}",
                pause=asked_pause(error),
                cause=error,
            ) from None

    async def look(self) -> None:
        """Look at the page without touching it.

        Raises:
            ArmError: It is gone, hangs, or shows that the account is signed out.
        """
        account = self._credentials.account
        if self.lost:
            raise ArmError(f"{account}: {self.lost}")
        try:
            if await self.shows_signed_out():
                raise ArmError(f"{account}: the page shows that it is signed out")
        except (PlaywrightError, TimeoutError) as error:
            said = "the page hangs" if isinstance(error, TimeoutError) else self._page.said(error)
            raise ArmError(f"{account}: {self.lost or said}") from None

    async def shows_signed_out(self) -> bool:
        """Does the page, as it is, show what only those see who are not signed in?

        Raises:
            PlaywrightError: There is no page.
            TimeoutError: It hangs.
        """
        how = self._profile.signed_in
        async with asyncio.timeout(_LOOK_WITHIN):
            if how is None:
                await self._page.page.evaluate("0")  # Else a page that hangs would not show.
                return False
            out = await locate(self._page.page, how.unless, {}).first.is_visible()
        if out:
            self.signed_in = False
        return out

    async def arm(self, attempt: Attempt) -> None:
        """Bring the page to where it can fire. Where nothing is to be practised, its dialog is filled in.

        Raises:
            ArmError: It did not work.
        """
        places = list(dict.fromkeys(slot.location for slot in attempt.chain))
        words = [words_of(self._profile, place) for place in places]
        values = self._page.values_of(attempt.target)
        async with self._getting_ready(attempt):
            self._firing.parked_anew()
            await self._page.run(self._profile.arm, values, words)
            if not self._profile.rehearse:
                self._is_filled = await self._fill_ahead(values)

    async def rehearse(self, attempt: Attempt) -> None:
        """Let a parked page practise, and fill its dialog in after that, if the profile says so.

        Raises:
            ArmError: It is gone, or is no more where it can fire.
        """
        async with self._getting_ready(attempt):
            await self._firing.rehearse(self._page, attempt.target)
            self._is_filled = await self._fill_ahead(self._page.values_of(attempt.target))

    @errand
    async def survey(self, attempt: Attempt) -> Survey:
        """Look whether the profile still fits the site's pages.

        Raises:
            ArmError: There is no page to look at.
        """
        if self.lost or not self.signed_in:
            raise ArmError(f"{attempt.account}: {self.lost or 'it is not signed in'}")
        self._is_filled = False
        try:
            survey = await surveyed(self._page, attempt)
        except PlaywrightError as error:
            raise ArmError(f"{attempt.account}: {self._page.said(error)}") from None
        return await explained(survey, self._page, self.shows_signed_out)

    async def fire(self, attempt: Attempt, order: Order) -> AttemptResult:
        """Wait for the opening, then go through the chain until an outcome ends it."""
        filled, self._is_filled = self._is_filled, False
        result = await self._firing.fire(self._page, attempt, order, filled=filled)
        if any(one.outcome is Outcome.SIGNED_OUT for one in result.tries):
            self.signed_in = False
        return result

    @errand
    async def my_bookings(self) -> tuple[Held, ...]:
        """What the site says this account holds, asked anew.

        Raises:
            ReadBackError: The site did not tell.
        """
        account = self._credentials.account
        try:
            return await bookings_of(account, self._page)
        except NotToldError as error:
            if error.status == NOT_SIGNED_IN:
                self.signed_in = False
            raise
        except (StepError, PlaywrightError, ValueError) as error:
            raise ReadBackError(
                f"{account}: my bookings could not be read: {self._page.said(error)}",
                pause=asked_pause(error),
                cause=error,
            ) from None

    @errand
    async def owners(self, booking: Held) -> Owners:
        """What the site shows of those who have a slot, asked anew.

        Raises:
            ReadBackError: The site did not tell.
        """
        try:
            return await owners_of(booking, self._page)
        except (StepError, PlaywrightError, ValueError) as error:
            raise ReadBackError(
                f"{booking.account}: the owners of {booking.slot} could not be read: "
                f"{self._page.said(error)}",
                pause=asked_pause(error),
            ) from None

    @errand
    async def cancel(self, booking: Held) -> None:
        """Give a booking back.

        Raises:
            CancelError: The site did not confirm it, or the profile does not say how.
        """
        how = self._profile.cancel
        if how is None:
            raise CancelError(
                f"{booking.account}: the profile does not say how to cancel",
                mend=f"Cancel {booking.slot} by hand.",
            )
        values: Values = {"reference": booking.reference}
        try:
            answer = await answer_to(self._page.page, how.done, values, self._page.run(how.steps, values))
        except (StepError, PlaywrightError) as error:
            raise CancelError(
                f"{booking.account}: {booking.slot} could not be cancelled: {self._page.said(error)}",
                mend="Cancel it by hand.",
                pause=asked_pause(error),
            ) from None
        if not with_values(how.done, values).fits(answer):
            if answer.status == NOT_SIGNED_IN:
                self.signed_in = False
            raise CancelError(
                f"{booking.account}: cancelling {booking.slot} was answered with {answer.status}",
                mend="Cancel it by hand.",
            )

    async def close(self) -> None:
        """Close the context. A browser that is gone already is as good; one that hangs is left alone."""
        await self.rest.over()
        await self._page.recording.end()
        with suppress(PlaywrightError, TimeoutError):
            async with asyncio.timeout(_CLOSED_WITHIN):
                await self._page.page.context.close()

    async def _remember(self) -> None:
        if self.signed_in:
            self._remembered = await state_of(self._page.page.context)

    @asynccontextmanager
    async def _getting_ready(self, attempt: Attempt) -> AsyncIterator[None]:
        """What goes wrong with the page within the block is an ArmError."""
        if self.lost or not self.signed_in:
            raise ArmError(f"{attempt.account}: {self.lost or 'it is not signed in'}")
        self._is_filled = False
        await self.rest.over()
        try:
            yield
        except (StepError, PlaywrightError) as error:
            with suppress(PlaywrightError, TimeoutError):
                await self.shows_signed_out()
            raise ArmError(f"{attempt.account}: {self._page.said(error)}", pause=asked_pause(error)) from None

    async def _fill_ahead(self, values: Values) -> bool:
        """Fill the first slot's dialog in, if the profile says so; where that fails, the page is put back."""
        ahead = self._profile.fill_ahead
        if ahead is None:
            return False
        try:
            await self._page.run(ahead.arm, values)
        except StepError:
            await self._page.run(self._profile.reset, values)
            return False
        return True

    async def _see_members_page(self, asked: Sequence[Request] = ()) -> None:
        """See whether the account is signed in, where the profile says how to tell.

        Args:
            asked: What the page has asked for as a member's just before, if it has just signed in.

        Raises:
            StepError: With SIGNED_OUT, it is not; otherwise it cannot be told.
            PlaywrightError: There is no page.
        """
        if how := self._profile.signed_in:
            try:
                if not await came_by_itself(self._page, how, asked):
                    await see_members_page(self._page, how)
            except StepError as error:
                if error.outcome is Outcome.SIGNED_OUT:
                    self.signed_in = False
                raise
            self.signed_in = True

    async def _stop_if_turned_away(self, error: StepError | PlaywrightError) -> None:
        """Raise TurnedAwayError if a captcha or a ban is why something failed."""
        stop = error.outcome if isinstance(error, StepError) and error.outcome in STOPS else None
        if stop := stop or await stop_shown(self._page.page, self._profile.outcomes):
            picture = await self._page.evidence()
            shown = f"; what it showed is in {picture}" if picture else ""
            said = f"{self._credentials.account}: {stop.meaning}: {self._page.said(error)}"
            raise TurnedAwayError(said, mend=f"Sign in by hand and see what the site wants{shown}.") from None
