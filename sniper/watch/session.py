"""From the command to the watch: reads the file, reaches the site, opens the store, lets the watcher go."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import AsyncExitStack, contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from sniper.awake import kept_awake
from sniper.calendars.leaving_out import in_words, less_busy
from sniper.clock.bracket import ClockNonsenseError
from sniper.clock.clock import SystemClock
from sniper.clock.site import SiteClock
from sniper.config.goal import days_to_come, goal_on
from sniper.config.notifications import channels
from sniper.config.watching import webhook_of
from sniper.coordinator import RunResult
from sniper.core.slots import Slot
from sniper.core.watching import Pace
from sniper.documents import complaint
from sniper.errors import EnvironmentProblem, InputError, SniperError
from sniper.events import Event, Noted, Tell
from sniper.execution import Prepared, aimed, execute, prepare, reached, read_files
from sniper.logs import about
from sniper.notify.messages import Kind, Level, Scene
from sniper.notify.notifier import Notifier
from sniper.run_request import RunRequest
from sniper.site_client import clock_probe, site_client
from sniper.sites.availability import Availability
from sniper.store.repository import Store
from sniper.watch import log_lines
from sniper.watch.callbacks import Calls, Command, Notification, WebHook
from sniper.watch.happenings import Callback, TellWatch, WatchEnded, WatchEvent
from sniper.watch.reader import Reader
from sniper.watch.site_time import SiteTime
from sniper.watch.task import WatchTask, key_of
from sniper.watch.turns import AtAnyTime, Turn
from sniper.watch.watcher import Watcher


@dataclass(frozen=True, slots=True)
class WatchRequest:
    """What was asked for on the command line; None leaves it to the file.

    Attributes:
        bookings: The file.
        site: A profile instead of the one the file names.
        book: Whether what appears is booked.
        every: From one look to the next.
        command: One to run for each slot that appears, as a line of text.
        once: One look, and the end.
        schedule: A schedule of the file, by its name.
        busy: A calendar instead of the file's.
    """

    bookings: Path
    site: str | None = None
    book: bool | None = None
    every: timedelta | None = None
    command: str | None = None
    once: bool = False
    schedule: str | None = None
    busy: str | None = None


@dataclass(frozen=True, slots=True)
class PreparedWatch:
    """The file and the profile, read and checked: nothing was asked of the site yet.

    Attributes:
        run: What a run would do for the same goal.
        how: The profile's part about what is free.
        once: One look, and the end.
        failed_before: How the last try for it ended, where it is tried again: nobody is told the same again.
    """

    run: Prepared
    how: Availability
    pace: Pace
    books: bool
    callbacks: tuple[Callback, ...]
    once: bool = False
    failed_before: str | None = None


@dataclass(frozen=True, slots=True)
class WatchResult:
    """How a watch ended.

    Attributes:
        to_be_had: What was worth having at the last look.
    """

    ended: WatchEnded
    to_be_had: frozenset[Slot]


def prepare_watch(request: WatchRequest, callbacks: Iterable[Callback] = ()) -> PreparedWatch:
    """Read and check what is watched; where it is to be booked, look whether there is a browser for that.

    Args:
        request: What was asked for.
        callbacks: Whom to call as well, beside those of the file and the command line.

    Raises:
        InputError: The file or the profile is wrong, or the profile does not say how a free slot is seen.
        EnvironmentProblem: There is no browser to book with.
    """
    asked = RunRequest(request.bookings, request.site, schedule=request.schedule, busy=request.busy)
    run = read_files(asked)
    _how(run)
    if request.book or (request.book is None and run.bookings.watch.book):
        run = prepare(asked)
    return watch_for(aimed(run), request, callbacks)


def watch_for(run: Prepared, request: WatchRequest, callbacks: Iterable[Callback] = ()) -> PreparedWatch:
    """The watch that goes with a run: what comes back of what it would book.

    Args:
        run: Read and checked.
        request: What was asked for; of its file, site, schedule and calendar the run is made already.
        callbacks: Whom to call as well, beside those of the file and the command line.

    Raises:
        InputError: The profile does not say how a free slot is seen, or the `watch` of the file is wrong.
    """
    how = _how(run)
    books = run.bookings.watch.book if request.book is None else request.book
    named = (*_callbacks(request, run), *callbacks)
    return PreparedWatch(run, how, _pace(request, run, how), books, named, request.once)


def _how(run: Prepared) -> Availability:
    """The profile's part about what is free.

    Raises:
        InputError: There is none.
    """
    how = run.profile.availability
    if how is None:
        raise InputError(
            f"the profile {run.profile.name} does not say how its site shows what is free",
            mend="Write `availability` in it: docs/watching.md says how, profiles/tudelft-x.yaml has one.",
        )
    return how


def _pace(request: WatchRequest, run: Prepared, how: Availability) -> Pace:
    """How often it is looked.

    Raises:
        InputError: More often than the profile allows.
    """
    pace, watch = how.every.pace(), run.bookings.watch
    every = request.every or watch.every
    if every is None:
        return pace
    if every < pace.floor:
        floor = f"{pace.floor.total_seconds():g} s"
        said = f"the site is not asked more often than every {floor}, as its profile says"
        where = f"--every: {said}" if request.every else complaint(run.document, ("watch", "every"), said)
        raise InputError(where, mend=f"Write {floor.replace(' ', '')} or more.")
    return replace(pace, usually=every)


def _callbacks(request: WatchRequest, run: Prepared) -> Iterator[Callback]:
    """Those of the command line, else those of the file.

    Raises:
        InputError: A command is not there, or an address is none.
    """
    watch = run.bookings.watch
    argv = watch.on_appear.command
    if request.command is not None:
        try:
            argv = tuple(shlex.split(request.command))
        except ValueError as error:
            raise InputError(f"--on-appear: {request.command!r} cannot be read: {error}") from None
    if request.command is not None and not argv:
        raise InputError("--on-appear: there is no command")
    if argv:
        if shutil.which(argv[0]) is None:
            said = f"there is no command {argv[0]!r}"
            at = complaint(run.document, ("watch", "on_appear", "command"), said)
            raise InputError(
                f"--on-appear: {said}" if request.command else at,
                mend="Name a program that can be run; no shell reads it (sh -c '…' is one).",
            )
        yield Command(argv, run.bookings.secret_variables)
    if hook := webhook_of(watch, run.document):
        yield WebHook(hook, SystemClock())


async def watch(
    prepared: PreparedWatch,
    terminal: TellWatch,
    tell_run: Tell,
    show_clock: Callable[[SiteClock], None],
    *,
    turn: Turn | None = None,
) -> WatchResult:
    """Watch to the end.

    Args:
        prepared: What is watched, and how.
        terminal: Called for everything worth showing.
        tell_run: Called for what a run tells that books what appeared.
        show_clock: Called with the site's clock, to show its time; by each run with its own.
        turn: Says when the site may be asked, and when it may be booked; at any time, if None.

    Raises:
        InputError: The date is past on the site's calendar.
        EnvironmentProblem: The site or the store cannot be reached, or the site does not want to be watched.
    """
    run, local, turn = prepared.run, SystemClock(), turn or AtAnyTime()
    profile = run.profile

    def tell(event: WatchEvent) -> None:
        terminal(event)
        log_lines.write(event)

    scene = Scene(profile.title, profile.practice is not None, profile.timezone)
    async with AsyncExitStack() as stack:
        stack.enter_context(about(site=profile.name))
        notifier = await stack.enter_async_context(
            Notifier(channels(run.bookings.notifications), scene, _notes(tell))
        )
        stack.enter_context(_broken_told(notifier, prepared.failed_before))
        stack.enter_context(nullcontext() if prepared.once else kept_awake())
        client = await stack.enter_async_context(site_client(profile.url))
        await stack.enter_async_context(reached(profile, client, _notes(tell)))
        probe = clock_probe(client, profile.url + profile.clock.path, profile.clock, local)
        try:
            time = SiteTime(local, await probe(), local.leaps)
        except ClockNonsenseError as error:
            raise EnvironmentProblem(f"the site's clock cannot be read: {error}", mend=error.mend) from error
        show_clock(time.clock)
        notifier.go_by(time.clock)
        store = stack.enter_context(Store.open())
        task = task_of(prepared, time.clock, store)
        for said in (*run.told, *in_words(task.goal)):
            tell(Noted(said))
        reader = Reader(client, profile, prepared.how, local)
        day = task.goal.target_date

        async def book(gone: frozenset[Slot]) -> RunResult:
            async with turn.to_book():
                return await execute(on_day(run, day, gone), tell_run, show_clock, clock=time.clock)

        callbacks = (*prepared.callbacks, Notification(notifier))
        calls = Calls(callbacks, lambda text: tell(Noted(text, problem=True)))
        books = book if prepared.books else None
        watcher = Watcher(task, reader, time, local, store, tell, calls, books, turn=turn.to_look)
        return WatchResult(await watcher.run(), watcher.to_be_had)


def _notes(tell: TellWatch) -> Tell:
    """Of what a run may tell only the notes."""

    def tell_notes(event: Event) -> None:
        if isinstance(event, Noted):
            tell(event)

    return tell_notes


@contextmanager
def _broken_told(notifier: Notifier, known: str | None) -> Iterator[None]:
    """What ends the watch early is told, unless the last try ended so."""
    try:
        yield
    except SniperError as error:
        if str(error) != known:
            notifier.say(Level.PROBLEMS, Kind.FAILURE, "the watch broke off", error.explain())
        raise


def task_of(prepared: PreparedWatch, clock: SiteClock, store: Store) -> WatchTask:
    """What to watch, its date settled on the site's calendar.

    Raises:
        InputError: The date is past, or the calendar leaves no time.
    """
    run, now = prepared.run, clock.now()
    goal = goal_on(run.bookings, run.document, run.profile, now, _day_of(run, now), run.schedule)
    goal = less_busy(goal, run.calendar, store.bookings(run.profile.name, upcoming_from=now))
    accounts = tuple(one.netid for one in run.bookings.accounts if one.is_active)
    described = run.bookings.snipe_config.model_dump(mode="json", exclude_none=True)
    key = key_of(goal.target_date, described, accounts)
    return WatchTask(run.profile, goal, accounts, key, prepared.pace, prepared.once)


def _day_of(run: Prepared, now: datetime) -> date | None:
    """Of a schedule the first day to come: what comes back is of days that are open already."""
    if run.schedule is None:
        return run.request.day
    days = days_to_come(run.bookings, run.profile, now, run.schedule)
    return days[0][0] if days else None


def on_day(run: Prepared, day: date, gone: frozenset[Slot]) -> Prepared:
    """The same for this very day: `+3d`, or the next of a schedule, comes to mean another one."""
    config = run.bookings.snipe_config.model_copy(update={"target_date": day})
    bookings = run.bookings.model_copy(update={"snipe_config": config})
    return replace(run, bookings=bookings, schedule=None, told=(), gone=gone)
