"""Keeps this machine from falling asleep while a run waits."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

_POWER_STATES = Path("/sys/power/state")
_HELD = "held"
_ENDS_WITHIN = 5.0


@dataclass(frozen=True, slots=True)
class Wakefulness:
    """Whether the machine stays awake.

    Attributes:
        kept_by: What keeps it awake; None where nothing here could be asked to.
        can_sleep: False where it has no way to sleep at all.
    """

    kept_by: str | None
    can_sleep: bool

    @property
    def stays(self) -> bool:
        """Will it not fall asleep by itself? A lid that is closed may still send it to sleep."""
        return self.kept_by is not None or not self.can_sleep


@contextmanager
def kept_awake() -> Iterator[Wakefulness]:
    """Within the block this machine does not fall asleep, as far as its system can be asked for that.

    Windows, macOS and the desktops of Linux are asked by wakepy; where there is no desktop, systemd is.
    Nothing is asked of a machine that cannot sleep.
    """
    with ExitStack() as stack:
        can_sleep = _can_sleep()
        kept_by = None
        if can_sleep:
            # Only here: it is of no use to a machine that cannot.
            from wakepy import keep

            mode = stack.enter_context(keep.running(on_fail="pass"))
            kept_by = str(mode.method) if mode.active else stack.enter_context(_kept_by_systemd())
        yield Wakefulness(kept_by, can_sleep)


def _can_sleep() -> bool:
    """Linux tells which kinds of sleep it has: none on many servers and in most containers."""
    if sys.platform != "linux":
        return True
    try:
        return bool(_POWER_STATES.read_text(encoding="ascii").strip())
    except OSError:
        return False


@contextmanager
def _kept_by_systemd() -> Iterator[str | None]:
    """Hold an inhibitor lock of systemd's for as long as the block; it also ends when this process does."""
    inhibit, shell = shutil.which("systemd-inhibit"), shutil.which("sh")
    if inhibit is None or shell is None:
        yield None
        return
    process = subprocess.Popen(  # noqa: S603 - what is run stands here
        [
            inhibit,
            "--what=sleep:idle",
            "--who=sniper",
            "--why=waiting for an opening",
            "--mode=block",
            *(shell, "-c", f"echo {_HELD}; exec cat"),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        # Ctrl-C is for the run, which still has to read its bookings back.
        start_new_session=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield "systemd" if process.stdout.readline().strip() == _HELD else None
    finally:
        with suppress(OSError):
            process.stdin.close()
        process.stdout.close()
        try:
            process.wait(_ENDS_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
