"""What became of slots that were fought for."""

from __future__ import annotations

from datetime import time

import pytest

from sniper.core.odds import Record
from sniper.core.outcomes import Outcome
from sniper.store import Store
from tests.store.examples import NOW, X1A, X1B, X3A, begin, tried


def test_a_slot_is_won_if_any_account_got_it_and_lost_if_all_were_told_it_is_taken(store: Store) -> None:
    begun = begin(store)
    store.close_attempt(begun.ids["ann"], [tried(X1A, Outcome.BOOKED)], now=NOW)
    store.close_attempt(begun.ids["cleo"], [tried(X1A, Outcome.TAKEN)], now=NOW)
    store.close_attempt(begun.ids["bob"], [tried(X1B, Outcome.TAKEN)], now=NOW)
    assert store.history("tudelft-x") == {("X1", time(13)): Record(1, 1)}


def test_what_an_attempt_only_fell_through_to_does_not_count(store: Store) -> None:
    begun = begin(store)
    tries = [tried(X1A, Outcome.TAKEN), tried(X1B, Outcome.TAKEN), tried(X3A, Outcome.BOOKED)]
    store.close_attempt(begun.ids["ann"], tries, now=NOW)
    assert store.history("tudelft-x") == {("X1", time(13)): Record(0, 1)}


def test_answers_that_say_nothing_about_rivals_do_not_count(store: Store) -> None:
    begun = begin(store)
    for account, outcome in zip(
        begun.ids, (Outcome.FAILED, Outcome.ACCOUNT_LIMIT, Outcome.STOOD_DOWN), strict=True
    ):
        store.close_attempt(begun.ids[account], [tried(X1A, outcome)], now=NOW)
    assert store.history("tudelft-x") == {}


def test_every_run_counts_and_every_site_has_a_past_of_its_own(store: Store) -> None:
    for site, outcome in (
        ("tudelft-x", Outcome.BOOKED),
        ("tudelft-x", Outcome.TAKEN),
        ("practice", Outcome.BOOKED),
    ):
        begun = begin(store, site=site)
        store.close_attempt(begun.ids["ann"], [tried(X1A, outcome)], now=NOW)
    assert store.history("tudelft-x") == {("X1", time(13)): Record(1, 1)}
    assert store.history("practice") == {("X1", time(13)): Record(1, 0)}


def test_a_store_is_read_as_it_is_only_where_it_is(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SNIPER_DATABASE_URL", url)
    assert Store.as_it_is() is None
    Store.open().close()
    found = Store.as_it_is()
    assert found is not None
    with found:
        assert found.history("practice") == {}
