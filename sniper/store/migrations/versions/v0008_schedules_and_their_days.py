"""Schedules, and their days: what is due is data."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_SCHEDULE_STATES = ("active", "paused", "removed")
_DAY_STATES = ("pending", "running", "booked", "fallback", "lost", "missed", "skipped")


def upgrade() -> None:
    """To 0007."""
    op.create_table(
        "schedules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("profile", sa.String(), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("rule", sa.String(), nullable=True),
        sa.Column("at", sa.Time(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("count", sa.Integer(), nullable=True),
        sa.Column("excluded", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("goal", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("accounts", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("state", _words(_SCHEDULE_STATES), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedules")),
        sa.UniqueConstraint("origin", "name", name=op.f("uq_schedules_origin_name")),
    )
    op.create_table(
        "occurrences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("schedule_id", sa.Integer(), nullable=False),
        sa.Column("target_date", sa.Date(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("wake_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", _words(_DAY_STATES), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["runs.id"], name=op.f("fk_occurrences_run_id_runs"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["schedule_id"],
            ["schedules.id"],
            name=op.f("fk_occurrences_schedule_id_schedules"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_occurrences")),
        sa.UniqueConstraint(
            "schedule_id", "target_date", name=op.f("uq_occurrences_schedule_id_target_date")
        ),
    )
    op.create_index(op.f("ix_occurrences_run_id"), "occurrences", ["run_id"])
    op.create_index(op.f("ix_occurrences_state_wake_at"), "occurrences", ["state", "wake_at"])


def downgrade() -> None:
    """Back to 0006."""
    op.drop_table("occurrences")
    op.drop_table("schedules")


def _words(words: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*words, name="state", native_enum=False, create_constraint=True, length=32)
