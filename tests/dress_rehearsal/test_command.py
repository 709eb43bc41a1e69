"""`sniper rehearse --browser`: which options go with it and which do not, and Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sniper.cli.rehearse import rehearse
from sniper.errors import EnvironmentProblem, InputError
from tests.dress_rehearsal.conftest import write_club


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The person's state folder, which is not there yet."""
    monkeypatch.delenv("SNIPER_DATABASE_URL", raising=False)
    monkeypatch.setenv("SNIPER_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("BOBS_PASSWORD", "s3cret-bob")
    return tmp_path / "state"


def called(folder: Path, *arguments: str) -> Result:
    """`sniper rehearse` of a club's file."""
    return CliRunner().invoke(rehearse, [str(write_club(folder)), *arguments])


@pytest.mark.parametrize(
    ("option", "why"),
    [
        (["--runs", "10000"], "N says how many are played"),
        (["--win", "0.5"], "--rivals-at says how quick they are"),
        (["--decay", "0.5"], "what falling through costs shows by itself"),
        (["--account-failure", "0.1"], "--fault says what goes wrong with accounts"),
        (["--plot", "odds.svg"], "it draws the odds of thousands of runs"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_what_is_for_simulations_is_refused_with_real_runs(
    tmp_path: Path, option: list[str], why: str
) -> None:
    result = called(tmp_path, "--browser", "2", *option)
    assert result.exit_code == 2
    assert f"{option[0]} is not for --browser: " in result.output
    assert why in result.output


@pytest.mark.parametrize("option", [["--rivals-at", "30"], ["--fault", "late=2s"], ["--keep", "here"]])
def test_what_is_for_real_runs_is_refused_with_simulations(tmp_path: Path, option: list[str]) -> None:
    result = called(tmp_path, *option)
    assert result.exit_code == 2
    assert f"{option[0]} is for real runs: add --browser N." in result.output
    assert not (tmp_path / "here").exists()


def test_records_are_kept_in_a_new_or_an_empty_folder_only(state: Path, tmp_path: Path) -> None:
    del state
    full = tmp_path / "full"
    full.mkdir()
    (full / "diary.txt").write_text("mine")
    for folder, why in ((full, "is not empty"), (full / "diary.txt", "cannot be used")):
        result = called(tmp_path, "--browser", "1", "--keep", str(folder))
        assert isinstance(result.exception, InputError)
        assert f"--keep: {folder} {why}" in str(result.exception)
    assert [one.name for one in full.iterdir()] == ["diary.txt"]


def test_without_a_browser_nothing_is_begun(
    state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SNIPER_BROWSER", str(tmp_path / "no-browser"))
    result = called(tmp_path, "--browser", "1", "--keep", str(tmp_path / "kept"))
    assert isinstance(result.exception, EnvironmentProblem)
    assert not (tmp_path / "kept").exists()
    assert not state.exists()


def test_ctrl_c_ends_a_rehearsal_in_good_order_and_tells_what_was_played_until_then(
    state: Path, tmp_path: Path, front_end: Path
) -> None:
    del front_end
    process = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "sniper", "rehearse", str(write_club(tmp_path)), "--browser", "2", "--json"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stderr is not None
    assert "run 1 of 2, rivals after 800 ms" in process.stderr.readline()
    # As a terminal does it.
    os.killpg(process.pid, signal.SIGINT)
    printed, told = process.communicate(timeout=300)
    assert process.returncode == 130, told
    assert told == "interrupted after 0 of 2 runs\n"
    document = json.loads(printed)
    assert (document["finished"], document["runs"]) == (False, [])
    assert not state.exists()
