"""What is watched, and what of it is held already."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sniper.core.goals import Goal
from sniper.core.outcomes import Proof
from sniper.core.plan import Held
from sniper.core.slots import Slot
from sniper.core.watching import Pace
from sniper.sites.profile import Profile
from sniper.store.records import ACTIVE, BookingStatus
from sniper.store.repository import Store


@dataclass(frozen=True, slots=True)
class WatchTask:
    """What is watched.

    Attributes:
        accounts: Those that a run could book with, in the order of the file.
        key: Tells this watch from others at the site, for what it must not forget.
        once: One look, and the end.
    """

    profile: Profile
    goal: Goal
    accounts: tuple[str, ...]
    key: str
    pace: Pace
    once: bool = False

    def opening_of(self, slot: Slot) -> datetime | None:
        """When a slot was announced to open: by the file where it says so, else by the profile."""
        for priority in self.goal.priorities:
            if priority.location == slot.location:
                return priority.opening.opening_of(slot)
        known = self.profile.locations.get(slot.location)
        return None if known is None else known.opening.opening_of(slot)


def key_of(day: date, goal: Mapping[str, Any], accounts: Iterable[str]) -> str:
    """Tells one watch from another at its site: the same file for the same day is the same watch.

    Args:
        day: On the site's calendar.
        goal: The snipe_config as the person wrote it, in plain JSON.
        accounts: By their names.
    """
    told = {"day": day.isoformat(), "goal": {**goal, "target_date": None}, "accounts": list(accounts)}
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def holding(store: Store, task: WatchTask, last: Iterable[Held]) -> Iterator[Held]:
    """What the accounts hold, by the record and by the last run of this watch.

    A practice site begins anew each time it is started: what was booked there earlier is gone.

    Args:
        store: Open.
        task: What is watched.
        last: What the last run of this watch has found to be held.
    """
    known = {
        (one.account, one.slot): one
        for one in store.bookings(task.profile.name)
        if one.account in task.accounts and task.goal.priority_of(one.slot)
    }
    held = [
        one
        for one in last
        if (record := known.get((one.account, one.slot))) is None or record.status in ACTIVE
    ]
    yield from held
    if task.profile.practice is not None:
        return
    only_says = task.profile.my_bookings is None
    for key, record in known.items():
        is_ours = record.status is BookingStatus.CONFIRMED and record.proof is Proof.CONFIRMED
        # Where the site shows nobody their bookings, its word is all there will be.
        is_ours |= only_says and record.status is BookingStatus.PENDING
        if is_ours and key not in {(one.account, one.slot) for one in held}:
            yield Held(record.account, record.slot, record.reference or "", by_us=False)
