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
    shown = here.asked("clock", here.site.url, "--json")
    assert shown.exit_code == 0, shown.stderr
    real = here.site.clock.now() - here.site.clock.machine_now()
    said = timedelta(milliseconds=shown.data["offset_ms"])
    assert abs(said - real) <= timedelta(milliseconds=shown.data["bound_ms"] + 1)
    assert datetime.fromisoformat(shown.data["site_time"]).utcoffset() is not None


def test_a_site_that_does_not_answer_is_one_message_and_exit_code_3(club: Callable[..., Club]) -> None:
    told = club().asked("clock", "http://127.0.0.1:9")
    assert told.exit_code == 3
    assert "does not answer" in told.stderr
    assert "Traceback" not in told.stderr


def test_a_profile_may_say_where_the_site_tells_its_time_in_json(club: Callable[..., Club]) -> None:
    here = club()
    profile = here.folder / "profiles" / "json.yaml"
    profile.write_text(
        "extends: here\nname: json\nclock: {source: json, path: /practice/info, time: $.now, probes: 2}\n"
    )
    shown = here.asked("clock", str(profile), "--json")
    assert shown.exit_code == 0, shown.stderr
    assert shown.data["source"] == "json"
    real = here.site.clock.now() - here.site.clock.machine_now()
    said = timedelta(milliseconds=shown.data["offset_ms"])
    assert abs(said - real) <= timedelta(milliseconds=shown.data["bound_ms"] + 1)
    # Two answers in whole seconds would leave a quarter of a second.
    assert shown.data["bound_ms"] <= shown.data["round_trip_ms"] / 2 + 3


@pytest.mark.parametrize(
    ("variable", "value", "why"),
    [
        ("ALL_PROXY", "socks5://127.0.0.1:1080", "socksio"),
        ("HTTPS_PROXY", "foo:bar", "'bar'"),
        ("HTTPS_PROXY", "ftp://proxy.example", "ftp"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_one_message_and_exit_code_3(
    club: Callable[..., Club], monkeypatch: pytest.MonkeyPatch, variable: str, value: str, why: str
) -> None:
    monkeypatch.setenv(variable, value)
    told = club().asked("clock", "https://site.example/", "--once")
    assert told.exit_code == 3, told.stderr
    assert "the proxy for https://site.example/ cannot be used" in told.stderr
    assert why in told.stderr
    assert "ALL_PROXY" in told.stderr
    assert "Traceback" not in told.stderr


@pytest.mark.parametrize("port", [0, 65536, 99999])
def test_an_address_whose_port_there_is_not_is_bad_input(club: Callable[..., Club], port: int) -> None:
    told = club().asked("clock", f"http://127.0.0.1:{port}/")
    assert told.exit_code == 2
    assert "ports go from 1 to 65535" in told.stderr
    assert "Traceback" not in told.stderr


def test_neither_an_address_nor_a_profile_is_bad_input(club: Callable[..., Club]) -> None:
    told = club().asked("clock", "no-such-profile")
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
