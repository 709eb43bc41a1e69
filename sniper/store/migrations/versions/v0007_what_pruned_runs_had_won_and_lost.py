"""What runs that are pruned had won and lost is kept as numbers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To 0007."""
    op.create_table(
        "past_odds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("location", sa.String(), nullable=False),
        sa.Column("time_slot", sa.Time(), nullable=False),
        sa.Column("won", sa.Integer(), nullable=False),
        sa.Column("lost", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_past_odds")),
        sa.UniqueConstraint(
            "site", "location", "time_slot", name=op.f("uq_past_odds_site_location_time_slot")
        ),
    )


def downgrade() -> None:
    """Back to 0006."""
    op.drop_table("past_odds")
