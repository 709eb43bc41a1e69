"""From the command to the run: reads the file, reaches the site, opens the store, lets the coordinator go."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

import httpx

from sniper.audience import told
from sniper.awake import Wakefulness, kept_awake
from sniper.calendars.leaving_out import in_words, less_busy
from sniper.calendars.sources import Read, busy_calendar
from sniper.clock.clock import SystemClock
from sniper.clock.measuring import measure
from sniper.clock.site import SiteClock
from sniper.config.bookings import Bookings, read_bookings
from sniper.config.goal import check_against, differing_windows, goal_on, load_site
from sniper.config.planning import terms_of
from sniper.config.scheduled import choose, for_schedule, said_of
from sniper.config.schedules import ScheduleConfig
from sniper.coordinator import Coordinator, Lease, RunResult, Task
from sniper.coordinator.task import Ask
from sniper.core.slots import Slot
from sniper.crew import by_hand, credentials_of, with_stored
from sniper.documents import Document
from sniper.engine.browser.engine import BrowserEngine
from sniper.engine.browser.pool import BrowserPool
from sniper.errors import EnvironmentProblem, SniperError
from sniper.events import ClockMeasured, Noted, Tell
from sniper.kept_sign_ins import KeptSignIns
from sniper.lessons import lessons_of, punctual
from sniper.logs import about
from sniper.paths import runs_dir
from sniper.preflight.machine import MAY_SLEEP, StaysAwake, room_for
from sniper.recording.films import need_what_films
from sniper.recording.run import about_to_be, recorded
from sniper.rehearsal import TimeMachine, practice_site
from sniper.resuming import day_to_resume
from sniper.run_request import RunRequest
from sniper.secrets import Vault
from sniper.setup.browser import find_browser
from sniper.site_client import clock_probe, site_client
from sniper.sites.profile import Profile
from sniper.store.leases import Job, LeaseLostError
from sniper.store.records import RunState
from sniper.store.repository import Store


@dataclass(frozen=True, slots=True)
class Prepared:
    """The file and the profile, read and checked: nothing was started yet.

    Attributes:
        bookings: With what is stored of its accounts; as if the file were about the schedule only, where one
            was chosen.
        told: What people should know of them, and of the calendar.
        calendar: When the person is busy.
        gone: Slots that are known not to be had.
    """

    request: RunRequest
    bookings: Bookings
    document: Document
    profile: Profile
    told: tuple[str, ...] = ()
    schedule: ScheduleConfig | None = None
    calendar: Read = field(default_factory=Read)
    gone: frozenset[Slot] = frozenset()


def prepare(request: RunRequest) -> Prepared:
    """Read and check what the run is about, and look whether there is a browser for it.

    Raises:
        InputError: The file or the profile is wrong.
        EnvironmentProblem: There is no browser, nothing to film with, or no display to show one on; or what
            is stored of the accounts cannot be read.
    """
    prepared = read_files(request)
    find_browser()
    if request.watching.film:
        need_what_films()
    if request.headed:
        need_display("Leave --headed out, or run under a virtual display: xvfb-run sniper run …")
    return prepared


def read_files(request: RunRequest) -> Prepared:
    """Read and check what the run is about; nothing of this machine is looked at.

    Raises:
        InputError: The file or the profile is wrong.
        EnvironmentProblem: What is stored of the accounts cannot be read.
    """
    bookings, document = read_bookings(request.bookings)
    profile = load_site(bookings, document, request.site)
    bookings, told = with_stored(bookings, document, profile)
    check_against(bookings, document, profile)
    return Prepared(request, bookings, document, profile, told)


def aimed(prepared: Prepared) -> Prepared:
    """The same, for the schedule that is gone for, if it is one, and with the calendar to go by.

    Raises:
        InputError: It is not clear which schedule, or a calendar that is a file is wrong.
        EnvironmentProblem: The calendar is required and cannot be read.
    """
    bookings, document, request = prepared.bookings, prepared.document, prepared.request
    calendar = busy_calendar(bookings, document, request.busy)
    schedule = choose(bookings, document, request.schedule)
    if schedule is not None:
        bookings = for_schedule(bookings, schedule, prepared.profile)
    told = (*prepared.told, *said_of(schedule), *calendar.told)
    return replace(prepared, bookings=bookings, schedule=schedule, calendar=calendar, told=told)


def need_display(mend: str) -> None:
    """Look whether there is a display to show a browser on.

    Raises:
        EnvironmentProblem: There is none.
    """
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise EnvironmentProblem("there is no display to show the browsers on", mend=mend)


def record_folder(run_id: int) -> Path:
    """Where the pictures of a run are kept."""
    return runs_dir() / str(run_id)


async def execute(
    prepared: Prepared,
    tell: Tell,
    show_clock: Callable[[SiteClock], None],
    ask: Ask | None = None,
    clock: SiteClock | None = None,
) -> RunResult:
    """Carry the run out.

    Args:
        prepared: What to do.
        tell: Called for everything worth showing.
        show_clock: Called once with the site's clock, to show its time.
        ask: Asks the person, if there is one.
        clock: The site's, where it is known to a second: what is open already does not wait for more. Before
            an opening it is measured as always.

    Raises:
        InputError: The date is past on the site's calendar, or there is nothing to resume.
        LeaseTakenError: Another run works for one of the accounts on that day.
        EnvironmentProblem: The site, the browser or the store cannot be reached, or there is no usable key.
    """
    profile = prepared.profile
    known = prepared.request.failed_before
    async with told(profile, prepared.bookings, tell, known) as audience:

        def go_by(measured: SiteClock) -> None:
            audience.go_by(measured)
            show_clock(measured)

        with kept_awake() as wakefulness:
            if not wakefulness.stays and profile.practice is None:
                audience.tell(Noted(f"{MAY_SLEEP} (`sniper check` says more)"))
            result = await _execute(prepared, audience.tell, go_by, ask, clock, wakefulness)
        await audience.hear_the_end(result, record_folder(result.run_id))
    return result


async def _execute(
    prepared: Prepared,
    tell: Tell,
    show_clock: Callable[[SiteClock], None],
    ask: Ask | None,
    known: SiteClock | None,
    wakefulness: Wakefulness,
) -> RunResult:
    profile = prepared.profile
    async with (
        site_client(profile.url) as client,
        reached(profile, client, tell) as time_machine,
    ):
        local = SystemClock()
        probe = clock_probe(client, profile.url + profile.clock.path, profile.clock, local)
        clock = known or await measure(probe, local, profile.clock.probes, leaps=local.leaps)
        tell(ClockMeasured(clock.offset, clock.bound))
        show_clock(clock)

        async def remeasure() -> None:
            clock.renew(
                await measure(probe, local, profile.clock.probes, leaps=local.leaps, progress=clock.improve)
            )
            tell(ClockMeasured(clock.offset, clock.bound))

        for said in (*prepared.told, *differing_windows(prepared.bookings, profile)):
            tell(Noted(said))
        vault = Vault.open()
        with Store.open() as store:
            day = prepared.request.day or day_to_resume(
                prepared.bookings,
                profile,
                prepared.schedule,
                clock,
                store,
                tell,
                asked=prepared.request.resume,
            )
            task = task_of(prepared, clock, store, day)
            for said in in_words(task.goal):
                tell(Noted(said))
            if task.learned:
                tell(Noted(task.learned))
            run_id = store.start_run(
                profile.name,
                task.described,
                rehearsal=task.rehearsal,
                now=local.now(),
                job=Job(task.goal.target_date, tuple(one.account for one in task.crew)),
                presses=task.press,
            )
            for credentials in task.crew:
                store.ensure_account(profile.name, credentials.account, now=datetime.now(UTC))
            ours = store.for_run(run_id)
            async with _written_down(ours, run_id) as ended:
                folder = made(record_folder(run_id))
                kept = KeptSignIns(
                    store,
                    vault,
                    profile.name,
                    lambda text: tell(Noted(text)),
                    fresh=prepared.request.fresh_sign_in,
                    by_hand=by_hand(task.crew, profile),
                )
                request, watching = prepared.request, prepared.request.watching
                about_it = about_to_be(run_id, task, request)
                async with (
                    recorded(about_it, clock, folder, lambda text: tell(Noted(text))) as recorder,
                    BrowserPool(
                        headless=not request.headed,
                        contexts_per_browser=request.contexts_per_browser,
                        hidden=prepared.bookings.secret_variables,
                        unscrubbed=recorder.folder if recorder else None,
                        slow_motion=watching.slow_motion,
                    ) as pool,
                    BrowserEngine(
                        task.profile,
                        clock,
                        folder,
                        pool,
                        mode=request.mode,
                        states=kept,
                        recorder=recorder,
                        pauses=watching.pauses,
                    ) as engine,
                ):
                    coordinator = Coordinator(
                        task,
                        engine,
                        clock,
                        ours,
                        tell,
                        run_id,
                        Lease(ours, run_id, local, lambda error: tell(Noted(str(error), problem=True))),
                        remeasure=remeasure,
                        leaps=local.leaps,
                        time_travel=time_machine,
                        ask=ask,
                        machine=(*room_for(len(task.crew)), StaysAwake(wakefulness)),
                    )
                    result = await coordinator.run()
                ended.append(result)
            return result


def made(folder: Path) -> Path:
    """A folder for pictures.

    Raises:
        EnvironmentProblem: It cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise EnvironmentProblem(
            f"the state folder cannot be written: {error}",
            mend="Mend its permissions, or name another one by SNIPER_STATE_DIR.",
        ) from error
    return folder


@asynccontextmanager
async def reached(
    profile: Profile, client: httpx.AsyncClient, tell: Tell
) -> AsyncIterator[TimeMachine | None]:
    """Within the block a practice site answers, if the profile is one's; yields what turns its clock.

    Raises:
        InputError: It does not take the profile's options.
        EnvironmentProblem: It cannot be started, or something else answers there.
    """
    if profile.practice is None:
        yield None
        return
    async with practice_site(profile, profile.practice, client) as (machine, started):
        if started:
            tell(Noted(f"nothing answered at {profile.url}: started a practice site there for this run"))
        yield machine


@asynccontextmanager
async def _written_down(store: Store, run_id: int) -> AsyncIterator[list[RunResult]]:
    """Whatever happens in the block, the store says how the run ended, and the log which run it is of."""
    ended: list[RunResult] = []
    state, code = RunState.CRASHED, None
    try:
        with about(run=run_id):
            yield ended
        state = RunState.FINISHED
    except asyncio.CancelledError:
        state, code = RunState.INTERRUPTED, 128 + signal.SIGINT
        raise
    except SniperError as error:
        state, code = RunState.FINISHED, error.exit_code
        raise
    finally:
        result = ended[0] if ended else None
        # Who took a run over has written down how it ended.
        with suppress(LeaseLostError):
            store.finish_run(
                run_id,
                state,
                result.verdict.standing if result else None,
                result.exit_code if result else code,
                now=datetime.now(UTC),
            )


def task_of(prepared: Prepared, clock: SiteClock, store: Store, day: date | None = None) -> Task:
    """What to do, its date settled on the site's calendar, unless it is known.

    Raises:
        InputError: The date is past, or the calendar leaves no time.
    """
    bookings, profile = prepared.bookings, prepared.profile
    goal = goal_on(bookings, prepared.document, profile, clock.now(), day, prepared.schedule)
    goal = less_busy(goal, prepared.calendar, store.bookings(profile.name, upcoming_from=clock.now()))
    planning = prepared.request.planning.on(bookings.snipe_config.planning)
    lessons = lessons_of(store, profile.name, {one.location for one in goal.priorities}, clock.now())
    terms = terms_of(goal, profile, planning, store.history(profile.name), lessons.watched)
    crew = tuple(credentials_of(account) for account in bookings.accounts if account.is_active)
    described = {
        **bookings.snipe_config.model_dump(mode="json", exclude_none=True),
        "target_date": goal.target_date.isoformat(),
        "planning": planning.model_dump(mode="json", exclude_none=True),
    }
    request = prepared.request
    give_back = request.give_back or bookings.snipe_config.give_back
    named = shlex.join(["--file", str(request.bookings), *(["--site", request.site] if request.site else [])])
    strategy = planning.strategy.on(terms)
    timed, learned = punctual(profile, lessons, clock.round_trip)
    return Task(
        timed, goal, crew, strategy, described, request.press, give_back, named, prepared.gone, learned
    )
