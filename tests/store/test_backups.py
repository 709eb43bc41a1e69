"""Copies of the database: whole or not at all, also while a run is at work."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from alembic import command

from sniper.errors import EnvironmentProblem, InputError
from sniper.store import Store, backups
from sniper.store.database import connect, database_url, migration_config, writing
from tests.store.examples import X1A, begin, book


def file_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def runs_in(path: Path) -> int:
    with Store.open(f"sqlite:///{path}") as store:
        return len(store.runs())


def downgraded(url: str, revision: str) -> None:
    engine = connect(database_url(url))
    with writing(engine).begin() as connection:
        command.downgrade(migration_config(connection), revision)
    engine.dispose()


def test_a_copy_is_one_file_of_its_owners_with_all_that_was_written(
    store: Store, url: str, tmp_path: Path
) -> None:
    begun = begin(store)
    book(store, begun.run_id, "ann", X1A)
    copy = tmp_path / "copy.sqlite3"
    backups.back_up(file_of(url), copy)  # The store is still open: what is in its log has to be in it.
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["copy.sqlite3"]
    with Store.open(f"sqlite:///{copy}") as opened:
        assert opened.run(begun.run_id).bookings == store.run(begun.run_id).bookings
        assert len(opened.open_attempts_of(begun.run_id)) == 3


def test_a_copy_that_is_made_while_a_run_writes_is_of_one_instant(
    store: Store, url: str, tmp_path: Path
) -> None:
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            begin(store)  # A run, its wave and three attempts, in three transactions.

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            copy = tmp_path / f"{number}.sqlite3"
            backups.back_up(file_of(url), copy)
            assert backups.look_at(copy, thoroughly=True).damages == ()
            with sqlite3.connect(copy) as connection:
                assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
                ((attempts,),) = connection.execute("SELECT count(*) FROM attempts")
            assert attempts % 3 == 0
    finally:
        stop.set()
        writer.join()


def test_what_is_there_is_replaced_only_if_that_is_wanted(store: Store, url: str, tmp_path: Path) -> None:
    begin(store)
    copy = tmp_path / "copy.sqlite3"
    copy.write_text("something dear")
    with pytest.raises(InputError, match="is there already") as refused:
        backups.back_up(file_of(url), copy)
    assert "--force" in str(refused.value.mend)
    assert copy.read_text() == "something dear"
    backups.back_up(file_of(url), copy, replace=True)
    assert runs_in(copy) == 1


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize(
    ("target", "why"),
    [("", "is a folder"), ("gone/copy", "cannot be written"), ("state/sniper.sqlite3", "itself")],
)
def test_a_copy_has_to_go_somewhere(url: str, tmp_path: Path, target: str, why: str) -> None:
    with pytest.raises(InputError, match=why):
        backups.back_up(file_of(url), tmp_path / target, replace=True)


def test_a_copy_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    source = tmp_path / "sniper.sqlite3"
    source.write_text("no database at all, but a long enough text" * 50)
    (tmp_path / "out").mkdir()
    with pytest.raises(EnvironmentProblem, match="cannot be copied"):
        backups.back_up(source, tmp_path / "out" / "copy")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_copy_comes_back_and_what_was_there_is_kept_aside(store: Store, url: str, tmp_path: Path) -> None:
    first = begin(store).run_id
    copy = tmp_path / "copy.sqlite3"
    backups.back_up(file_of(url), copy)
    begin(store)
    aside = backups.restore(copy, file_of(url))
    assert aside is not None
    assert aside.parent == file_of(url).parent / "backups"
    assert runs_in(aside) == 2
    # Who has had it open all the time goes on with what is there now.
    assert [run.id for run in store.runs()] == [first]
    assert begin(store).run_id == 2
    assert backups.look_at(file_of(url), thoroughly=True).damages == ()


def test_a_copy_comes_back_where_nothing_is_left(store: Store, url: str, tmp_path: Path) -> None:
    begin(store)
    copy = tmp_path / "copy.sqlite3"
    backups.back_up(file_of(url), copy)
    elsewhere = tmp_path / "new" / "sniper.sqlite3"
    assert backups.restore(copy, elsewhere) is None
    assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o600
    assert runs_in(elsewhere) == 1


def test_a_database_that_is_damaged_is_kept_as_it_is_and_replaced(
    store: Store, url: str, tmp_path: Path
) -> None:
    begin(store)
    copy = tmp_path / "copy.sqlite3"
    backups.back_up(file_of(url), copy)
    store.close()
    file_of(url).write_text("overwritten by a mistake" * 100)
    aside = backups.restore(copy, file_of(url))
    assert aside is not None
    assert "overwritten" in aside.read_text()
    assert runs_in(file_of(url)) == 1


def test_a_process_that_is_killed_while_it_restores_leaves_the_old_database(
    store: Store, url: str, tmp_path: Path
) -> None:
    for _ in range(30):
        begin(store)
    copy = tmp_path / "copy.sqlite3"
    backups.back_up(file_of(url), copy)
    book(store, 1, "ann", X1A)
    code = f"""
import sqlite3, sys, time
source, target = sqlite3.connect({str(copy)!r}), sqlite3.connect({str(file_of(url))!r})
def wait(*_):
    print("half", flush=True)
    time.sleep(60)
source.backup(target, pages=2, progress=wait)
"""
    half = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)  # noqa: S603
    assert half.stdout is not None
    assert half.stdout.readline() == "half\n"
    half.send_signal(signal.SIGKILL)
    half.wait()
    half.stdout.close()
    assert backups.look_at(file_of(url), thoroughly=True).damages == ()
    assert len(store.run(1).bookings) == 1


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "There is no file"),
        (b"a shopping list, and quite a long one: bread, milk, eggs. " * 20, "no whole SQLite database"),
    ],
)
def test_what_is_no_copy_is_refused(tmp_path: Path, content: bytes | None, why: str) -> None:
    path = tmp_path / "copy.sqlite3"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=why):
        backups.look_at(path)


def test_a_database_of_somebody_elses_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "music.sqlite3"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE songs (name)")
    with pytest.raises(InputError, match="no database of sniper's"):
        backups.look_at(path)


def test_half_a_copy_is_damaged(store: Store, url: str, tmp_path: Path) -> None:
    for _ in range(20):
        begin(store)
    copy = tmp_path / "copy.sqlite3"
    backups.back_up(file_of(url), copy)
    os.truncate(copy, copy.stat().st_size // 8192 * 4096)
    try:
        damages: tuple[str, ...] = backups.look_at(copy, thoroughly=True).damages
    except InputError as error:
        damages = (str(error),)
    assert damages


# -- before migrations


def test_before_the_tables_change_a_copy_is_made_beside_the_database(url: str) -> None:
    with Store.open(url) as store:
        begin(store)
    folder = file_of(url).parent / "backups"
    assert not folder.exists(), "a new database needs none"
    downgraded(url, "0005")
    with Store.open(url) as store:
        assert len(store.runs()) == 1
    (copy,) = folder.iterdir()
    look = backups.look_at(copy, thoroughly=True)
    assert (look.revision, look.runs, look.damages) == ("0005", 1, ())
    assert copy.name.startswith("sniper-before-migration-from-0005-")


def test_the_last_five_copies_from_before_migrations_are_kept_and_all_others(url: str) -> None:
    Store.open(url).close()
    folder = file_of(url).parent / "backups"
    mine = backups.default_target(file_of(url))
    backups.back_up(file_of(url), mine)
    made = [backups.before_migration(file_of(url), f"{number:04}") for number in (9, 1, 8, 2, 7, 3, 6)]
    assert set(folder.iterdir()) == {mine, *made[-5:]}


def test_where_no_copy_can_be_made_the_tables_do_not_change(url: str) -> None:
    Store.open(url).close()
    downgraded(url, "0005")
    (file_of(url).parent / "backups").touch()  # No folder can be made there.
    with pytest.raises(EnvironmentProblem, match="cannot be copied before"):
        Store.open(url)
    assert backups.look_at(file_of(url)).revision == "0005"


def test_two_processes_that_find_an_older_database_make_one_copy(url: str) -> None:
    Store.open(url).close()
    downgraded(url, "0005")
    code = f"from sniper.store import Store; Store.open({url!r}).close()"
    both = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(2)]  # noqa: S603
    assert [process.wait(timeout=300) for process in both] == [0, 0]
    assert len(list((file_of(url).parent / "backups").iterdir())) == 1


def test_space_that_is_not_used_any_more_is_given_back(store: Store, url: str) -> None:
    for _ in range(30):
        begin(store)
    with sqlite3.connect(file_of(url)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("DELETE FROM attempts")
    size = file_of(url).stat().st_size
    assert backups.shrink(file_of(url)) > 0
    assert file_of(url).stat().st_size < size
