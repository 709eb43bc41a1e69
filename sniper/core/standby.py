"""Who stands by: parked like those who fire, told nothing, and fires only where one of them cannot."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from sniper.core.plan import Attempt, Role, Situation, Wave


@dataclass(frozen=True, slots=True)
class Standby:
    """What an account would fire at, and in whose place it was planned to."""

    attempt: Attempt
    instead_of: Attempt


def standbys(
    wave: Wave, situation: Situation, replan: Callable[[Situation], Wave | None]
) -> tuple[Standby, ...]:
    """One for each leading attempt of the wave, as far as there are accounts that do not fire in it.

    Who it is and what it fires at is the plan's own answer to the question what it would do without the
    account that leads. Where that is nothing of the same hour at the same opening, nobody stands by: the
    plan would rather keep its accounts for later.

    Args:
        wave: What is about to be fired.
        situation: What it was planned from.
        replan: The next wave in another situation.
    """
    firing = {attempt.account for attempt in wave.attempts}
    found: list[Standby] = []
    for lead in (attempt for attempt in wave.attempts if attempt.role is Role.LEAD):
        gone = {lead.account, *(one.attempt.account for one in found)}
        left = tuple(account for account in situation.accounts if account not in gone)
        again = replan(replace(situation, accounts=left))
        if again is None or again.opens_at != wave.opens_at:
            continue
        others = (attempt for attempt in again.attempts if attempt.account not in firing)
        if other := next((one for one in others if _same_hour(one, lead)), None):
            found.append(Standby(replace(other, role=lead.role), lead))
    return tuple(found)


def successor(failed: Attempt, waiting: Iterable[Standby]) -> Standby | None:
    """Who of those that stand by fires in place of an attempt: the one meant for it, else one of its hour.

    Nobody does for a backup: who leads its hour is still there, and later hours may need the account.
    """
    if failed.role is not Role.LEAD:
        return None
    fitting = [one for one in waiting if _same_hour(one.attempt, failed)]
    return min(fitting, key=lambda one: one.instead_of != failed, default=None)


def _same_hour(one: Attempt, other: Attempt) -> bool:
    return one.target.instant == other.target.instant
