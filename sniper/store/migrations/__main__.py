"""`python -m sniper.store.migrations "what changes"`: write the next step, up to the models."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command

from sniper.store.database import HEAD, connect, database_url, migration_config, writing


def main() -> None:
    """Compare a fresh database with the models and write what differs as the next revision."""
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        engine = connect(database_url(f"sqlite:///{Path(folder) / 'fresh.sqlite3'}"))
        with writing(engine).begin() as connection:
            config = migration_config(connection)
            command.revision(config, sys.argv[1], autogenerate=True, rev_id=f"{int(HEAD) + 1:04}")
        engine.dispose()


if __name__ == "__main__":
    main()
