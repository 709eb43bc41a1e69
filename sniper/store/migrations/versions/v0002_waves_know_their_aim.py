"""waves know their aim."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To 0002."""
    with op.batch_alter_table("waves") as table:
        table.add_column(sa.Column("aim", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    """Back to 0001."""
    with op.batch_alter_table("waves") as table:
        table.drop_column("aim")
