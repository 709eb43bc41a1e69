"""Runs tell what they work on and that they live; leases let one at a time."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_RUNS = sa.table(
    "runs", sa.column("id", sa.Integer), sa.column("goal", sa.JSON), sa.column("target_date", sa.Date)
)


def upgrade() -> None:
    """To 0005."""
    op.add_column("runs", sa.Column("target_date", sa.Date(), nullable=True))
    op.add_column("runs", sa.Column("accounts", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("runs", sa.Column("presses", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("runs", sa.Column("continues", sa.Integer(), nullable=True))
    op.add_column("runs", sa.Column("alive_until", sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f("ix_runs_site_target_date"), "runs", ["site", "target_date"])
    op.create_table(
        "leases",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("target_date", sa.Date(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_leases_account_id_accounts"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["run_id"], ["runs.id"], name=op.f("fk_leases_run_id_runs"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "target_date", name=op.f("pk_leases")),
    )
    op.create_index(op.f("ix_leases_run_id"), "leases", ["run_id"])
    connection = op.get_bind()
    for run_id, goal in connection.execute(sa.select(_RUNS.c.id, _RUNS.c.goal)).all():
        # Only the day: who took part in a run of before is not known.
        if isinstance(goal, dict) and (day := goal.get("target_date")):
            connection.execute(
                sa.update(_RUNS).where(_RUNS.c.id == run_id).values(target_date=date.fromisoformat(day))
            )


def downgrade() -> None:
    """Back to 0004."""
    op.drop_table("leases")
    op.drop_index(op.f("ix_runs_site_target_date"), "runs")
    for column in ("target_date", "accounts", "presses", "continues", "alive_until"):
        op.drop_column("runs", column)
