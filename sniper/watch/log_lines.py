"""A watch's events as lines of the log."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from sniper.core.slots import Slot
from sniper.events import Noted
from sniper.logs import logger
from sniper.watch.happenings import (
    BookingBegins,
    BookingEnded,
    Happening,
    Looked,
    Paused,
    WatchBegins,
    WatchEnded,
    WatchEvent,
)

_LOG = logger("watch")


def write(event: WatchEvent) -> None:
    """Log an event. Looks are so many that only who wants every detail gets them."""
    match event:
        case WatchBegins():
            _LOG.info("watch began", title=event.title, day=event.goal.target_date, books=event.books)
        case Looked():
            _LOG.debug("looked", to_be_had=_named(event.to_be_had), requests=event.requests)
        case Paused():
            _LOG.warning("paused", why=event.why, until=event.until, failures=event.failures)
        case Happening():
            _LOG.info(event.kind.value, slots=_named(event.slots))
        case BookingBegins():
            _LOG.info("a run begins", slots=_named(event.slots))
        case BookingEnded():
            number = None if event.result is None else event.result.run_id
            _LOG.info("the run is over", run=number, problem=event.problem or None)
        case WatchEnded():
            _LOG.info("watch ended", why=event.why, standing=event.standing.value)
        case Noted(text, problem):
            (_LOG.warning if problem else _LOG.info)(text)
        case _:
            assert_never(event)


def _named(slots: Iterable[Slot]) -> list[str]:
    return [str(slot) for slot in slots]
