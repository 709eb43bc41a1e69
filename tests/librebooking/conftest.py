"""The imitation of LibreBooking, and engines on it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from sniper.clock.clock import SystemClock
from sniper.core.plan import Attempt, Held, Role
from sniper.core.slots import Slot
from sniper.core.tries import Try
from sniper.engine.browser.engine import BrowserEngine
from sniper.engine.browser.firing import Mode
from sniper.engine.protocol import Credentials, Order
from sniper.sites.library import load_profile
from sniper.sites.profile import Profile
from tests.engine.benches import SharedBrowser
from tests.engine.conftest import _few_readings, mode, shared_browser
from tests.librebooking.site import LibreBooking, running
from tests.librebooking.venue import ZONE, Venue

__all__ = ["_few_readings", "mode", "shared_browser"]

Result = TypeVar("Result")
MINE = """\
name: mine
title: Tennis club
extends: librebooking
base_url: {url}
timezone: Europe/Berlin
locations:
  Courts:
    opens: {{before_end: 72h}}
    sub_locations: [Court 1, Court 2]
    words: {{sid: "1", rid: {{Court 1: "1", Court 2: "2"}}}}
"""
"""A profile of one's own, as docs/librebooking.md shows it."""


@dataclass
class Club:
    """A LibreBooking, the profile of somebody's own for it, and engines on it."""

    site: LibreBooking
    profile: Profile
    folder: Path
    mode: Mode
    shared: SharedBrowser

    def slot(self, court: int = 1, hour: int = 10) -> Slot:
        """In two days."""
        day = datetime.now(ZONE).date() + timedelta(days=2)
        return Slot("Courts", f"Court {court}", datetime.combine(day, time(hour), ZONE))

    def opens_in(self, left: timedelta, slot: Slot) -> datetime:
        """Let a slot open in so much time from now: the instant, by the end of the slot."""
        at = datetime.now(UTC) + left
        self.site.venue.notice = slot.instant + timedelta(hours=1) - at
        return at

    def run(self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        """Run what engines do."""
        return self.shared.loop.run(coroutine)

    @asynccontextmanager
    async def engine(self, **changes: Any) -> AsyncIterator[BrowserEngine]:
        """A started engine; `changes` are to the profile."""
        profile = self.profile.model_copy(update=changes)
        async with BrowserEngine(
            profile, SystemClock(), self.folder, self.shared.pool, mode=self.mode
        ) as engine:
            yield engine


async def sign_in(engine: BrowserEngine, account: str) -> None:
    """With the right password."""
    await engine.sign_in(Credentials(account, f"secret of {account}"))


async def fire(
    engine: BrowserEngine,
    account: str,
    *chain: Slot,
    at: datetime | None = None,
    before: Callable[[], object] = lambda: None,
) -> tuple[Try, ...]:
    """Park, let something happen, and fire: at once, unless told."""
    attempt = Attempt(account, chain, Role.LEAD)
    await engine.arm(attempt)
    before()
    return (await engine.fire(attempt, Order(at or datetime.now(UTC) - timedelta(seconds=1)))).tries


async def held(engine: BrowserEngine, account: str) -> list[Held]:
    """What *my bookings* says, the earlier first."""
    return sorted(await engine.my_bookings(account), key=lambda one: one.slot.instant)


@pytest.fixture
def club(tmp_path: Path, mode: Mode, shared_browser: SharedBrowser) -> Iterator[Club]:
    """Ann's language is English, and Bert's is German."""
    with ExitStack() as stack:
        site = stack.enter_context(running(Venue({"ann": "en", "bert": "de"})))
        path = tmp_path / "mine.yaml"
        path.write_text(MINE.format(url=site.url), encoding="utf-8")
        yield Club(site, load_profile(path), tmp_path, mode, shared_browser)
