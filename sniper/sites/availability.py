"""The part of a profile that says how the site shows what is free, and what such an answer tells.

It is asked for over HTTP, without a browser and without an account.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from sniper.core.availability import Listed
from sniper.core.slots import Slot
from sniper.core.watching import Pace
from sniper.documents import StrictModel, misplaced
from sniper.sites import answers
from sniper.sites.answers import JsonPath, MisreadError, read_items
from sniper.sites.entries import KnownBy, as_instant, instant_of
from sniper.sites.steps import Duration, Text
from sniper.sites.template import Value, names, render

if TYPE_CHECKING:
    from sniper.sites.profile import Profile


def _address(value: str) -> str:
    if not value.startswith(("/", "https://", "http://")):
        raise ValueError(
            f"{value!r} is no address; write a path (/api/slots) or https://api.site.example/slots"
        )
    return value


def _texts(value: Any) -> Any:
    """The same, every text in it being one that may hold placeholders."""
    for text in _texts_in(value):
        names(text)
    return value


def _texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for one in inner:
        yield from _texts_in(one)


Address = Annotated[
    Text,
    AfterValidator(_address),
    WithJsonSchema({"type": "string", "pattern": "^(/|https?://)", "examples": ["/api/slots"]}),
]
Query = Annotated[dict[str, Any], BeforeValidator(_texts)]


class AvailabilityRequest(StrictModel):
    """What is asked for, by GET. `{date}` is the day that is wanted, `{day_begins}` and `{day_ends}` are its
    first and last second in UTC, `{page}` is the number of a page."""

    url: Address
    """A path below the base URL, or a whole address where the site's API has a host of its own."""
    query: Query = Field(default_factory=dict)
    """What stands behind the question mark. A mapping is written as JSON, a list repeats its key, and what is
    null is left out."""
    headers: dict[str, Text] = Field(default_factory=dict)
    per_location: bool = False
    """Once for each location that is wanted, with `{location}` and the location's `words`."""


class Pages(StrictModel):
    """A list that comes in pages."""

    count: answers.Path
    """How many there are, in the answer."""
    first: int = Field(1, ge=0)
    """The number of the first one."""
    at_most: int = Field(10, ge=1, le=50)
    """So many are read; that the list goes on is told."""


def _lasting(duration: timedelta) -> timedelta:
    if not duration:
        raise ValueError("no time at all is too short; write 30s, say")
    return duration


class Every(StrictModel):
    """How often the site is asked: by all processes of a store together never more often than `floor`."""

    usually: Annotated[Duration, AfterValidator(_lasting)] = timedelta(seconds=45)
    """From one look to the next, give or take a fifth; `sniper watch --every` says otherwise."""
    floor: Annotated[Duration, AfterValidator(_lasting)] = timedelta(seconds=30)
    """Never sooner. What was seen is that long as good as new: who asks within it gets what was last seen."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.usually < self.floor:
            raise misplaced(("usually",), "is sooner than the floor")
        return self

    def pace(self) -> Pace:
        """The same for the core."""
        return Pace(self.usually, self.floor)


class NoneFree(StrictModel):
    """An answer that says that nothing is free."""

    status: int
    text: answers.Regex
    """Found somewhere in the body."""

    def fits(self, status: int, body: str) -> bool:
        """Is it that answer?"""
        return status == self.status and self.text.search(body) is not None


class Availability(StrictModel):
    """How the site shows which slots are free."""

    request: AvailabilityRequest
    items: answers.Entries
    """The list of slots; where it is in several lists, `[*]` stands for each entry of the outer one."""
    keep: dict[str, Any] = Field(default_factory=dict)
    start: answers.Path | None = None
    """ISO 8601 with an offset, or a number of seconds or milliseconds since 1970."""
    starts: answers.Path | None = None
    """Instead: a list of them, where an entry is about several slots."""
    location: answers.Path | None = None
    """As the profile names it; what it does not name is passed over. May be left out with `per_location`."""
    sub_location: answers.Path | None = None
    place: KnownBy | None = None
    """Instead of both, where the entry has only a number for the place."""
    none_free: NoneFree | None = None
    """How the site answers where nothing is free, if it is not by an empty list."""
    only_free: bool = False
    """Only what is free is listed."""
    free: answers.Path | None = None
    """True where a place is left."""
    remaining: answers.Path | None = None
    """How many places are left; without `free`, one is enough."""
    places: answers.Path | None = None
    """How many there are."""
    open: answers.Path | None = None
    """True where it can be booked already. Without it, the announced opening tells."""
    pages: Pages | None = None
    every: Every = Every()

    @model_validator(mode="after")
    def _is_told(self) -> Self:
        if (self.start is None) == (self.starts is None):
            raise ValueError("say when the slots of an entry start: either start or starts")
        if self.free is None and self.remaining is None and not self.only_free:
            raise ValueError("how to tell that a slot is free is not said; write free: $.isAvailable, say")
        if self.only_free and (self.free or self.remaining):
            raise misplaced(("only_free",), "then nothing else is to be told: leave free and remaining out")
        if self.place and (self.location or self.sub_location):
            raise misplaced(("place",), "tells the location and the sub-location as well; leave them out")
        if self.location is None and self.place is None and not self.request.per_location:
            raise ValueError("where the location stands is not said; write location: $.product.name, say")
        has_page = "page" in (name for text in _texts_in(self.request.model_dump()) for name in names(text))
        if has_page != (self.pages is not None):
            needed = "the request has a {page}; write pages: {count: $.pageCount}, say"
            raise misplaced(("pages",), "is only for a request with a {page}" if self.pages else needed)
        return self


@dataclass(frozen=True, slots=True)
class Asked:
    """One question to the site.

    Attributes:
        location: The one it is about; None where it is about all of them.
    """

    url: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    location: str | None


def questions(profile: Profile, how: Availability, day: date, locations: Sequence[str]) -> tuple[Asked, ...]:
    """What to ask for a day: the first page of each list."""
    if not how.request.per_location:
        return (question(profile, how, day, None),)
    return tuple(question(profile, how, day, name) for name in locations)


def question(
    profile: Profile, how: Availability, day: date, location: str | None, page: int | None = None
) -> Asked:
    """What to ask for a day, at one location or at all; `page` is counted from the profile's first."""
    first = how.pages.first if how.pages else 0
    values: dict[str, Value | None] = {
        **of_a_day(day, profile.timezone),
        "page": first if page is None else page,
    }
    if location is not None:
        values |= {"location": location, **profile.locations[location].words_at(None)}
    request = how.request
    url = render(request.url, values)
    return Asked(
        profile.url + url if url.startswith("/") else url,
        tuple(
            (key, _written(one, values))
            for key, value in request.query.items()
            for one in (value if isinstance(value, list) else [value])
            if one is not None
        ),
        {name: render(text, values) for name, text in request.headers.items()},
        location,
    )


def of_a_day(day: date, zone: ZoneInfo) -> dict[str, Value | None]:
    """The values that placeholders have for a day; an hour more or less where the clocks change."""
    begins = datetime.combine(day, time(), zone)
    ends = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC) - timedelta(seconds=1)
    return {"date": day, "day_begins": begins.astimezone(UTC), "day_ends": ends}


def _written(value: Any, values: Mapping[str, Value | None]) -> str:
    filled = _filled(value, values)
    return filled if isinstance(filled, str) else json.dumps(filled, separators=(",", ":"))


def _filled(value: Any, values: Mapping[str, Value | None]) -> Any:
    match value:
        case str():
            return render(value, values)
        case dict():
            return {key: _filled(one, values) for key, one in value.items()}
        case list():
            return [_filled(one, values) for one in value]
        case _:
            return value


def page_count(how: Availability, body: Any) -> int:
    """How many pages a list has.

    Raises:
        MisreadError: The answer does not tell.
    """
    if how.pages is None:
        return 1
    return _number(how.pages.count, body)


def listed(profile: Profile, how: Availability, body: Any, location: str | None) -> Iterator[Listed]:
    """What an answer says of the slots at the profile's locations.

    Raises:
        MisreadError: The answer is not what the profile says.
    """
    for item in read_items(body, how.items, how.keep):
        place = _place(profile, how, item, location)
        if place is None:
            continue
        remaining = _told_number(how.remaining, item)
        if how.free is None and remaining is None and not how.only_free:
            raise MisreadError(f"an entry has nothing at {how.remaining}")
        is_free = how.only_free or (bool(remaining) if how.free is None else _truth(how.free, item))
        is_open = None if how.open is None else _truth(how.open, item)
        for start in _starts(profile, how, item):
            yield Listed(Slot(*place, start), is_free, is_open, remaining, _told_number(how.places, item))


def _place(
    profile: Profile, how: Availability, item: dict[str, Any], location: str | None
) -> tuple[str, str | None] | None:
    """The location and sub-location of an entry; None where the profile knows no such."""
    sub: object = None
    if how.place:
        name, sub = profile.place_known_by(how.place.word, str(how.place.at.of(item)))
    else:
        name = str(how.location.of(item) if how.location else location)
        sub = how.sub_location.of(item) if how.sub_location else None
    known = profile.locations.get(name)
    if known is None or (known.sub_locations and sub not in known.sub_locations):
        return None
    return name, str(sub) if known.sub_locations else None


def _starts(profile: Profile, how: Availability, item: dict[str, Any]) -> Iterator[datetime]:
    if how.starts is None:
        assert how.start is not None
        yield instant_of(how.start, item, profile.timezone)
        return
    found = how.starts.of(item)
    if not isinstance(found, list):
        raise MisreadError(f"an entry has no list at {how.starts}")
    for one in found:
        yield as_instant(one, how.starts, profile.timezone)


def _truth(path: JsonPath, item: dict[str, Any]) -> bool:
    value = path.of(item)
    if not isinstance(value, bool):
        raise MisreadError(f"an entry has neither true nor false at {path}")
    return value


def _told_number(path: JsonPath | None, item: dict[str, Any]) -> int | None:
    return None if path is None or path.of(item) is None else _number(path, item)


def _number(path: JsonPath, body: Any) -> int:
    value = path.of(body)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise MisreadError(f"there is no whole number at {path}")
    return value
