"""The part of a profile that says how the site tells its time."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from sniper.documents import StrictModel, misplaced
from sniper.sites import answers
from sniper.sites.steps import SitePath


class ClockSource(StrEnum):
    """Where the site tells its time."""

    DATE_HEADER = "date-header"
    JSON = "json"


class EarlyCosts(StrEnum):
    """What becomes of a request that arrives before the opening."""

    NOTHING = "nothing"
    RETRY = "retry"
    THROTTLE = "throttle"


class Early(StrictModel):
    """What a request that arrives before the opening costs; the lead of each wave is chosen from it."""

    costs: EarlyCosts = EarlyCosts.RETRY
    """`nothing`: it is held until the opening, so it may come early. `retry`: it is refused and tried again
    after `late_opening.retry_after`, so it comes early only where the clock is known too badly to do better,
    and never where `late_opening` or the budget leaves no other try. `throttle`: the site slows down or shuts
    out who comes early, so it never does."""


class SiteClockSource(StrictModel):
    source: ClockSource = ClockSource.DATE_HEADER
    """`date-header`: the header that every answer has, in whole seconds. `json`: a JSON answer with the time
    in it, which is the better the more digits it tells."""
    path: SitePath = "/"
    """What is asked for, below the base URL; something small that no cache answers. A page that does not
    rehearse just before the opening asks for it, so that its connection is open."""
    time: answers.Path | None = None
    """Where the time stands in a JSON answer: ISO 8601 with an offset, or a number of seconds, milliseconds
    or microseconds since 1970, rounded down."""
    probes: int = Field(12, ge=2, le=40)
    """The most requests one measurement takes."""
    early: Early = Early()

    @model_validator(mode="after")
    def _time_in_json(self) -> Self:
        if self.source is ClockSource.JSON and self.time is None:
            raise misplaced(
                ("source",), "where the time stands in the JSON is not said; write time: $.now, say"
            )
        if self.source is not ClockSource.JSON and self.time is not None:
            raise misplaced(("time",), "is only for source: json")
        return self
