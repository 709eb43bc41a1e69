"""Goals, situations and a venue to try the policy on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sniper.core.goals import Fallback, Goal, Priority
from sniper.core.knowledge import Knowledge
from sniper.core.limits import Limit, Per, allowed
from sniper.core.openings import OpeningRule
from sniper.core.outcomes import Outcome
from sniper.core.plan import (
    Attempt,
    Held,
    LocationHour,
    Situation,
    Verdict,
    Wave,
    location_hour,
    still_needed,
)
from sniper.core.policy import StrategyName
from sniper.core.slots import Slot
from sniper.core.standing import verdict
from sniper.core.strategy import Strategy, Terms
from sniper.core.tries import AttemptResult, Try

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
DAY = date(2026, 11, 24)
THREE_DAYS = OpeningRule(timedelta(hours=72))
A_WEEK = OpeningRule(timedelta(hours=168))
LONG_BEFORE = datetime(2026, 11, 1, tzinfo=UTC)
ONE_A_START = Limit(1, frozenset({Per.DATE, Per.START}))
ONE_A_LOCATION = Limit(1, frozenset({Per.DATE, Per.LOCATION}))
DELFT = (ONE_A_START, ONE_A_LOCATION)

X1 = Priority(1, "X1", ("X1 A", "X1 B"), 9, THREE_DAYS)
X3 = Priority(2, "X3", ("X3 A", "X3 B"), 9, THREE_DAYS)
FITNESS = Priority(3, "Fitness", (None,), 9, A_WEEK)


def at(hour: int, day: date = DAY) -> datetime:
    """An hour of a day in Amsterdam."""
    return datetime.combine(day, time(hour), AMSTERDAM)


def slot(place: str, hour: int) -> Slot:
    """`slot("X1 A", 13)`, `slot("Fitness", 13)`."""
    return Slot(place.split()[0], place if " " in place else None, at(hour))


def goal_of(
    *priorities: Priority, hours: int = 3, start: int = 13, end: int = 18, fallback: int | None = None
) -> Goal:
    """Three hours between 13 and 18, if nothing else is said."""
    wanted = priorities or (X1, X3)
    return Goal(DAY, AMSTERDAM, hours, time(start), time(end % 24), wanted, Fallback(fallback))


def crew(size: int) -> tuple[str, ...]:
    """`("a1", "a2", …)`."""
    return tuple(f"a{number}" for number in range(1, size + 1))


def before(size: int = 3, **known: object) -> Situation:
    """Long before anything opens."""
    return replace(Situation(LONG_BEFORE, crew(size)), **known)  # type: ignore[arg-type]


def holds(account: str, place: str, hour: int, *, by_us: bool = True) -> Held:
    """A booking."""
    return Held(account, slot(place, hour), f"{account}-{place}-{hour}", by_us)


def lost(*places: str, hours: range = range(13, 18)) -> frozenset[Slot]:
    """These places at these hours."""
    return frozenset(slot(place, hour) for place in places for hour in hours)


def streak(location: str, *hours: int) -> Situation:
    """Different accounts hold these hours at `<location> A`."""
    held = tuple(holds(f"a{i}", f"{location} A", hour) for i, hour in enumerate(hours, 1))
    return before(6, held=held)


def targets(wave: Wave | None) -> list[tuple[str, str, str]]:
    """Who fires at what, as what: `("a1", "X1 A 13", "lead")`."""
    assert wave is not None
    return [(a.account, f"{a.target.place} {a.target.start:%H}", a.role.value) for a in wave.attempts]


def dividing(goal: Goal, limits: tuple[Limit, ...] = DELFT, attempts_each: int = 12) -> Strategy:
    """Divide and conquer."""
    return StrategyName.DIVIDE_AND_CONQUER.on(Terms(goal, limits, attempts_each))


def leads(wave: Wave | None) -> list[tuple[str, str]]:
    """Who leads at what: `("a1", "X1 A 13")`."""
    return [(account, target) for account, target, role in targets(wave) if role == "lead"]


Answers = Callable[[str, Slot], Outcome]
"""What the venue says beyond its own rules; BOOKED leaves it to them."""


def everything_is_free(_: str, __: Slot) -> Outcome:
    """No rivals."""
    return Outcome.BOOKED


@dataclass
class World:
    """A venue with its rules, and a run played on it as the coordinator does."""

    goal: Goal
    limits: tuple[Limit, ...]
    accounts: tuple[str, ...]
    answers: Answers = everything_is_free
    now: datetime = LONG_BEFORE
    already: tuple[Held, ...] = ()
    attempts_each: int = 12
    strategy_name: StrategyName = StrategyName.DIVIDE_AND_CONQUER
    cancels: Callable[[Held], bool] = lambda _: True
    """Whether a booking can be given back."""
    hears: Callable[[Attempt], bool] = lambda _: True
    """Whether an account hears of a win before it presses first, not only before it falls through."""
    turn: Callable[[Sequence[Attempt]], Attempt] = lambda firing: firing[0]
    """Of those that fire at an opening, who presses next."""
    owned: dict[Slot, str] = field(default_factory=dict)
    waves: list[Wave] = field(default_factory=list)
    presses: list[tuple[str, Slot]] = field(default_factory=list)
    given_back: list[Held] = field(default_factory=list)
    before_each: list[Situation] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.strategy = self.strategy_name.on(Terms(self.goal, self.limits, self.attempts_each))
        self.known = Knowledge(self.accounts)
        self.owned |= {held.slot: held.account for held in self.already}
        for account in self.accounts:
            self.known.found(account, (h for h in self.already if h.account == account))

    def situation(self) -> Situation:
        """What is known now."""
        return self.known.situation(self.now)

    def play(self, most: int = 200) -> Verdict:
        """The whole run. More than `most` waves are an endless one."""
        while wave := self.strategy.next_wave(self.situation()):
            self.before_each.append(self.situation())
            self.waves.append(wave)
            assert len(self.waves) <= most, "the run does not end"
            self.now = max(self.now, wave.opens_at)
            self._fire(wave)
            for extra in self.strategy.surplus(self.situation()):
                self._give_back(extra)
        return self.verdict

    @property
    def verdict(self) -> Verdict:
        """How the goal stands now."""
        return verdict(self.goal, self.situation())

    def _fire(self, wave: Wave) -> None:
        won: set[LocationHour] = set()
        tries: dict[Attempt, list[Try]] = {attempt: [] for attempt in wave.attempts}
        for attempt in wave.attempts:
            self.known.fire(attempt.account, attempt.chain)
        firing = list(wave.attempts)
        while firing:
            attempt = self.turn(firing)
            done = tries[attempt]
            target = attempt.chain[len(done)]
            is_needed = still_needed(target, won, wave.beside) or not (done or self.hears(attempt))
            outcome = self._press(attempt, target) if is_needed else Outcome.STOOD_DOWN
            done.append(Try(target, outcome, self.now, timedelta(0)))
            if outcome is Outcome.BOOKED:
                won.add(location_hour(target))
            if len(done) == len(attempt.chain) or (is_needed and not outcome.handling.next_target):
                firing.remove(attempt)
        for attempt in wave.attempts:
            self.known.learn(AttemptResult(attempt, tuple(tries[attempt])))
        for attempt in wave.attempts:
            self.known.read(attempt.account, self.bookings(attempt.account))

    def _press(self, attempt: Attempt, target: Slot) -> Outcome:
        self.presses.append((attempt.account, target))
        mine = [one for one, owner in self.owned.items() if owner == attempt.account]
        if not allowed(self.limits, mine, target):
            raise AssertionError(f"{attempt.account} pressed {target} against the limits")
        if target in self.owned:
            return Outcome.TAKEN
        outcome = self.answers(attempt.account, target)
        if outcome is Outcome.BOOKED:
            self.owned[target] = attempt.account
        return outcome

    def bookings(self, account: str) -> Iterable[Held]:
        """What *my bookings* shows."""
        return [
            Held(account, one, f"{account}-{one.place}-{one.start:%H}")
            for one, owner in self.owned.items()
            if owner == account
        ]

    def _give_back(self, extra: Held) -> None:
        self.given_back.append(extra)
        if self.cancels(extra):
            del self.owned[extra.slot]
        else:
            self.known.keep(extra)
        self.known.read(extra.account, self.bookings(extra.account))
