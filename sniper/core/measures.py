"""Where the time went at a slot: the numbers that verdicts stand on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sniper.core.lead import Aim
from sniper.core.outcomes import Outcome
from sniper.core.slots import Slot
from sniper.core.timeline import FIRST_PRESS, OPENING
from sniper.core.tries import AttemptResult, Mark, Moment, ReadBack, Try

_NOTHING = timedelta(0)
_PARTS = ("aimed", "turn", "handed", "drift", "earlier", "asked", "page")


@dataclass(frozen=True, slots=True)
class Measures:
    """Where the time went at one slot: of several presses, at the last.

    What was not noted is None. `aimed`, `turn`, `handed`, `drift`, `earlier`, `asked` and `page`
    add up to `late`.

    Attributes:
        sent: From the opening until the request left.
        seen: From the opening until the page showed what became of the slot.
        refused: From the opening until what was refused last as too early left: the request, or the press.
        answer: From the request until the answer.
        aimed: From the opening until when the wave was to fire; negative by a lead.
        turn: From then until it was this page's turn, where there were more pages than processors.
        handed: From then until the page had its plan, where that was only after its turn had come.
        drift: From then until the account's first press.
        earlier: From there until its press at this slot: other slots of its chain, tries that were too early.
        asked: From that press on, how long the site took to answer what was asked before the request.
        page: The rest until the request left, or without one until the page showed the end.
        open_before: How long the slot was open before anybody fired, in a wave that came after the opening.
        presses: At this slot.
        bound: The most by which all that is counted from the opening may be wrong; None if it is not known.
        silent: How long the site was waited for in the end, where no answer came.
        proof: What *my bookings* told of a claim to have booked it.
    """

    sent: timedelta | None = None
    seen: timedelta | None = None
    refused: timedelta | None = None
    answer: timedelta | None = None
    aimed: timedelta | None = None
    turn: timedelta | None = None
    handed: timedelta | None = None
    drift: timedelta | None = None
    earlier: timedelta | None = None
    asked: timedelta | None = None
    page: timedelta | None = None
    open_before: timedelta = _NOTHING
    presses: int = 0
    bound: timedelta | None = None
    silent: timedelta | None = None
    proof: ReadBack | None = None

    @property
    def counted_from(self) -> str:
        """What stands at zero: where the slot was open before anybody fired, it is not the opening."""
        return FIRST_PRESS if self.open_before else OPENING

    @property
    def late(self) -> timedelta | None:
        """How late we were: by the request, and without one by what the page showed."""
        return self.sent if self.sent is not None else self.seen

    @property
    def main_cause(self) -> str | None:
        """The field that most of the delay is due to."""
        parts = {name: getattr(self, name) or _NOTHING for name in _PARTS}
        name = max(parts, key=lambda one: parts[one])
        return name if parts[name] > _NOTHING else None

    @property
    def opened_later(self) -> bool:
        """Was the slot still closed when it should have been open, whatever our clock may be wrong by?"""
        return self.refused is not None and self.refused > (self.bound or _NOTHING)


def measure(opens_at: datetime, zero: datetime, result: AttemptResult, one: Try, aim: Aim | None) -> Measures:
    """Take the times of one try from its attempt's course."""
    fired = [moment.at for moment in result.timeline if moment.mark is Mark.FIRED]
    here = {mark: [moment.at for moment in _at(result, one.slot) if moment.mark is mark] for mark in Mark}
    press = here[Mark.FIRED][-1] if here[Mark.FIRED] else None
    # Of an earlier press, a request says nothing about the last.
    sent = next((at for at in here[Mark.SENT] if press and at >= press), None)
    answered = next((at for at in here[Mark.ANSWERED] if sent and at >= sent), None)
    seen = here[Mark.OUTCOME][-1] if here[Mark.OUTCOME] else None
    refused = refused_last(result, one.slot)
    proof = next((moment.detail for moment in _at(result, one.slot) if moment.mark is Mark.PROVEN), None)
    end = sent or seen
    asked = _asked(result, one.slot, press, end) if press and end else _NOTHING
    unanswered = _unanswered(result, one.slot, press) if press else None
    was_open = zero > opens_at
    turn = next(
        (moment.at for moment in result.timeline if moment.mark is Mark.TURN), aim.at if aim else None
    )
    ready = max((m.at for m in result.timeline if m.mark in (Mark.PARKED, Mark.HANDED)), default=None)
    handed = max(ready - turn, _NOTHING) if ready and turn else _NOTHING
    return Measures(
        sent=sent - zero if sent else None,
        seen=seen - zero if seen else None,
        refused=refused - zero if refused else None,
        answer=answered - sent if answered and sent else None,
        aimed=aim.at - zero if aim and not was_open else None,
        turn=turn - aim.at if turn and aim and not was_open else None,
        handed=handed if turn and aim and not was_open else None,
        drift=fired[0] - turn - handed if fired and turn and not was_open else None,
        earlier=press - fired[0] if press else None,
        asked=asked if press and end else None,
        page=end - press - asked if press and end else None,
        open_before=zero - opens_at,
        presses=len(here[Mark.FIRED]),
        bound=aim.bound + (result.page_bound or _NOTHING) if aim else None,
        silent=seen - unanswered if unanswered and seen else None,
        proof=ReadBack(proof) if proof else None,
    )


def _at(result: AttemptResult, slot: Slot) -> list[Moment]:
    return [moment for moment in result.timeline if moment.slot == slot]


def refused_last(result: AttemptResult, slot: Slot) -> datetime | None:
    """When the last request, or without one the press, left that the site refused as too early."""
    left = refused = None
    for moment in _at(result, slot):
        if moment.mark in (Mark.FIRED, Mark.SENT):
            left = moment.at
        elif moment.mark is Mark.OUTCOME and moment.detail == Outcome.TOO_EARLY.value:
            refused = left
    return refused


_ANSWERS = {Mark.ASKED: Mark.HEARD, Mark.SENT: Mark.ANSWERED}


def _asked(result: AttemptResult, slot: Slot, press: datetime, end: datetime) -> timedelta:
    """How long the site took from the press to the end over what it was asked before the request."""
    took, since = _NOTHING, None
    for moment in _at(result, slot):
        if not press <= moment.at <= end:
            continue
        if moment.mark is Mark.ASKED:
            since = since or moment.at
        elif moment.mark is Mark.HEARD and since:
            took, since = took + (moment.at - since), None
    return took + (end - since if since else _NOTHING)


def _unanswered(result: AttemptResult, slot: Slot, press: datetime) -> datetime | None:
    """When the site was asked what it has not answered since."""
    open_since: dict[Mark, datetime] = {}
    for moment in _at(result, slot):
        if moment.at >= press and moment.mark in _ANSWERS:
            open_since.setdefault(_ANSWERS[moment.mark], moment.at)
        else:
            open_since.pop(moment.mark, None)
    return min(open_since.values(), default=None)
