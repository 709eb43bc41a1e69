"""`sniper runs show --open`, `trace`, `export` and `prune`: what was kept of a run's pages."""

from __future__ import annotations

import json
import os
import time
import webbrowser
from pathlib import Path
from zipfile import ZipFile

import pytest
from click.testing import CliRunner, Result

from sniper.cli.runs import runs
from sniper.core.outcomes import Outcome
from sniper.errors import InputError
from sniper.store import Store
from tests.store.examples import NOW, begin, slot, tried


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder of a recorded run, in which ann's page was not understood."""
    monkeypatch.delenv("SNIPER_DATABASE_URL", raising=False)
    monkeypatch.setenv("SNIPER_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "state").mkdir()
    with Store.open() as store:
        begun = begin(store, rehearsal=True, site="practice")
        lost = tried(slot("X1 A", 13), Outcome.UNKNOWN, message="ann, what is that")
        store.close_attempt(begun.ids["ann"], [lost], now=NOW)
    folder = tmp_path / "state" / "runs" / str(begun.run_id)
    own = folder / "account-1"
    own.mkdir(parents=True)
    step = {"at": "2026-11-21T11:59:30+00:00", "step": "parked", "files": ["01-parked.png", "01-parked.html"]}
    account = {"account": "account-1", "steps": [step], "trace": "trace.zip", "lost": []}
    account |= {"har": "network.har", "console": "console.jsonl", "video": "video.webm"}
    document = {"schema": 1, "timezone": "Europe/Amsterdam", "accounts": [account]}
    (folder / "recording.json").write_text(json.dumps(document))
    (folder / "accounts.json").write_text(json.dumps({"account-1": "ann"}))
    for name in (*step["files"], "trace.zip", "network.har", "console.jsonl", "video.webm"):
        (own / name).write_text(name)
    (folder / "ann-1.png").write_text("picture")
    (folder / "ann-1.html").write_text("<p>ann and bob")
    return folder


def call(*arguments: str) -> Result:
    return CliRunner().invoke(runs, arguments, catch_exceptions=False)


def test_a_run_is_shown_with_its_pictures_and_links_to_its_traces(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []

    def show(url: str) -> bool:
        shown.append(url)
        return True

    monkeypatch.setattr(webbrowser, "open", show)
    assert call("show", run.name, "--open").stdout.strip() == str(run / "index.html")
    assert shown == [(run / "index.html").as_uri()]
    page = (run / "index.html").read_text()
    for part in (
        '<a href="account-1/trace.zip">trace</a>',
        '<img src="account-1/01-parked.png" alt="ann: 12:59:30 parked"',
        '<a href="account-1/video.webm">video</a>',
        '<a href="ann-1.html">page</a>',
        "<svg",
        "ann at X1 A",
    ):
        assert part in page


def test_the_trace_of_an_account_is_found_by_either_of_its_names(run: Path) -> None:
    for name in ("ann", "account-1"):
        assert call("trace", run.name, name, "--file").stdout.strip() == str(run / "account-1" / "trace.zip")


def test_where_there_is_no_trace_it_says_what_there_is(run: Path) -> None:
    with pytest.raises(InputError, match=r"no recording of 'bob'\.") as raised:
        call("trace", run.name, "bob")
    assert raised.value.mend == "It has those of ann."
    (run / "recording.json").unlink()
    with pytest.raises(InputError, match="was not recorded"):
        call("trace", run.name, "ann")


def test_an_export_has_all_but_films_and_names(run: Path) -> None:
    result = call("export", run.name)
    file = Path(result.stdout.strip())
    assert file.stat().st_mode & 0o077 == 0
    assert "account-1/video.webm" in result.stderr
    with ZipFile(file) as archive:
        contents = {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}
    assert {"index.html", "run.json", "recording.json", "account-1/trace.zip", "account-1-1.html"} <= set(
        contents
    )
    assert not {"accounts.json", "account-1/video.webm"} & set(contents)
    assert b"account-1" in contents["run.json"]
    for name, body in contents.items():
        for person in ("ann", "bob", "cleo"):
            assert f'"{person}"'.encode() not in body, name
            assert f">{person}".encode() not in body, name
            assert f"{person}-" not in name
    assert contents["account-1-1.html"].startswith(b"<p>account-1 and account-")
    assert str(run.parent).encode() not in b"".join(contents.values())


def test_an_export_replaces_nothing(run: Path) -> None:
    Path("mine.zip").write_text("mine")
    with pytest.raises(InputError, match="is there already"):
        call("export", run.name, "mine.zip")
    assert Path("mine.zip").read_text() == "mine"


def test_old_recordings_go_and_the_record_stays(run: Path) -> None:
    assert "Nothing is older" in call("prune", "--older-than", "30d").stderr
    long_ago = time.time() - 31 * 24 * 3600
    for path in (*run.rglob("*"), run):
        os.utime(path, (long_ago, long_ago))
    assert "Would go: 1 folders" in call("prune", "--older-than", "30d", "--dry-run").stderr
    assert run.is_dir()
    call("prune", "--older-than", "30d")
    assert not run.exists()
    assert call("show", run.name).exit_code == 0
