"""What an entry of *my bookings* says."""

from __future__ import annotations

from datetime import datetime, tzinfo

from sniper.core.plan import Held
from sniper.core.slots import Slot
from sniper.sites.profile import MyBookings


def held_of(item: dict[str, object], how: MyBookings, account: str, timezone: tzinfo) -> Held:
    """The booking an entry tells of.

    Raises:
        ValueError: It has no reference, or no instant for a start.
    """
    reference, location = how.reference.of(item), how.location.of(item)
    start = datetime.fromisoformat(str(how.start.of(item)))
    if reference is None or location is None or start.utcoffset() is None:
        raise ValueError("an entry lacks its reference, its location or the offset of its start")
    sub = how.sub_location.of(item) if how.sub_location else None
    slot = Slot(str(location), None if sub is None else str(sub), start.astimezone(timezone))
    return Held(account, slot, str(reference), by_us=False)
