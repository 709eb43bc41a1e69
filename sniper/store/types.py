"""Column types: instants that cannot be naive, words with a CHECK, slots that keep their wall clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timezone
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import JSON, DateTime, Dialect, String, TypeDecorator
from sqlalchemy import Enum as EnumType

from sniper.core.slots import Slot, require_aware

WORD_LENGTH = 32


class Instant(TypeDecorator[datetime]):
    """An aware datetime, stored in UTC and returned in UTC; a naive one is refused.

    SQLite has no time zones and stores the bare UTC text, which also sorts and compares rightly.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """To UTC, or refuse."""
        if value is None:
            return None
        require_aware(value, "an instant in the store")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Say that it is UTC where the database forgot."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class SubLocation(TypeDecorator[str]):
    """None, a location without sub-locations, is stored as an empty text.

    To a unique index every NULL is another value: with NULLs, "Fitness at ten" could stand there twice.
    """

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str:  # noqa: ARG002
        """None becomes empty."""
        return value or ""

    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Empty becomes None."""
        return value or None


class Chain(TypeDecorator[tuple[Slot, ...]]):
    """Slots in order, as a JSON list of `{location, sub_location, start, zone}`."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: tuple[Slot, ...] | None, dialect: Dialect) -> Any:  # noqa: ARG002
        """To plain JSON."""
        return None if value is None else [_to_json(slot) for slot in value]

    def process_result_value(self, value: Any | None, dialect: Dialect) -> tuple[Slot, ...] | None:  # noqa: ARG002
        """From plain JSON."""
        return None if value is None else tuple(_from_json(item) for item in value)


class OneSlot(TypeDecorator[Slot]):
    """A slot as `Chain` stores them."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: Slot | None, dialect: Dialect) -> Any:  # noqa: ARG002
        """To plain JSON."""
        return None if value is None else _to_json(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Slot | None:  # noqa: ARG002
        """From plain JSON."""
        return None if value is None else _from_json(value)


def words(kind: type[Enum], name: str) -> EnumType:
    """A column that holds the values of an enum as text, and by a CHECK nothing else."""
    return EnumType(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        validate_strings=True,
        length=WORD_LENGTH,
        values_callable=lambda members: [member.value for member in members],
    )


def free_words(kind: type[Enum]) -> EnumType:
    """Like `words`, checked in Python only: for outcomes, of which each new site may teach us another."""
    return EnumType(
        kind,
        native_enum=False,
        create_constraint=False,
        validate_strings=True,
        length=WORD_LENGTH,
        values_callable=lambda members: [member.value for member in members],
    )


def zone_name(start: datetime) -> str | None:
    """The name of a start's time zone ("Europe/Amsterdam"), None where it is a bare offset."""
    key = getattr(start.tzinfo, "key", None)
    return key if isinstance(key, str) else None


def slot_of(
    location: str, sub_location: str | None, starts_at: datetime, day: date, hour: time, zone: str | None
) -> Slot:
    """Build a slot from its columns, with the wall clock it was stored with.

    The zone comes back by its name, so that calendar arithmetic stays right. If it is unknown here, or its
    rules have changed since and give that instant another wall clock, the slot keeps the bare offset.
    """
    wall = datetime.combine(day, hour)
    if zone is not None:
        try:
            start = starts_at.astimezone(ZoneInfo(zone))
        except (ZoneInfoNotFoundError, ValueError):
            pass
        else:
            if start.replace(tzinfo=None, fold=0) == wall:
                return Slot(location, sub_location, start)
    offset = wall - starts_at.astimezone(UTC).replace(tzinfo=None)
    return Slot(location, sub_location, wall.replace(tzinfo=timezone(offset)))


def _to_json(slot: Slot) -> dict[str, str | None]:
    return {
        "location": slot.location,
        "sub_location": slot.sub_location,
        "start": slot.start.isoformat(),
        "zone": zone_name(slot.start),
    }


def _from_json(item: Mapping[str, Any]) -> Slot:
    start = datetime.fromisoformat(item["start"])
    wall = start.replace(tzinfo=None)
    return slot_of(
        item["location"],
        item["sub_location"],
        start.astimezone(UTC),
        wall.date(),
        wall.time(),
        item.get("zone"),
    )
