"""Folders with pictures of runs and checks that nobody looks at any more."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sniper.errors import EnvironmentProblem
from sniper.paths import checks_dir, runs_dir


@dataclass(frozen=True, slots=True)
class OldFolders:
    """What goes."""

    folders: tuple[Path, ...]

    @classmethod
    def of(cls, runs: Iterable[int], before: datetime) -> OldFolders:
        """Those of these runs, and of checks, in which nothing was written since."""
        checks = checks_dir().iterdir() if checks_dir().is_dir() else ()
        there = [path for path in (*(runs_dir() / str(run) for run in runs), *checks) if path.is_dir()]
        return cls(tuple(sorted(path for path in there if _last_written(path) < before.timestamp())))

    @property
    def size(self) -> int:
        """In bytes."""
        return sum(_size(path) for path in self.folders)

    def remove(self) -> None:
        """Delete them.

        Raises:
            EnvironmentProblem: One of them cannot be deleted; the others are.
        """
        wrong = []
        for path in self.folders:
            try:
                shutil.rmtree(path)
            except OSError as error:
                wrong.append(f"{path}: {error.strerror or error}")
        if wrong:
            raise EnvironmentProblem(
                f"folders of pictures cannot be deleted: {'; '.join(wrong)}", mend="Delete them by hand."
            )


def _last_written(folder: Path) -> float:
    return max(path.lstat().st_mtime for path in (folder, *folder.rglob("*")))


def _size(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())
