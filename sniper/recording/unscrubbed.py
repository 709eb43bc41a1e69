"""Where a recording lies until it is scrubbed: for its owner only, and no longer than its process lives."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from sniper.errors import EnvironmentProblem
from sniper.paths import state_dir
from sniper.store.processes import is_gone, this_host


@contextmanager
def folder_for_now() -> Iterator[Path]:
    """A folder in the state folder that nobody else may look into; it is gone when the block is left.

    Raises:
        EnvironmentProblem: It cannot be made.
    """
    try:
        unscrubbed_dir().mkdir(parents=True, exist_ok=True, mode=0o700)
        folder = Path(mkdtemp(prefix=f"{os.getpid()}-", dir=unscrubbed_dir()))
    except OSError as error:
        raise EnvironmentProblem(
            f"the state folder cannot be written: {error}",
            mend="Mend its permissions, or name another one by SNIPER_STATE_DIR.",
        ) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_what_is_left() -> int:
    """Delete what processes have left that were killed while they recorded; how many there were."""
    gone = 0
    for folder in unscrubbed_dir().iterdir() if unscrubbed_dir().is_dir() else ():
        pid = folder.name.partition("-")[0]
        if pid.isdecimal() and is_gone(this_host(), int(pid)):
            shutil.rmtree(folder, ignore_errors=True)
            gone += 1
    return gone


def unscrubbed_dir() -> Path:
    """Where these folders are. It may not exist."""
    return state_dir() / "unscrubbed"
