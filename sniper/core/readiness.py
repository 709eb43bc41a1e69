"""What is judged before an opening from what is known already: numbers in, findings out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sniper.core.findings import Finding, Judgement, Subject
from sniper.core.goals import Goal
from sniper.core.limits import Limit, could_hold
from sniper.core.plan import Held, Standing, Wave
from sniper.core.slots import Slot
from sniper.core.timeline import in_words

BOUND_ENOUGH = timedelta(milliseconds=100)
"""A request that is later than this is late (`core.verdicts`), so a clock is to be known as well."""


def judge_clock(bound: timedelta) -> Finding:
    """Is the site's clock known well enough, to ± `bound`? It is measured again before each opening."""
    known = f"known to ± {in_words(bound)}"
    if bound <= BOUND_ENOUGH:
        return Finding(Subject.SITE, "clock", Judgement.GO, known)
    return Finding(
        Subject.SITE,
        "clock",
        Judgement.WARNING,
        f"{known}, so a press may come as much too late",
        "Use a quieter line to the site; `sniper clock` shows how well its clock can be known.",
    )


def judge_room(
    account: str, goal: Goal, limits: Sequence[Limit], held: Sequence[Held] | None, now: datetime
) -> Finding:
    """Could the account book any hour of the goal, with what it holds already?

    Args:
        account: Whose.
        goal: What is wanted.
        limits: What the site lets one account hold.
        held: What *my bookings* showed; None where the site shows nobody theirs.
        now: On the site's clock; hours that have begun count no more.
    """
    slots = [one.slot for one in held or ()]
    room = {
        priority.location: could_hold(
            limits, slots, [priority.slots_at(start) for start in goal.starts(priority) if start > now]
        )
        for priority in sorted(goal.priorities, key=lambda p: p.rank)
    }
    has = f"holds {_listed(held)}" if held else "holds nothing"
    if held is None:
        has = "what it holds is shown nowhere"
    if any(room.values()):
        by_number: dict[int, list[str]] = {}
        for place, number in room.items():
            by_number.setdefault(number, []).append(place)
        could = "; ".join(
            f"{_hours(number)} at {_either(places)}" for number, places in by_number.items() if number
        )
        return Finding(Subject.ACCOUNTS, account, Judgement.GO, f"{has}, could book {could}")
    return Finding(
        Subject.ACCOUNTS,
        account,
        Judgement.WARNING,
        f"{has} and is at its limit: it can book no hour of the goal",
        "Cancel what it does not need, or add another account.",
    )


def judge_goal(goal: Goal, best: Standing, left: int) -> Finding:
    """Can the goal be reached with the accounts that are left?

    Args:
        goal: What is wanted.
        best: How it stands if everything that is planned is won.
        left: How many accounts are signed in.
    """
    people = f"{left} account{'' if left == 1 else 's'}"
    mend = "Mend the accounts that cannot book, add others, or ask for fewer hours."
    match best:
        case Standing.REACHED:
            said = f"{_hours(goal.hours)} in a row can be had with {people}"
            return Finding(Subject.PLAN, "goal", Judgement.GO, said)
        case Standing.FALLBACK:
            said = f"with {people} only the fallback can be had, not {_hours(goal.hours)} in a row"
            return Finding(Subject.PLAN, "goal", Judgement.WARNING, said, mend)
        case Standing.MISSED:
            said = f"with {people} neither the goal nor its fallback can be had"
            return Finding(Subject.PLAN, "goal", Judgement.NO, said, mend)


def judge_budget(waves: Iterable[Wave], attempts_each: int, per_second: float) -> Finding:
    """Do the chains leave an account presses for what is too early or fails?

    Args:
        waves: What is planned.
        attempts_each: Presses an account has at one opening.
        per_second: How often it may press.
    """
    planned: Counter[tuple[str, datetime]] = Counter()
    for wave in waves:
        for attempt in wave.attempts:
            planned[attempt.account, wave.opens_at] += len(attempt.chain)
    most = max(planned.values(), default=0)
    said = f"up to {most} of {attempts_each} presses an account and opening, {per_second:g} a second"
    if most < attempts_each:
        return Finding(Subject.PLAN, "budget", Judgement.GO, said)
    return Finding(
        Subject.PLAN,
        "budget",
        Judgement.WARNING,
        f"{said}: no press is left for a second try",
        "Name fewer sub-locations or priorities, or spread them over more accounts.",
    )


def judge_disk(name: str, where: str, free: int, needed: int, why: str, mend: str) -> Finding:
    """Is there room for what a run writes? `free` and `needed` are bytes."""
    said = f"{_megabytes(free)} free in {where}, {_megabytes(needed)} needed {why}"
    if free >= needed:
        return Finding(Subject.MACHINE, name, Judgement.GO, said)
    return Finding(Subject.MACHINE, name, Judgement.NO, said, mend)


def _listed(held: Sequence[Held]) -> str:
    slots: list[Slot] = sorted((one.slot for one in held), key=lambda slot: slot.instant)
    shown = ", ".join(f"{slot.place} {slot.start:%a %d %b %H:%M}" for slot in slots[:3])
    return f"{shown} and {len(slots) - 3} more" if slots[3:] else shown


def _hours(number: int) -> str:
    return "1 hour" if number == 1 else f"{number} hours"


def _either(places: Sequence[str]) -> str:
    return places[0] if len(places) == 1 else f"{', '.join(places[:-1])} and {places[-1]}"


def _megabytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
