"""What a run is given, and what it leaves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sniper.core.goals import Goal
from sniper.core.outcomes import Outcome, Proof
from sniper.core.plan import Held, Standing, Verdict
from sniper.core.slots import Slot
from sniper.core.strategy import Strategy
from sniper.core.tries import AttemptResult
from sniper.core.unwanted import GiveBack
from sniper.engine.protocol import Credentials
from sniper.sites.profile import Profile

Ask = Callable[[str], Awaitable[bool | None]]
"""Asks the person something: yes, no, or None where nobody answers."""


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
        give_back: What becomes of hours that nobody wants when the goal is missed.
        named: The options by which the person named the file and the site, for commands that are told.
        gone: Slots that are known from the beginning not to be had.
        learned: What earlier openings have shown of this site, where something follows from it.
    """

    profile: Profile
    goal: Goal
    crew: tuple[Credentials, ...]
    strategy: Strategy
    described: dict[str, object]
    press: bool = True
    give_back: GiveBack = GiveBack.ASK
    named: str = "--file bookings.json"
    gone: frozenset[Slot] = frozenset()
    learned: str = ""

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
        doubled: What of it the site shows others to have as well. It does not count for the verdict.
        unproven: What the site claimed to have booked and *my bookings* does not show. Where the site shows
            nobody their bookings, this counts for the verdict.
        left_to_do: What is left for people to do about what was booked.
        unverified_because: Why nothing at this site can be proven, where that is so.
        failure: The exit code of what ended the run early, if something did.
        continues: The number of the unfinished run that this one went on with.
    """

    run_id: int
    pressed: bool
    verdict: Verdict
    held: tuple[Held, ...]
    unproven: tuple[Held, ...]
    attempts: tuple[AttemptResult, ...]
    problems: tuple[str, ...]
    failure: int | None = None
    doubled: tuple[Held, ...] = ()
    continues: int | None = None
    unverified_because: str | None = None
    left_to_do: str | None = None

    @property
    def counted(self) -> tuple[Held, ...]:
        """What the goal is judged by: what is certain, or where nothing can be proven, by the site's word."""
        by_word = self.unproven if self.unverified_because else ()
        return (*(one for one in self.held if one not in self.doubled), *by_word)

    def proof_of(self, booking: Held) -> Proof:
        """How sure one of `held` or `unproven` is."""
        if booking in self.unproven:
            return Proof.UNVERIFIED
        return Proof.DOUBLED if booking in self.doubled else Proof.CONFIRMED

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
