"""What an entry of *my bookings*, or of a list of slots, says."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, tzinfo

from sniper.core.plan import Held
from sniper.core.slots import Slot
from sniper.sites.answers import JsonPath
from sniper.sites.profile import MyBookings, SlotOwners


def held_of(item: dict[str, object], how: MyBookings, account: str, timezone: tzinfo) -> Held:
    """The booking an entry tells of.

    Raises:
        ValueError: It has no reference, no location, or no instant for a start.
    """
    reference = how.reference.of(item)
    if reference is None:
        raise ValueError("an entry lacks its reference")
    return Held(account, _slot_of(item, how, timezone), str(reference), by_us=False)


def is_doubled(items: Iterable[dict[str, object]], how: SlotOwners, slot: Slot) -> bool:
    """Do these entries show more owners of a slot than it has places?

    Raises:
        ValueError: An entry has no instant for a start, or no number where one should be.
    """
    about = [item for item in items if _slot_of(item, how, slot.start.tzinfo) == slot]
    if how.taken is None:
        return len(about) > min((_number(item, how.places, 1) for item in about), default=1)
    return any(_number(item, how.taken, 0) > _number(item, how.places, 1) for item in about)


def _slot_of(item: dict[str, object], how: MyBookings | SlotOwners, timezone: tzinfo | None) -> Slot:
    location = how.location.of(item)
    start = datetime.fromisoformat(str(how.start.of(item)))
    if location is None or start.utcoffset() is None:
        raise ValueError("an entry lacks its location or the offset of its start")
    sub = how.sub_location.of(item) if how.sub_location else None
    return Slot(str(location), None if sub is None else str(sub), start.astimezone(timezone))


def _number(item: dict[str, object], path: JsonPath | None, unsaid: int) -> int:
    value = unsaid if path is None else path.of(item)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{path} is no whole number in an entry")  # noqa: TRY004 - it is the site's
    return value
