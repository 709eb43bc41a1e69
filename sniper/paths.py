"""Where sniper keeps what it knows between runs."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

STATE_DIR_VARIABLE = "SNIPER_STATE_DIR"


def runs_dir() -> Path:
    """Where each run has a folder for its pictures, named by its number. It may not exist yet."""
    return state_dir() / "runs"


def checks_dir() -> Path:
    """Where checks keep their pictures, in folders named by their instants. It may not exist yet."""
    return state_dir() / "checks"


def state_dir() -> Path:
    """The state folder: `SNIPER_STATE_DIR`, else the place this system has for it. It may not exist yet."""
    chosen = os.environ.get(STATE_DIR_VARIABLE)
    if chosen:
        return Path(chosen).expanduser()
    return Path(platformdirs.user_state_dir("sniper", appauthor=False))
