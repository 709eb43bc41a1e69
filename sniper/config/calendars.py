"""Which calendar shows when a person is busy."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Discriminator, Field, SecretStr, Tag

from sniper.config.accounts import FromEnvironment, Secret
from sniper.documents import StrictModel


class CalendarConfig(StrictModel):
    """A calendar, and how much it matters."""

    calendar: Secret
    """An .ics file beside this one, or its address; `{"env": "NAME"}` where nobody should read that here."""
    required: bool = False
    """Whether nothing is booked when it cannot be read and there is no earlier copy of it."""


def _kind(value: Any) -> str | None:
    if isinstance(value, str | SecretStr):
        return "text"
    if isinstance(value, FromEnvironment) or (isinstance(value, dict) and "env" in value):
        return "variable"
    return "at length" if isinstance(value, dict | CalendarConfig) else None


BusyCalendar = Annotated[
    Annotated[SecretStr, Field(min_length=1), Tag("text")]
    | Annotated[FromEnvironment, Tag("variable")]
    | Annotated[CalendarConfig, Tag("at length")],
    Discriminator(
        _kind,
        custom_error_type="calendar_kind",
        custom_error_message='must be a path or an address in quotes, {"env": "NAME"}, or '
        '{"calendar": "…", "required": true}',
    ),
]
"""An .ics file or its address, by itself or with how much it matters. Who knows the private address of a
calendar can read it, so it is treated as a secret."""


def as_config(calendar: BusyCalendar) -> CalendarConfig:
    """The same, said at length."""
    return calendar if isinstance(calendar, CalendarConfig) else CalendarConfig(calendar=calendar)
