"""Firing by Playwright's hand: to be watched with `--headed`, and what the armed page is compared with."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import replace
from datetime import datetime, timedelta

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page

from sniper.core.outcomes import Outcome
from sniper.core.plan import Attempt
from sniper.core.retry_after import UNSAID
from sniper.core.slots import Slot
from sniper.core.tries import AttemptResult, Mark, Moment, Try
from sniper.engine.browser.account_page import AccountPage
from sniper.engine.browser.answers import AnswerWatch, Noted, Verdict
from sniper.engine.browser.follower import Follower
from sniper.engine.browser.steps import StepError
from sniper.engine.protocol import Order
from sniper.sites.profile import Again
from sniper.sites.steps import Reload, ReloadStep, Step, before_the_press

_STEPS_WITHIN = 30.0
_RELOAD = (ReloadStep(reload=Reload()),)


class Driver:
    """A `Firing` that performs every step from outside."""

    def __init__(self) -> None:
        self._next_press: datetime | None = None
        self._left_alone_until: datetime | None = None

    def parked_anew(self) -> None:
        """It practises nothing."""

    async def rehearse(self, page: AccountPage, slot: Slot) -> None:
        """Nothing: Playwright's own time is a multiple of what a page would gain."""

    async def fire(self, page: AccountPage, attempt: Attempt, order: Order, *, filled: bool) -> AttemptResult:
        """See `Firing.fire`."""
        run = _Run(page, order, filled, self._next_press, self._left_alone_until)
        if filled:
            run.begun = attempt.target
        run.mark(Mark.HANDED, attempt.target)
        await page.clock.sleep_until(order.at)
        late_until = max(order.at, page.clock.now()) + page.profile.late_opening.within
        tries: list[Try] = []
        for number, slot in enumerate(attempt.chain, 1):
            rest = attempt.chain[number:]
            if not order.stand_down.wants(slot):
                now = page.clock.now()
                tries.append(Try(slot, Outcome.STOOD_DOWN, now, timedelta(0), "others have it"))
                run.mark(Mark.OUTCOME, slot, Outcome.STOOD_DOWN.value)
                if not any(map(order.stand_down.wants, rest)):
                    break
                continue
            if run.presses_left <= 0:
                break
            if (until := run.left_alone_until) and page.clock.now() < until:
                if until >= late_until:
                    tries.append(
                        Try(slot, _LEFT_ALONE.outcome, page.clock.now(), timedelta(0), _LEFT_ALONE.message)
                    )
                    run.mark(Mark.OUTCOME, slot, _LEFT_ALONE.outcome.value)
                    break
                await page.clock.sleep_until(until)
            if run.begun and slot != attempt.target and not await run.reset(run.begun):
                break
            tries.append(await run.try_slot(slot, late_until))
            is_off = tries[-1].outcome is Outcome.STOOD_DOWN
            goes_on = is_off and any(map(order.stand_down.wants, rest))
            if run.is_left or not (goes_on or page.profile.falls_through(tries[-1].outcome)):
                break
        self._next_press, self._left_alone_until = run.next_press, run.left_alone_until
        return AttemptResult(
            attempt, tuple(tries), tuple(run.timeline), left_alone_until=run.left_alone_until
        )


class _Run:
    """One attempt under way."""

    def __init__(
        self,
        page: AccountPage,
        order: Order,
        filled: bool,
        next_press: datetime | None,
        left_alone_until: datetime | None,
    ) -> None:
        self.timeline = order.noted
        budget = page.profile.budget.attempts_per_opening
        self.presses_left = budget if order.presses is None else order.presses
        self.next_press = next_press
        self.left_alone_until = left_alone_until
        """The site asks for it: nothing is pressed before."""
        self.is_left = False
        """The page went elsewhere while it fired, and nothing can be pressed there."""
        self.begun: Slot | None = None
        """What the page shows something of that the steps of another slot do not begin with."""
        self._is_reloading = False
        self._page = page
        self._profile = page.profile
        self._clock = page.clock
        self._order = order
        self._is_filled = filled

    def mark(self, mark: Mark, slot: Slot, detail: str = "") -> None:
        """Note what happens."""
        self.timeline.append(Moment(self._clock.now(), mark, slot, detail))

    async def try_slot(self, slot: Slot, late_until: datetime) -> Try:
        """Fire at one slot, again while it is too early and the budget lasts."""
        late = self._profile.late_opening
        started = self._clock.now()
        fired = 0
        while True:
            self.begun = slot
            verdict = await self._fire_once(slot)
            fired += 1
            self.mark(Mark.OUTCOME, slot, verdict.outcome.value)
            worth_it = verdict.outcome.handling.try_again and late.again is not Again.NEVER
            again_at = self._clock.now() + late.retry_after
            if verdict.outcome is Outcome.RATE_LIMITED and verdict.pause is None:
                verdict = replace(verdict, pause=UNSAID)
            if verdict.pause:
                again_at = max(again_at, self._left_alone(verdict.pause))
            if self.is_left or not (worth_it and self.presses_left > 0 and again_at < late_until):
                break
            if verdict.pause:
                # What brings the page back may ask the site for something.
                await self._clock.sleep_until(again_at)
            if not await self._back(slot):
                break
            await self._clock.sleep_until(again_at)
            if not self._order.stand_down.wants(slot):
                verdict = _STOOD_DOWN
                break
        self._is_filled = False
        message = verdict.message if fired == 1 else f"{verdict.message} (tried {fired} times)".strip()
        took = self._clock.now() - started
        if verdict.outcome is Outcome.BOOKED:
            self._order.stand_down.tell(slot)
        evidence = await self._page.evidence_of(verdict.outcome, verdict.answer)
        said = self._page.scrubbed(message)
        return Try(
            slot, verdict.outcome, started, took, said, verdict.reference, evidence, verdict.before_press
        )

    def _left_alone(self, pause: timedelta) -> datetime:
        until = self._clock.now() + pause
        self.left_alone_until = max(until, self.left_alone_until or until)
        return until

    async def reset(self, slot: Slot) -> bool:
        """Back to where `fire` begins; False when that does not work."""
        self._is_filled = False
        return await self._did(self._profile.reset, slot)

    async def _back(self, slot: Slot) -> bool:
        again = self._profile.late_opening.again
        self._is_filled = self._is_filled and again is Again.AT_ONCE
        if self._is_filled:
            return True  # A dialog that was filled in beforehand is pressed again.
        is_back = await (self._did(_RELOAD, slot) if again is Again.AFTER_RELOAD else self.reset(slot))
        self.begun = None if is_back else slot
        return is_back

    async def _did(self, steps: tuple[Step, ...], slot: Slot) -> bool:
        try:
            await self._page.run(steps, self._page.values_of(slot))
        except StepError:
            return False
        return True

    async def _fire_once(self, slot: Slot) -> Verdict:
        """Once through the steps and the answer, paced to the budget; a hanging page is given up."""
        if self.next_press:
            await self._clock.sleep_until(self.next_press)
        self.presses_left -= 1
        self.next_press = self._clock.now() + timedelta(seconds=1 / self._profile.budget.requests_per_second)
        self.mark(Mark.FIRED, slot)
        try:
            async with asyncio.timeout(_STEPS_WITHIN + self._profile.answer_within.total_seconds()):
                return await self._unless_left(self._fired(slot), slot)
        except TimeoutError:
            return Verdict(Outcome.FAILED, "the page hangs")

    async def _unless_left(self, firing: Coroutine[None, None, Verdict], slot: Slot) -> Verdict:
        """What comes of it while the page stays; of one that goes elsewhere, what is said there."""
        left = asyncio.Event()

        def come(_page: Page) -> None:
            if not self._is_reloading:
                left.set()

        page = self._page.page
        page.on("domcontentloaded", come)
        tasks = asyncio.create_task(firing), asyncio.create_task(left.wait())
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if not left.is_set():
                return await tasks[0]
        finally:
            page.remove_listener("domcontentloaded", come)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        self.is_left = True
        watch = AnswerWatch(page, self._profile.outcomes, self._page.values_of(slot))
        return await watch.on_page() or Verdict(Outcome.FAILED, "the page was left while it fired")

    async def _fired(self, slot: Slot) -> Verdict:
        values = self._page.values_of(slot)
        ahead = self._profile.fill_ahead
        steps = ahead.fire if ahead and self._is_filled else self._profile.fire
        rules = self._profile.outcomes
        try:
            async with AnswerWatch(self._page.page, rules, values, self._noted(slot)) as watch:
                try:
                    noted = self._noted(slot)
                    for step in steps[:-1] if self._order.press else before_the_press(steps):
                        if await watch.read_so_far():
                            return await watch.verdict(self._profile.answer_within)
                        self._is_reloading = isinstance(step, ReloadStep)
                        await self._page.run((step,), values, by=Follower(noted=noted))
                    self._is_reloading = False
                    if not self._order.press:
                        return Verdict(Outcome.NOT_PRESSED)
                    self._go(slot, watch)
                    press = Follower(lambda: self._press(slot, watch), noted)
                    await self._page.run(steps[-1:], values, by=press)
                except StepError as error:
                    await watch.read_so_far()
                    if watch.settled or watch.is_pending:
                        # What was pressed will be answered, whatever went wrong after it.
                        return await watch.verdict(self._profile.answer_within)
                    if error.outcome is Outcome.STOOD_DOWN:
                        return _STOOD_DOWN
                    seen = await watch.on_page() or Verdict(error.outcome, str(error))
                    return replace(seen, pause=error.pause, before_press=not watch.is_pressed)
                return await watch.verdict(self._profile.answer_within)
        except PlaywrightError as error:
            return Verdict(Outcome.FAILED, self._page.said(error))

    def _go(self, slot: Slot, watch: AnswerWatch) -> None:
        """Raise `StepError` when there is nothing to press for any more."""
        if not self._order.stand_down.wants(slot):
            raise StepError(_STOOD_DOWN.outcome, _STOOD_DOWN.message)
        if watch.settled:
            raise StepError(Outcome.FAILED, "answered already")

    def _press(self, slot: Slot, watch: AnswerWatch) -> None:
        self._go(slot, watch)
        watch.press()

    def _noted(self, slot: Slot) -> Noted:
        return lambda mark, detail: self.mark(mark, slot, detail)


_LEFT_ALONE = Verdict(Outcome.RATE_LIMITED, "the site wants to be left alone")
_STOOD_DOWN = Verdict(Outcome.STOOD_DOWN, "others have it")
