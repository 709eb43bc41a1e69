"""`sniper clock`, as its user types it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

import pytest

from tests.e2e.conftest import Club

HIDE_CURSOR, SHOW_CURSOR = b"\x1b[?25l", b"\x1b[?25h"


def test_a_sites_clock_is_told_with_its_bound(club: Callable[..., Club]) -> None:
    here = club()
    shown = here.sniper("clock", here.site.url, "--json")
    assert shown.exit_code == 0, shown.stderr
    real = here.site.clock.now() - here.site.clock.machine_now()
    said = timedelta(milliseconds=shown.data["offset_ms"])
    assert abs(said - real) <= timedelta(milliseconds=shown.data["bound_ms"] + 1)
    assert datetime.fromisoformat(shown.data["site_time"]).utcoffset() is not None


def test_a_site_that_does_not_answer_is_one_message_and_exit_code_3(club: Callable[..., Club]) -> None:
    told = club().sniper("clock", "http://127.0.0.1:9")
    assert told.exit_code == 3
    assert "does not answer" in told.stderr
    assert "Traceback" not in told.stderr


def test_neither_an_address_nor_a_profile_is_bad_input(club: Callable[..., Club]) -> None:
    told = club().sniper("clock", "no-such-profile")
    assert told.exit_code == 2
    assert "no-such-profile" in told.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such terminals")
@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_however_the_live_clock_is_ended_the_terminal_has_its_cursor_back(
    club: Callable[..., Club], asked: signal.Signals
) -> None:
    here = club()
    ours, theirs = os.openpty()
    process = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "sniper", "clock", here.site.url],
        env=here.environment() | {"TERM": "xterm"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b""
    with suppress(OSError):  # A terminal whose other end is closed.
        while part := os.read(ours, 65536):
            if b"requests so far" in shown + part and b"requests so far" not in shown:
                process.send_signal(asked)
            shown += part
    os.close(ours)
    assert process.wait(30) == 0
    assert HIDE_CURSOR in shown
    assert shown.rindex(SHOW_CURSOR) > shown.rindex(HIDE_CURSOR)
    assert b"Traceback" not in shown
