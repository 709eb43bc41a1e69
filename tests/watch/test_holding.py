"""What a watch that is started again takes for held, by the record."""

from __future__ import annotations

import pytest

from sniper.core.outcomes import Proof
from sniper.sites.profile import Profile
from sniper.store.records import BookingStatus
from sniper.store.repository import Store
from sniper.watch.task import WatchTask, holding
from tests.sites.examples import bundled
from tests.store.conftest import store, url
from tests.store.examples import GOAL, NOW, WAVE, X1A, begin
from tests.watch.conftest import PACE

__all__ = ["store", "url"]


def by_word() -> Profile:
    return bundled("tudelft-x").model_copy(update={"my_bookings": None, "cancel": None})


@pytest.mark.parametrize(
    ("profile", "proof", "status", "counts"),
    [
        (bundled("tudelft-x"), Proof.CONFIRMED, BookingStatus.CONFIRMED, True),
        (bundled("tudelft-x"), Proof.UNVERIFIED, BookingStatus.PENDING, False),
        (by_word(), Proof.UNVERIFIED, BookingStatus.PENDING, True),
        (by_word(), Proof.UNVERIFIED, BookingStatus.FAILED, False),
    ],
    ids=["proven", "not proven", "by its word", "refuted"],
)
def test_what_is_not_proven_counts_only_where_nothing_can_be(
    store: Store, profile: Profile, proof: Proof, status: BookingStatus, counts: bool
) -> None:
    run = begin(store)
    account = WAVE.attempts[0].account
    store.record_booking(run.run_id, account, X1A, reference="1", proof=proof, status=status, now=NOW)
    held = list(holding(store, WatchTask(profile, GOAL, (account,), "the watch", PACE), ()))
    assert [(one.account, one.slot) for one in held] == ([(account, X1A)] if counts else [])
