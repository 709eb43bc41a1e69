"""Firing from inside the page: the plan is handed over beforehand, and the page does the rest by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Self
from uuid import uuid4

from playwright.async_api import BrowserContext
from playwright.async_api import Error as PlaywrightError

from sniper.core.lead import page_delay
from sniper.core.outcomes import Outcome
from sniper.core.plan import Attempt
from sniper.core.slots import Slot
from sniper.core.tries import AttemptResult, Mark, Moment, Try
from sniper.engine.browser.account_page import AccountPage
from sniper.engine.browser.answers import AnswerWatch
from sniper.engine.browser.compile import compile_attempt
from sniper.engine.browser.frames import without_frames_at
from sniper.engine.browser.inpage import HANDLE, script
from sniper.engine.browser.page_clock import PageClock, calibrate
from sniper.engine.browser.rehearsing import Rehearsed, rehearse
from sniper.engine.browser.steps import milliseconds
from sniper.engine.browser.turns import Turn
from sniper.engine.protocol import Order
from sniper.sites.answers import Answer
from sniper.sites.profile import Profile

_SILENCE = timedelta(seconds=30)
_AIM_AGAIN = timedelta(seconds=3)
_LOOK_WITHIN = 5.0


class Armed:
    """A `Firing` for one context. Make it with `install`, before the context's first page."""

    def __init__(self) -> None:
        self._run: _Run | None = None
        self._next_press: datetime | None = None
        self._left_alone_until: datetime | None = None
        self._rehearsed = Rehearsed()

    @classmethod
    async def install(cls, context: BrowserContext) -> Self:
        """Put the script into every document the context will have."""
        armed = cls()
        await context.expose_binding("sniperReport", lambda _source, report: armed._heard(report))
        await context.add_init_script(script())
        return armed

    def forget(self) -> None:
        """What is fired at next is another site: it was asked for nothing yet."""
        self._next_press = self._left_alone_until = None
        self.parked_anew()

    def parked_anew(self) -> None:
        """See `Firing.parked_anew`."""
        self._rehearsed = Rehearsed()

    async def rehearse(self, page: AccountPage, slot: Slot) -> None:
        """See `Firing.rehearse`."""
        self.parked_anew()
        if page.profile.rehearse:
            self._rehearsed = await rehearse(page, slot)

    async def fire(self, page: AccountPage, attempt: Attempt, order: Order, *, filled: bool) -> AttemptResult:
        """See `Firing.fire`."""
        turn = page.turns.join(order.rank, order.at)
        run = self._run = _Run(page, attempt, order, turn)
        try:
            frames: AbstractAsyncContextManager[None] = nullcontext()
            if self._rehearsed.undrawn:
                # What is filled in has been laid out, and one press is all that is left to do.
                not_laid_out = None if filled else self._rehearsed.not_laid_out
                frames = without_frames_at(page.page, page.clock, order.at, order.rank, not_laid_out)
            async with frames:
                await run.carry_out(filled, self._next_press, self._left_alone_until)
                page.turns.leave(turn, page.clock.now())
                if page.clock.now() >= order.at:
                    await page.turns.all_have_fired()
            await run.keep_evidence()
        finally:
            page.turns.leave(turn, page.clock.now())
            self._run = None
            between = timedelta(seconds=1 / page.profile.budget.requests_per_second)
            fired = [moment.at for moment in run.timeline if moment.mark is Mark.FIRED]
            self._next_press = fired[-1] + between if fired else self._next_press
            self._left_alone_until = run.left_alone_until or self._left_alone_until
        return AttemptResult(
            attempt, tuple(run.tries), tuple(run.timeline), run.page_bound, run.left_alone_until
        )

    def _heard(self, report: Any) -> list[int] | None:
        """What a page reports; see `_Run.heard`."""
        return self._run.heard(report) if self._run else None


@dataclass
class _Run:
    """One attempt while the page carries it out."""

    page: AccountPage
    attempt: Attempt
    order: Order
    turn: Turn
    tries: list[Try] = field(default_factory=list)
    left_alone_until: datetime | None = None

    def __post_init__(self) -> None:
        self.timeline = self.order.noted
        self._id = uuid4().hex
        self._clock: PageClock | None = None
        self._told: set[int] = set()
        self._has_won = False
        self._failure: str | None = None
        self._ended_by_itself = False
        self._over = asyncio.Event()
        self._answer: Answer | None = None
        self._at = self.order.at
        self._last_sign = self.page.clock.now()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def page_bound(self) -> timedelta | None:
        """The most by which the page's clock was misread."""
        return self._clock.bound if self._clock else None

    async def carry_out(
        self, filled: bool, next_press: datetime | None, left_alone_until: datetime | None
    ) -> None:
        """Hand the plan over, hear what comes of it, and find out why when nothing does."""
        page = self.page.page
        events = {
            "domcontentloaded": lambda _: self._start(self._look_who_is_there()),
            "crash": lambda _: self._give_up("the page crashed"),
            "close": lambda _: self._give_up("the page was closed"),
        }
        for name, handler in events.items():
            page.on(name, handler)  # type: ignore[call-overload]
        try:
            with self.order.stand_down.subscribed(self._stand_down):
                async with asyncio.timeout(_SILENCE.total_seconds()):
                    await self._hand_over(filled, next_press, left_alone_until)
                self._start(self._aim_again())
                await self._wait()
        except (PlaywrightError, TimeoutError) as error:
            self._give_up(self.page.said(error))
        finally:
            for name, handler in events.items():
                page.remove_listener(name, handler)
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            if not self._ended_by_itself:
                await self._disarm()
        if self._failure is not None:
            await self._note_failure(self._failure)

    def heard(self, report: dict[str, Any]) -> list[int] | None:
        """A report of the page. What a page needs to know that goes on with the attempt after a reload.

        Returns:
            Which slots of the chain are not needed any more; None where the attempt is not under way.
        """
        if report.get("id") != self._id or self._over.is_set():
            return None
        self._last_sign = self.page.clock.now()
        self._note(report["timeline"])
        if found := report.get("try"):
            self._keep(found)
        if report["kind"] in ("pressed", "end"):
            self.page.turns.through(self.turn, self._last_sign)
        if report["kind"] == "again":
            # It may wait for as long as the site asks it to.
            assert self._clock is not None
            self._last_sign = max(self._last_sign, self._clock.site_time(report["again_at"]))
        if report["kind"] == "end":
            self._failure = report["failure"]
            self._ended_by_itself = True
            self._over.set()
        return sorted(self._told)

    def _keep(self, found: dict[str, Any]) -> None:
        """What came of a slot. Who books tells the others at once, and has no need to be told itself."""
        tried = self._try(found)
        self.tries.append(tried)
        if answer := found.get("answer"):
            self._answer = Answer(answer["method"], answer["path"], answer["status"], answer["body"])
        if until := found.get("until"):
            assert self._clock is not None
            asked = self._clock.site_time(until)
            self.left_alone_until = max(asked, self.left_alone_until or asked)
        if tried.outcome is Outcome.BOOKED:
            self._has_won = True
            self.order.stand_down.tell(tried.slot)

    def _note(self, moments: Iterable[dict[str, Any]]) -> None:
        for one in moments:
            assert self._clock is not None
            at, slot = self._clock.site_time(one["at"]), self.attempt.chain[one["target"]]
            self.timeline.append(Moment(at, Mark(one["mark"]), slot, one["detail"]))

    async def _hand_over(
        self, filled: bool, next_press: datetime | None, left_alone_until: datetime | None
    ) -> None:
        page = self.page.page
        self._clock = await calibrate(page, self.page.clock)
        turns, share = self.page.turns, _share(self.page.profile, filled=filled)
        self._at = turns.take(self.turn, share)
        plan = {
            **compile_attempt(
                self.page.profile,
                self.attempt.chain,
                press=self.order.press,
                filled=filled,
                presses=self.order.presses,
                details=self.page.details,
            ),
            "id": self._id,
            # Who joins late would press before it could be told.
            "unwanted": sorted(self._told),
            "at": self._press_at(self._clock),
            "wait": milliseconds(self._at - self.order.at),
            # Beside others it would take the processor from who is at work. Who joins later is not known yet.
            "wakes": turns.has_room_for_all(self.order.at),
            "tells_press": turns.is_crowded(self.order.at) and share == 1,
            "next_press": self._clock.page_time(next_press) if next_press else 0,
            "left_alone_until": self._clock.page_time(left_alone_until) if left_alone_until else 0,
        }
        self.timeline.append(Moment(self.page.clock.now(), Mark.HANDED, self.attempt.target))
        if self._at > self.order.at:
            self.timeline.append(Moment(self._at, Mark.TURN, self.attempt.target))
        await page.evaluate(f"plan => {HANDLE}.arm(plan)", plan)
        self.turn.go = self._go
        if self.turn.comes != self._at:
            self._go()
        await self._pass_on()

    async def _aim_again(self) -> None:
        """Clocks drift while one waits: read the page's once more, shortly before."""
        await self.page.clock.sleep_until(self.order.at - _AIM_AGAIN)
        if self.order.at - self.page.clock.now() > _AIM_AGAIN / 2:
            assert self._clock is not None
            with suppress(PlaywrightError):
                self._clock = self._clock.or_better(await calibrate(self.page.page, self.page.clock))
            await self._aim()

    def _go(self) -> None:
        """Its turn has come earlier than it was told."""
        assert self.turn.comes is not None
        self._at = self.turn.comes
        self.timeline[:] = [
            replace(moment, at=self._at) if moment.mark is Mark.TURN else moment for moment in self.timeline
        ]
        self._start(self._aim())

    async def _aim(self) -> None:
        with suppress(PlaywrightError):
            assert self._clock is not None
            await self.page.page.evaluate(f"at => {HANDLE}.aim(at)", self._press_at(self._clock))

    def _press_at(self, clock: PageClock) -> float:
        """When to press, in the page's milliseconds: by how well its clock was read, too."""
        return clock.page_time(self._at + page_delay(clock.bound, self.page.profile.early_cost))

    async def _wait(self) -> None:
        """Until the page says it is over. One that says nothing for too long is given up."""
        late = self.page.profile.late_opening
        pause = late.retry_after + timedelta(seconds=1 / self.page.profile.budget.requests_per_second)
        patience = self.page.profile.answer_within + _SILENCE + pause
        while not self._over.is_set():
            left = max(self._last_sign, self.order.at) + patience - self.page.clock.now()
            if left <= timedelta(0):
                self._give_up("the page hangs")
                return
            with suppress(TimeoutError):
                async with asyncio.timeout(min(left.total_seconds(), 5)):
                    await self._over.wait()

    # -- standing down

    def _stand_down(self) -> None:
        wants = self.order.stand_down.wants
        unwanted = {index for index, slot in enumerate(self.attempt.chain) if not wants(slot)}
        if self._has_won or unwanted <= self._told:
            return
        self._told |= unwanted
        if self._clock is not None:
            self._start(self._pass_on())

    async def _pass_on(self) -> None:
        if self._told:
            with suppress(PlaywrightError):  # A page that is being loaded is told when it is there.
                await self.page.page.evaluate(f"them => {HANDLE}.standDown(them)", sorted(self._told))

    # -- what goes wrong

    async def _look_who_is_there(self) -> None:
        """A new document came: is it the attempt going on after a reload, or did the page go elsewhere?"""
        try:
            at_work = await self.page.page.evaluate(f"{HANDLE}?.underWay()")
        except PlaywrightError:
            return  # Gone again already: the next document tells.
        if at_work == self._id:
            await self._pass_on()
        elif not self._over.is_set():
            self._give_up("the page was left while it fired")

    def _give_up(self, why: str) -> None:
        if not self._over.is_set():
            self._failure = why
            self._over.set()
            self.page.turns.through(self.turn, self.page.clock.now())

    async def _disarm(self) -> None:
        """Nothing is fired any more; what the page has not told yet, it tells now."""
        with suppress(PlaywrightError, TimeoutError):
            async with asyncio.timeout(1):
                self._note(await self.page.page.evaluate(f"{HANDLE}?.disarm()") or ())

    async def _note_failure(self, why: str) -> None:
        """The slot that was under fire is a failure, unless the page that is there now says what it means."""
        if len(self.tries) == len(self.attempt.chain):
            return  # All was over but the page's word that it is.
        slot, now = self.attempt.chain[len(self.tries)], self.page.clock.now()
        watch = AnswerWatch(self.page.page, self.page.profile.outcomes, self.page.values_of(slot))
        seen = None
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_WITHIN):
                seen = await watch.on_page()
        outcome, message = (seen.outcome, seen.message) if seen else (Outcome.FAILED, why)
        self.timeline.append(Moment(now, Mark.OUTCOME, slot, outcome.value))
        started = min(max(self.order.at, self.tries[-1].started_at if self.tries else self.order.at), now)
        self.tries.append(Try(slot, outcome, started, now - started, self.page.scrubbed(message)))

    async def keep_evidence(self) -> None:
        """What the page shows and was answered, where somebody has to look at it."""
        if self.tries and (kept := await self.page.evidence_of(self.tries[-1].outcome, self._answer)):
            self.tries[-1] = replace(self.tries[-1], evidence=kept)

    # --

    def _try(self, report: dict[str, Any]) -> Try:
        assert self._clock is not None
        started = self._clock.site_time(report["started"])
        fired, message = report["fired"], report["message"]
        if fired > 1:
            message = f"{message} (tried {fired} times)".strip()
        return Try(
            self.attempt.chain[report["target"]],
            Outcome(report["outcome"]),
            started,
            self._clock.site_time(report["ended"]) - started,
            self.page.scrubbed(message),
            report["reference"],
            before_press=report.get("before_press", False),
        )

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _share(profile: Profile, *, filled: bool) -> float:
    """How much of `fire` is left to do, by its steps, where the dialog is filled in."""
    return len(profile.fill_ahead.fire) / len(profile.fire) if filled and profile.fill_ahead else 1
