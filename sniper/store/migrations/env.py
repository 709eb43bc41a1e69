"""Run by Alembic, inside the transaction that `sniper.store.database` has begun.

To write a new step, change the models, then from the root of the repository:

    python -m sniper.store.migrations "what changes"
"""

from typing import Any, Literal

from alembic import context
from sqlalchemy import TypeDecorator

from sniper.store import planned_models, seen_models  # noqa: F401 (their tables are the metadata's, too)
from sniper.store.models import Base


def _render(kind: str, item: Any, _autogenerating: Any) -> str | Literal[False]:
    """Write our column types as what they are to the database: a step must not change with the code."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl!r}"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite changes a table by copying it
    transactional_ddl=True,
    render_item=_render,
)
context.run_migrations()
