"""What a run takes from what was seen of its site."""

from __future__ import annotations

from datetime import datetime, timedelta

from sniper.core.availability import Listed, Look
from sniper.core.late import Lateness
from sniper.core.odds import FirstLooks
from sniper.core.slots import Slot
from sniper.lessons import Lessons, lessons_of, punctual
from sniper.sites.profile import Again, LateOpening, Profile
from sniper.store import Store
from tests.sites.examples import bundled
from tests.store.conftest import store, url
from tests.store.examples import DAY, NOW, X1A, X1B, begin, book

__all__ = ["store", "url"]
MS = timedelta(milliseconds=1)
SITE = "tudelft-x"


def opening(of: Slot) -> datetime:
    return of.instant - timedelta(hours=72)


def looked(store: Store, seconds: float, *, a_free: bool, b_free: bool) -> None:
    at = opening(X1A) + timedelta(seconds=seconds)
    is_open = seconds >= 0
    listed = [Listed(one, is_free=free, is_open=is_open) for one, free in ((X1A, a_free), (X1B, b_free))]
    store.note_look(SITE, DAY, (None,), (), listed, opening, Look(at, at), now=NOW)


def test_plans_learn_how_slow_rivals_are_from_slots_nobody_of_ours_wanted(store: Store) -> None:
    looked(store, -10, a_free=True, b_free=True)
    looked(store, 20, a_free=True, b_free=False)
    assert lessons_of(store, SITE, ["X1"], NOW).watched == {"X1": FirstLooks(1, 1)}
    book(store, begin(store).run_id, "ann", X1B)
    assert lessons_of(store, SITE, ["X1"], NOW).watched == {"X1": FirstLooks(1, 0)}
    assert lessons_of(store, SITE, ["X1"], NOW + timedelta(days=70)) == Lessons()
    assert lessons_of(store, "practice", ["X1"], NOW) == Lessons()


def test_a_site_that_is_always_late_is_tried_again_when_it_has_always_been_open() -> None:
    profile = bundled(SITE)
    late = Lessons(lateness=Lateness(12, 380 * MS, 410 * MS))
    timed, told = punctual(profile, late, 20 * MS)
    assert timed.late_opening.retry_after == 380 * MS
    assert told == (
        "TU Delft X opened 380 ms to 410 ms later than announced, 12 of 12 times: "
        "a slot that is too early is tried again after 380 ms"
    )
    # Nothing else of the profile changes, and no press comes earlier than it would have.
    assert timed.model_copy(update={"late_opening": profile.late_opening}) == profile
    assert timed.early_cost >= profile.early_cost


def test_where_nothing_is_known_or_nothing_is_tried_again_the_profile_stays_as_it_is() -> None:
    profile = bundled(SITE)
    assert punctual(profile, Lessons(), 20 * MS) == (profile, "")
    late = Lessons(lateness=Lateness(12, 380 * MS, 410 * MS))
    never = profile.model_copy(update={"late_opening": LateOpening(again=Again.NEVER)})
    assert punctual(never, late, 20 * MS) == (never, "")


def test_a_site_that_is_later_than_the_profile_tries_again_is_told() -> None:
    profile: Profile = bundled(SITE)
    timed, told = punctual(profile, Lessons(lateness=Lateness(6, 7000 * MS, 7300 * MS)), 20 * MS)
    assert timed == profile
    assert told.endswith("6 of 6 times: `late_opening.within` of its profile is too short for that")
