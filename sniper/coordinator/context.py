"""What the parts of a run share."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sniper.clock.site import SiteClock
from sniper.coordinator.left_alone import LeftAlone
from sniper.coordinator.planning import Apart, Planning, in_a_thread
from sniper.coordinator.task import Task
from sniper.core.doubles import certain, to_plan_from
from sniper.core.knowledge import Knowledge
from sniper.core.plan import Held, Situation
from sniper.core.retry_after import AT_MOST
from sniper.engine.protocol import Engine
from sniper.events import AccountDoes, Activity, Noted, Tell
from sniper.logs import logger
from sniper.store.repository import Store

LOG = logger("run")
_FINISH_WITHIN = 20.0
_WITHOUT_SIGN_IN = {Activity.SIGNING_IN: Activity.OPENING, Activity.READY: Activity.OPEN}
"""What is told instead where nobody signs in."""
# Turns of the event loop: what needs no more than these does not wait for anything outside.
_AT_ONCE = 20


@dataclass
class Context:
    """The run's tools and what it knows.

    Attributes:
        run_id: Its number in the store.
        apart: Where the strategy is asked.
        problems: What the person may have to mend, in the order in which it was told.
        out: The accounts that fire no more, with the reason.
        seen_signed_in: When the site last answered each account as one that is signed in.
    """

    task: Task
    engine: Engine
    clock: SiteClock
    store: Store
    tell: Tell
    run_id: int
    apart: Apart = in_a_thread
    planning: Planning = field(init=False)
    known: Knowledge = field(init=False)
    left_alone: LeftAlone = field(init=False)
    problems: list[str] = field(default_factory=list)
    out: dict[str, str] = field(default_factory=dict)
    seen_signed_in: dict[str, datetime] = field(default_factory=dict)
    _strays: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.planning = Planning(self.task.strategy, self.apart)
        self.known = Knowledge((c.account for c in self.task.crew), self.task.gone)
        self.left_alone = LeftAlone(self.clock)

    def situation(self) -> Situation:
        """What is known now, as the next wave is planned from it."""
        profile = self.task.profile
        return to_plan_from(
            self.task.goal,
            profile.limits_per_account(),
            self.known.situation(self.clock.now()),
            self.known.doubled,
            can_release=profile.cancel is not None,
        )

    def certain(self) -> Situation:
        """What is known now and nobody else may have as well: what the goal is judged by."""
        return certain(self.known.situation(self.clock.now()), self.known.doubled)

    async def bookings_of(self, account: str) -> tuple[Held, ...] | None:
        """What *my bookings* of the account shows, asked anew; None where the site shows nobody theirs.

        Raises:
            ReadBackError: It could not be read.
            AccountStoppedError: It would have to be signed in for that, and may not be.
        """
        if self.task.profile.my_bookings is None:
            return None
        return await self.engine.my_bookings(account)

    def does(self, account: str, activity: Activity, detail: str = "") -> None:
        """Tell what an account does."""
        if not self.task.profile.sign_in:
            activity = _WITHOUT_SIGN_IN.get(activity, activity)
        self.tell(AccountDoes(account, activity, detail))

    def saw_signed_in(self, account: str) -> None:
        """The site has just answered the account as one that is signed in."""
        self.seen_signed_in[account] = self.clock.now()

    def problem(self, text: str) -> None:
        """Tell the person something they may have to mend, once."""
        if text not in self.problems:
            self.problems.append(text)
            self.tell(Noted(text, problem=True))

    def mended(self, text: str) -> None:
        """A problem that was told is none any more."""
        if text in self.problems:
            self.problems.remove(text)
        self.tell(Noted(f"mended: {text}", mended=True))

    def bug(self, account: str, doing: str, error: Exception) -> str:
        """A defect of ours that met one account: kept with its traceback, told in a line, and survived."""
        LOG.error("failed unexpectedly", account=account, doing=doing, exc_info=error)
        return f"{account}: {doing} failed unexpectedly ({type(error).__name__}); the log has the details"

    def drop(self, account: str, why: str) -> None:
        """The account fires no more in this run."""
        self.known.drop(account)
        self.out[account] = why
        self.problem(why)
        self.does(account, Activity.OUT, why.splitlines()[0].removeprefix(f"{account}: "))

    def heed(self, account: str, until: datetime) -> None:
        """The site wants to be left alone by an account: nobody asks it for anything before that.

        One that would have to wait for very long is out.
        """
        self.left_alone.note(account, until)
        if until - self.clock.now() > AT_MOST and account in self.situation().accounts:
            self.drop(account, f"{self.held_back(account)}; it is, for the rest of this run")

    def held_back(self, account: str) -> str | None:
        """Why the site is not to be asked for this account now, if it is not."""
        until = self.left_alone.until(account)
        if until is None:
            return None
        return f"{account}: the site wants to be left alone until {self.local(until):%a %H:%M:%S}"

    def local(self, moment: datetime) -> datetime:
        """An instant in the site's time zone, to be shown."""
        return moment.astimezone(self.task.profile.timezone)

    async def by(self, until: datetime, work: Coroutine[None, None, None]) -> None:
        """Do work, up to an instant of the site's clock.

        Raises:
            TimeoutError: It was not done by then. It was cancelled, and nobody waits for it to notice.
        """
        task = asyncio.create_task(work)
        try:
            await self.wait_for({task}, until)
            # Somebody else's cancellation inside of it is not ours.
            if not task.done() or task.cancelled():
                raise TimeoutError
            task.result()
        finally:
            self.let_go(task)

    async def wait_for(self, tasks: Collection[asyncio.Task[None]], until: datetime) -> None:
        """Wait until all of these are done, at the longest up to an instant of the site's clock."""
        alarm = asyncio.create_task(_after(tasks, self.clock.sleep_until, until))
        done = asyncio.create_task(_all_of(tasks))
        try:
            await asyncio.wait({alarm, done}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            alarm.cancel()
            done.cancel()

    def let_go(self, task: asyncio.Task[None]) -> None:
        """Nobody wants it any more. A page that hangs may keep it from ending for a while."""
        if not task.done():
            task.cancel()
            self._strays.add(task)  # Else nothing would keep it until it ends.
            task.add_done_callback(self._has_ended)

    def _has_ended(self, stray: asyncio.Task[None]) -> None:
        self._strays.discard(stray)
        if not stray.cancelled():
            stray.exception()  # Came too late to be told.

    async def pause(self, duration: timedelta) -> None:
        """Wait a moment."""
        await self.clock.sleep_until(self.clock.now() + duration)


async def _all_of(tasks: Collection[asyncio.Task[None]]) -> None:
    if tasks:
        await asyncio.wait(tasks)


async def _after(
    tasks: Collection[asyncio.Task[None]],
    sleep_until: Callable[[datetime], Awaitable[None]],
    until: datetime,
) -> None:
    """An alarm that is only set when the tasks do not end by themselves at once."""
    for _ in range(_AT_ONCE):
        await asyncio.sleep(0)
    if not all(task.done() for task in tasks):
        await sleep_until(until)


def local_now() -> datetime:
    """This machine's time: when something was written down."""
    return datetime.now(UTC)


async def to_the_end(work: Coroutine[None, None, None]) -> None:
    """Do work that must not be left half done: a cancellation waits for it, though not for ever.

    Raises:
        asyncio.CancelledError: It was cancelled meanwhile; the work is done, or was given 20 s.
    """
    task = asyncio.create_task(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task}, timeout=_FINISH_WITHIN)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        raise
