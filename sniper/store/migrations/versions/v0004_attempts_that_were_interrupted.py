"""Attempts that were interrupted are told as such."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To 0004."""
    # They were written as answers nobody understood, with an instant at which nobody had seen a press.
    op.execute(
        "UPDATE attempts SET outcome = 'interrupted'"
        " WHERE outcome = 'unknown' AND message LIKE 'not seen to end;%'"
    )
    op.execute("UPDATE attempts SET fired_at = NULL WHERE message LIKE 'not seen to end;%'")
    op.execute(
        "UPDATE booking_log SET outcome = 'interrupted'"
        " WHERE outcome = 'unknown' AND error_message LIKE 'not seen to end;%'"
    )


def downgrade() -> None:
    """Back to 0003, which does not know these words."""
    for table in ("attempts", "booking_log"):
        op.execute(f"UPDATE {table} SET outcome = 'unknown' WHERE outcome = 'interrupted'")  # noqa: S608
        op.execute(f"UPDATE {table} SET outcome = 'failed' WHERE outcome = 'not_parked'")  # noqa: S608
