"""What can be booked at the practice venue: locations, courts, tags, hours and windows, as data.

The opening of a slot is computed here and nowhere else.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

SLOT_LENGTH = timedelta(hours=1)
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Tag:
    """A filter of the schedule page."""

    id: int
    name: str
    group: str | None


@dataclass(frozen=True)
class Court:
    """A sub-location: what the site calls a linked product."""

    id: int
    description: str


@dataclass(frozen=True)
class Location:
    """One location: either courts that are booked one by one, or one group slot with many places."""

    name: str
    tag_id: int
    product_id: int
    window: timedelta
    """Elapsed time between the opening of a slot and its start."""
    capacity: int
    """Places in each slot (of each court, where there are courts)."""
    courts: tuple[Court, ...] = ()
    waiting_list: bool = False


@dataclass(frozen=True)
class Slot:
    """One hour at one court (or of one group location). `start` is in UTC, `day` the local date."""

    location: Location
    court: Court | None
    start: datetime
    day: date

    def __hash__(self) -> int:
        return hash((self.resource, self.start))

    @property
    def resource(self) -> int:
        """The id of what is occupied: the court, or the product of a group location."""
        return self.court.id if self.court else self.location.product_id

    @property
    def label(self) -> str:
        """The name people know: "X1 A", "Fitness"."""
        return self.court.description if self.court else self.location.name

    @property
    def end(self) -> datetime:
        """The instant it ends, in UTC."""
        return self.start + SLOT_LENGTH

    @property
    def opening(self) -> datetime:
        """The instant from which it can be booked, in UTC: elapsed time, whatever wall clocks do."""
        return self.start - self.location.window

    @property
    def booking_id(self) -> int | None:
        """The site's id of a group slot; courts have none."""
        return None if self.court else int(self.start.timestamp()) // 3600


@dataclass(frozen=True)
class Catalogue:
    """All locations of a venue, and its slots by date."""

    timezone: ZoneInfo
    locations: tuple[Location, ...]
    tags: tuple[Tag, ...]
    hours: range = field(default=range(7, 23))
    """Local hours at which slots start."""

    def with_court_places(self, places: int) -> "Catalogue":
        """The same, with so many places in each hour of a court."""
        locations = tuple(
            replace(location, capacity=places) if location.courts else location for location in self.locations
        )
        return replace(self, locations=locations)

    def slots_on(self, day: date) -> tuple[Slot, ...]:
        """All slots that start on this local date, by start, then in the order of `locations`."""
        return _slots_on(self, day)

    def slots_between(self, first: datetime, last: datetime) -> Iterator[Slot]:
        """Slots with `first <= start <= last` (aware), by start."""
        day = first.astimezone(self.timezone).date()
        last_day = last.astimezone(self.timezone).date()
        while day <= last_day:
            for slot in self.slots_on(day):
                if first <= slot.start <= last:
                    yield slot
            day += _ONE_DAY

    def slots_opening_between(self, after: datetime, until: datetime) -> list[Slot]:
        """Slots with `after < opening <= until` (aware), by opening, then in the order of `locations`."""
        found = [
            slot
            for location in self.locations
            for slot in self.slots_between(after + location.window, until + location.window)
            if slot.location == location and slot.opening > after
        ]
        return sorted(found, key=lambda slot: slot.opening)

    def next_opening(self, after: datetime) -> datetime:
        """The first opening later than `after` (aware), in UTC."""
        return min(self._next_opening_at(location, after) for location in self.locations)

    def _next_opening_at(self, location: Location, after: datetime) -> datetime:
        day = (after + location.window).astimezone(self.timezone).date()
        while True:
            for slot in self.slots_on(day):
                if slot.location == location and slot.opening > after:
                    return slot.opening
            day += _ONE_DAY

    def find(self, product_id: int, linked_product_id: int | None, start: datetime) -> Slot | None:
        """The slot of this product (and court) that starts at this aware instant, or None."""
        for slot in self.slots_on(start.astimezone(self.timezone).date()):
            court_id = slot.court.id if slot.court else None
            if slot.start == start and (slot.location.product_id, court_id) == (
                product_id,
                linked_product_id,
            ):
                return slot
        return None

    def slot_of(self, resource: int, start: datetime) -> Slot | None:
        """The slot of this resource that starts at this aware instant, or None."""
        for slot in self.slots_on(start.astimezone(self.timezone).date()):
            if slot.start == start and slot.resource == resource:
                return slot
        return None

    def local(self, instant: datetime) -> datetime:
        """The same instant on the venue's wall clock."""
        return instant.astimezone(self.timezone)


# The catalogue never changes and a day of it is asked for with every request of the slot list.
@lru_cache(maxsize=512)
def _slots_on(catalogue: Catalogue, day: date) -> tuple[Slot, ...]:
    slots: list[Slot] = []
    for hour in catalogue.hours:
        local = datetime(day.year, day.month, day.day, hour, tzinfo=catalogue.timezone)
        start = local.astimezone(UTC)
        # An hour that the change to summer time skips does not come back as itself: it has no slot.
        # Of an hour that is repeated in autumn, the first is meant (fold=0).
        if start.astimezone(catalogue.timezone).replace(tzinfo=None) != local.replace(tzinfo=None):
            continue
        for location in catalogue.locations:
            slots.extend(Slot(location, court, start, day) for court in location.courts or (None,))
    return tuple(slots)


X1 = Location(
    name="X1",
    tag_id=147,
    product_id=20045,
    window=timedelta(hours=72),
    capacity=1,
    courts=(Court(4, "X1 A"), Court(5, "X1 B")),
)
X3 = Location(
    name="X3",
    tag_id=149,
    product_id=20047,
    window=timedelta(hours=72),
    capacity=1,
    courts=(Court(16534, "X3 A"), Court(16533, "X3 B")),
)
FITNESS = Location(
    name="Fitness",
    tag_id=28,
    product_id=20061,
    window=timedelta(hours=168),
    capacity=60,
    waiting_list=True,
)

# The order of the locations is also the order in which people want them: rivals go by it.
CATALOGUE = Catalogue(
    timezone=ZoneInfo("Europe/Amsterdam"),
    locations=(X1, X3, FITNESS),
    tags=(
        Tag(28, "Fitness", None),
        Tag(147, "X1", "All spaces"),
        Tag(148, "X2", "All spaces"),
        Tag(149, "X3", "All spaces"),
    ),
)
