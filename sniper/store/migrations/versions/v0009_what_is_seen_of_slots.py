"""What is seen of slots without booking them: looks, observations, and what watches remember."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def _slot() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("location", sa.String(), nullable=False),
        sa.Column("sub_location", sa.String(), nullable=False),
        sa.Column("booking_date", sa.Date(), nullable=False),
        sa.Column("time_slot", sa.Time(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=True),
    )


def _words(name: str, *values: str, check: bool = True) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=check, length=32)


def upgrade() -> None:
    """To 0007."""
    op.create_table(
        "asked_sites",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("left_alone_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("site", name=op.f("pk_asked_sites")),
    )
    op.create_table(
        "readings",
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("target_date", sa.Date(), nullable=False),
        sa.Column("location", sa.String(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("site", "target_date", "location", name=op.f("pk_readings")),
    )
    op.create_table(
        "observations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("what", _words("what", "opened", "free", "taken", "came back"), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", _words("source", "watch", "run"), nullable=False),
        sa.Column("rehearsal", sa.Boolean(), nullable=False),
        *_slot(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_observations")),
    )
    op.create_index(op.f("ix_observations_site_starts_at"), "observations", ["site", "starts_at"])
    op.create_table(
        "watches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("target_date", sa.Date(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("tried", sa.JSON(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watches")),
        sa.UniqueConstraint("site", "key", name=op.f("uq_watches_site_key")),
    )
    found = _words("found", "closed", "free", "taken", check=False)
    op.add_column("slot_availability", sa.Column("found", found, nullable=True))
    op.add_column("slot_availability", sa.Column("look_began", sa.DateTime(timezone=True), nullable=True))
    op.add_column("slot_availability", sa.Column("look_ended", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Back to 0006."""
    for column in ("found", "look_began", "look_ended"):
        op.drop_column("slot_availability", column)
    op.drop_table("watches")
    op.drop_index(op.f("ix_observations_site_starts_at"), "observations")
    for table in ("observations", "readings", "asked_sites"):
        op.drop_table(table)
