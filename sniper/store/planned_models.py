"""The tables of what is wanted again and again, and of who serves it; see `sniper.store.models`."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Float, ForeignKey, Index, LargeBinary, String, Text, Unicode, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from sniper.store.models import Base
from sniper.store.planned import OccurrenceState, ScheduleState
from sniper.store.types import words


class ScheduleRow(Base):
    """Days on which something is wanted at a site. `goal` is a snipe_config without its day and accounts.

    `accounts` are names; none means all that the site has. `origin` is `command`, or the path of the file
    that names it. `profile` is where the profile is found. `starts_on` to `excluded` are a `Recurrence`.
    """

    __tablename__ = "schedules"
    __table_args__ = (UniqueConstraint("origin", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    origin: Mapped[str]
    site: Mapped[str]
    profile: Mapped[str]
    zone: Mapped[str] = mapped_column(String(64))
    starts_on: Mapped[date | None]
    rule: Mapped[str | None]
    at: Mapped[time | None]
    until: Mapped[date | None]
    count: Mapped[int | None]
    excluded: Mapped[list[str]]
    goal: Mapped[dict[str, Any]]
    accounts: Mapped[list[str]]
    state: Mapped[ScheduleState] = mapped_column(words(ScheduleState, "state"))
    created_at: Mapped[datetime]  # local
    updated_at: Mapped[datetime]  # local


class OccurrenceRow(Base):
    """One day of a schedule: when a run for it is due, and what became of it.

    What is due stands here and nowhere else. Where the clocks leave nothing to book, there is no start.
    """

    __tablename__ = "occurrences"
    __table_args__ = (UniqueConstraint("schedule_id", "target_date"), Index(None, "state", "wake_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    schedule_id: Mapped[int] = mapped_column(ForeignKey("schedules.id", ondelete="CASCADE"))
    target_date: Mapped[date]
    starts_at: Mapped[datetime | None]
    opens_at: Mapped[datetime | None]  # site
    wake_at: Mapped[datetime | None]  # site
    state: Mapped[OccurrenceState] = mapped_column(words(OccurrenceState, "state"))
    reason: Mapped[str | None] = mapped_column(Text)
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id", ondelete="SET NULL"), index=True)
    updated_at: Mapped[datetime]  # local

    schedule: Mapped[ScheduleRow] = relationship()


class DaemonRow(Base):
    """A `sniper serve`. The last one has the place, for as long as it says in advance that it lives.

    `asked` counts how often it was asked to read its files again, `done` how far it has come with that, and
    `complaint` is what was wrong with them the last time.
    """

    __tablename__ = "daemons"

    id: Mapped[int] = mapped_column(primary_key=True)
    host: Mapped[str]
    pid: Mapped[int]
    files: Mapped[list[str]]
    started_at: Mapped[datetime]  # local
    alive_until: Mapped[datetime]  # local
    ended_at: Mapped[datetime | None]  # local
    asked: Mapped[int]
    done: Mapped[int]
    complaint: Mapped[str | None] = mapped_column(Text)


class WakeRow(Base):
    """When to look at a day: a job of APScheduler's with the columns it wants, derived from `occurrences`."""

    __tablename__ = "scheduler_jobs"

    id: Mapped[str] = mapped_column(Unicode(191), primary_key=True)
    next_run_time: Mapped[float | None] = mapped_column(Float(25), index=True)
    job_state: Mapped[bytes] = mapped_column(LargeBinary)
