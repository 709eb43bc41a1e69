"""The log: what stands in a line, where it goes, and what never does."""

from __future__ import annotations

import asyncio
import json
import logging
import stat
import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import Any

import pytest

from sniper.logs import LogFormat, about, from_now_on_about, kept, log_file, logger, rotating
from sniper.scrubbing import KNOWN
from tests.aio import run_async

LOG = logger("test")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A log that is not there yet, in a folder that is not either."""
    return tmp_path / "state" / "sniper.log"


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_the_log_is_in_the_state_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SNIPER_STATE_DIR", str(tmp_path))
    assert log_file() == tmp_path / "sniper.log"


def test_file_and_folder_are_for_the_owner_only(path: Path) -> None:
    with kept(path, LogFormat.CONSOLE):
        LOG.info("something")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_no_file_is_made_where_nothing_is_logged(path: Path) -> None:
    with kept(path, LogFormat.CONSOLE):
        pass
    assert not path.parent.exists()


def test_json_is_an_object_a_line_with_instant_level_run_and_account(path: Path) -> None:
    with kept(path, LogFormat.JSON), about(run=12), about(account="anna"):
        LOG.info("tried", slot="X1 A", took_ms=4.5)
    (line,) = lines(path)
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "tried",
        "level": "info",
        "logger": "sniper.test",
        "run": 12,
        "account": "anna",
        "slot": "X1 A",
        "took_ms": 4.5,
    }


def test_a_line_for_people_says_the_same(path: Path) -> None:
    with kept(path, LogFormat.CONSOLE), about(run=12):
        LOG.warning("site's words\nINFO forged", slot="X1 A\x1b[2J")
    (line,) = path.read_text(encoding="utf-8").splitlines()
    assert "[warning] site's words INFO forged [sniper.test] run=12" in line
    assert "\x1b" not in line


def test_tasks_that_work_at_the_same_time_each_say_their_own_account(path: Path) -> None:
    async def work(account: str) -> None:
        from_now_on_about(account=account)
        await asyncio.sleep(0)
        LOG.info("works")

    async def both() -> None:
        await asyncio.gather(work("anna"), work("bob"))
        LOG.info("over")

    with kept(path, LogFormat.JSON), about(run=1):
        run_async(both())
    assert [line.get("account") for line in lines(path)] == ["anna", "bob", None]


def test_what_libraries_warn_of_is_in_the_log_and_the_rest_is_not(path: Path) -> None:
    with kept(path, LogFormat.JSON), about(run=7):
        logging.getLogger("httpx").info("HTTP Request: GET /")
        logging.getLogger("sqlalchemy.pool").warning("a connection of %s is gone", "the pool")
        warnings.warn("soon gone", DeprecationWarning, stacklevel=1)
    assert [(line["logger"], line["run"]) for line in lines(path)] == [
        ("sqlalchemy.pool", 7),
        ("py.warnings", 7),
    ]
    assert lines(path)[0]["event"] == "a connection of the pool is gone"


def test_no_secret_gets_into_the_log_whoever_writes_it(path: Path) -> None:
    KNOWN.know(["hunter2-of-this-log"])

    def fail(password: str) -> None:
        unshown = password  # noqa: F841 - what variables hold must not be shown
        raise ValueError("hunter2-of-this-log is wrong")

    for form in LogFormat:
        with kept(path, form), about(note="hunter2-of-this-log"):
            LOG.info(
                "said hunter2-of-this-log", deep={"list": ["hunter2-of-this-log", b"hunter2-of-this-log"]}
            )
            logging.getLogger("urllib3").warning(
                "POST https://me:other-one@example.org/?token=%s", "third-one"
            )
            try:
                fail("-".join(("another", "password")))
            except ValueError:
                LOG.exception("went wrong")
    text = path.read_text(encoding="utf-8")
    assert "went wrong" in text
    assert "Traceback" in text
    for secret in ("hunter2-of-this-log", "other-one", "third-one", "another-password"):
        assert secret not in text


def test_what_was_logged_to_the_end_is_there_when_the_block_is_left(path: Path) -> None:
    def work() -> None:
        with kept(path, LogFormat.JSON):
            for number in range(1000):
                LOG.info("line", number=number)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        work()
    # Others in this process may have something to log meanwhile.
    assert [line["number"] for line in lines(path) if line["event"] == "line"] == list(range(1000))


def test_the_file_starts_anew_when_it_has_grown_and_five_old_ones_are_kept(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotating, "_BYTES", 2_000)
    with kept(path, LogFormat.JSON):
        for number in range(200):
            LOG.info("line", number=number)
    files = sorted(file.name for file in path.parent.iterdir())
    assert files == ["sniper.log", *(f"sniper.log.{n}" for n in range(1, 6))]
    assert all(file.stat().st_size <= 2_000 for file in path.parent.iterdir())
    assert lines(path)[-1]["number"] == 199
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in path.parent.iterdir())


def test_two_processes_write_to_the_same_file_when_one_starts_it_anew(path: Path) -> None:
    with kept(path, LogFormat.JSON):
        LOG.info("before")
        moved = _until(path).rename(path.with_name("sniper.log.1"))
        LOG.info("after")
    assert [line["event"] for line in lines(moved)] == ["before"]
    assert [line["event"] for line in lines(path)] == ["after"]


def test_a_log_that_cannot_be_written_is_told_once_and_harms_nobody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    with kept(tmp_path / "file" / "sniper.log", LogFormat.JSON):
        LOG.info("one")
        LOG.info("two")
    told = capsys.readouterr().err
    assert told.count("cannot be written") == 1
    assert "Traceback" not in told


def test_the_log_may_go_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    with kept(None, LogFormat.JSON):
        LOG.info("here")
    out, err = capsys.readouterr()
    assert (json.loads(err)["event"], out) == ("here", "")


def test_nothing_is_logged_to_stdout_where_nobody_keeps_a_log() -> None:
    code = "from sniper.logs import logger; logger('x').warning('w'); logger('x').info('i')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout == ""
    assert "'event': 'w'" in done.stderr
    assert "'event': 'i'" not in done.stderr


def _until(path: Path) -> Path:
    """The file, as soon as there is something in it: a thread writes it."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if path.exists() and path.stat().st_size:
            return path
        time.sleep(0.001)
    pytest.fail("nothing was written")
