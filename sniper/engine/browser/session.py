"""One account in its own browser context: signed in, parked, fired, read back."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

from playwright.async_api import BrowserContext, Page, Request
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import TimeoutError as PlaywrightTimeout

from sniper.clock.clock import Clock
from sniper.core.outcomes import Outcome
from sniper.core.plan import Attempt, Held
from sniper.core.slots import Slot
from sniper.core.tries import AttemptResult, Try
from sniper.engine.browser.answers import AnswerWatch, Verdict
from sniper.engine.browser.selectors import Values, filled, locate
from sniper.engine.browser.steps import StepError, run_steps
from sniper.engine.protocol import (
    ArmError,
    CancelError,
    Credentials,
    Order,
    ReadBackError,
    SignInError,
    SignInRefusedError,
)
from sniper.sites.answers import Answer, ResponseRule, read_items
from sniper.sites.profile import MyBookings, Profile
from sniper.sites.steps import Step
from sniper.totp import OneTimeCodes

_ANSWER_WITHIN = 20.0
_STEPS_WITHIN = 30.0
_QUERY = re.compile(r"(https?://[^\s?#]+)[?#]\S*")
_NEEDS_A_LOOK = (Outcome.UNKNOWN, Outcome.FAILED, Outcome.CAPTCHA, Outcome.BLOCKED)


@dataclass(frozen=True, slots=True)
class Site:
    """What all sessions of a run share.

    Attributes:
        evidence: The folder for pictures of pages that were not understood.
    """

    profile: Profile
    clock: Clock
    evidence: Path


class AccountSession:
    """Everything one account does. Only one of its methods runs at a time."""

    def __init__(self, site: Site, credentials: Credentials, context: BrowserContext, page: Page) -> None:
        self._site = site
        self._profile = site.profile
        self._credentials = credentials
        self._context = context
        self._page = page
        self._pictures = count(1)
        self._next_press = site.clock.now()
        self._between_presses = timedelta(seconds=1 / site.profile.budget.requests_per_second)

    async def sign_in(self) -> None:
        """Sign in and look whether the site agrees.

        Raises:
            SignInRefusedError: It refused the password or the code.
            SignInError: The page was not as the profile says.
        """
        seed = self._credentials.totp_secret
        values: Values = {
            "username": self._credentials.account,
            "password": self._credentials.password,
            "totp": OneTimeCodes(seed).now if seed else None,
        }
        refused = locate(self._page, self._profile.sign_in_refused, values).first
        steps = asyncio.create_task(self._run(self._profile.sign_in, values))
        refusal = asyncio.create_task(refused.wait_for(state="visible", timeout=0))
        try:
            await asyncio.wait({steps, refusal}, return_when=asyncio.FIRST_COMPLETED)
            if refusal.done() and not refusal.exception():
                words = " ".join((await refused.inner_text()).split())
                raise SignInRefusedError(
                    f"{self._credentials.account}: the site refused the sign-in: {self._scrubbed(words)}",
                    mend="Check the account's password and second factor in the file.",
                )
            await steps
            await self._look_signed_in()
        except (StepError, PlaywrightError) as error:
            picture = await self._picture()
            raise SignInError(
                f"{self._credentials.account}: the sign-in did not work: {self._scrubbed(_said(error))}",
                mend=f"Look at {picture}, or run with --headed."
                if picture
                else "Run with --headed to see why.",
            ) from None
        finally:
            await _ended(steps, refusal)

    async def arm(self, attempt: Attempt) -> None:
        """Bring the page to where it can fire.

        Raises:
            ArmError: It did not work.
        """
        places = list(dict.fromkeys(slot.location for slot in attempt.chain))
        words = [self._words(place) for place in places]
        try:
            await self._run(self._profile.arm, self._values(attempt.target), words)
        except (StepError, PlaywrightError) as error:
            raise ArmError(f"{attempt.account}: {self._scrubbed(_said(error))}") from None

    async def fire(self, attempt: Attempt, order: Order) -> AttemptResult:
        """Wait for the opening, then go through the chain until an outcome ends it."""
        clock = self._site.clock
        await clock.sleep_until(order.at)
        late_until = max(order.at, clock.now()) + self._profile.late_opening.within
        tries: list[Try] = []
        presses = self._profile.budget.attempts_per_opening
        for slot in attempt.chain:
            if not order.wanted(slot):
                now = clock.now()
                tries.append(Try(slot, Outcome.STOOD_DOWN, now, timedelta(0), "others have it"))
                break
            if presses <= 0 or (tries and not await self._reset(tries[-1].slot)):
                break
            result, pressed = await self._try_slot(slot, order.press, late_until, presses)
            presses -= pressed
            tries.append(result)
            if not result.outcome.handling.next_target:
                break
        return AttemptResult(attempt, tuple(tries))

    async def my_bookings(self) -> tuple[Held, ...]:
        """What the site says this account holds, asked anew.

        Raises:
            ReadBackError: The site did not tell.
        """
        how = self._profile.my_bookings
        try:
            answer = await self._answer_to(how.response, {}, self._run(how.steps, {}))
            if not how.response.fits(answer):
                raise ReadBackError(f"{self._credentials.account}: my bookings answered {answer.status}")
            return tuple(self._held(item, how) for item in read_items(answer.json, how.items, how.keep))
        except (StepError, PlaywrightError, ValueError) as error:
            raise ReadBackError(
                f"{self._credentials.account}: my bookings could not be read: {self._scrubbed(_said(error))}"
            ) from None

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
            answer = await self._answer_to(how.done, values, self._run(how.steps, values))
        except (StepError, PlaywrightError) as error:
            raise CancelError(
                f"{booking.account}: {booking.slot} could not be cancelled: {self._scrubbed(_said(error))}",
                mend="Cancel it by hand.",
            ) from None
        if how.done.status is not None and answer.status != how.done.status:
            raise CancelError(
                f"{booking.account}: cancelling {booking.slot} was answered with {answer.status}",
                mend="Cancel it by hand.",
            )

    async def close(self) -> None:
        """Close the context. A browser that is gone already is as good."""
        with suppress(PlaywrightError):
            await self._context.close()

    async def _look_signed_in(self) -> None:
        sign = self._profile.signed_in
        await self._page.goto(self._profile.url + filled(sign.page, {}), wait_until="domcontentloaded")
        yes, no = locate(self._page, sign.seen, {}), locate(self._page, sign.unless, {})
        try:
            await yes.or_(no).first.wait_for(state="visible", timeout=_ANSWER_WITHIN * 1000)
        except PlaywrightTimeout:
            raise StepError(
                Outcome.FAILED, f"neither {sign.seen.css} nor {sign.unless.css} was there"
            ) from None
        if await no.count():
            raise StepError(Outcome.SIGNED_OUT, "signed in, but the site shows its sign-in page again")

    async def _try_slot(self, slot: Slot, press: bool, late_until: datetime, most: int) -> tuple[Try, int]:
        """Fire at one slot, again while it is too early and the budget lasts; and how often it fired."""
        clock, pause = self._site.clock, self._profile.late_opening.retry_after
        started = clock.now()
        for fired in count(1):
            verdict = await self._fire_once(slot, press)
            again = verdict.outcome.handling.try_again and fired < most and clock.now() + pause < late_until
            if not again or not await self._reset(slot):
                break
            await clock.sleep_until(clock.now() + pause)
        message = verdict.message if fired == 1 else f"{verdict.message} (tried {fired} times)".strip()
        picture = await self._picture() if verdict.outcome in _NEEDS_A_LOOK else None
        took = clock.now() - started
        return (
            Try(slot, verdict.outcome, started, took, self._scrubbed(message), verdict.reference, picture),
            fired,
        )

    async def _fire_once(self, slot: Slot, press: bool) -> Verdict:
        """Once through the `fire` steps and the answer, paced to the budget; a hanging page is given up."""
        await self._site.clock.sleep_until(self._next_press)
        self._next_press = self._site.clock.now() + self._between_presses
        try:
            async with asyncio.timeout(_STEPS_WITHIN + self._profile.answer_within.total_seconds()):
                return await self._fired(slot, press)
        except TimeoutError:
            return Verdict(Outcome.FAILED, "the page hangs")

    async def _fired(self, slot: Slot, press: bool) -> Verdict:
        values = self._values(slot)
        steps = self._profile.fire if press else self._profile.fire[:-1]
        try:
            async with AnswerWatch(self._page, self._profile.outcomes, values) as watch:
                try:
                    await self._run(steps, values)
                except StepError as error:
                    return await watch.on_page() or Verdict(error.outcome, str(error))
                if not press:
                    return Verdict(Outcome.NOT_PRESSED)
                return await watch.verdict(self._profile.answer_within)
        except PlaywrightError as error:
            return Verdict(Outcome.FAILED, _said(error))

    async def _reset(self, slot: Slot) -> bool:
        try:
            await self._run(self._profile.reset, self._values(slot))
        except StepError:
            return False
        return True

    async def _answer_to(
        self, rule: ResponseRule, values: Values, steps: Coroutine[None, None, None]
    ) -> Answer:
        """Run steps that make the page ask for something, and take the answer the page gets.

        Only what is asked for from now on counts. A request of the page that is being left may be among it:
        its answer is gone with its page, and the next one is taken.
        """
        about = rule.model_copy(update={"url": filled(rule.url, values)})
        asked: asyncio.Queue[Request] = asyncio.Queue()

        def noted(request: Request) -> None:
            if about.is_about(request.method, request.url):
                asked.put_nowait(request)

        self._page.on("request", noted)
        try:
            async with asyncio.timeout(_ANSWER_WITHIN):
                await steps
                while True:
                    if answer := await _answer_of(await asked.get()):
                        return answer
        except TimeoutError:
            raise StepError(Outcome.FAILED, f"no answer to {about.method} {about.url} in time") from None
        finally:
            self._page.remove_listener("request", noted)

    def _held(self, item: dict[str, object], how: MyBookings) -> Held:
        """One entry of *my bookings*.

        Raises:
            ValueError: It has no reference, or no instant for a start.
        """
        reference, location = how.reference.of(item), how.location.of(item)
        start = datetime.fromisoformat(str(how.start.of(item)))
        if reference is None or location is None or start.utcoffset() is None:
            raise ValueError("an entry lacks its reference, its location or the offset of its start")
        sub = how.sub_location.of(item) if how.sub_location else None
        slot = Slot(
            str(location), None if sub is None else str(sub), start.astimezone(self._profile.timezone)
        )
        return Held(self._credentials.account, slot, str(reference), by_us=False)

    async def _run(self, steps: tuple[Step, ...], values: Values, words: list[Values] | None = None) -> None:
        await run_steps(self._page, self._profile.url, steps, values, words or [])

    def _values(self, slot: Slot) -> Values:
        return {
            "date": slot.day,
            "start": slot.start,
            "location": slot.location,
            "sub_location": slot.sub_location,
            **self._words(slot.location),
        }

    def _words(self, location: str) -> Values:
        """The location's words; those only other locations have are there without a value."""
        every = {word: None for known in self._profile.locations.values() for word in known.words}
        return {**every, **self._profile.locations[location].words}

    def _scrubbed(self, text: str) -> str:
        for secret in self._credentials.secrets:
            text = text.replace(secret, "•••")
        return text

    async def _picture(self) -> str | None:
        """Keep what the page shows; None when it cannot be had any more."""
        name = f"{self._credentials.account}-{next(self._pictures)}"
        safe = "".join(c if c.isalnum() or c in "-_." else "_" for c in name)
        path = self._site.evidence / f"{safe}.png"
        try:
            await self._page.screenshot(path=path, full_page=True, timeout=5_000)
        except (PlaywrightError, OSError):
            return None
        return str(path)


def _said(error: Exception) -> str:
    """The first line, since Playwright's later ones repeat what was typed; without what URLs may carry."""
    line = (str(error).splitlines() or [type(error).__name__])[0]
    return _QUERY.sub(r"\1?…", line)


async def _answer_of(request: Request) -> Answer | None:
    """What the request was answered with; None when the answer is lost."""
    try:
        response = await request.response()
        if response is None:
            return None
        return Answer(request.method, request.url, response.status, await response.text())
    except PlaywrightError:
        return None


async def _ended(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
