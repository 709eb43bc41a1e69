"""What the answers of a run teach about how full a slot is."""

from __future__ import annotations

from sqlalchemy import create_engine, text

from sniper.core.outcomes import Outcome
from sniper.store import Store
from tests.store.examples import NOW, X1A, X1B, X3A, begin, tried


def rows(url: str, query: str) -> list[tuple[object, ...]]:
    """Look into the file past the store."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(query))]
    engine.dispose()
    return found


def test_slots_that_proved_taken_are_remembered_as_full(store: Store, url: str) -> None:
    begun = begin(store)
    store.close_attempt(
        begun.ids["ann"],
        [tried(X1A, Outcome.TAKEN), tried(X1B, Outcome.RATE_LIMITED), tried(X3A, Outcome.BOOKED)],
        now=NOW,
    )
    store.close_attempt(begun.ids["bob"], [tried(X1A, Outcome.TAKEN)], now=NOW)
    found = rows(
        url, "SELECT site, sub_location, is_available, remaining_capacity FROM slot_availability ORDER BY 2"
    )
    assert found == [("tudelft-x", "X1 A", 0, 0), ("tudelft-x", "X3 A", 0, None)]


def test_a_place_won_among_many_leaves_one_less(store: Store, url: str) -> None:
    begun = begin(store)
    store.close_attempt(begun.ids["ann"], [tried(X1A, Outcome.BOOKED)], now=NOW)
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE slot_availability SET total_capacity = 60, remaining_capacity = 7"))
    engine.dispose()
    store.close_attempt(begun.ids["bob"], [tried(X1A, Outcome.BOOKED)], now=NOW)
    assert rows(url, "SELECT remaining_capacity, is_available FROM slot_availability") == [(6, 1)]
