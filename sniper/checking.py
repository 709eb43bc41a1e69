"""From `sniper check` to its findings: everything a run needs is looked at, and nothing is booked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sniper.awake import kept_awake
from sniper.calendars.leaving_out import in_words
from sniper.clock.clock import SystemClock
from sniper.clock.measuring import measure
from sniper.coordinator.checkup import Checkup
from sniper.coordinator.context import Context
from sniper.coordinator.sign_ins import SignIns
from sniper.core.findings import Finding, Judgement, Subject, is_go, noes
from sniper.crew import by_hand
from sniper.engine.browser.engine import BrowserEngine
from sniper.engine.browser.pool import BrowserPool
from sniper.errors import EnvironmentProblem
from sniper.events import Noted, Tell
from sniper.execution import Prepared, made, reached, task_of
from sniper.kept_sign_ins import KeptSignIns
from sniper.paths import checks_dir
from sniper.preflight import examine
from sniper.preflight.machine import DoctorsCheck, StaysAwake, room_for
from sniper.secrets import Vault
from sniper.setup import doctor
from sniper.site_client import clock_probe, site_client
from sniper.store.repository import Store

Begin = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Readiness:
    """What a check found.

    Attributes:
        opens_at: The first opening to come, UTC; None where it is not known, or nothing is left to be won.
    """

    findings: tuple[Finding, ...]
    opens_at: datetime | None = None

    @property
    def exit_code(self) -> int:
        """0 is go; 3 where this machine or the site is not up to it, 1 where something else is wrong."""
        wrong = {one.subject for one in noes(self.findings)}
        if wrong & {Subject.MACHINE, Subject.SITE}:
            return EnvironmentProblem.exit_code
        return 1 if wrong else 0


@dataclass(frozen=True, slots=True)
class RecordOpens:
    """The database of the record opens, and the key that kept sign-ins are sealed with can be used."""

    name: str = "record"
    subject: Subject = Subject.MACHINE

    async def look(self) -> Sequence[Finding]:
        """See `Check.look`."""
        Vault.open()
        with Store.open() as store:
            return [Finding(self.subject, self.name, Judgement.GO, store.place)]


async def check(prepared: Prepared, begin: Begin, tell: Tell) -> Readiness:
    """Look at everything: this machine, then the site, and with every account signed in the rest.

    Args:
        prepared: What a run would do.
        begin: Called with what is looked at next.
        tell: Called for what the accounts do meanwhile.

    Raises:
        InputError: The date is past on the site's calendar.
    """
    for said in prepared.told:
        tell(Noted(said))
    active = sum(account.is_active for account in prepared.bookings.accounts)
    with kept_awake() as wakefulness:
        needed = (
            DoctorsCheck("state folder", doctor.check_state_folder),
            DoctorsCheck("browser", doctor.check_browser),
            RecordOpens(),
        )
        findings = await examine(needed, begin)
        able = is_go(findings)
        findings += await examine((*room_for(active), StaysAwake(wakefulness)), begin)
    if not able:
        return Readiness((*findings, *_not_judged("this machine is not ready for it")))
    begin("the site: reaching it, and reading its clock")
    try:
        async with _checkup(prepared, tell) as checkup:
            findings += await checkup.look(begin)
            return Readiness(tuple(findings), checkup.next_opening)
    except EnvironmentProblem as error:
        wrong = Finding(Subject.SITE, "answer", Judgement.NO, str(error), error.mend)
        return Readiness((*findings, wrong, *_not_judged("the site could not be reached")))


def _not_judged(why: str) -> tuple[Finding, ...]:
    subjects = (Subject.ACCOUNTS, Subject.PLAN, Subject.PROFILE)
    return tuple(Finding(one, "all of it", Judgement.NOT_JUDGED, why) for one in subjects)


@asynccontextmanager
async def _checkup(prepared: Prepared, tell: Tell) -> AsyncIterator[Checkup]:
    """Within the block the site is reached and its clock is known, and a browser waits for the accounts."""
    profile, request = prepared.profile, prepared.request
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(site_client(profile.url))
        await stack.enter_async_context(reached(profile, client, tell))
        local = SystemClock()
        probe = clock_probe(client, profile.url + profile.clock.path, profile.clock, local)
        clock = await measure(probe, local, profile.clock.probes, leaps=local.leaps)
        store = stack.enter_context(Store.open())
        task = task_of(prepared, clock, store)
        for said in in_words(task.goal):
            tell(Noted(said))
        for credentials in task.crew:
            store.ensure_account(profile.name, credentials.account, now=datetime.now(UTC))
        kept = KeptSignIns(
            store,
            Vault.open(),
            profile.name,
            lambda text: tell(Noted(text)),
            fresh=request.fresh_sign_in,
            by_hand=by_hand(task.crew, profile),
        )
        folder = stack.enter_context(pictures())
        pool = await stack.enter_async_context(
            BrowserPool(
                contexts_per_browser=request.contexts_per_browser, hidden=prepared.bookings.secret_variables
            )
        )
        engine = await stack.enter_async_context(BrowserEngine(profile, clock, folder, pool, states=kept))
        # Nothing is fired, so nothing is written for a run.
        context = Context(task, engine, clock, store, tell, run_id=0)
        yield Checkup(context, SignIns(context))


@contextmanager
def pictures() -> Iterator[Path]:
    """A folder for pictures of pages that are not as the profile says; without any it goes again."""
    folder = made(checks_dir() / f"{datetime.now(UTC):%Y%m%d-%H%M%S}")
    try:
        yield folder
    finally:
        with suppress(OSError):  # What is in it is to be looked at.
            folder.rmdir()
