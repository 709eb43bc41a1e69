"""A file that starts anew when it has grown, and is its owner's only."""

from __future__ import annotations

import os
import sys
from logging import LogRecord
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, TextIO

_BYTES = 5_000_000
_KEPT = 5


class PrivateRotatingFile(RotatingFileHandler):
    """Keeps the last five files beside the present one. Several processes may write to it at the same time.

    A log harms nobody: one that cannot be written is told once, on stderr.
    """

    def __init__(self, path: Path) -> None:
        """The file and its folder are made when there is something to write."""
        super().__init__(path, maxBytes=_BYTES, backupCount=_KEPT, encoding="utf-8", delay=True)
        self._told = False

    def emit(self, record: LogRecord) -> None:
        """Write a line; to the new file, where another process has started one."""
        if self.stream is not None and not self._is_present(self.stream):
            self.stream.close()
            self.stream = None  # logging opens it again
        super().emit(record)

    def handleError(self, record: LogRecord) -> None:  # noqa: ARG002, N802 - logging's name
        """Tell it, once."""
        if not self._told:
            self._told = True
            error = sys.exc_info()[1]
            why = error.strerror if isinstance(error, OSError) else error
            sys.stderr.write(f"the log {self.baseFilename} cannot be written: {why}\n")

    def _open(self) -> Any:
        path = Path(self.baseFilename)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return open(path, "a", encoding="utf-8", opener=_private)

    def _is_present(self, stream: TextIO) -> bool:
        """Is it the file of that name still?"""
        try:
            there, ours = Path(self.baseFilename).stat(), os.fstat(stream.fileno())
        except OSError:
            return False
        return (there.st_dev, there.st_ino) == (ours.st_dev, ours.st_ino)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
