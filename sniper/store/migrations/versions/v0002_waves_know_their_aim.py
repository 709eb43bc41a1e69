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
    op.add_column("waves", sa.Column("aim", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    """Back to 0001."""
    # Not as a batch, which makes the table anew: with it, all that depends on its rows would go.
    op.drop_column("waves", "aim")
