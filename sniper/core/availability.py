"""What a look at the site's list shows of its slots, and what has changed since the look before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sniper.core.slots import Slot


class Found(StrEnum):
    """How a slot was found."""

    CLOSED = "closed"
    """It cannot be booked yet."""
    FREE = "free"
    TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class Listed:
    """What the list says of a slot.

    Attributes:
        is_free: Has it a place left?
        is_open: Can it be booked yet? None where the list does not say: the announced opening tells then.
        remaining: How many places are left, where that is told.
        places: How many it has, where that is told.
    """

    slot: Slot
    is_free: bool
    is_open: bool | None = None
    remaining: int | None = None
    places: int | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """When the site was looked at, on its clock.

    It made its answer some time in between: what it shows was so at some instant from `began` to `ended`.
    """

    began: datetime
    ended: datetime


@dataclass(frozen=True, slots=True)
class Last:
    """What was last known of a slot.

    Attributes:
        found: None where it was never found open, and may be anything by now.
        look: When it was last looked at; None where that is not known.
    """

    found: Found | None = None
    look: Look | None = None


class What(StrEnum):
    """What happened to a slot between two looks."""

    OPENED = "opened"
    """The site itself says that it can be booked, and said before that it could not."""
    FREE = "free"
    """The first time that it was found open, it had a place left."""
    TAKEN = "taken"
    CAME_BACK = "came back"
    """It was taken, and has a place again."""


class Source(StrEnum):
    """Who saw it."""

    WATCH = "watch"
    RUN = "run"


@dataclass(frozen=True, slots=True)
class Observation:
    """Something happened to a slot, at an instant nobody saw: later than `after`, and not later than `by`.

    All instants are on the site's clock.

    Attributes:
        opens_at: When its opening was announced for.
        after: It was not so yet then; None where nobody had looked before.
        by: It was so then.
    """

    slot: Slot
    what: What
    opens_at: datetime
    after: datetime | None
    by: datetime
    source: Source = Source.WATCH


def found(listed: Listed | None, before: Found | None, opens_at: datetime, look: Look) -> Found | None:
    """How a slot was found; None where that cannot be told.

    A list may leave out what cannot be booked: what is missing before its opening is closed, and later on
    taken. One that was never found open may also open late.
    """
    is_due = look.ended >= opens_at
    if listed is None:
        if not is_due:
            return Found.CLOSED
        return Found.TAKEN if before in (Found.FREE, Found.TAKEN) else before
    if not (is_due if listed.is_open is None else listed.is_open):
        return Found.CLOSED
    return Found.FREE if listed.is_free else Found.TAKEN


def changes(
    slots: Iterable[Slot],
    before: Mapping[Slot, Last],
    listed: Mapping[Slot, Listed],
    openings: Mapping[Slot, datetime],
    look: Look,
) -> Iterator[Observation]:
    """What has happened to slots since each was last looked at.

    Args:
        slots: Those that have not begun.
        before: What was known of each; nothing for one that is new.
        listed: What the list says now.
        openings: When the opening of each was announced for.
        look: This one.
    """
    for slot in slots:
        last = before.get(slot, Last())
        opens_at, one = openings[slot], listed.get(slot)
        now = found(one, last.found, opens_at, look)
        tells_opening = one is not None and one.is_open is not None and last.found is Found.CLOSED
        for what in _happened(last.found, now, tells_opening=tells_opening):
            yield Observation(slot, what, opens_at, last.look.began if last.look else None, look.ended)


def _happened(before: Found | None, now: Found | None, *, tells_opening: bool) -> Iterator[What]:
    is_new = before in (None, Found.CLOSED)
    if is_new and now in (Found.FREE, Found.TAKEN) and tells_opening:
        yield What.OPENED
    if is_new and now is Found.FREE:
        yield What.FREE
    if now is Found.TAKEN and before is not Found.TAKEN:
        yield What.TAKEN
    if before is Found.TAKEN and now is Found.FREE:
        yield What.CAME_BACK
