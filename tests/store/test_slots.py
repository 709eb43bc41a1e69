"""A slot comes back as the same instant, with the same wall clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session

from sniper.core.slots import Slot
from sniper.store.models import AvailabilityRow, Base, slot_columns
from sniper.store.types import Chain, slot_of

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
starts = st.datetimes(
    datetime(2001, 1, 1),  # noqa: DTZ001 (the zone is drawn)
    datetime(2099, 1, 1),  # noqa: DTZ001
    timezones=st.timezones() | st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))]),
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A file with the tables, for all examples."""
    made = create_engine(f"sqlite:///{tmp_path_factory.mktemp('slots') / 'slots.sqlite3'}")
    Base.metadata.create_all(made)
    yield made
    made.dispose()


def same(one: Slot, other: Slot) -> bool:
    """Same place, instant and wall clock?"""
    return one == other and (one.day, one.hour.replace(fold=0)) == (other.day, other.hour.replace(fold=0))


@given(start=starts, location=st.text(max_size=20), sub_location=st.none() | st.text(min_size=1, max_size=20))
@example(datetime(2026, 10, 25, 2, 30, tzinfo=AMSTERDAM, fold=0), "X1", "X1 A")
@example(datetime(2026, 10, 25, 2, 30, tzinfo=AMSTERDAM, fold=1), "X1", None)
@example(datetime(2026, 3, 29, 2, 30, tzinfo=AMSTERDAM), "X1", "skipped by the clocks")
def test_a_slot_survives_its_columns_and_json(
    engine: Engine, start: datetime, location: str, sub_location: str | None
) -> None:
    slot = Slot(location.replace("\0", ""), sub_location and sub_location.replace("\0", "0"), start)
    with Session(engine) as session:
        row = AvailabilityRow(site="s", is_available=True, last_checked=start, **slot_columns(slot))
        session.add(row)
        session.flush()
        session.expire(row)
        assert same(row.slot, slot)
        assert row.last_checked == start.astimezone(UTC)
        assert row.last_checked.tzinfo is UTC
    chain = Chain()
    (back,) = (
        chain.process_result_value(chain.process_bind_param((slot,), engine.dialect), engine.dialect) or ()
    )
    assert same(back, slot)


def test_the_zone_comes_back_by_name_so_that_calendar_arithmetic_stays_right() -> None:
    summer = slot_of(
        "X1", None, datetime(2026, 10, 24, 11, tzinfo=UTC), date(2026, 10, 24), time(13), "Europe/Amsterdam"
    )
    assert (summer.start + timedelta(days=1)).isoformat() == "2026-10-25T13:00:00+01:00"


@pytest.mark.parametrize("zone", ["Europe/Nowhere", "America/New_York", "../etc", None])
def test_a_zone_unknown_here_or_changed_since_keeps_the_wall_clock_it_was_stored_with(
    zone: str | None,
) -> None:
    slot = slot_of("X1", None, datetime(2026, 11, 24, 12, tzinfo=UTC), date(2026, 11, 24), time(13), zone)
    assert slot.start.isoformat() == "2026-11-24T13:00:00+01:00"
