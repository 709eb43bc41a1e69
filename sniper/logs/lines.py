"""A run's events as lines of the log: what happened, and its particulars by name."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple, assert_never

from sniper.core.findings import noes
from sniper.core.plan import Held
from sniper.events import (
    AccountDoes,
    Aimed,
    Checked,
    ClockMeasured,
    Event,
    GivenBack,
    Jumped,
    LeftToDo,
    Noted,
    Proven,
    RunBroken,
    RunEnded,
    RunStarted,
    TookOver,
    Tried,
    Waiting,
    WaveOver,
    WavePlanned,
)
from sniper.logs.setup import logger

_LOG = logger("run")


class Line(NamedTuple):
    """What is written: `level` as `logging` has it; durations in ms, instants with their offset."""

    level: int
    what: str
    more: Mapping[str, object]


def write(event: Event) -> None:
    """Log an event."""
    level, what, more = line_of(event)
    _LOG.log(level, what, **more)


def line_of(event: Event) -> Line:
    """The line of an event."""
    match event:
        case RunStarted(run_id, title, rehearsal, goal, accounts, _):
            more = {"run": run_id, "title": title, "rehearsal": rehearsal, "accounts": accounts}
            return _info("run started", **more, day=goal.target_date, hours=goal.hours)
        case ClockMeasured(offset, bound):
            return _info("site's clock measured", offset_ms=_ms(offset), bound_ms=_ms(bound))
        case AccountDoes(account, activity, detail):
            return _info(activity.value, account=account, detail=detail)
        case WavePlanned(number, wave):
            attempts = [str(attempt) for attempt in wave.attempts]
            opens_at = wave.opens_at.isoformat()
            return _info(
                "wave planned", wave=number, opens_at=opens_at, reason=wave.reason, attempts=attempts
            )
        case Waiting(until, what):
            return _info("waiting", until=until.isoformat(), for_what=what)
        case Aimed(aim):
            at = aim.at.isoformat(timespec="microseconds")
            return _info("aimed", at=at, lead_ms=_ms(aim.lead), bound_ms=_ms(aim.bound))
        case Checked(ahead, findings):
            wrong = [str(one) for one in noes(findings)]
            return _info("checked", ahead_s=ahead.total_seconds(), go=not wrong, wrong=wrong)
        case TookOver(attempt, instead_of):
            return _info("took over", account=attempt.account, instead_of=instead_of, attempt=str(attempt))
        case Jumped(by):
            return _info("practice site's clock jumped", by_s=by.total_seconds())
        case Tried(account, result):
            more = {"slot": str(result.slot), "outcome": result.outcome.value, "took_ms": _ms(result.took)}
            kept = {"message": result.message, "reference": result.reference, "evidence": result.evidence}
            return _info("tried", account=account, **more, **{k: v for k, v in kept.items() if v})
        case Proven(booking, proof):
            return _info("read back", **_booking(booking), proof=proof.value)
        case LeftToDo(booking, what):
            return _info("left to do", **_booking(booking), told=what)
        case GivenBack(booking, error):
            if error:
                return Line(logging.WARNING, "could not be given back", {**_booking(booking), "error": error})
            return _info("given back", **_booking(booking))
        case Noted(text, problem):
            return Line(logging.WARNING if problem else logging.INFO, text, {})
        case WaveOver(number):
            return _info("wave over", wave=number)
        case RunEnded():
            streak = [str(held.slot) for held in event.verdict.streak]
            return _info(
                "run ended", standing=event.verdict.standing.value, exit_code=event.exit_code, won=streak
            )
        case RunBroken(why, stopped):
            return Line(logging.WARNING if stopped else logging.ERROR, "run broken off", {"why": why})
        case _:
            assert_never(event)


def _info(what: str, **more: object) -> Line:
    return Line(logging.INFO, what, more)


def _booking(held: Held) -> dict[str, object]:
    return {"account": held.account, "slot": str(held.slot), "reference": held.reference}


def _ms(duration: timedelta) -> float:
    return round(duration / timedelta(milliseconds=1), 3)
