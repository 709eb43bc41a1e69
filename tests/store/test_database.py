"""Where the database is, who may read it, and how its tables come to be those of the code."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, Inspector, create_engine, event, inspect, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.schema import CreateIndex, CreateTable

from sniper.core.outcomes import Outcome
from sniper.core.tries import Try
from sniper.errors import EnvironmentProblem
from sniper.store import Store
from sniper.store.database import HEAD, connect, database_url, migration_config, writing
from sniper.store.models import Base
from tests.store.examples import NOW, X1A, X1B, begin, tried


def test_the_default_is_a_file_in_the_state_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SNIPER_DATABASE_URL", raising=False)
    monkeypatch.setenv("SNIPER_STATE_DIR", str(tmp_path / "state"))
    Store.open().close()
    assert (tmp_path / "state" / "sniper.sqlite3").is_file()


def test_the_variable_names_another_database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SNIPER_DATABASE_URL", f"sqlite:///{tmp_path / 'other.sqlite3'}")
    Store.open().close()
    assert (tmp_path / "other.sqlite3").is_file()


def test_file_and_folder_are_for_the_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    with Store.open(f"sqlite:///{folder / 'sniper.sqlite3'}") as store:
        begin(store)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}
    assert "sniper.sqlite3-wal" in modes
    assert set(modes.values()) == {0o600}


def test_sqlite_writes_ahead_and_enforces_foreign_keys(url: str) -> None:
    engine = connect(database_url(url))
    with engine.connect() as connection:
        found = {
            name: connection.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
        }
    assert found == {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 1, "busy_timeout": 30_000}
    orphan = text("INSERT INTO waves VALUES (1, 99, 1, :now, 'no run', :now, NULL)")
    with pytest.raises(IntegrityError, match="FOREIGN KEY"), writing(engine).begin() as connection:
        connection.execute(orphan, {"now": str(NOW)})
    engine.dispose()


def test_a_store_that_is_opened_once_more_leaves_the_others_of_its_process_alone(url: str) -> None:
    log = Path(f"{url.removeprefix('sqlite:///')}-wal")
    with Store.open(url) as first:
        begin(first)
        with Store.open(url) as second:
            begin(second)
        # Who believes to be the last one takes the log away when it closes.
        other = "import sys; from sniper.store import Store; Store.open(sys.argv[1]).close()"
        subprocess.run([sys.executable, "-c", other, url], check=True)  # noqa: S603 - our own
        assert log.is_file()
        begin(first)
        assert len(first.runs()) == 3


def test_opening_a_database_that_is_up_to_date_asks_for_its_revision_and_does_nothing_else(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever else it did, every command would wait for."""
    Store.open(url).close()
    monkeypatch.setattr(command, "upgrade", lambda *_: pytest.fail("it migrates again"))
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        Store.open(url).close()
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert [one for one in asked if not one.startswith(("PRAGMA", "BEGIN"))] == [
        "SELECT version_num FROM alembic_version"
    ]


def test_models_and_migrations_agree(url: str, tmp_path: Path) -> None:
    migrated = connect(database_url(url))
    with migrated.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    created = create_engine(f"sqlite:///{tmp_path / 'created.sqlite3'}")
    Base.metadata.create_all(created)
    assert _described(migrated) == _described(created)
    migrated.dispose()
    created.dispose()


def test_the_head_written_in_the_code_is_the_newest_revision(url: str) -> None:
    engine = connect(database_url(url))
    with engine.connect() as connection:
        assert ScriptDirectory.from_config(migration_config(connection)).get_current_head() == HEAD
    engine.dispose()


def test_migrations_go_up_and_down_and_up_again(url: str) -> None:
    engine = connect(database_url(url))
    with writing(engine).begin() as connection:
        command.downgrade(migration_config(connection), "base")
    assert inspect(engine).get_table_names() == ["alembic_version"]
    with writing(engine).begin() as connection:
        command.upgrade(migration_config(connection), "head")
    assert {table.name for table in Base.metadata.sorted_tables} <= set(inspect(engine).get_table_names())
    engine.dispose()


def test_a_record_of_the_first_version_is_kept(url: str) -> None:
    with Store.open(url) as store:
        begin(store)
    engine = connect(database_url(url))
    with writing(engine).begin() as connection:
        command.downgrade(migration_config(connection), "0001")
    engine.dispose()
    with Store.open(url) as store:
        (wave,) = store.run(1).waves
        assert (wave.aim, len(store.open_attempts_of(1))) == (None, 3)


def test_attempts_that_were_interrupted_before_there_was_a_word_for_it_are_told_as_such(url: str) -> None:
    with Store.open(url) as store:
        begun = begin(store)
        words = "not seen to end; my bookings does not show it"
        unseen = Try(X1A, Outcome.UNKNOWN, NOW, timedelta(0), words)
        store.close_attempt(begun.ids["ann"], [unseen], now=NOW)
        store.close_attempt(begun.ids["bob"], [tried(X1B, Outcome.UNKNOWN)], now=NOW)
    engine = connect(database_url(url))
    with writing(engine).begin() as connection:
        command.downgrade(migration_config(connection), "0003")
    engine.dispose()
    with Store.open(url) as store:
        detail = store.run(begun.run_id)
    assert [one.outcome for one in detail.attempts] == [Outcome.INTERRUPTED, Outcome.UNKNOWN, None]
    assert [one.outcome for one in detail.log] == [Outcome.INTERRUPTED, Outcome.UNKNOWN]


def test_a_migration_that_fails_leaves_nothing_behind(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def upgrade_and_fail(*args: Any) -> None:
        upgrade(*args)
        raise RuntimeError("the disk is full, say")

    upgrade = command.upgrade
    with monkeypatch.context() as patched:
        patched.setattr(command, "upgrade", upgrade_and_fail)
        with pytest.raises(RuntimeError):
            Store.open(url)
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == []
    Store.open(url).close()


def test_a_migration_may_rebuild_a_table_without_losing_what_depends_on_it(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store.open(url) as store:
        begin(store)
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")

    def rebuild_runs(_config: Any, _revision: str) -> None:
        context = migration_config_connection["connection"]
        context.execute(text("CREATE TABLE copy AS SELECT * FROM runs"))
        context.execute(text("DROP TABLE runs"))
        context.execute(text("ALTER TABLE copy RENAME TO runs"))
        context.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": HEAD})

    migration_config_connection: dict[str, Any] = {}

    def remember(self: ScriptDirectory, *_args: Any, **_more: Any) -> list[Any]:
        del self
        return [type("Script", (), {"revision": "0000"})]

    def keep_connection(connection: Any) -> Any:
        migration_config_connection["connection"] = connection
        return migration_config(connection)

    monkeypatch.setattr(command, "upgrade", rebuild_runs)
    monkeypatch.setattr(ScriptDirectory, "walk_revisions", remember)
    monkeypatch.setattr("sniper.store.database.migration_config", keep_connection)
    with Store.open(url) as store:
        assert len(store.open_attempts_of(1)) == 3


def test_a_database_of_a_newer_version_is_refused(url: str) -> None:
    Store.open(url).close()
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'from the future'")
    with pytest.raises(EnvironmentProblem, match="newer version of sniper") as refusal:
        Store.open(url)
    assert "Update sniper" in str(refusal.value.mend)


def test_a_file_that_is_no_database_is_told_by_name(tmp_path: Path) -> None:
    path = tmp_path / "sniper.sqlite3"
    path.write_text("This is a shopping list, and quite a long one: bread, milk, eggs." * 20)
    with pytest.raises(EnvironmentProblem, match=r"sniper\.sqlite3 cannot be used: file is not a database"):
        Store.open(f"sqlite:///{path}")


def test_a_place_that_cannot_be_written_is_told_with_the_mend(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EnvironmentProblem, match="cannot be opened for writing") as problem:
        Store.open(f"sqlite:///{tmp_path / 'file' / 'sniper.sqlite3'}")
    assert "SNIPER_STATE_DIR" in str(problem.value.mend)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("nonsense", "cannot be read"),
        ("nosuchdatabase://somebody:hunter2@host/name", "no driver"),
    ],
)
def test_a_wrong_url_is_told_without_its_password(given: str, message: str) -> None:
    with pytest.raises(EnvironmentProblem, match=message) as problem:
        Store.open(given)
    assert "hunter2" not in problem.value.explain()


def test_a_database_that_fails_later_is_an_environment_problem(store: Store, url: str) -> None:
    with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
        connection.execute("DROP TABLE runs")
    with pytest.raises(EnvironmentProblem, match="no such table: runs") as problem:
        store.runs()
    assert isinstance(problem.value.__cause__, OperationalError)


def test_no_column_is_for_a_secret_in_clear() -> None:
    columns = [column.name for table in Base.metadata.sorted_tables for column in table.columns]
    assert not [
        name for name in columns for word in ("password", "secret", "token", "cookie") if word in name
    ]


def test_the_tables_can_be_made_in_postgresql() -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    statements = [str(CreateTable(table).compile(dialect=dialect)) for table in Base.metadata.sorted_tables]
    indexes = [
        str(CreateIndex(index).compile(dialect=dialect))
        for table in Base.metadata.sorted_tables
        for index in table.indexes
    ]
    assert any("TIMESTAMP WITH TIME ZONE" in statement for statement in statements)
    assert any(
        "UNIQUE INDEX uq_bookings_active" in one and "WHERE status IN ('pending', 'confirmed')" in one
        for one in indexes
    )


def _described(engine: Engine) -> dict[str, Any]:
    """All that SQLite can tell about the tables, CHECKs and partial indexes included."""
    look: Inspector = inspect(engine)
    return {
        table: {
            "columns": sorted(
                (column["name"], str(column["type"]), column["nullable"])
                for column in look.get_columns(table)
            ),
            "primary key": look.get_pk_constraint(table),
            "foreign keys": sorted(look.get_foreign_keys(table), key=str),
            "unique": sorted(look.get_unique_constraints(table), key=str),
            "checks": sorted(look.get_check_constraints(table), key=str),
            "indexes": sorted(
                (
                    str(index["name"]),
                    index["column_names"],
                    index["unique"],
                    str(index.get("dialect_options", {}).get("sqlite_where")),
                )
                for index in look.get_indexes(table)
            ),
        }
        for table in look.get_table_names()
        if table != "alembic_version"
    }
