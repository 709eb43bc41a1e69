"""Whether all is ready, looked at while there is time to mend what is not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sniper.coordinator.context import Context
from sniper.coordinator.sign_ins import SignIns
from sniper.core.findings import Finding, Judgement, Subject, noes
from sniper.core.plan import Attempt, Role, Situation, Wave
from sniper.events import Checked, Noted
from sniper.preflight import Check, examine
from sniper.preflight.accounts import CrewReady, Entered, SignInsLast
from sniper.preflight.plan import BudgetLasts, GoalInReach
from sniper.preflight.site import Canary, ClockKnown
from sniper.sites.placeholders import missing_to_sign_in

AHEAD = (timedelta(hours=24), timedelta(hours=1), timedelta(minutes=10))
"""How long before an opening a run looks whether all is ready."""
KEPT_ALIVE = timedelta(hours=1)
"""Earlier than this before an opening nobody is kept signed in: a sign-in at the next check asks less of the
site than a look every ten minutes."""
_DONE_BEFORE = timedelta(minutes=4)
_TAKES_AT_MOST = timedelta(minutes=5)


class Checkup:
    """Signs everybody in and looks at everything that an opening needs. Books nothing, ends nothing."""

    def __init__(
        self,
        context: Context,
        sign_ins: SignIns,
        machine: Sequence[Check] = (),
    ) -> None:
        """Nothing is looked at yet.

        Args:
            context: Of the run.
            sign_ins: Signs in.
            machine: What is looked at on this machine.
        """
        task = context.task
        self._run = context
        self._sign_ins = sign_ins
        self._in: set[str] = set()
        """Who was let in at the last look."""
        self._coming: tuple[Wave, ...] = ()
        """The waves to come by what was known then."""
        self._told: dict[tuple[Subject, str], str] = {}
        """The problems that were told and are not mended yet."""
        self._warned: set[str] = set()

        self._checks: tuple[Check, ...] = (
            *machine,
            ClockKnown(context.clock),
            CrewReady(task.goal, task.profile.limits_per_account(), self._enter_all, context.clock.now),
            SignInsLast(self._ends, lambda: self.next_opening, task.profile.name, task.profile.timezone),
            GoalInReach(task.goal, self._situation, self._foreseen),
            BudgetLasts(task.profile.budget, self._foreseen),
            Canary(context.engine, self._to_look_at),
        )

    @property
    def next_opening(self) -> datetime | None:
        """The first one of the waves to come, by the last look."""
        return next((wave.opens_at for wave in self._coming), None)

    def next_before(self, opens_at: datetime) -> datetime | None:
        """When to look next before an opening; None when it is too late for that."""
        now = self._run.clock.now()
        return min((opens_at - ahead for ahead in AHEAD if opens_at - ahead > now), default=None)

    async def look(self, begin: Callable[[str], None] = lambda _: None) -> list[Finding]:
        """Look at everything. `begin` is called with what is looked at next."""
        return await examine(self._checks, begin)

    async def look_before(self, opens_at: datetime) -> None:
        """Look, and tell what has to be mended, and what has been. Nobody waits for what hangs."""
        now = self._run.clock.now()
        ahead = opens_at - now

        async def look() -> None:
            findings = await self.look()
            self._run.tell(Checked(ahead, tuple(findings)))
            self._tell(findings)

        try:
            await self._run.by(min(opens_at - _DONE_BEFORE, now + _TAKES_AT_MOST), look())
        except TimeoutError:
            self._run.tell(Noted("the check before the opening took too long and was given up"))

    async def _enter_all(self) -> Sequence[Entered]:
        entered = await self._sign_ins.enter_all()
        self._in = {one.account for one in entered if one.how is not None}
        self._coming = await self._run.planning.foreseen(self._situation())
        return entered

    def _ends(self) -> dict[str, datetime]:
        """When the sign-ins end that only their owners can do anew, of those for whom that is known."""
        task = self._run.task
        by_hand = {c.account for c in task.crew if missing_to_sign_in(task.profile, c.placeholders)}
        kept = self._run.store.accounts(task.profile.name) if by_hand else ()
        return {
            one.account: one.sign_in.expires_at
            for one in kept
            if one.account in by_hand and one.sign_in and one.sign_in.expires_at
        }

    def _situation(self) -> Situation:
        """What is known, as if only those could fire who are signed in now."""
        known = self._run.situation()
        return replace(known, accounts=tuple(one for one in known.accounts if one in self._in))

    def _foreseen(self) -> Sequence[Wave]:
        return self._coming

    def _to_look_at(self) -> Attempt | None:
        """What is fired first; where nothing is, the first hour of the goal by anybody who is signed in."""
        if self._coming:
            return self._coming[0].attempts[0]
        goal, known = self._run.task.goal, self._situation()
        best = min(goal.priorities, key=lambda priority: priority.rank)
        start = next((one for one in goal.starts(best) if one > known.now), None)
        if start is None or not known.accounts:
            return None
        return Attempt(known.accounts[0], best.slots_at(start), Role.LEAD)

    def _tell(self, findings: Sequence[Finding]) -> None:
        wrong = {one.key: one for one in noes(findings)}
        for key, text in list(self._told.items()):
            if key not in wrong:
                self._run.mended(text)
                del self._told[key]
        for key, one in wrong.items():
            # Who is out was told when it was dropped.
            if one.subject is Subject.ACCOUNTS and one.name in self._run.out:
                continue
            text = str(one)
            if self._told.get(key) != text:
                self._told[key] = text
                self._run.problem(text)
        for one in findings:
            text = str(one)
            if one.judgement is Judgement.WARNING and text not in self._warned:
                self._warned.add(text)
                self._run.tell(Noted(text))
