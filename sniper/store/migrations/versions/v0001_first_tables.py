"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_ACTIVE = sa.text("status IN ('pending', 'confirmed')")


def upgrade() -> None:
    """To 0001."""
    op.create_table(
        "accounts",
        _id(),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("netid", sa.String(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        _instant("created_at"),
        _instant("updated_at"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("site", "netid", name=op.f("uq_accounts_site_netid")),
    )
    op.create_table(
        "runs",
        _id(),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("rehearsal", sa.Boolean(), nullable=False),
        sa.Column("goal", sa.JSON(), nullable=False),
        _word("state", "running", "finished", "interrupted", "crashed"),
        _word("standing", "reached", "fallback", "missed", nullable=True),
        sa.Column("exit_code", sa.Integer(), nullable=True),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        _instant("started_at"),
        _instant("finished_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    op.create_index(op.f("ix_runs_site_state"), "runs", ["site", "state"])
    op.create_table(
        "waves",
        _id(),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        _instant("opens_at"),
        sa.Column("reason", sa.Text(), nullable=False),
        _instant("planned_at"),
        _run("waves", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waves")),
        sa.UniqueConstraint("run_id", "number", name=op.f("uq_waves_run_id_number")),
    )
    _create_snipe_jobs()
    _create_attempts()
    _create_bookings()
    op.create_table(
        "slot_availability",
        _id(),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("is_available", sa.Boolean(), nullable=False),
        sa.Column("total_capacity", sa.Integer(), nullable=True),
        sa.Column("remaining_capacity", sa.Integer(), nullable=True),
        _instant("last_checked"),
        *_slot(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slot_availability")),
        sa.UniqueConstraint(
            "site",
            "starts_at",
            "location",
            "sub_location",
            name=op.f("uq_slot_availability_site_starts_at_location_sub_location"),
        ),
    )
    _create_booking_log()


def downgrade() -> None:
    """Back to nothing."""
    for table in (
        "booking_log",
        "slot_availability",
        "bookings",
        "attempts",
        "snipe_jobs",
        "waves",
        "runs",
        "accounts",
    ):
        op.drop_table(table)


def _create_snipe_jobs() -> None:
    op.create_table(
        "snipe_jobs",
        _id(),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("target_date", sa.Date(), nullable=False),
        sa.Column("target_time", sa.Time(), nullable=False),
        _instant("starts_at"),
        sa.Column("zone", sa.String(64), nullable=True),
        sa.Column("location", sa.String(), nullable=False),
        sa.Column("sub_location", sa.String(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        _instant("scheduled_execution"),
        _word("status", "scheduled", "running", "completed", "failed"),
        sa.Column("assigned_accounts", sa.JSON(), nullable=False),
        sa.Column("consecutive_hours", sa.Integer(), nullable=False),
        sa.Column("time_window_start", sa.Time(), nullable=False),
        sa.Column("time_window_end", sa.Time(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=True),
        _instant("created_at"),
        _instant("executed_at", nullable=True),
        _run("snipe_jobs", ondelete="CASCADE"),
        _wave("snipe_jobs"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snipe_jobs")),
        sa.UniqueConstraint(
            "run_id",
            "starts_at",
            "location",
            "sub_location",
            name=op.f("uq_snipe_jobs_run_id_starts_at_location_sub_location"),
        ),
    )
    op.create_index(op.f("ix_snipe_jobs_wave_id"), "snipe_jobs", ["wave_id"])


def _create_attempts() -> None:
    op.create_table(
        "attempts",
        _id(),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        _word("role", "lead", "backup"),
        sa.Column("chain", sa.JSON(), nullable=False),
        _instant("opens_at"),
        _word("state", "open", "closed"),
        _instant("opened_at"),
        sa.Column("outcome", sa.String(32), nullable=True),
        sa.Column("ended_at", sa.JSON(), nullable=True),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=True),
        _instant("fired_at", nullable=True),
        _instant("closed_at", nullable=True),
        sa.Column("timeline", sa.JSON(), nullable=True),
        _account("attempts"),
        _run("attempts", ondelete="CASCADE"),
        _wave("attempts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
    )
    op.create_index(op.f("ix_attempts_run_id_state"), "attempts", ["run_id", "state"])
    op.create_index(op.f("ix_attempts_wave_id"), "attempts", ["wave_id"])


def _create_bookings() -> None:
    op.create_table(
        "bookings",
        _id(),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("rehearsal", sa.Boolean(), nullable=False),
        _word("status", "pending", "confirmed", "failed", "cancelled"),
        _word("proof", "confirmed", "unverified", "doubled"),
        sa.Column("booking_reference", sa.String(), nullable=True),
        _instant("created_at"),
        _instant("updated_at"),
        *_slot(),
        _account("bookings"),
        _run("bookings", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bookings")),
    )
    op.create_index(op.f("ix_bookings_run_id"), "bookings", ["run_id"])
    op.create_index(op.f("ix_bookings_starts_at"), "bookings", ["starts_at"])
    op.create_index(
        "uq_bookings_active",
        "bookings",
        ["account_id", "starts_at"],
        unique=True,
        sqlite_where=_ACTIVE,
        postgresql_where=_ACTIVE,
    )


def _create_booking_log() -> None:
    op.create_table(
        "booking_log",
        _id(),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("attempt_id", sa.Integer(), nullable=True),
        _word("action", "attempt", "success", "failure", "cancel"),
        sa.Column("outcome", sa.String(32), nullable=True),
        sa.Column("booking_reference", sa.String(), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("execution_time_ms", sa.Integer(), nullable=True),
        _instant("started_at", nullable=True),
        _instant("timestamp"),
        *_slot(),
        _account("booking_log"),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["attempts.id"],
            name=op.f("fk_booking_log_attempt_id_attempts"),
            ondelete="SET NULL",
        ),
        _run("booking_log", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_log")),
    )
    op.create_index(op.f("ix_booking_log_attempt_id"), "booking_log", ["attempt_id"])
    op.create_index(op.f("ix_booking_log_run_id"), "booking_log", ["run_id"])


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer(), nullable=False)


def _instant(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _word(name: str, *values: str, nullable: bool = False) -> sa.Column[str]:
    kind = sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)
    return sa.Column(name, kind, nullable=nullable)


def _slot() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("location", sa.String(), nullable=False),
        sa.Column("sub_location", sa.String(), nullable=False),
        sa.Column("booking_date", sa.Date(), nullable=False),
        sa.Column("time_slot", sa.Time(), nullable=False),
        _instant("starts_at"),
        sa.Column("zone", sa.String(64), nullable=True),
    )


def _account(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["account_id"], ["accounts.id"], name=op.f(f"fk_{table}_account_id_accounts")
    )


def _run(table: str, ondelete: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["run_id"], ["runs.id"], name=op.f(f"fk_{table}_run_id_runs"), ondelete=ondelete
    )


def _wave(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["wave_id"], ["waves.id"], name=op.f(f"fk_{table}_wave_id_waves"), ondelete="CASCADE"
    )
