"""What a run is given, and what it leaves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sniper.core.goals import Goal
from sniper.core.outcomes import Outcome
from sniper.core.plan import Held, Standing, Verdict
from sniper.core.strategy import Strategy
from sniper.core.tries import AttemptResult
from sniper.engine.protocol import Credentials
from sniper.sites.profile import Profile


class TimeTravel(Protocol):
    """A practice site whose clock can be set forward."""

    before_opening: timedelta

    async def jump_to(self, moment: datetime) -> timedelta:
        """Jump close to `moment`, never past it; returns by how much exactly."""
        ...


@dataclass(frozen=True, slots=True)
class Task:
    """What a run is to do.

    Attributes:
        strategy: Who fires at what.
        described: The goal as the person wrote it, for the record; no accounts in it.
        press: False does everything but the press that books.
    """

    profile: Profile
    goal: Goal
    crew: tuple[Credentials, ...]
    strategy: Strategy
    described: dict[str, object]
    press: bool = True

    @property
    def rehearsal(self) -> bool:
        """Is it only the practice site?"""
        return self.profile.practice is not None


@dataclass(frozen=True, slots=True)
class RunResult:
    """How a run ended.

    Attributes:
        pressed: False after a dry run.
        held: What the accounts hold that the goal is about, proven by *my bookings*.
        unproven: What the site claimed to have booked and *my bookings* does not show.
        failure: The exit code of what ended the run early, if something did.
    """

    run_id: int
    pressed: bool
    verdict: Verdict
    held: tuple[Held, ...]
    unproven: tuple[Held, ...]
    attempts: tuple[AttemptResult, ...]
    problems: tuple[str, ...]
    failure: int | None = None

    @property
    def exit_code(self) -> int:
        """0 when the goal or the accepted fallback is reached; after a dry run when every page was ready."""
        if self.failure is not None and (self.verdict.standing is Standing.MISSED or not self.pressed):
            return self.failure
        if self.pressed:
            return 1 if self.verdict.standing is Standing.MISSED else 0
        unready = [a for a in self.attempts if a.last is None or a.last.outcome is not Outcome.NOT_PRESSED]
        nothing_to_do = self.verdict.standing is Standing.REACHED
        return 0 if not unready and (self.attempts or nothing_to_do) else 1
