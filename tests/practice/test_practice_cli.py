"""The command: what it prints, how it ends, and what it says when it cannot start."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from sniper.cli import main

Connect = Callable[..., httpx.Client]
Run = Callable[..., "Ended"]

START = "from sniper.cli import main; main()"


@dataclass(frozen=True)
class Ended:
    """How the command ended."""

    exit_code: object
    stdout: str
    stderr: str


@pytest.fixture
def run(
    tmp_path: Path, web: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Run `sniper practice` in this process, up to where it fails."""

    def invoke(*arguments: str) -> Ended:
        ours = ["--db", str(tmp_path / "practice.sqlite3"), "--web", str(web), "--port", "0"]
        monkeypatch.setattr(sys, "argv", ["sniper", "practice", *ours, *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return Ended(ended.value.code, said.out, said.err)

    return invoke


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_where_it_is_and_ends_cleanly_on_a_signal(
    tmp_path: Path, web: Path, number: signal.Signals, connect: Connect
) -> None:
    arguments = [
        "practice",
        "--db",
        str(tmp_path / "p.sqlite3"),
        "--web",
        str(web),
        "--port",
        "0",
        "--json",
        "-v",
    ]
    arguments += ["--start", "2026-11-21T12:59:50", "--skew", "0.5", "--rivals", "1", "--rival-delay", "150"]
    arguments += ["--fault", "late=2s", "--accounts", "21"]
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", START, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"COLUMNS": "200"},
    )
    try:
        assert process.stdout is not None
        facts = json.loads(process.stdout.readline())
        assert facts["next_opening"] == "2026-11-21T12:00:00.000Z"
        assert facts["accounts"][0] == {"username": "user1", "password": "pass1", "totp_secret": None}
        assert facts["accounts"][-1] == {"username": "user21", "password": "pass21", "totp_secret": None}
        assert [one["username"] for one in facts["accounts"] if one["totp_secret"]] == ["user20"]
        info = connect(facts["url"]).get("/practice/info").json()
        assert (info["rivals"], info["rival_delay_ms"]) == (1, 150)
        assert info["faults"] == [{"fault": "late=2s", "struck": 0}]
        assert connect(facts["url"]).get("/oidc-callback?code=secret").status_code == 200
        process.send_signal(number)
        out, err = process.communicate(timeout=300)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0
    assert out == ""
    assert "Traceback" not in err
    for told in (
        "REHEARSAL",
        facts["url"],
        "user1 / pass1 … user21 / pass21",
        "Sat 2026-11-21 13:00:00 CET",
        "--site practice",
    ):
        assert told in err
    assert "GET /oidc-callback 200" in err
    assert "code=secret" not in err
    assert err.endswith("The practice site has stopped.\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--host", "0.0.0.0"], "only listens on loopback"),  # noqa: S104
        (["--start", "noon"], "is not a time"),
        (["--start", "2026-03-29T02:30"], "does not exist in Europe/Amsterdam"),
        (["--picker", "search,psychic"], "'psychic' is none of search"),
        (["--skew", "nan"], "--skew"),
        (["--rivals", "-1"], "--rivals"),
        (["--accounts", "0"], "--accounts"),
        (["--fault", "slow"], "--fault: slow needs a value"),
        (["--fault", "ban,accounts=nobody"], "there is no account 'nobody'"),
        (["--mode", "kind"], "--mode"),
        (["--port", "99999"], "--port"),
    ],
)
def test_bad_input_is_one_message_and_exit_code_2(run: Run, arguments: list[str], message: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""


def test_a_database_of_something_else_is_bad_input(run: Run, tmp_path: Path) -> None:
    (tmp_path / "practice.sqlite3").write_text("a diary, and a long one, of more than a hundred bytes" * 3)
    result = run()
    assert result.exit_code == 2
    assert "cannot be used as the practice database" in result.stderr


def test_a_port_in_use_is_exit_code_3(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = run("--port", str(taken.getsockname()[1]))
    assert result.exit_code == 3
    assert "error: Port " in result.stderr
    assert "--port" in result.stderr


def test_pages_that_are_not_built_are_exit_code_3(run: Run, tmp_path: Path) -> None:
    result = run("--web", str(tmp_path / "nothing"))
    assert result.exit_code == 3
    assert "sniper setup" in result.stderr
    assert not (tmp_path / "practice.sqlite3").exists()


def test_a_missing_extra_is_exit_code_3(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    monkeypatch.delitem(sys.modules, "sniper.practice.server", raising=False)
    result = run()
    assert result.exit_code == 3
    assert "pip install 'sniper[practice]'" in result.stderr
