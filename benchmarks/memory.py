"""What the processes that we started take of this machine's memory. Linux only."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_PROC = Path("/proc")
_KIB = 1024


def can_be_measured() -> bool:
    """Does this system tell it?"""
    return sys.platform == "linux"


def descendants(process: int | None = None) -> set[int]:
    """The processes that this one (default: we) started, and those started by them."""
    found: set[int] = set()
    waiting = [process or os.getpid()]
    while waiting:
        parent = waiting.pop()
        for thread in _listed(_PROC / str(parent) / "task"):
            children = {int(child) for child in _read(thread / "children").split()} - found
            found |= children
            waiting += children
    return found


def program(process: int) -> str:
    """The name of what runs there; empty if it has ended."""
    return Path(_read(_PROC / str(process) / "cmdline").split("\0")[0]).name


def proportional_size(process: int) -> int:
    """Its memory in bytes, what processes share being shared out among them (PSS); 0 if it ended."""
    for line in _read(_PROC / str(process) / "smaps_rollup").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * _KIB
    return 0


def _listed(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
