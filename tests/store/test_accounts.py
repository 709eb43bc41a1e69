"""Accounts in the store: what is kept of them sealed, and that nothing is left of one that is forgotten."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

import pytest

from sniper.core.outcomes import Outcome
from sniper.core.tries import Mark, Moment
from sniper.store import LeaseTakenError, RunState, Store
from sniper.store.records import Forgotten, SecretKind
from tests.store.examples import JOB, NOW, WAVE, X1A, X1B, begin, book, slot, tried

PASSWORD, SEED = SecretKind.PASSWORD, SecretKind.TOTP_SECRET
SITE = "tudelft-x"


def rows_that_point_nowhere(url: str) -> list[object]:
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        return connection.execute("PRAGMA foreign_key_check").fetchall()


def test_what_is_stored_of_an_account_is_told_without_being_read(store: Store) -> None:
    store.keep_secrets(SITE, {"ann": {SEED: "sealed-1", PASSWORD: "sealed-2"}, "bob": {}}, now=NOW)
    store.keep_sign_in_state(SITE, "bob", "sealed-3", NOW + timedelta(days=1), now=NOW)
    ann, bob = store.accounts(SITE)
    assert (ann.account, ann.secrets, ann.sign_in, ann.active) == ("ann", (PASSWORD, SEED), None, True)
    assert bob.secrets == ()
    assert bob.sign_in is not None
    assert (bob.sign_in.kept_at, bob.sign_in.expires_at) == (NOW, NOW + timedelta(days=1))
    assert "sealed" not in repr((ann, bob, store.sealed()))


def test_a_secret_is_stored_anew_by_its_kind_and_the_others_stay(store: Store) -> None:
    store.keep_secrets(SITE, {"ann": {PASSWORD: "old", SEED: "seed"}}, now=NOW)
    store.keep_secrets(SITE, {"ann": {PASSWORD: "new"}}, now=NOW)
    assert store.secrets_of(SITE, "ann") == {PASSWORD: "new", SEED: "seed"}
    assert store.secrets_of("practice", "ann") == {}


def test_an_account_stays_disabled_when_a_run_names_it(store: Store) -> None:
    store.ensure_account(SITE, "ann", now=NOW)
    store.set_active(SITE, "ann", active=False, now=NOW)
    store.ensure_account(SITE, "ann", now=NOW)
    begin(store)
    assert [one.active for one in store.accounts(SITE, "ann")] == [False]
    store.set_active(SITE, "ann", active=True, now=NOW)
    assert [one.active for one in store.accounts(SITE, "ann")] == [True]


def test_an_account_that_is_not_known_is_neither_disabled_nor_forgotten(store: Store) -> None:
    for call in (store.forget_secrets, store.forget_account):
        with pytest.raises(LookupError):
            call(SITE, "nobody", now=NOW)
    with pytest.raises(LookupError):
        store.set_active(SITE, "nobody", active=False, now=NOW)


def with_history(store: Store) -> int:
    """Ann, bob and cleo have raced; bob took over from ann; ann has a booking and a secret."""
    begun = begin(store, job=JOB)
    store.close_attempt(begun.ids["ann"], [tried(X1A, Outcome.BOOKED, reference="4711")], now=NOW)
    took_over = [Moment(NOW, Mark.TOOK_OVER, X1B, "ann"), Moment(NOW, Mark.FIRED, X1B)]
    store.close_attempt(begun.ids["bob"], [tried(X1B, Outcome.TAKEN)], took_over, now=NOW)
    book(store, begun.run_id, "ann", X1A)
    book(store, begun.run_id, "bob", slot("X1 B", 14), "4712")
    store.finish_wave(begun.wave_id, now=NOW)
    store.keep_secrets(SITE, {"ann": {PASSWORD: "sealed"}, "bob": {PASSWORD: "sealed"}}, now=NOW)
    store.keep_sign_in_state(SITE, "ann", "sealed", now=NOW)
    return begun.run_id


def test_removing_lets_go_of_secrets_and_keeps_the_record(store: Store) -> None:
    run_id = with_history(store)
    store.finish_run(run_id, RunState.FINISHED, None, 1, now=NOW)
    store.forget_secrets(SITE, "ann", now=NOW)
    (ann,) = store.accounts(SITE, "ann")
    assert (ann.secrets, ann.sign_in) == ((), None)
    assert [one.account for one in store.sealed()] == ["bob"]
    assert len(store.attempts_of(SITE, "ann")) == 1
    assert [one.reference for one in store.bookings_of(SITE, "ann")] == ["4711"]


def test_forgetting_leaves_nothing_that_names_or_points_to_the_account(store: Store, url: str) -> None:
    run_id = with_history(store)
    store.finish_run(run_id, RunState.FINISHED, None, 1, now=NOW)
    assert store.forget_account(SITE, "ann", now=NOW) == Forgotten(attempts=1, bookings=1)
    assert rows_that_point_nowhere(url) == []
    detail = store.run(run_id)
    assert {one.account for one in detail.attempts} == {"bob", "cleo"}
    assert [one.accounts for one in detail.jobs] == [("cleo",), ("bob",)]
    assert [one.account for one in store.accounts()] == ["bob", "cleo"]
    assert [one.account for one in store.sealed()] == ["bob"]
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        whole = "\n".join(connection.iterdump())
    assert "'ann'" not in whole
    assert '"ann"' not in whole


def test_who_comes_after_a_forgotten_account_is_not_taken_for_it(store: Store) -> None:
    run_id = with_history(store)
    store.finish_run(run_id, RunState.CRASHED, None, None, now=NOW)
    for name in ("ann", "bob", "cleo"):
        store.forget_account(SITE, name, now=NOW)
    for name in ("dora", "emil", "fritz"):
        store.ensure_account(SITE, name, now=NOW)
    assert store.last_unfinished(SITE, ["dora", "emil", "fritz"]) is None
    assert store.run(run_id).attempts == ()


def test_an_account_that_a_run_works_with_is_neither_removed_nor_forgotten(store: Store) -> None:
    with_history(store)
    for call in (store.forget_secrets, store.forget_account):
        with pytest.raises(LeaseTakenError, match="is at work for ann"):
            call(SITE, "ann", now=NOW)
    later = NOW + timedelta(minutes=10)
    store.forget_account(SITE, "ann", now=later)
    assert store.accounts(SITE, "ann") == []


def test_attempts_and_bookings_are_those_of_one_account_of_one_site(store: Store) -> None:
    with_history(store)
    other = begin(store, site="practice", wave=WAVE)
    book(store, other.run_id, "ann", X1A)
    assert len(store.attempts_of(SITE, "ann")) == len(store.bookings_of(SITE, "ann")) == 1
    assert store.attempts_of("practice", "nobody") == []
