"""What came of an attempt, slot by slot."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sniper.core.outcomes import Outcome
from sniper.core.plan import Attempt
from sniper.core.slots import Slot


@dataclass(frozen=True, slots=True)
class Try:
    """One slot of an attempt's chain and what the site said to it.

    Attributes:
        started_at: On the site's clock, UTC.
        took: Until the answer was understood; nothing where no press was seen.
        message: The site's own words, or ours where the page failed; never a secret.
        reference: The site's number for the booking, when it gave one.
        evidence: Where a picture of the page was kept, when the answer was not understood. Beside it lie the
            page's HTML and the answer, with other endings.
        before_press: It is known that what books was not pressed: a step before it did not work.
    """

    slot: Slot
    outcome: Outcome
    started_at: datetime
    took: timedelta
    message: str = ""
    reference: str | None = None
    evidence: str | None = None
    before_press: bool = False


class Mark(StrEnum):
    """What is noted of an attempt's course."""

    PARKED = "parked"
    TOOK_OVER = "took over"
    """It had stood by; the detail is the account that failed."""
    HANDED = "handed over"
    """The page has its plan, or its driver begins to wait: from now on nothing else is needed to fire."""
    TURN = "turn"
    """Not before this: the pages that go first have the processors."""
    FIRED = "fired"
    ASKED = "asked"
    """The page has asked the site for something that a step of the profile awaits, a fresh list say."""
    HEARD = "heard"
    """That has been answered."""
    SENT = "sent"
    ANSWERED = "answered"
    OUTCOME = "outcome"
    PROVEN = "proven"


class ReadBack(StrEnum):
    """What *my bookings* told when it was read after the press: the detail of a moment that is `PROVEN`."""

    SHOWN = "shown"
    NOT_SHOWN = "not shown"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Moment:
    """When something happened in the page, on the site's clock (UTC), and at which slot of the chain."""

    at: datetime
    mark: Mark
    slot: Slot
    detail: str = ""


_NOT_FIRED = (Outcome.STOOD_DOWN, Outcome.NOT_PRESSED)


@dataclass(frozen=True, slots=True)
class AttemptResult:
    """All tries of one attempt, in order. The last one is how it ended; none means it never began.

    Attributes:
        page_bound: The most by which the page's clock, that part of `timeline` was read from, may have been
            misread against ours; None where no page's clock was read.
        left_alone_until: When the site may be asked again for this account, on its clock; None where it did
            not ask to be left alone.
    """

    attempt: Attempt
    tries: tuple[Try, ...]
    timeline: tuple[Moment, ...] = ()
    page_bound: timedelta | None = None
    left_alone_until: datetime | None = None

    @property
    def presses(self) -> Counter[Slot]:
        """How often each slot was fired at, by the course; where none was kept, once for each try."""
        fired = Counter(moment.slot for moment in self.timeline if moment.mark is Mark.FIRED)
        return fired or Counter(one.slot for one in self.tries if one.outcome not in _NOT_FIRED)

    @property
    def last(self) -> Try | None:
        """How it ended."""
        return self.tries[-1] if self.tries else None
