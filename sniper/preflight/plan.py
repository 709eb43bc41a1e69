"""Checks of the plan: whether the goal can be had, and whether the budget lasts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sniper.core.findings import Finding, Subject
from sniper.core.goals import Goal
from sniper.core.plan import Held, Role, Situation, Wave
from sniper.core.readiness import judge_budget, judge_goal
from sniper.core.standing import verdict
from sniper.sites.profile import Budget


@dataclass(frozen=True, slots=True)
class GoalInReach:
    """If all that is planned is won, the goal is reached."""

    goal: Goal
    situation: Callable[[], Situation]
    foreseen: Callable[[], Sequence[Wave]]
    name: str = "goal"
    subject: Subject = Subject.PLAN

    async def look(self) -> Sequence[Finding]:
        """See `Check.look`."""
        situation = self.situation()
        leads = (a for wave in self.foreseen() for a in wave.attempts if a.role is Role.LEAD)
        won = tuple(Held(lead.account, lead.target, "") for lead in leads)
        best = verdict(self.goal, replace(situation, held=(*situation.held, *won)))
        return [judge_goal(self.goal, best.standing, len(situation.accounts))]


@dataclass(frozen=True, slots=True)
class BudgetLasts:
    """What is planned leaves presses for second tries."""

    budget: Budget
    foreseen: Callable[[], Sequence[Wave]]
    name: str = "budget"
    subject: Subject = Subject.PLAN

    async def look(self) -> Sequence[Finding]:
        """See `Check.look`."""
        each, per_second = self.budget.attempts_per_opening, self.budget.requests_per_second
        return [judge_budget(self.foreseen(), each, per_second)]
