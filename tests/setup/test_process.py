"""Other programs are bounded, and what they said last is kept."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from sniper.setup import process

LONG = timedelta(minutes=1)


def python(code: str) -> list[str]:
    return [sys.executable, "-u", "-c", code]


def test_lines_are_told_as_they_come_and_the_last_ones_kept() -> None:
    said: list[str] = []
    code = "print('\\x1b[1mfirst\\x1b[0m\\n')\nfor n in range(30): print(n)"
    done = process.run(python(code), limit=LONG, say=said.append)
    assert done.ok
    assert said[0] == "first"
    assert done.tail == tuple(str(number) for number in range(10, 30))


def test_a_failure_is_explained_with_its_last_lines() -> None:
    done = process.run(python("import sys; print('no disk', file=sys.stderr); sys.exit(4)"), limit=LONG)
    assert not done.ok
    assert done.explain() == "it ended with exit code 4\n  | no disk"


def test_a_missing_program_is_a_failure_and_no_crash() -> None:
    done = process.run(["/no/such/program"], limit=LONG)
    assert done.explain() == "/no/such/program could not be started: No such file or directory"


def test_a_program_gets_no_standard_input() -> None:
    assert process.run(python("import sys; sys.exit(sys.stdin.read() != '')"), limit=LONG).ok


def test_a_silent_program_is_ended() -> None:
    code = "print('hello')\nimport time; time.sleep(60)"
    done = process.run(python(code), limit=LONG, silence=timedelta(seconds=2))
    assert done.code is None
    assert done.explain() == "it was ended after 2 s without a word\n  | hello"


def test_a_long_program_is_ended_with_what_it_started(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    code = (
        "import subprocess, sys, time, pathlib\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"pathlib.Path({str(file)!r}).write_text(str(child.pid))\n"
        "while True: print('still here'); time.sleep(0.01)\n"
    )
    done = process.run(python(code), limit=timedelta(seconds=2), silence=LONG)
    assert done.trouble == "it was ended after 2 s"
    state = subprocess.run(
        ["ps", "-o", "stat=", "-p", file.read_text()], capture_output=True, text=True, check=False
    )  # noqa: S603,S607
    assert state.stdout.strip()[:1] in {"", "Z"}


@pytest.mark.parametrize("code", [0, 1])
def test_only_the_exit_code_zero_is_well(code: int) -> None:
    assert process.Finished(code, ()).ok is (code == 0)
