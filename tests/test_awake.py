"""A machine that could fall asleep is kept awake while a run waits."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from sniper import awake
from sniper.awake import kept_awake

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems are wakepy's")


@pytest.fixture
def inhibit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine that can sleep, without a desktop. While its systemd holds a lock, this file is there."""
    states = tmp_path / "power-state"
    states.write_text("freeze mem disk\n")
    monkeypatch.setattr(awake, "_POWER_STATES", states)
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    program = tmp_path / "bin" / "systemd-inhibit"
    program.parent.mkdir()
    held = tmp_path / "held"
    program.write_text(
        f'#!/bin/sh\nwhile [ "${{1#--}}" != "$1" ]; do shift; done\ntouch {held}\n"$@"\nrm {held}\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    return held


def test_without_a_desktop_systemd_is_asked_and_lets_go_at_the_end(inhibit: Path) -> None:
    with kept_awake() as wakefulness:
        assert (wakefulness.kept_by, wakefulness.stays) == ("systemd", True)
        assert inhibit.exists()
    assert not inhibit.exists()


def test_where_systemd_refuses_the_machine_may_fall_asleep(inhibit: Path) -> None:
    (inhibit.parent / "bin" / "systemd-inhibit").write_text("#!/bin/sh\necho 'Access denied' >&2\nexit 1\n")
    with kept_awake() as wakefulness:
        assert (wakefulness.kept_by, wakefulness.stays) == (None, False)


def test_where_there_is_nobody_to_ask_the_machine_may_fall_asleep(
    inhibit: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(inhibit.parent))
    with kept_awake() as wakefulness:
        assert not wakefulness.stays


@pytest.mark.parametrize("states", ["", None])
def test_a_machine_that_cannot_sleep_is_asked_for_nothing(
    inhibit: Path, tmp_path: Path, states: str | None
) -> None:
    if states is None:
        (tmp_path / "power-state").unlink()
    else:
        (tmp_path / "power-state").write_text(states)
    with kept_awake() as wakefulness:
        assert wakefulness.stays
        assert not inhibit.exists()
