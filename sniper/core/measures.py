"""Where the time went at a slot: the numbers that verdicts stand on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sniper.core.lead import Aim
from sniper.core.tries import AttemptResult, Mark, Try

_NOTHING = timedelta(0)
_PARTS = ("aimed", "turn", "drift", "earlier", "page")


@dataclass(frozen=True, slots=True)
class Measures:
    """Where the time went at one slot: of several presses, at the last.

    What was not noted is None. `aimed`, `turn`, `drift`, `earlier` and `page` add up to `late`.

    Attributes:
        sent: From the opening until the request left.
        seen: From the opening until the page showed what became of the slot.
        answer: From the request until the answer.
        aimed: From the opening until when the wave was to fire; negative by a lead.
        turn: From then until it was this page's turn, where there were more pages than processors.
        drift: From then until the account's first press.
        earlier: From there until its press at this slot: other slots of its chain, tries that were too early.
        page: From that press until the request left, or without one until the page showed the end.
        open_before: How long the slot was open before anybody fired, in a wave that came after the opening.
        presses: At this slot.
        bound: The most by which all that is counted from the opening may be wrong; None if it is not known.
    """

    sent: timedelta | None = None
    seen: timedelta | None = None
    answer: timedelta | None = None
    aimed: timedelta | None = None
    turn: timedelta | None = None
    drift: timedelta | None = None
    earlier: timedelta | None = None
    page: timedelta | None = None
    open_before: timedelta = _NOTHING
    presses: int = 0
    bound: timedelta | None = None

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


def measure(opens_at: datetime, zero: datetime, result: AttemptResult, one: Try, aim: Aim | None) -> Measures:
    """Take the times of one try from its attempt's course."""
    fired = [moment.at for moment in result.timeline if moment.mark is Mark.FIRED]
    here = {
        mark: [moment.at for moment in result.timeline if moment.mark is mark and moment.slot == one.slot]
        for mark in Mark
    }
    press = here[Mark.FIRED][-1] if here[Mark.FIRED] else None
    # Of an earlier press, a request says nothing about the last.
    sent = next((at for at in here[Mark.SENT] if press and at >= press), None)
    answered = next((at for at in here[Mark.ANSWERED] if sent and at >= sent), None)
    seen = here[Mark.OUTCOME][-1] if here[Mark.OUTCOME] else None
    end = sent or seen
    was_open = zero > opens_at
    turn = next(
        (moment.at for moment in result.timeline if moment.mark is Mark.TURN), aim.at if aim else None
    )
    return Measures(
        sent=sent - zero if sent else None,
        seen=seen - zero if seen else None,
        answer=answered - sent if answered and sent else None,
        aimed=aim.at - zero if aim and not was_open else None,
        turn=turn - aim.at if turn and aim and not was_open else None,
        drift=fired[0] - turn if fired and turn and not was_open else None,
        earlier=press - fired[0] if press else None,
        page=end - press if press and end else None,
        open_before=zero - opens_at,
        presses=len(here[Mark.FIRED]),
        bound=aim.bound + (result.page_bound or _NOTHING) if aim else None,
    )
