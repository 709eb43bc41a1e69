"""Schedules of bookings.json: what is wanted again and again, or on a day of its own."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Annotated, Any, Self

from pydantic import Discriminator, Field, Tag, model_validator

from sniper.config.snipe_config import (
    Day,
    FallbackStrategy,
    PlanningConfig,
    PriorityConfig,
    SnipeConfig,
    TimeWindow,
    again,
    check_priorities,
)
from sniper.core.phrase_grammar import EXAMPLES
from sniper.core.recurrence import Recurrence
from sniper.core.unwanted import GiveBack
from sniper.documents import KeyPath, StrictModel, misplaced
from sniper.times_of_day import TimeOfDay


class RuleConfig(StrictModel):
    """Days by a calendar's rule."""

    rrule: str = Field(examples=["FREQ=WEEKLY;INTERVAL=2;BYDAY=FR"])
    """As calendars write it (RFC 5545)."""
    start: Day
    """The first day that may be one."""
    at: TimeOfDay | None = None
    """The hour; the window's when left out."""


def _kind(value: Any) -> str | None:
    if isinstance(value, str):
        return "in words"
    return "by rule" if isinstance(value, dict | RuleConfig) else None


When = Annotated[
    Annotated[str, Field(examples=[*EXAMPLES]), Tag("in words")] | Annotated[RuleConfig, Tag("by rule")],
    Discriminator(
        _kind,
        custom_error_type="when_kind",
        custom_error_message=f'must be words in quotes ("{EXAMPLES[0]}"), '
        'or {"rrule": "FREQ=WEEKLY;BYDAY=FR", "start": "2027-01-08"}',
    ),
]
"""Words, or a rule."""


class ScheduleConfig(StrictModel):
    """Days on which something is wanted. What is not said here is as `snipe_config` has it."""

    name: str = Field(min_length=1)
    """What it is called; each needs its own."""
    when: When
    """The days, and the hour: `every other Friday at 10:00 starting 2027-01-08`, or a calendar's rule."""
    except_: tuple[Day, ...] = Field((), alias="except")
    """Days that are left out."""
    until: Day | None = None
    """The last day that may be one."""
    count: int | None = Field(None, ge=1)
    """How many days in all, those left out among them."""
    accounts: tuple[str, ...] | None = Field(None, min_length=1)
    """Those of the file's accounts that book; all that are active when left out."""
    consecutive_hours: int | None = Field(None, ge=1, le=24)
    """How many slots in a row."""
    time_window: TimeWindow | None = None
    """Where `when` names no hour."""
    priorities: tuple[PriorityConfig, ...] | None = Field(None, min_length=1)
    """The locations, each with its rank."""
    fallback_strategy: FallbackStrategy | None = None
    """What counts as good enough."""
    give_back: GiveBack | None = None
    """What becomes of hours that are of no use."""
    planning: PlanningConfig | None = None
    """How it is pursued."""

    @property
    def recurrence(self) -> Recurrence:
        """Which days it names."""
        if isinstance(self.when, RuleConfig):
            named = Recurrence.of_rrule(self.when.rrule, self.when.start, self.when.at)
        else:
            # Here, since the library that reads words is of use to nobody who wants no schedule.
            from sniper.core.phrases import read

            named = read(self.when)
        return named.limited(self.until, self.count, self.except_)

    @property
    def own(self) -> dict[str, Any]:
        """What it says instead of `snipe_config`."""
        given = {key: getattr(self, key) for key in OWN}
        return {key: value for key, value in given.items() if value is not None}

    @model_validator(mode="after")
    def _names_days(self) -> Self:
        try:
            recurrence = self.recurrence
        except ValueError as error:
            raise misplaced(("when",), str(error)) from None
        if recurrence.at is not None and self.time_window is not None:
            raise misplaced(
                ("time_window",), f"`when` names the hour already, {recurrence.at:%H:%M}; keep one of the two"
            )
        check_priorities(self.priorities or ())
        return self


OWN = tuple(key for key in ScheduleConfig.model_fields if key in SnipeConfig.model_fields)
"""The keys of `snipe_config` that a schedule may have as well."""


def misfits(schedules: Sequence[ScheduleConfig], accounts: Collection[str]) -> Iterator[tuple[KeyPath, str]]:
    """What is wrong with schedules beside each other and beside the file's accounts."""
    for index, name in again(one.name for one in schedules):
        yield ("schedules", index, "name"), f"two schedules are called {name!r}; each needs a name of its own"
    for index, schedule in enumerate(schedules):
        for at, account in enumerate(schedule.accounts or ()):
            if account not in accounts:
                known = ", ".join(accounts)
                yield (
                    ("schedules", index, "accounts", at),
                    f"{account!r} is none of the file's accounts; there are: {known}",
                )
