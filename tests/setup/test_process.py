"""Other programs are bounded, and what they said last is kept."""

from __future__ import annotations

import sys
import time
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
    silence = timedelta(milliseconds=50)
    done = process.run(python("import time; time.sleep(60)"), limit=LONG, silence=silence)
    assert done.code is None
    assert done.explain() == "it was ended after 0.05 s without a word"


def test_a_long_program_is_ended() -> None:
    done = process.run(python("import time; time.sleep(60)"), limit=timedelta(milliseconds=50), silence=LONG)
    assert done.trouble == "it was ended after 0.05 s"


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="asks /proc")
def test_an_interruption_ends_it_with_all_that_it_started() -> None:
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(child.pid)\n"
        "time.sleep(60)\n"
    )
    started: list[int] = []

    def interrupt(line: str) -> None:
        started.append(int(line))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        process.run(python(code), limit=LONG, say=interrupt)
    (child,) = started
    assert ends(child)


def ends(pid: int) -> bool:
    """Whether that process ends soon. Its parent was ended with it, so nobody may have buried it."""
    for _ in range(1000):
        try:
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
        except FileNotFoundError:
            return True
        if stat.rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.005)
    return False
