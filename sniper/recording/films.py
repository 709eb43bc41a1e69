"""What it takes to film pages."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from sniper.errors import EnvironmentProblem

_WHERE = re.compile(r"(?m)^\s*Install location:\s*(.+?)\s*$")


def need_what_films() -> None:
    """Look whether Playwright has what it films with: its own ffmpeg, whichever browser there is.

    Raises:
        EnvironmentProblem: It has not.
    """
    told = subprocess.run(
        [sys.executable, "-m", "playwright", "install", "--dry-run", "ffmpeg"],
        capture_output=True,
        text=True,
        check=False,
    )
    where = _WHERE.search(told.stdout)
    if where is None or not Path(where[1]).is_dir():
        raise EnvironmentProblem(
            "pages cannot be filmed: Playwright's ffmpeg is not installed",
            mend=f"`{sys.executable} -m playwright install ffmpeg` gets it; or give --record, without films.",
        )
