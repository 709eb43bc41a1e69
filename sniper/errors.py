"""What can go wrong for the person in front of the terminal, and how it can be mended.

Raise one of these wherever the cause is outside the code. The command line prints the message and the mend
without a traceback and exits with `exit_code`. Anything else that is raised is a bug and keeps its traceback.
"""

from __future__ import annotations

from typing import ClassVar


class SniperError(Exception):
    """Something a person can mend: `str(error)` says what and where, `error.mend` says how."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, mend: str | None = None) -> None:
        super().__init__(message)
        self.mend = mend

    def explain(self) -> str:
        """The message and, on the lines after it, the mend: all that is printed."""
        return f"{self}\n{self.mend}" if self.mend else str(self)


class InputError(SniperError):
    """A file, an option or a value the person gave is wrong."""

    exit_code = 2


class EnvironmentProblem(SniperError):  # noqa: N818 `EnvironmentError` is a name of Python's own
    """This machine lacks something: a browser, Node, a writable folder, a reachable database."""

    exit_code = 3
