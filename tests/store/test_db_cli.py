"""`sniper db backup`, `restore`, `prune` and `check`, as they are called."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sniper.cli.db import db
from sniper.core.outcomes import Outcome
from sniper.core.plan import Standing
from sniper.errors import EnvironmentProblem, InputError, SniperError
from sniper.store import RunState, Store
from tests.store.examples import JOB, X1A, begin, tried


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The state folder that the commands use."""
    monkeypatch.delenv("SNIPER_DATABASE_URL", raising=False)
    monkeypatch.setenv("SNIPER_STATE_DIR", str(tmp_path / "state"))
    return tmp_path / "state"


@pytest.fixture
def store(state: Path, template: Path) -> Iterator[Store]:
    """The store the commands open by themselves."""
    state.mkdir()
    shutil.copy(template, state / "sniper.sqlite3")
    with Store.open() as opened:
        yield opened


def call(*arguments: str) -> Result:
    return CliRunner().invoke(db, arguments, catch_exceptions=False)


def refused(*arguments: str) -> SniperError:
    with pytest.raises(SniperError) as error:
        call(*arguments)
    return error.value


def an_old_run(store: Store, state: Path) -> int:
    long_ago = datetime.now(UTC) - timedelta(days=100)
    begun = begin(store, now=long_ago)
    store.close_attempt(begun.ids["ann"], [tried(X1A, Outcome.BOOKED)], now=long_ago)
    store.finish_run(begun.run_id, RunState.FINISHED, Standing.MISSED, 1, now=long_ago)
    folder = state / "runs" / str(begun.run_id)
    folder.mkdir(parents=True)
    (folder / "ann-1.png").write_bytes(b"x" * 1000)
    for path in (folder / "ann-1.png", folder):
        os.utime(path, (long_ago.timestamp(), long_ago.timestamp()))
    return begun.run_id


def test_a_backup_goes_beside_the_database_or_where_one_wants_it(
    store: Store, state: Path, tmp_path: Path
) -> None:
    begin(store)
    made = Path(call("backup").stdout.strip())
    assert made.parent == state / "backups"
    assert call("backup", str(tmp_path / "mine")).stdout.strip() == str(tmp_path / "mine")
    assert refused("backup", str(tmp_path / "mine")).exit_code == 2
    assert call("backup", str(tmp_path / "mine"), "--force").exit_code == 0


def test_there_is_nothing_to_copy_before_the_first_run(state: Path) -> None:
    assert "There is no database" in str(refused("backup"))
    assert not state.exists()


def test_what_was_lost_comes_back(store: Store, tmp_path: Path) -> None:
    begin(store)
    call("backup", str(tmp_path / "copy"))
    begin(store)
    result = call("restore", str(tmp_path / "copy"))
    assert "1 runs are back. What was there before is " in result.stderr
    assert len(store.runs()) == 1


def test_a_record_moves_to_another_machine_by_its_copy(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(store)
    call("backup", str(tmp_path / "copy"))
    monkeypatch.setenv("SNIPER_STATE_DIR", str(tmp_path / "new"))
    assert call("restore", str(tmp_path / "copy")).stderr == "1 runs are back.\n"
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["sniper.sqlite3"]
    with Store.open() as there:
        assert len(there.runs()) == 1


@pytest.mark.parametrize("arguments", [("restore", "copy"), ("prune", "--older-than", "1d", "--yes")])
def test_nothing_is_changed_under_a_run_that_is_at_work(
    store: Store, state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    an_old_run(store, state)
    call("backup", "copy")
    begin(store, job=JOB, now=datetime.now(UTC))
    problem = refused(*arguments)
    assert isinstance(problem, EnvironmentProblem)
    assert f"run 2 (process {os.getpid()} of " in str(problem)
    assert len(store.runs()) == 2


def test_a_backup_may_be_made_while_a_run_is_at_work(store: Store, tmp_path: Path) -> None:
    begin(store, job=JOB, now=datetime.now(UTC))
    assert call("backup", str(tmp_path / "copy")).exit_code == 0


def test_a_copy_of_a_newer_version_is_refused_and_one_of_an_older_taken(store: Store, tmp_path: Path) -> None:
    begin(store)
    copy = tmp_path / "copy"
    call("backup", str(copy))
    for revision, taken in (("9999", False), ("0005", True)):
        with closing(sqlite3.connect(copy)) as connection, connection:
            connection.execute("UPDATE alembic_version SET version_num = ?", [revision])
        if taken:
            assert "brings the tables up to date" in call("restore", str(copy)).stderr
        else:
            problem = refused("restore", str(copy))
            assert "of a newer version of sniper" in str(problem)
            assert len(store.runs()) == 1


def test_pruning_shows_what_goes_and_a_dry_run_leaves_it(store: Store, state: Path) -> None:
    an_old_run(store, state)
    result = call("prune", "--older-than", "90d", "--dry-run")
    assert result.exit_code == 0
    assert "folders of pictures" in result.stdout
    told = json.loads(call("prune", "--older-than", "90d", "--dry-run", "--json").stdout)
    del told["before"]
    assert told == {
        "runs": 1,
        "waves": 1,
        "attempts": 3,
        "jobs": 2,
        "log_lines": 1,
        "availability": int(X1A.instant < datetime.now(UTC) - timedelta(days=90)),
        "observations": int(X1A.instant < datetime.now(UTC) - timedelta(days=90)),
        "folders": 1,
        "folders_bytes": 1000,
    }
    assert len(store.runs()) == 1
    assert (state / "runs" / "1" / "ann-1.png").exists()


def test_pruning_deletes_rows_and_folders_if_it_may(store: Store, state: Path) -> None:
    gone = an_old_run(store, state)
    kept = begin(store, now=datetime.now(UTC)).run_id
    (state / "runs" / str(kept)).mkdir()
    result = call("prune", "--older-than", "12w", "--yes")
    assert result.exit_code == 0, result.output
    assert "MB are free again" in result.stderr
    assert [run.id for run in store.runs()] == [kept]
    assert [path.name for path in (state / "runs").iterdir()] == [str(kept)]
    assert gone != kept
    assert "Nothing is older than" in call("prune", "--older-than", "12w", "--yes").stderr


def test_a_folder_in_which_something_was_written_of_late_stays(store: Store, state: Path) -> None:
    an_old_run(store, state)
    (state / "runs" / "1" / "notes.txt").write_text("why we lost")
    call("prune", "--older-than", "90d", "--yes")
    assert (state / "runs" / "1" / "notes.txt").exists()


def test_pictures_of_old_checks_go_too(store: Store, state: Path) -> None:
    begin(store, now=datetime.now(UTC))
    for name, age in (("20260101-120000", 100), ("20260301-120000", 10)):
        folder = state / "checks" / name
        folder.mkdir(parents=True)
        then = (datetime.now(UTC) - timedelta(days=age)).timestamp()
        os.utime(folder, (then, then))
    call("prune", "--older-than", "90d", "--yes")
    assert [path.name for path in (state / "checks").iterdir()] == ["20260301-120000"]


def test_nobody_is_pruned_without_being_asked_for(store: Store, state: Path) -> None:
    an_old_run(store, state)
    problem = refused("prune", "--older-than", "90d")
    assert isinstance(problem, InputError)
    assert "--yes" in str(problem.mend)
    assert len(store.runs()) == 1


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("age", ["", "90", "0d", "-1d", "3 months", "1e9d"])
def test_what_is_no_age_is_told(age: str) -> None:
    result = call("prune", "--older-than", age)
    assert result.exit_code == 2
    assert "90d, 12w or 2y" in result.stderr


def test_a_check_tells_each_thing_and_by_its_exit_code_whether_all_is_well(store: Store, state: Path) -> None:
    begin(store)
    assert call("check").exit_code == 0
    (state / "runs" / "99").mkdir(parents=True)
    result = call("check")
    assert result.exit_code == 1
    assert "of runs that are gone: 99" in result.stdout
    found = {one["name"]: one["mend"] for one in json.loads(call("check", "--json").stdout)}
    assert [name for name, mend in found.items() if mend] == ["folders"]


@pytest.mark.usefixtures("state")
@pytest.mark.parametrize(("command", "instead"), [("backup", "pg_dump"), ("restore", "pg_restore")])
def test_of_a_server_its_own_tools_make_copies(
    monkeypatch: pytest.MonkeyPatch, command: str, instead: str
) -> None:
    monkeypatch.setenv("SNIPER_DATABASE_URL", "postgresql+psycopg://club:geheim5@db.example.org/sniper")
    problem = refused(command, "copy")
    assert "no SQLite database" in str(problem)
    assert instead in str(problem.mend)
    assert "geheim5" not in problem.explain()
