"""`sniper db check` finds what is not as it should be, and changes nothing."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from sniper.store import Store
from sniper.store.database import HEAD, database_url
from sniper.store.inspection import inspect_database
from tests.store.examples import JOB, X1A, begin, book


def file_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def wrong(url: str, runs: Path | None = None) -> dict[str, str]:
    """What is not as it should be."""
    found = inspect_database(database_url(url), runs)
    assert len({one.name for one in found}) == len(found)
    return {one.name: one.what for one in found if one.mend}


def spoil(url: str, *statements: str) -> None:
    with closing(sqlite3.connect(file_of(url))) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def test_a_database_that_is_well_is_told_so(store: Store, url: str, tmp_path: Path) -> None:
    begun = begin(store, job=JOB)
    book(store, begun.run_id, "ann", X1A)
    (tmp_path / "runs" / str(begun.run_id)).mkdir(parents=True)
    found = inspect_database(database_url(url), tmp_path / "runs")
    assert [one.name for one in found] == ["file", "integrity", "foreign keys", "tables", "rows", "folders"]
    assert all(one.mend is None for one in found)


def test_looking_makes_nothing_where_nothing_is(url: str) -> None:
    (found,) = inspect_database(database_url(url), None)
    assert (found.name, found.mend) == ("file", None)
    assert not file_of(url).parent.exists()


def test_a_file_that_is_no_database_is_told(url: str) -> None:
    file_of(url).parent.mkdir()
    file_of(url).write_text("bread, milk, eggs; " * 100)
    assert "no whole SQLite database" in wrong(url)["file"]


def test_a_database_with_a_page_overwritten_is_damaged(store: Store, url: str) -> None:
    for _ in range(20):
        begin(store)
    store.close()
    size = file_of(url).stat().st_size
    with file_of(url).open("r+b") as file:
        file.seek(size // 4096 // 2 * 4096)
        file.write(os.urandom(4096))
    assert set(wrong(url)) <= {"file", "integrity", "foreign keys"}
    assert wrong(url)


@pytest.mark.parametrize(
    ("statements", "name", "told"),
    [
        (("PRAGMA foreign_keys = OFF", "DELETE FROM waves"), "foreign keys", "attempts 1 without its waves"),
        (("UPDATE runs SET continues = 99",), "rows", "runs that go on with one that is gone: 1"),
        (("UPDATE bookings SET site = 'elsewhere'",), "rows", "bookings by accounts of other sites: 1"),
        (("UPDATE runs SET accounts = '[1, 77]'",), "rows", "runs of accounts that are gone: 1"),
        (
            ("UPDATE snipe_jobs SET assigned_accounts = '[77]'",),
            "rows",
            "snipe_jobs of accounts that are gone: 1",
        ),
        (("UPDATE alembic_version SET version_num = '9999'",), "tables", "of a newer version"),
    ],
)
def test_what_does_not_belong_together_is_named(
    store: Store, url: str, statements: tuple[str, ...], name: str, told: str
) -> None:
    begun = begin(store, job=JOB)
    book(store, begun.run_id, "ann", X1A)
    spoil(url, *statements)
    assert told in wrong(url)[name]


def test_attempts_in_waves_of_other_runs_are_named(store: Store, url: str) -> None:
    begin(store)
    begin(store)
    spoil(url, "UPDATE attempts SET run_id = 2 WHERE wave_id = 1")
    assert wrong(url)["rows"] == "attempts in waves of other runs: 1, 2, 3"


def test_tables_of_an_older_version_are_no_flaw_and_stay_as_they_are(store: Store, url: str) -> None:
    begin(store)
    spoil(url, "UPDATE alembic_version SET version_num = '0005'")
    assert wrong(url) == {}
    (tables,) = [one for one in inspect_database(database_url(url), None) if one.name == "tables"]
    assert tables.what.startswith(f"at 0005; the next command brings them to {HEAD}")


def test_folders_of_runs_that_are_gone_are_named(store: Store, url: str, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    for number in (begin(store).run_id, 7, 8):
        (runs / str(number)).mkdir(parents=True)
    assert wrong(url, runs) == {"folders": "of runs that are gone: 7, 8"}


def test_what_a_process_left_that_was_killed_while_it_copied_is_named(store: Store, url: str) -> None:
    begin(store)
    left = file_of(url).parent / ".sniper-draft-abc"
    left.touch()
    assert str(left) in wrong(url)["drafts"]
