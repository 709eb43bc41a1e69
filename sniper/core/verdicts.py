"""Why a slot was lost: late by how much, taken before us, or something that is not a matter of time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sniper.core.lead import Aim
from sniper.core.measures import Measures, measure
from sniper.core.outcomes import Outcome
from sniper.core.slots import Slot
from sniper.core.timeline import away_from, in_words, zero_of
from sniper.core.tries import AttemptResult, ReadBack, Try

LATE = timedelta(milliseconds=100)
"""A request that leaves later than this is late: races are decided in the first tenth of a second."""
DRIFT = timedelta(milliseconds=20)
"""A page fires within a millisecond of its aim. More than a frame of the screen (17 ms) later, something kept
it from it: a machine out of breath, or a clock of the page that was misread. A request that was not late by
as much lost nothing by it."""
SLOW = timedelta(seconds=1)
"""A site in order answers a booking within some tens of milliseconds, from far away within some hundreds."""

_NOTHING = timedelta(0)
_NOT_TOLD = (Outcome.FAILED, Outcome.UNKNOWN)
_GONE = (Outcome.TAKEN, Outcome.OPTION_DISABLED, Outcome.WAITLISTED)


class Reason(StrEnum):
    """Why an account did not get a slot."""

    LATE = "late"
    DRIFT = "drift of the page"
    SITE_SLOW = "site slow"
    OPENED_LATER = "opened later than announced"
    TAKEN = "taken before us"
    LIMIT = "account limit"
    SIGNED_OUT = "signed out"
    REFUSED = "refused by the site"
    NOT_OPEN = "not open yet"
    NOT_OFFERED = "not on the list"
    UNPROVEN = "not proven"
    UNREADABLE = "could not be proven"
    NOT_UNDERSTOOD = "not understood"
    INTERRUPTED = "interrupted"
    NOT_PARKED = "not parked"
    OURS = "ours"
    STOOD_DOWN = "stood down"
    NOT_PRESSED = "not pressed"

    @property
    def is_loss(self) -> bool:
        """False where we did without the slot, or have it."""
        return self not in (Reason.OURS, Reason.STOOD_DOWN, Reason.NOT_PRESSED)


_PLAIN = {
    Outcome.BOOKED: Reason.UNPROVEN,
    Outcome.ACCOUNT_LIMIT: Reason.LIMIT,
    Outcome.SIGNED_OUT: Reason.SIGNED_OUT,
    Outcome.TOO_EARLY: Reason.NOT_OPEN,
    Outcome.NOT_OFFERED: Reason.NOT_OFFERED,
    Outcome.BUSY: Reason.REFUSED,
    Outcome.RATE_LIMITED: Reason.REFUSED,
    Outcome.MAINTENANCE: Reason.REFUSED,
    Outcome.CAPTCHA: Reason.REFUSED,
    Outcome.BLOCKED: Reason.REFUSED,
    Outcome.STOOD_DOWN: Reason.STOOD_DOWN,
    Outcome.NOT_PRESSED: Reason.NOT_PRESSED,
    Outcome.INTERRUPTED: Reason.INTERRUPTED,
    Outcome.NOT_PARKED: Reason.NOT_PARKED,
    Outcome.FAILED: Reason.NOT_UNDERSTOOD,
    Outcome.UNKNOWN: Reason.NOT_UNDERSTOOD,
}


@dataclass(frozen=True, slots=True)
class TryVerdict:
    """Why one account did not get the slot."""

    account: str
    result: Try
    reason: Reason
    measures: Measures

    @property
    def told(self) -> str:
        """One sentence for people, and the words that came with it."""
        words = f" “{self.result.message}”" if self.result.message else ""
        where = f" (see {self.result.evidence})" if self.result.evidence else ""
        return f"{_sentence(self)}.{words}{where}"


@dataclass(frozen=True, slots=True)
class SlotVerdict:
    """What became of a slot that was tried.

    Attributes:
        tries: Of all accounts that tried it, the one that came nearest first.
        ours: Who of us got it.
    """

    slot: Slot
    tries: tuple[TryVerdict, ...]
    ours: str | None = None

    @property
    def decisive(self) -> TryVerdict:
        """The try that tells the most: the one that was nearest to it."""
        return self.tries[0]

    @property
    def reason(self) -> Reason:
        """Why it was lost, if it was."""
        return self.decisive.reason

    @property
    def told(self) -> str:
        """One sentence for people."""
        return f"{self.ours} got it." if self.ours else self.decisive.told


def judge(
    opens_at: datetime,
    results: Sequence[AttemptResult],
    aim: Aim | None,
    held: Iterable[tuple[str, Slot]],
) -> tuple[SlotVerdict, ...]:
    """Say of every slot that was tried in a wave what became of it, in the order of time and place.

    Args:
        opens_at: The wave's opening.
        results: Its attempts.
        aim: When it was to fire; None if that is not known.
        held: Account and slot of all that *my bookings* showed, given back since or not.
    """
    owners = {slot: account for account, slot in held}
    tries: dict[Slot, list[TryVerdict]] = {}
    zero = zero_of(opens_at, results, aim)
    for result in results:
        for one in result.tries:
            measures = measure(opens_at, zero, result, one, aim)
            reason = Reason.OURS if one.slot in owners else _reason(one, measures)
            verdict = TryVerdict(result.attempt.account, one, reason, measures)
            tries.setdefault(one.slot, []).append(verdict)
    return tuple(
        SlotVerdict(slot, tuple(sorted(tries[slot], key=_nearness)), owners.get(slot))
        for slot in sorted(tries, key=lambda slot: (slot.instant, slot.place))
    )


def _reason(one: Try, found: Measures) -> Reason:
    if one.outcome in _NOT_TOLD and found.silent is not None and found.silent >= SLOW:
        return Reason.SITE_SLOW
    if one.outcome is Outcome.BOOKED and found.proof is ReadBack.UNREADABLE:
        return Reason.UNREADABLE
    if one.outcome not in _GONE:
        return _PLAIN[one.outcome]
    if found.open_before:
        return Reason.TAKEN
    if found.opened_later:
        return Reason.OPENED_LATER
    drift = min(found.drift or _NOTHING, found.late or _NOTHING)
    if drift >= DRIFT and found.main_cause == "drift":
        return Reason.DRIFT
    if found.asked is not None and found.asked >= SLOW and found.main_cause == "asked":
        return Reason.SITE_SLOW
    if found.late is not None and found.late >= LATE:
        return Reason.LATE
    if found.answer is not None and found.answer >= SLOW:
        return Reason.SITE_SLOW
    return Reason.TAKEN


def _nearness(one: TryVerdict) -> tuple[bool, bool, timedelta]:
    """What was lost tells more than what was called off, and a request more than none; the earliest first."""
    late = one.measures.late
    return (not one.reason.is_loss, one.measures.sent is None, timedelta.max if late is None else late)


# -- in words


def _sentence(verdict: TryVerdict) -> str:
    found, reason = verdict.measures, verdict.reason
    match reason:
        case Reason.LATE:
            assert found.late is not None
            unsent = "" if found.sent is not None else "; the page showed it taken before a request left"
            return f"late by {in_words(found.late)}{_because(found)}{unsent}"
        case Reason.DRIFT:
            assert found.drift is not None
            return f"drift of the page: it fired {in_words(found.drift)} later than aimed{_course(found)}"
        case Reason.SITE_SLOW if found.silent is not None:
            first = "" if found.sent is not None else " to what the page asked for first"
            return f"{reason}: no answer{first} in {in_words(found.silent)}"
        case Reason.SITE_SLOW if found.asked is not None and found.asked >= SLOW:
            first = in_words(found.asked)
            return f"{reason}: it took {first} over what the page asked for first{_course(found)}"
        case Reason.TAKEN if found.open_before:
            return f"taken before us: it had been open for {in_words(found.open_before)} when we fired"
        case Reason.NOT_OPEN if found.seen is not None:
            presses = "once" if found.presses == 1 else f"{found.presses} times"
            return f"not open yet: tried {presses}, until {_told(found, found.seen)}"
        case Reason.OPENED_LATER:
            assert found.refused is not None
            assert found.late is not None
            next_one = "the next one left" if found.sent is not None else "the page showed it"
            return (
                f"{reason}: still too early for the request that left {_told(found, found.refused)},"
                f" taken when {next_one} {in_words(found.late - found.refused)} later"
            )
        case Reason.UNREADABLE:
            return f"{reason}: the site called it booked, my bookings could not be read after it"
        case Reason.UNPROVEN:
            return "not proven: the site called it booked, my bookings did not show it"
        case Reason.NOT_PARKED:
            return f"{reason}: it had no page to fire from"
        case Reason.INTERRUPTED:
            return f"{reason}: the run was stopped or crashed{_course(found)}"
        case Reason.REFUSED | Reason.NOT_UNDERSTOOD:
            return f"{reason}: {verdict.result.outcome.meaning}{_course(found)}"
        case _:
            return f"{reason}{_course(found)}"


def _course(found: Measures) -> str:
    if found.sent is None:
        return "" if found.seen is None else f"; the page showed it {_told(found, found.seen)}"
    answer = "" if found.answer is None else f", the answer took {in_words(found.answer)}"
    return f"; the request left {_told(found, found.sent)}{answer}"


_CAUSES = {
    "aimed": "by the aim: the site's clock is not known better",
    "turn": "until it was its turn: other pages had the processors",
    "handed": "until the page had its plan: the machine was out of breath, or it was parked late",
    "drift": "because the page fired later than aimed",
    "earlier": "with what it tried before",
    "asked": "until the site had answered what the page asked for first",
    "page": "in the page, from the press to the request",
}


def _because(found: Measures) -> str:
    if found.main_cause is None or found.late is None:
        return ""
    part: timedelta = getattr(found, found.main_cause)
    # A page that was aimed before the opening had that much time to lose.
    share = "all" if part >= found.late else in_words(part)
    cause = _CAUSES[found.main_cause]
    if found.main_cause == "page" and found.sent is None:
        cause = "in the page, from the press on"
    return f", {share} of it {cause}"


def _told(found: Measures, away: timedelta) -> str:
    return away_from(found.counted_from, away)
