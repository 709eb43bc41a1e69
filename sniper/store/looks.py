"""Looks at a site's lists in the store: who may ask when, what was seen, and what a watch has told."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from sniper.core.availability import Found, Last, Listed, Look, Observation, changes, found
from sniper.core.slots import Slot
from sniper.store.models import AvailabilityRow, BookingRow, LogRow, slot_columns
from sniper.store.observations import add_observation
from sniper.store.seen_models import AskedSiteRow, ObservationRow, ReadingRow, WatchRow
from sniper.store.transactions import Transactions


@dataclass(frozen=True, slots=True)
class MayAsk:
    """It is our turn, and nobody else's until the floor is over. `failures`: so many in a row came before."""

    failures: int


@dataclass(frozen=True, slots=True)
class Fresh:
    """Somebody has just looked, at this instant of this machine's clock: what they saw is as good as new."""

    read_at: datetime


@dataclass(frozen=True, slots=True)
class NotYet:
    """The site is not to be asked before this instant of this machine's clock.

    Attributes:
        failures: How often it has not answered in a row.
        is_left_alone: It wants so, or does not answer; else somebody has asked it just now.
    """

    until: datetime
    failures: int = 0
    is_left_alone: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """What is last known of a slot, and how many places it has and has left, as far as that was told."""

    last: Last
    remaining: int | None = None
    places: int | None = None

    @property
    def is_free(self) -> bool:
        """Could it be booked when it was last looked at?"""
        return self.last.found is Found.FREE


@dataclass(frozen=True, slots=True)
class WatchMemory:
    """What a watch has told and is still to be had, and what a run was begun for."""

    told: frozenset[Slot] = frozenset()
    tried: frozenset[Slot] = frozenset()


@dataclass(frozen=True, slots=True)
class Sightings:
    """All that was seen at a site.

    Attributes:
        ours: Slots that accounts of ours have had, or tried to get: what became of them is our doing, too.
        still_free: When slots that were not seen taken since were last seen free.
        rehearsal: It is only the practice site.
    """

    observations: tuple[Observation, ...]
    ours: frozenset[Slot]
    still_free: Mapping[Slot, datetime]
    rehearsal: bool = False


class Looks(Transactions):
    """The part of the store that is about looking without booking; see `Store`."""

    def claim_look(
        self, site: str, day: date, locations: Collection[str | None], floor: timedelta, *, now: datetime
    ) -> MayAsk | Fresh | NotYet:
        """May the site be asked for its lists of a day? Whoever gets to may be the only one for a while.

        Args:
            site: The profile's name.
            day: On the site's calendar.
            locations: Which lists: `{None}` where one holds all locations.
            floor: The least there is from one look to the next, whoever looks, at whatever day.
            now: This machine's time.
        """
        with self._write() as session:
            readings = session.scalars(select(ReadingRow).filter_by(site=site, target_date=day)).all()
            read_at = {row.location: row.read_at for row in readings}
            known = [read_at.get(one or "") for one in locations]
            oldest = min((one for one in known if one is not None), default=now)
            if None not in known and timedelta(0) <= now - oldest < floor:
                return Fresh(oldest)
            row = session.get(AskedSiteRow, site)
            if row is None:
                session.add(AskedSiteRow(site=site, asked_at=now, failures=0))
                return MayAsk(0)
            # A clock that was set back must not keep everybody waiting until it has caught up.
            until = row.asked_at + floor if row.asked_at <= now else now
            if row.left_alone_until is not None and row.left_alone_until > max(until, now):
                return NotYet(row.left_alone_until, row.failures, is_left_alone=True)
            if until > now:
                return NotYet(until, row.failures)
            row.asked_at = now
            return MayAsk(row.failures)

    def note_failure(self, site: str, left_alone_until: datetime, *, now: datetime) -> None:
        """The site did not answer a look, and is left alone until an instant of this machine's clock."""
        with self._write() as session:
            row = session.get(AskedSiteRow, site) or AskedSiteRow(site=site, failures=0)
            row.asked_at, row.left_alone_until = now, left_alone_until
            row.failures += 1
            session.add(row)

    def note_look(
        self,
        site: str,
        day: date,
        locations: Collection[str | None],
        slots: Iterable[Slot],
        listed: Iterable[Listed],
        opening_of: Callable[[Slot], datetime | None],
        look: Look,
        *,
        rehearsal: bool = False,
        now: datetime,
    ) -> tuple[Observation, ...]:
        """Write down what the lists of a day show; returns what has happened since they were last seen.

        Args:
            site: The profile's name.
            day: On the site's calendar.
            locations: Which lists were read: `{None}` where one holds all locations.
            slots: What might stand on them: every slot of theirs that is of interest.
            listed: What stands on them.
            opening_of: When a slot was announced to open; None for what nobody knows any more.
            look: When, on the site's clock.
            rehearsal: Is it only the practice site?
            now: This machine's time.
        """
        entries = {one.slot: one for one in listed}
        with self._write() as session:
            rows = {row.slot: row for row in _rows(session, site, day) if _is_read(row.location, locations)}
            openings = {
                slot: opens_at
                for slot in dict.fromkeys((*slots, *entries, *rows))
                if slot.instant > look.began and (opens_at := opening_of(slot)) is not None
            }
            before = {slot: _last(rows[slot]) for slot in openings if slot in rows}
            happened = tuple(changes(openings, before, entries, openings, look))
            for one in happened:
                add_observation(session, site, one, rehearsal=rehearsal)
            for slot, opens_at in openings.items():
                row = rows.get(slot)
                state = found(entries.get(slot), before.get(slot, Last()).found, opens_at, look)
                if row is None:
                    if state is None:
                        continue
                    row = AvailabilityRow(site=site, **slot_columns(slot))
                    session.add(row)
                _write_down(row, state, entries.get(slot), look, now)
            for location in locations:
                session.merge(ReadingRow(site=site, target_date=day, location=location or "", read_at=now))
            session.merge(AskedSiteRow(site=site, asked_at=now, failures=0, left_alone_until=None))
        return happened

    def seen(self, site: str, day: date) -> dict[Slot, Seen]:
        """What is last known of the slots of a day."""
        with self._read() as session:
            return {
                row.slot: Seen(_last(row), row.remaining_capacity, row.total_capacity)
                for row in _rows(session, site, day)
            }

    def sightings(self, site: str, *, since: datetime | None = None) -> Sightings:
        """All that was seen at a site, in the order in which it was written down.

        Args:
            site: The profile's name.
            since: Only slots that begin later than this.
        """
        with self._read() as session:
            query = select(ObservationRow).filter_by(site=site).order_by(ObservationRow.id)
            rows = session.scalars(
                query if since is None else query.where(ObservationRow.starts_at >= since)
            ).all()
            booked = session.scalars(select(BookingRow).filter_by(site=site)).all()
            tried = session.scalars(
                select(LogRow).where(LogRow.site == site, LogRow.attempt_id.is_not(None))
            ).all()
            free = session.scalars(select(AvailabilityRow).filter_by(site=site, found=Found.FREE)).all()
            return Sightings(
                tuple(
                    Observation(row.slot, row.what, row.opens_at, row.seen_before, row.seen_at, row.source)
                    for row in rows
                ),
                frozenset(row.slot for row in booked) | frozenset(row.slot for row in tried),
                {row.slot: row.look_began for row in free if row.look_began is not None},
                any(row.rehearsal for row in rows),
            )

    def sites_seen(self) -> Sequence[str]:
        """The sites that something was seen at."""
        with self._read() as session:
            return session.scalars(select(ObservationRow.site).distinct().order_by(ObservationRow.site)).all()

    def watch_memory(self, site: str, key: str) -> WatchMemory:
        """What a watch has told and tried; nothing for one that is new."""
        with self._read() as session:
            row = session.scalar(select(WatchRow).filter_by(site=site, key=key))
            return WatchMemory() if row is None else WatchMemory(frozenset(row.told), frozenset(row.tried))

    def remember_watch(self, site: str, key: str, day: date, memory: WatchMemory, *, now: datetime) -> None:
        """Keep what a watch has told and tried for when it is started again."""
        with self._write() as session:
            row = session.scalar(select(WatchRow).filter_by(site=site, key=key))
            if row is None:
                row = WatchRow(site=site, key=key, target_date=day)
                session.add(row)
            row.told, row.tried, row.updated_at = _sorted(memory.told), _sorted(memory.tried), now


def _rows(session: Session, site: str, day: date) -> Sequence[AvailabilityRow]:
    return session.scalars(select(AvailabilityRow).filter_by(site=site, booking_date=day)).all()


def _is_read(location: str, lists: Collection[str | None]) -> bool:
    return None in lists or location in lists


def _last(row: AvailabilityRow) -> Last:
    look = Look(row.look_began, row.look_ended) if row.look_began and row.look_ended else None
    return Last(row.found, look)


def _write_down(
    row: AvailabilityRow, state: Found | None, entry: Listed | None, look: Look, now: datetime
) -> None:
    row.found, row.is_available = state, state is Found.FREE
    row.look_began, row.look_ended, row.last_checked = look.began, look.ended, now
    row.remaining_capacity = entry.remaining if entry else None
    if entry is not None and entry.places is not None:
        row.total_capacity = entry.places
    if state is Found.TAKEN:
        row.remaining_capacity = 0


def _sorted(slots: Iterable[Slot]) -> tuple[Slot, ...]:
    return tuple(sorted(slots, key=lambda slot: (slot.instant, slot.location, slot.place)))
