"""The parts of a profile that say how lists of bookings are read, and what one entry of such a list tells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any, Self

from pydantic import Field, model_validator

from sniper.core.slots import Slot
from sniper.documents import StrictModel, misplaced
from sniper.sites import answers
from sniper.sites.answers import JsonPath, MisreadError, ResponseRule, misread
from sniper.sites.steps import Step

if TYPE_CHECKING:
    from sniper.sites.profile import Profile

_MOST_SECONDS = 10**11
"""A larger number since 1970 counts milliseconds."""


class KnownBy(StrictModel):
    """A place told by the value that one of its words has, such as the number the site has for it."""

    word: str
    at: answers.Path


class _Entries(StrictModel):
    steps: tuple[Step, ...] = Field(min_length=1)
    """The last one makes the page ask."""
    response: ResponseRule
    items: answers.Path
    keep: dict[str, Any] = Field(default_factory=dict)
    start: answers.Path
    """ISO 8601 with an offset, or a number of seconds or milliseconds since 1970."""
    location: answers.Path | None = None
    sub_location: answers.Path | None = None
    place: KnownBy | None = None
    """Instead of both, where the entry has only a number for the place."""

    @model_validator(mode="after")
    def _says_where(self) -> Self:
        if (self.location is None) == (self.place is None):
            raise ValueError("say where the place stands: either `location` or `place`")
        if self.place and self.sub_location:
            raise ValueError("`place` tells the sub-location as well")
        return self


class MyBookings(_Entries):
    """How to read back what an account holds: the steps make the page ask, the answer is read.

    `{first_day}` is today, and `{last_day}` the day after the last one on which anything can be booked.
    """

    reference: answers.Path
    per_location: bool = False
    """The last step is done for each location, with its words; once for those whose words it does not use."""


class FirstOwner(StrictModel):
    """Which of several owners of a slot came first, and which of them is our booking."""

    by: answers.Path
    """A number that grows from one booking to the next."""
    reference: answers.Path
    """As in my bookings."""


class SlotOwners(_Entries):
    """How the site shows who has a slot, where it does: a slot with more owners than places is told.

    The steps have the placeholders of a slot, and `{day_after}`, the day after its last one.
    """

    end: answers.Path | None = None
    """As the start. Where it is told, entries that overlap with the slot are of it."""
    taken: answers.Path | None = None
    """How many people have the slot. Without it, every entry is one of them."""
    places: answers.Path | None = None
    """How many may have it; one, where nothing is said."""
    first: FirstOwner | None = None
    """Where it can be told who came first. It is said of what is doubled, and changes nothing."""


def check_provable(profile: Profile) -> None:
    """What *my bookings* has to prove is only for sites that show people theirs.

    Raises:
        PydanticCustomError: Such a part is there, and `my_bookings` is null.
    """
    for key in ("slot_owners", "cancel"):
        if profile.my_bookings is None and getattr(profile, key) is not None:
            raise misplaced((key,), "is proven by my_bookings, which is null")


def slot_of(item: Mapping[str, Any], how: MyBookings | SlotOwners, profile: Profile) -> Slot:
    """Where and when an entry is about. A place that the profile does not know goes by the site's word.

    Raises:
        MisreadError: It tells no place, or no instant for a start.
    """
    start = instant_of(how.start, item, profile.timezone)
    if how.place:
        known_as = how.place.at.of(item)
        if known_as is None:
            raise misread("an entry has nothing at", how.place.at, item)
        return Slot(*profile.place_known_by(how.place.word, str(known_as)), start)
    assert how.location is not None, "the model sees to it"
    location = how.location.of(item)
    if location is None:
        raise misread("an entry has no location at", how.location, item)
    sub = how.sub_location.of(item) if how.sub_location else None
    return Slot(str(location), None if sub is None else str(sub), start)


def is_doubled(items: Iterable[Mapping[str, Any]], how: SlotOwners, slot: Slot, profile: Profile) -> bool:
    """Do these entries show more owners of a slot than it has places?

    Raises:
        MisreadError: An entry has no instant where one should be, or no number.
    """
    about = [item for item in items if _is_about(item, how, slot, profile)]
    if how.taken is None:
        return len(about) > min((number_of(how.places, item, 1) for item in about), default=1)
    return any(number_of(how.taken, item, 0) > number_of(how.places, item, 1) for item in about)


def was_first(
    items: Iterable[Mapping[str, Any]], how: SlotOwners, slot: Slot, reference: str, profile: Profile
) -> bool | None:
    """Of the owners of a slot, is the booking with this reference the first? None where that is not told.

    Raises:
        MisreadError: An entry has no instant where one should be, or no number.
    """
    if how.first is None:
        return None
    about = [item for item in items if _is_about(item, how, slot, profile)]
    numbers = {str(how.first.reference.of(item)): number_of(how.first.by, item, 0) for item in about}
    return numbers[reference] == min(numbers.values()) if reference in numbers else None


def _is_about(item: Mapping[str, Any], how: SlotOwners, slot: Slot, profile: Profile) -> bool:
    found = slot_of(item, how, profile)
    if how.end is None:
        return found == slot
    if (found.location, found.sub_location) != (slot.location, slot.sub_location):
        return False
    ends = instant_of(how.end, item, profile.timezone)
    return found.start < profile.end_of(slot) and slot.start < ends


def instant_of(path: JsonPath, item: Mapping[str, Any], zone: tzinfo) -> datetime:
    """The instant at a place of an entry, in the site's time zone.

    Raises:
        MisreadError: There is none, or one without its offset.
    """
    return as_instant(path.of(item), path, zone, item)


def as_instant(value: Any, path: JsonPath, zone: tzinfo, entry: Mapping[str, Any] | None = None) -> datetime:
    """What stood at a place of an entry, as an instant in the site's time zone.

    Args:
        value: What stood there.
        path: The place.
        zone: The site's.
        entry: Where something like the place is looked for, if this is no instant.

    Raises:
        MisreadError: It is none, or one without its offset.
    """
    try:
        if isinstance(value, str) and value.isdigit():
            value = int(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / (1000 if value > _MOST_SECONDS else 1), zone)
        instant = datetime.fromisoformat(value)
        if instant.utcoffset() is not None:
            return instant.astimezone(zone)
    except (TypeError, ValueError, OverflowError, OSError):
        raise misread("an entry has no instant at", path, entry) from None
    raise MisreadError(f"an entry has an instant without its offset at {path}", path)


def number_of(path: JsonPath | None, item: Mapping[str, Any], unsaid: int) -> int:
    """The whole number at a place of an entry, `unsaid` where the profile names no place.

    Raises:
        MisreadError: There is none.
    """
    value = unsaid if path is None else path.of(item)
    if isinstance(value, str) and value.isdigit():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise MisreadError(f"{path} is no whole number in an entry", path)
    return value
