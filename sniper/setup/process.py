"""Run another program with a bound on its silence and on its whole time, and keep its last lines."""

from __future__ import annotations

import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO

Say = Callable[[str], None]
"""Takes one line of progress."""

TAIL_LINES = 20
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def say_nothing(_line: str) -> None:
    """A `Say` for callers that show no progress."""


@dataclass(frozen=True)
class Finished:
    """How a program ended. `code` is None when it could not be started or was ended for taking too long."""

    code: int | None
    tail: tuple[str, ...]
    trouble: str | None = None

    @property
    def ok(self) -> bool:
        return self.code == 0

    def explain(self) -> str:
        """What went wrong in one line, then the last lines of its output."""
        what = self.trouble or f"it ended with exit code {self.code}"
        return "\n".join([what, *(f"  | {line}" for line in self.tail)])


def run(
    command: Sequence[str],
    *,
    limit: timedelta,
    silence: timedelta | None = None,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    say: Say = say_nothing,
) -> Finished:
    """Run `command` without standard input, at most `limit` long, at most `silence` without a line."""
    try:
        # Its own process group, so that what it started ends with it.
        child = subprocess.Popen(  # noqa: S603
            list(command),
            cwd=cwd,
            env=None if env is None else dict(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
    except OSError as error:
        return Finished(None, (), f"{command[0]} could not be started: {error.strerror or error}")
    assert child.stdout is not None
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    threading.Thread(target=_pump, args=(child.stdout, lines), daemon=True).start()
    tail: deque[str] = deque(maxlen=TAIL_LINES)
    ends = time.monotonic() + limit.total_seconds()
    try:
        while True:
            left = ends - time.monotonic()
            wait = left if silence is None else min(left, silence.total_seconds())
            try:
                line = lines.get(timeout=max(wait, 0.0))
            except queue.Empty:
                return Finished(None, tuple(tail), _too_long(limit, silence, out_of_time=wait >= left))
            if line is None:
                return Finished(child.wait(), tuple(tail))
            clean = _ANSI.sub("", line).strip()
            if clean:
                tail.append(clean)
                say(clean)
    finally:
        _end(child)


def _pump(stream: IO[str], lines: queue.SimpleQueue[str | None]) -> None:
    for line in stream:
        lines.put(line)
    lines.put(None)


def _too_long(limit: timedelta, silence: timedelta | None, *, out_of_time: bool) -> str:
    if out_of_time or silence is None:
        return f"it was ended after {limit.total_seconds():g} s"
    return f"it was ended after {silence.total_seconds():g} s without a word"


def _end(child: subprocess.Popen[str]) -> None:
    if child.poll() is not None:
        return
    if sys.platform == "win32":
        child.kill()
    else:
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
