"""From the command to the run: reads the file, reaches the site, opens the store, lets the coordinator go."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx

from sniper.clock.clock import SystemClock
from sniper.clock.measuring import measure
from sniper.clock.site import SiteClock
from sniper.config.bookings import Bookings, read_bookings, reveal
from sniper.config.goal import check_against, differing_windows, goal_on, load_site
from sniper.config.planning import Overrides, terms_of
from sniper.coordinator import Coordinator, RunResult, Task
from sniper.core.goals import Goal
from sniper.documents import Document
from sniper.engine.browser.engine import BrowserEngine
from sniper.engine.browser.firing import Mode
from sniper.engine.browser.pool import CONTEXTS_PER_BROWSER, BrowserPool
from sniper.engine.protocol import Credentials
from sniper.errors import EnvironmentProblem, SniperError
from sniper.events import ClockMeasured, Noted, Tell
from sniper.kept_sign_ins import KeptSignIns
from sniper.paths import state_dir
from sniper.rehearsal import TimeMachine, practice_site
from sniper.secrets import Vault
from sniper.setup.browser import find_browser
from sniper.site_client import clock_probe, site_client
from sniper.sites.profile import Profile
from sniper.store.records import RunState
from sniper.store.repository import Store


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What was asked for on the command line.

    Attributes:
        site: A profile instead of the one the file names.
        press: False for a dry run.
        engine: Who presses at the opening; where nothing is said, the pages themselves, but not when watched.
        contexts_per_browser: How many accounts share a browser process.
        fresh_sign_in: Pass over the sign-ins that earlier runs have kept.
        planning: What is said of the strategy instead of what the file says.
    """

    bookings: Path
    site: str | None = None
    headed: bool = False
    press: bool = True
    engine: Mode | None = None
    contexts_per_browser: int = CONTEXTS_PER_BROWSER
    fresh_sign_in: bool = False
    planning: Overrides = field(default_factory=Overrides)

    @property
    def mode(self) -> Mode:
        """Who presses at the opening."""
        return self.engine or (Mode.DRIVER if self.headed else Mode.ARMED)


@dataclass(frozen=True, slots=True)
class Prepared:
    """The file and the profile, read and checked: nothing was started yet."""

    request: RunRequest
    bookings: Bookings
    document: Document
    profile: Profile


def prepare(request: RunRequest) -> Prepared:
    """Read and check what the run is about, and look whether there is a browser for it.

    Raises:
        InputError: The file or the profile is wrong.
        EnvironmentProblem: There is no browser, or no display to show one on.
    """
    bookings, document = read_bookings(request.bookings)
    profile = load_site(bookings, document, request.site)
    check_against(bookings, document, profile)
    find_browser()
    if request.headed:
        _need_display()
    return Prepared(request, bookings, document, profile)


def _need_display() -> None:
    if sys.platform == "linux" and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise EnvironmentProblem(
            "there is no display to show the browsers on",
            mend="Leave --headed out, or run under a virtual display: xvfb-run sniper run …",
        )


def record_folder(run_id: int) -> Path:
    """Where the pictures of a run are kept."""
    return state_dir() / "runs" / str(run_id)


async def execute(prepared: Prepared, tell: Tell, show_clock: Callable[[SiteClock], None]) -> RunResult:
    """Carry the run out.

    Args:
        prepared: What to do.
        tell: Called for everything worth showing.
        show_clock: Called once with the site's clock, to show its time.

    Raises:
        InputError: The date is past on the site's calendar.
        EnvironmentProblem: The site, the browser or the store cannot be reached, or there is no usable key.
    """
    profile = prepared.profile
    async with (
        site_client(profile.url) as client,
        _reached(profile, client, tell) as time_machine,
    ):
        local = SystemClock()
        probe = clock_probe(client, profile.url + profile.clock.path, profile.clock, local)
        clock = await measure(probe, local, profile.clock.probes, leaps=local.leaps)
        tell(ClockMeasured(clock.offset, clock.bound))
        show_clock(clock)

        async def remeasure() -> None:
            clock.renew(
                await measure(probe, local, profile.clock.probes, leaps=local.leaps, progress=clock.improve)
            )
            tell(ClockMeasured(clock.offset, clock.bound))

        for difference in differing_windows(prepared.bookings, profile):
            tell(Noted(difference))
        goal = goal_on(prepared.bookings, prepared.document, profile, clock.now())
        vault = Vault.open()
        with Store.open() as store:
            task = _task(prepared, goal, store)
            run_id = store.start_run(
                profile.name, task.described, rehearsal=task.rehearsal, now=datetime.now(UTC)
            )
            for credentials in task.crew:
                store.ensure_account(profile.name, credentials.account, now=datetime.now(UTC))
            async with _written_down(store, run_id) as ended:
                folder = _made(record_folder(run_id))
                kept = KeptSignIns(
                    store,
                    vault,
                    profile.name,
                    lambda text: tell(Noted(text)),
                    fresh=prepared.request.fresh_sign_in,
                )
                request = prepared.request
                async with (
                    BrowserPool(
                        headless=not request.headed,
                        contexts_per_browser=request.contexts_per_browser,
                        hidden=prepared.bookings.secret_variables,
                    ) as pool,
                    BrowserEngine(profile, clock, folder, pool, mode=request.mode, states=kept) as engine,
                ):
                    coordinator = Coordinator(
                        task,
                        engine,
                        clock,
                        store,
                        tell,
                        run_id,
                        remeasure=remeasure,
                        leaps=local.leaps,
                        time_travel=time_machine,
                    )
                    result = await coordinator.run()
                ended.append(result)
            return result


def _made(folder: Path) -> Path:
    """The run's folder, and in it the log of what should not have happened."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handler = logging.FileHandler(folder / "run.log", encoding="utf-8", delay=True)
    except OSError as error:
        raise EnvironmentProblem(
            f"the state folder cannot be written: {error}",
            mend="Mend its permissions, or name another one by SNIPER_STATE_DIR.",
        ) from error
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(message)s"))
    log = logging.getLogger("sniper.run")
    log.handlers[:] = [handler]
    log.propagate = False
    return folder


@asynccontextmanager
async def _reached(
    profile: Profile, client: httpx.AsyncClient, tell: Tell
) -> AsyncIterator[TimeMachine | None]:
    if profile.practice is None:
        yield None
        return
    async with practice_site(profile, profile.practice, client) as (machine, started):
        if started:
            tell(Noted(f"nothing answered at {profile.url}: started a practice site there for this run"))
        yield machine


@asynccontextmanager
async def _written_down(store: Store, run_id: int) -> AsyncIterator[list[RunResult]]:
    """Whatever happens in the block, the store says how the run ended."""
    ended: list[RunResult] = []
    state, code = RunState.CRASHED, None
    try:
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
        store.finish_run(
            run_id,
            state,
            result.verdict.standing if result else None,
            result.exit_code if result else code,
            now=datetime.now(UTC),
        )


def _task(prepared: Prepared, goal: Goal, store: Store) -> Task:
    bookings, profile = prepared.bookings, prepared.profile
    planning = prepared.request.planning.on(bookings.snipe_config.planning)
    terms = terms_of(goal, profile, planning, store.history(profile.name))
    crew = tuple(
        Credentials(
            account.netid,
            reveal(account.password),
            reveal(account.totp_secret) if account.totp_secret else None,
        )
        for account in bookings.accounts
        if account.is_active
    )
    described = {
        **bookings.snipe_config.model_dump(mode="json", exclude_none=True),
        "target_date": goal.target_date.isoformat(),
        "planning": planning.model_dump(mode="json", exclude_none=True),
    }
    strategy = planning.strategy.on(terms)
    return Task(profile, goal, crew, strategy, described, prepared.request.press)
