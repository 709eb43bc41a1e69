"""Alarms for the days to come: APScheduler's jobs, derived from what the store says is due.

An alarm makes the daemon look, and no more: what is due then, is decided by the store. So an alarm that comes
late, twice, or for a day that is gone harms nobody, and one that does not come is made good by the next look.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Protocol

from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger

from sniper.store.repository import Store

_NEAR = timedelta(seconds=1)


class Wakes(Protocol):
    """Goes off at instants of this machine's clock."""

    def set(self, moments: Mapping[int, datetime]) -> None:
        """From now on there are alarms for these days at these instants, and for no others."""
        ...

    def pause(self) -> None:
        """None goes off until `resume`."""
        ...

    def resume(self) -> None:
        """What should have gone off meanwhile does now."""
        ...


class ScheduledWakes:
    """Alarms that APScheduler keeps in our database.

    Misfires: an alarm may be late by any time (`misfire_grace_time=None`), and of several of one day one is
    enough (`coalesce`).
    """

    def __init__(self, store: Store, look: Callable[[], None]) -> None:
        """Nothing is scheduled yet.

        Args:
            store: Where the jobs are kept.
            look: What the daemon does when one goes off.
        """
        self._store = store
        self._look = look
        self._set: dict[int, datetime] = {}
        self._scheduler = AsyncIOScheduler(
            timezone=UTC,
            jobstores={"default": store.job_store()},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )

    @contextmanager
    def running(self) -> Iterator[ScheduledWakes]:
        """Within the block alarms go off; their jobs stay in the database after it.

        Raises:
            EnvironmentProblem: The database does not answer.
        """
        with self._store.errors_told():
            self._scheduler.start()
            known = self._scheduler.get_jobs()
        self._set = {int(job.id): job.next_run_time for job in known}
        _WAITING.append(self._look)
        try:
            yield self
        finally:
            _WAITING.remove(self._look)
            self._scheduler.shutdown(wait=False)

    def set(self, moments: Mapping[int, datetime]) -> None:
        """Make the jobs what these days need.

        Raises:
            EnvironmentProblem: The database does not answer.
        """
        with self._store.errors_told():
            for number in self._set.keys() - moments.keys():
                with suppress(JobLookupError):  # it has gone off
                    self._scheduler.remove_job(str(number))
            for number, moment in moments.items():
                if not self._is_set(number, moment):
                    self._scheduler.add_job(
                        go_off, DateTrigger(moment), id=str(number), replace_existing=True
                    )
                    self._set[number] = moment
        self._set = {number: self._set[number] for number in moments}

    @property
    def jobs(self) -> dict[int, datetime]:
        """The alarms in the database, by their days."""
        with self._store.errors_told():
            return {int(job.id): job.next_run_time for job in self._scheduler.get_jobs()}

    def _is_set(self, number: int, moment: datetime) -> bool:
        """Is there such an alarm, still to come? Practice sites' clocks are read to some milliseconds."""
        known = self._set.get(number)
        return known is not None and abs(known - moment) < _NEAR and known > datetime.now(UTC)

    def pause(self) -> None:
        """Nothing of the scheduler's happens between an opening and its requests."""
        self._scheduler.pause()

    def resume(self) -> None:
        """Go on with it."""
        self._scheduler.resume()


_WAITING: list[Callable[[], None]] = []


async def go_off() -> None:
    """What every job does. It stands by its name in the database, so it finds by itself who is waiting."""
    for look in _WAITING:
        look()
