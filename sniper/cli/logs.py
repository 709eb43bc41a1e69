"""Where a command's log goes, and how it is written: options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import click

from sniper import logs
from sniper.logs import LogFormat

command = TypeVar("command", bound=Callable[..., Any])
_STDERR = "-"


def log_options(work: command) -> command:
    """`--log-file` and `--log-format`: all that is logged while the command works goes there.

    It goes next to the function, below all other decorators.
    """

    @click.option(
        "--log-file",
        metavar="FILE",
        envvar="SNIPER_LOG_FILE",
        show_envvar=True,
        help="Where the log goes; `-` is stderr, instead of what is shown there.  [default: sniper.log in the"
        " state folder]",
    )
    @click.option(
        "--log-format",
        type=click.Choice(LogFormat, case_sensitive=False),
        default=LogFormat.CONSOLE,
        show_default=LogFormat.CONSOLE.value,
        envvar="SNIPER_LOG_FORMAT",
        show_envvar=True,
        help="How the log is written: lines for people, or an object a line.",
    )
    @wraps(work)
    def logged(*arguments: Any, log_file: str | None, log_format: LogFormat, **options: Any) -> Any:
        with logs.kept(_place(log_file), log_format):
            return work(*arguments, **options)

    return logged  # type: ignore[return-value]


def log_is_on_stderr() -> bool:
    """Does the log go where progress would be shown?"""
    return click.get_current_context().params.get("log_file") == _STDERR


def _place(given: str | None) -> Path | None:
    if given == _STDERR:
        return None
    return Path(given).expanduser() if given else logs.log_file()
