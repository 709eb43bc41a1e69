"""Where sniper keeps what it knows between runs."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

STATE_DIR_VARIABLE = "SNIPER_STATE_DIR"


def state_dir() -> Path:
    """The state folder: `SNIPER_STATE_DIR`, else the place this system has for it. It may not exist yet."""
    chosen = os.environ.get(STATE_DIR_VARIABLE)
    if chosen:
        return Path(chosen).expanduser()
    return Path(platformdirs.user_state_dir("sniper", appauthor=False))
