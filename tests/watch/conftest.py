"""A watch of a practice site over hours in no time: real requests, a real store, simulated clocks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from sniper.clock.bracket import Reading
from sniper.clock.clock import SimulatedClock
from sniper.core.watching import Pace
from sniper.practice.catalogue import CATALOGUE
from sniper.practice.clock import SimulatedTime
from sniper.practice.faults.spec import parse
from sniper.practice.lookups import Lookup
from sniper.practice.models import Participation
from sniper.practice.server import RunningSite, running_practice_site
from sniper.practice.settings import PracticeSettings
from sniper.site_client import site_client
from sniper.sites.library import bundled_folder, load_profile
from sniper.sites.profile import Profile
from sniper.store import Store
from sniper.watch.callbacks import Calls
from sniper.watch.happenings import Callback, Happening, WatchEnded, WatchEvent
from sniper.watch.reader import Reader
from sniper.watch.site_time import SiteTime
from sniper.watch.task import WatchTask
from sniper.watch.watcher import Book, Watcher
from tests.aio import run_async
from tests.core.worlds import X1, at, goal_of
from tests.store.conftest import store, url

__all__ = ["store", "url"]

NOON = datetime(2026, 11, 21, 11, 50, tzinfo=UTC)
"""Saturday 12:50 in Amsterdam: everything of Tuesday up to 12:00 has opened."""
PACE = Pace(timedelta(seconds=45), timedelta(seconds=30))
Do = Callable[[], object]


class JointClock(SimulatedClock):
    """Ours, which the site's machine goes by as well; and what is to happen when it gets there."""

    def __init__(self, source: SimulatedTime) -> None:
        super().__init__(source.now())
        self._source = source
        self._plans: list[tuple[datetime, Do]] = []

    def at(self, moment: datetime, do: Do) -> None:
        """Do this at an instant, whoever waits beyond it."""
        self._plans.append((moment, do))

    def advance(self, by: timedelta) -> None:
        """Let time pass, here and there."""
        super().advance(by)
        self._source.advance(by)

    async def sleep_until(self, moment: datetime) -> None:
        """Let time pass up to `moment`, with all that is to happen until then."""
        while due := [plan for plan in self._plans if plan[0] <= moment]:
            first = min(due, key=lambda plan: plan[0])
            self._plans.remove(first)
            self.advance(max(first[0] - self.now(), timedelta(0)))
            first[1]()
        self.advance(max(moment - self.now(), timedelta(0)))
        # What others do over HTTP meanwhile gets its turn.
        await asyncio.sleep(0)


@dataclass
class Heard:
    """A callback that keeps what it is told."""

    name: str = "the test"
    happenings: list[Happening] = field(default_factory=list)

    async def call(self, happening: Happening) -> None:
        """Keep it."""
        self.happenings.append(happening)


@dataclass
class Watched:
    """What is watched, and with what."""

    site: RunningSite
    profile: Profile
    store: Store
    clock: JointClock
    events: list[WatchEvent] = field(default_factory=list)
    heard: Heard = field(default_factory=Heard)

    def task(
        self,
        *,
        hours: int = 1,
        accounts: int = 1,
        once: bool = False,
        key: str = "the watch",
        **changes: Any,
    ) -> WatchTask:
        """An hour at X1 on Tuesday between 9 and 12, which has all opened, if nothing else is said."""
        goal = goal_of(X1, hours=hours, start=9, end=12)
        goal = replace(goal, **changes)
        crew = tuple(f"user{n}" for n in range(1, accounts + 1))
        return WatchTask(self.profile, goal, crew, key, PACE, once)

    def watch(
        self,
        task: WatchTask | None = None,
        *,
        book: Book | None = None,
        lasts: timedelta = timedelta(minutes=10),
        callbacks: Iterable[Callback] = (),
        lot: float = 0.5,
    ) -> WatchEnded | None:
        """Watch; None where it did not end by itself within that time."""

        async def go() -> WatchEnded | None:
            async with site_client(self.site.url) as client:
                watcher = await self.watcher(client, task or self.task(), book, callbacks, lot)
                watching = asyncio.create_task(watcher.run())
                self.clock.at(self.clock.now() + lasts, watching.cancel)
                try:
                    return await watching
                except asyncio.CancelledError:
                    return None

        return run_async(go())

    async def watcher(
        self,
        client: httpx.AsyncClient,
        task: WatchTask,
        book: Book | None = None,
        callbacks: Iterable[Callback] = (),
        lot: float = 0.5,
    ) -> Watcher:
        """One that knows the site's clock."""
        assert self.profile.availability is not None
        now = self.clock.now()
        first = Reading(now, now, self.site.clock.now().replace(microsecond=0))
        time = SiteTime(self.clock, first)
        calls = Calls((self.heard, *callbacks), lambda text: pytest.fail(text))
        reader = Reader(client, self.profile, self.profile.availability, self.clock)
        return Watcher(
            task, reader, time, self.clock, self.store, self.events.append, calls, book, lambda: lot
        )

    # -- what happens there

    def after(self, delay: timedelta, do: Do) -> None:
        """Let something happen so long from now."""
        self.clock.at(self.clock.now() + delay, do)

    def take(self, place: str, hour: int, who: str = "user4") -> Participation:
        """Somebody books a slot on Tuesday."""
        return self.site.venue.book(self.site.accounts.member(who), self.found(place, hour))

    def give_back(self, booking: Participation, who: str = "user4") -> None:
        """They cancel it."""
        self.site.venue.cancel(self.site.accounts.member(who), booking.id)

    def take_all(self, *, but: Iterable[tuple[str, int]] = (), hours: Iterable[int] = (9, 10, 11)) -> None:
        """Everything at X1 is taken, by different people."""
        left = set(but)
        people = (f"user{n}" for n in range(5, 21))
        for hour in hours:
            for place in ("X1 A", "X1 B"):
                if (place, hour) not in left:
                    self.take(place, hour, next(people))

    def found(self, place: str, hour: int) -> Any:
        """The site's own slot."""
        start = at(hour).astimezone(UTC)
        of_the_day = CATALOGUE.slots_on(at(hour).date())
        return next(one for one in of_the_day if one.label == place and one.start == start)

    def fault(self, *faults: str) -> None:
        """From now on these go wrong; none at all ends it."""
        self.site.faults.set([parse(one) for one in faults])

    # -- what was told and asked

    def of(self, kind: type) -> list[Any]:
        """The events of a kind."""
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def happened(self) -> list[str]:
        """What came and went: "appeared X1 A 10"."""
        return [
            f"{one.kind.value} {slot.place} {slot.start:%H}"
            for one in self.of(Happening)
            for slot in one.slots
        ]

    @property
    def asked(self) -> tuple[Lookup, ...]:
        """Who asked for the list, as the site has it."""
        return self.site.lookups.all


@pytest.fixture
def watched(tmp_path: Path, store: Store) -> Iterator[Watched]:
    """A site nobody else has booked anything at, its clock half a day behind ours."""
    web = tmp_path / "dist"
    web.mkdir()
    (web / "index.html").write_text("<!doctype html><title>app</title>")
    source = SimulatedTime(NOON + timedelta(hours=12))
    with running_practice_site(PracticeSettings(web=web, start=NOON), time_source=source) as site:
        profile = load_profile(_profile(tmp_path, site.url))
        yield Watched(site, profile, store, JointClock(source))


def _profile(folder: Path, url: str) -> Path:
    path = folder / "here.yaml"
    path.write_text(
        f"extends: {bundled_folder() / 'practice.yaml'}\nname: here\nbase_url: {url}\n"
        "availability: {every: {usually: 45s, floor: 30s}}\n"
    )
    return path
