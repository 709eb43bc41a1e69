"""What is wanted: the part `snipe_config` of bookings.json, and the words its keys are written in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema, model_validator

from sniper.core.goals import Fallback
from sniper.core.odds import USUAL_ACCOUNT_FAILURE, USUAL_DECAY
from sniper.core.policy import StrategyName
from sniper.core.unwanted import GiveBack
from sniper.documents import StrictModel, misplaced
from sniper.times_of_day import TIME, TimeOfDay

_IN_DAYS = re.compile(r"\+(\d{1,3})d")


class InDays(StrictModel):
    """So many days after the site's today."""

    days: int


def _target_date(value: Any) -> Any:
    if isinstance(value, str) and (match := _IN_DAYS.fullmatch(value)):
        return InDays(days=int(match[1]))
    if isinstance(value, InDays):
        return value
    if day := _date(value):
        return day
    raise ValueError(f"{value!r} is no date; write 2026-11-24, or +3d for three days from today")


def _day(value: Any) -> Any:
    if day := _date(value):
        return day
    raise ValueError(f"{value!r} is no date; write 2026-11-24")


def _date(value: Any) -> date | None:
    if isinstance(value, date):
        return value
    with suppress(ValueError, TypeError):
        return datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007 (a day, wherever the site is)
    return None


def _end_of_day(value: Any) -> Any:
    return time() if value == "24:00" else value


def _fallback(value: Any) -> Any:
    return value if isinstance(value, Fallback) else Fallback.parse(str(value))


TargetDate = Annotated[
    date | InDays,
    BeforeValidator(_target_date),
    PlainSerializer(lambda d: f"+{d.days}d" if isinstance(d, InDays) else d.isoformat()),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^(\d{4}-\d{2}-\d{2}|\+\d{1,3}d)$",
            "examples": ["2026-11-24", "+3d"],
        }
    ),
]
Day = Annotated[
    date,
    BeforeValidator(_day),
    PlainSerializer(lambda d: d.isoformat()),
    WithJsonSchema({"type": "string", "format": "date", "examples": ["2027-01-08"]}),
]
EndTime = Annotated[
    TimeOfDay,
    BeforeValidator(_end_of_day),
    WithJsonSchema(
        {"type": "string", "pattern": f"^({TIME.pattern}|24:00)$", "examples": ["18:00", "24:00"]}
    ),
]
FallbackStrategy = Annotated[
    Fallback,
    BeforeValidator(_fallback),
    PlainSerializer(
        lambda f: f"accept_{f.consecutive_hours}_consecutive_hours" if f.consecutive_hours else "none"
    ),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^(none|any_hours|accept_[1-9]\d*_consecutive_hours?)$",
            "examples": ["none", "any_hours", "accept_2_consecutive_hours"],
        }
    ),
]


class TimeWindow(StrictModel):
    """Bookings begin at `start` or later and end by `end`."""

    start: TimeOfDay
    end: EndTime
    """24:00 is midnight at the end of the day."""

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.length <= timedelta(0):
            raise ValueError(f"the window ends ({self.end:%H:%M}) before it starts ({self.start:%H:%M})")
        return self

    @property
    def length(self) -> timedelta:
        """From start to end; midnight at the end is the day's."""
        end = timedelta(hours=self.end.hour, minutes=self.end.minute) or timedelta(days=1)
        return end - timedelta(hours=self.start.hour, minutes=self.start.minute)


class PriorityConfig(StrictModel):
    """A location the person would take."""

    rank: int = Field(ge=1)
    """The smaller, the rather."""
    location: str
    """As the profile names it."""
    sub_locations: tuple[str, ...] | None = Field(None, min_length=1)
    """In order of preference; all of the location's when left out."""
    max_accounts: int | None = Field(None, ge=1)
    """The most accounts that fire at this location in one wave; all of them when left out."""
    advance_hours: int | None = Field(None, ge=0)
    """How long before its start a slot opens; the profile knows it when left out."""

    @model_validator(mode="after")
    def _once_each(self) -> Self:
        for index, sub in again(self.sub_locations or ()):
            raise misplaced(("sub_locations", index), f"{sub!r} is named twice; keep one of the two")
        return self


Probability = Annotated[float, Field(ge=0, le=1)]


class PlanningConfig(StrictModel):
    """How the goal is pursued, and what is believed of the rivals."""

    strategy: StrategyName = StrategyName.OPTIMAL
    """`optimal`, `divide_and_conquer`, `sparing` or `spam`: see docs/planning.md."""
    win: Probability | None = None
    """The probability that who begins with a slot wins it; what earlier runs saw there when left out."""
    decay: Probability = USUAL_DECAY
    """What each place further down a chain leaves of that probability."""
    account_failure: Probability = USUAL_ACCOUNT_FAILURE
    """The probability that an account drops out of a wave."""
    insurance: bool = True
    """Whether a location of lower rank is held until a better one is complete, and given back then. It needs
    a profile that can cancel."""


class SnipeConfig(StrictModel):
    """What is wanted."""

    target_date: TargetDate | None = None
    """The day of the bookings, or `+3d`: so many days after the site's today. It may be left out where there
    are schedules, which name days of their own."""
    consecutive_hours: int = Field(1, ge=1, le=24)
    """How many slots in a row, all at one location."""
    time_window: TimeWindow
    priorities: tuple[PriorityConfig, ...] = Field(min_length=1)
    """The locations, each with its rank."""
    fallback_strategy: FallbackStrategy = Field(Fallback(None), json_schema_extra={"default": "none"})
    """What counts as good enough when the whole goal is out of reach."""
    give_back: GiveBack = GiveBack.ASK
    """What becomes of hours that were won when neither the goal nor the fallback has any use for them."""
    planning: PlanningConfig | None = None
    """How the goal is pursued; as is usual when left out."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        accepted = self.fallback_strategy.consecutive_hours
        if accepted is not None and accepted > self.consecutive_hours:
            raise misplaced(
                ("fallback_strategy",),
                f"accepts {accepted} hours, which is more than consecutive_hours asks for "
                f"({self.consecutive_hours}); lower it",
            )
        check_priorities(self.priorities)
        return self


def check_priorities(priorities: tuple[PriorityConfig, ...]) -> None:
    """Each needs a rank and a location of its own."""
    for what in ("rank", "location"):
        for index, value in again(getattr(p, what) for p in priorities):
            raise misplaced(
                ("priorities", index, what), f"two priorities have the {what} {value!r}; each needs its own"
            )


def again(values: Iterable[object]) -> Iterator[tuple[int, object]]:
    """Each value that was there before, and where it stands."""
    seen = Counter[object]()
    for index, value in enumerate(values):
        if seen[value]:
            yield index, value
        seen[value] += 1
