"""The tables. Only this package sees their rows; a change here needs a migration (a test compares them).

No column holds a password, a TOTP seed, a token or a cookie in clear: what an account signs in with
(`AccountSecretRow`), and what keeps it signed in (`SignInStateRow`), come here encrypted.

Instants are in UTC. Each column says whose clock it was read from: *site* (the estimate of the site's clock,
which is also what an opening is) or *local* (this machine's). `booking_date` and `time_slot`, `target_date`
and `target_time` are what a clock on the site's wall shows; `starts_at` is the same start as an instant,
because an October night has 02:00 twice.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from sqlalchemy import (
    JSON,
    ForeignKey,
    Index,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    text,
    true,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from sniper.core.availability import Found
from sniper.core.outcomes import Outcome, Proof
from sniper.core.plan import Role, Standing
from sniper.core.slots import Slot
from sniper.store.records import AttemptState, BookingStatus, JobStatus, LogAction, RunState, SecretKind
from sniper.store.types import Chain, Instant, OneSlot, SubLocation, free_words, slot_of, words, zone_name

_ACTIVE = text("status IN ('pending', 'confirmed')")


class Base(DeclarativeBase):
    """Every constraint has a name: without one, SQLite could never change it."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 (read by SQLAlchemy as it stands)
        datetime: Instant,
        dict[str, Any]: JSON(none_as_null=True),
        list[int]: JSON(none_as_null=True),
        list[str]: JSON(none_as_null=True),
    }


class HasSlot:
    """The columns that tell which slot a row is about."""

    location: Mapped[str]
    sub_location: Mapped[str | None] = mapped_column(SubLocation, nullable=False)
    booking_date: Mapped[date]
    time_slot: Mapped[time]
    starts_at: Mapped[datetime]
    zone: Mapped[str | None] = mapped_column(String(64))

    @property
    def slot(self) -> Slot:
        """The slot as the core knows it."""
        return slot_of(
            self.location, self.sub_location, self.starts_at, self.booking_date, self.time_slot, self.zone
        )


def slot_columns(slot: Slot) -> dict[str, Any]:
    """The values of `HasSlot`'s columns for a slot."""
    return {
        "location": slot.location,
        "sub_location": slot.sub_location,
        "booking_date": slot.day,
        "time_slot": slot.hour.replace(fold=0),
        "starts_at": slot.instant,
        "zone": zone_name(slot.start),
    }


def at_slot(slot: Slot) -> dict[str, Any]:
    """What to look for to find the row of a slot."""
    # A None here would be compared as NULL, before the column type can make it the empty text.
    return {
        "starts_at": slot.instant,
        "location": slot.location,
        "sub_location": slot.sub_location or "",
    }


class AccountRow(Base):
    """One person's access to a site. One that is not active is left out of runs that name it."""

    __tablename__ = "accounts"
    __table_args__ = (UniqueConstraint("site", "netid"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site: Mapped[str]
    netid: Mapped[str]
    is_active: Mapped[bool]
    created_at: Mapped[datetime]  # local
    updated_at: Mapped[datetime]  # local


class AccountSecretRow(Base):
    """Something an account signs in with, as `sniper.secrets` has sealed it."""

    __tablename__ = "account_secrets"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[SecretKind] = mapped_column(words(SecretKind, "kind"), primary_key=True)
    sealed: Mapped[str] = mapped_column(Text)
    saved_at: Mapped[datetime]  # local


class SignInStateRow(Base):
    """What keeps an account signed in from one run to the next, as `sniper.secrets` has sealed it.

    `expires_at` is when it ends by what the site has told, where that is known.
    """

    __tablename__ = "sign_in_states"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    sealed: Mapped[str] = mapped_column(Text)
    saved_at: Mapped[datetime]  # local
    expires_at: Mapped[datetime | None]  # site


class RunRow(Base):
    """One execution of a plan. `goal` is the snipe_config as given, without accounts.

    `accounts` are those it works with, by their ids. As long as it lives it says so in advance: nobody takes
    its leases before `alive_until`. `continues` is the unfinished run whose work it goes on with.
    """

    __tablename__ = "runs"
    __table_args__ = (Index(None, "site", "state"), Index(None, "site", "target_date"))

    id: Mapped[int] = mapped_column(primary_key=True)
    site: Mapped[str]
    rehearsal: Mapped[bool]
    goal: Mapped[dict[str, Any]]
    state: Mapped[RunState] = mapped_column(words(RunState, "state"))
    standing: Mapped[Standing | None] = mapped_column(words(Standing, "standing"))
    exit_code: Mapped[int | None]
    host: Mapped[str]
    pid: Mapped[int]
    started_at: Mapped[datetime]  # local
    finished_at: Mapped[datetime | None]  # local
    target_date: Mapped[date | None]
    accounts: Mapped[list[int] | None]
    presses: Mapped[bool] = mapped_column(server_default=true())
    continues: Mapped[int | None]
    alive_until: Mapped[datetime | None]  # local


class LeaseRow(Base):
    """Which run works with an account for a day. `sniper.store.leases` says who may take it when.

    `run_id` is the fencing number: it grows with every acquisition, and who writes for a run has to be it.
    """

    __tablename__ = "leases"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    target_date: Mapped[date] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"), index=True)


class WaveRow(Base):
    """What was planned for one opening of a run, and when it was to fire by what was known of the clock."""

    __tablename__ = "waves"
    __table_args__ = (UniqueConstraint("run_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"))
    number: Mapped[int]
    opens_at: Mapped[datetime]  # site
    reason: Mapped[str] = mapped_column(Text)
    planned_at: Mapped[datetime]  # local
    aim: Mapped[dict[str, Any] | None]

    run: Mapped[RunRow] = relationship()


class JobRow(Base):
    """One target of a run. Planned again by a later wave, the row goes over to that wave."""

    __tablename__ = "snipe_jobs"
    __table_args__ = (UniqueConstraint("run_id", "starts_at", "location", "sub_location"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"))
    wave_id: Mapped[int] = mapped_column(ForeignKey("waves.id", ondelete="CASCADE"), index=True)
    target_date: Mapped[date]
    target_time: Mapped[time]
    starts_at: Mapped[datetime]
    zone: Mapped[str | None] = mapped_column(String(64))
    location: Mapped[str]
    sub_location: Mapped[str | None] = mapped_column(SubLocation, nullable=False)
    priority: Mapped[int]
    scheduled_execution: Mapped[datetime]  # site
    status: Mapped[JobStatus] = mapped_column(words(JobStatus, "status"))
    assigned_accounts: Mapped[list[int]]
    consecutive_hours: Mapped[int]
    time_window_start: Mapped[time]
    time_window_end: Mapped[time]
    result: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]  # local
    executed_at: Mapped[datetime | None]  # local

    wave: Mapped[WaveRow] = relationship()

    @property
    def slot(self) -> Slot:
        """The target as the core knows it."""
        return slot_of(
            self.location, self.sub_location, self.starts_at, self.target_date, self.target_time, self.zone
        )


class AttemptRow(Base):
    """One account's try in a wave: written open before it is fired, closed with its outcome.

    `chain` is what it may try, `ended_at` the one slot it ended at.
    """

    __tablename__ = "attempts"
    __table_args__ = (Index(None, "run_id", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"))
    wave_id: Mapped[int] = mapped_column(ForeignKey("waves.id", ondelete="CASCADE"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    role: Mapped[Role] = mapped_column(words(Role, "role"))
    chain: Mapped[tuple[Slot, ...]] = mapped_column(Chain)
    opens_at: Mapped[datetime]  # site
    state: Mapped[AttemptState] = mapped_column(words(AttemptState, "state"))
    opened_at: Mapped[datetime]  # local
    outcome: Mapped[Outcome | None] = mapped_column(free_words(Outcome))
    ended_at: Mapped[Slot | None] = mapped_column(OneSlot)
    reference: Mapped[str | None]
    message: Mapped[str | None] = mapped_column(Text)
    evidence: Mapped[str | None] = mapped_column(Text)
    fired_at: Mapped[datetime | None]  # site
    closed_at: Mapped[datetime | None]  # local
    timeline: Mapped[dict[str, Any] | None]

    account: Mapped[AccountRow] = relationship()
    wave: Mapped[WaveRow] = relationship()


class BookingRow(HasSlot, Base):
    """A slot an account holds or held.

    An account is in one place at a time: of its active bookings no two start at the same instant. A cancelled
    one does not count, so that the hour can be booked again.
    """

    __tablename__ = "bookings"
    __table_args__ = (
        Index(
            "uq_bookings_active",
            "account_id",
            "starts_at",
            unique=True,
            sqlite_where=_ACTIVE,
            postgresql_where=_ACTIVE,
        ),
        Index(None, "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    site: Mapped[str]
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id", ondelete="SET NULL"), index=True)
    rehearsal: Mapped[bool]
    status: Mapped[BookingStatus] = mapped_column(words(BookingStatus, "status"))
    proof: Mapped[Proof] = mapped_column(words(Proof, "proof"))
    booking_reference: Mapped[str | None]
    created_at: Mapped[datetime]  # local
    updated_at: Mapped[datetime]  # local

    account: Mapped[AccountRow] = relationship()


class AvailabilityRow(HasSlot, Base):
    """What is last known of a slot: a cache, as old as `last_checked` says.

    `found` is how it was last found, None where nobody has looked at it while it could be open; the look was
    from `look_began` to `look_ended`.
    """

    __tablename__ = "slot_availability"
    __table_args__ = (UniqueConstraint("site", "starts_at", "location", "sub_location"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site: Mapped[str]
    is_available: Mapped[bool]
    total_capacity: Mapped[int | None]
    remaining_capacity: Mapped[int | None]
    last_checked: Mapped[datetime]  # local
    found: Mapped[Found | None] = mapped_column(free_words(Found))
    look_began: Mapped[datetime | None]  # site
    look_ended: Mapped[datetime | None]  # site


class PastOddsRow(Base):
    """What runs that were pruned since had won and lost: plans take their odds from it as from the log."""

    __tablename__ = "past_odds"
    __table_args__ = (UniqueConstraint("site", "location", "time_slot"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site: Mapped[str]
    location: Mapped[str]
    time_slot: Mapped[time]
    won: Mapped[int]
    lost: Mapped[int]


class LogRow(HasSlot, Base):
    """What was done at a slot, line by line; never changed afterwards."""

    __tablename__ = "booking_log"

    id: Mapped[int] = mapped_column(primary_key=True)
    site: Mapped[str]
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id", ondelete="SET NULL"), index=True)
    attempt_id: Mapped[int | None] = mapped_column(ForeignKey("attempts.id", ondelete="SET NULL"), index=True)
    action: Mapped[LogAction] = mapped_column(words(LogAction, "action"))
    outcome: Mapped[Outcome | None] = mapped_column(free_words(Outcome))
    booking_reference: Mapped[str | None]
    error_message: Mapped[str | None] = mapped_column(Text)
    execution_time_ms: Mapped[int | None]
    started_at: Mapped[datetime | None]  # site
    timestamp: Mapped[datetime]  # local

    account: Mapped[AccountRow] = relationship()
