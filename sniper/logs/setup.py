"""How lines come to be: who writes them, what stands in each, where they go."""

from __future__ import annotations

import logging
import queue
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from enum import StrEnum
from logging.handlers import QueueHandler, QueueListener
from pathlib import Path
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from sniper.logs.rotating import PrivateRotatingFile
from sniper.paths import state_dir
from sniper.scrubbing import KNOWN, without_what_looks_secret

FILE_NAME = "sniper.log"
_OURS = "sniper"
_PLAIN = (bool, int, float, type(None))


class LogFormat(StrEnum):
    """How a line is written."""

    CONSOLE = "console"
    """For people."""
    JSON = "json"
    """An object a line, for programs."""


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """What a module writes with. Outside of `kept`, warnings go to stderr and the rest nowhere."""
    log: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(f"{_OURS}.{name}")
    return log


def about(**what: object) -> AbstractContextManager[None]:
    """Within the block, and in tasks begun there, every line says so: `about(run=12)`, `about(account=…)`."""
    return structlog.contextvars.bound_contextvars(**what)


def from_now_on_about(**what: object) -> None:
    """Every line of the present task, and of those it begins, says so from now on."""
    structlog.contextvars.bind_contextvars(**what)


def log_file() -> Path:
    """Where the log is unless somebody wants it elsewhere: it may not exist yet."""
    return state_dir() / FILE_NAME


@contextmanager
def kept(place: Path | None, form: LogFormat) -> Iterator[None]:
    """Within the block all lines go to a file, or to stderr where no file is named.

    They are written by a thread of its own: whoever logs waits for no disk.
    """
    where: logging.Handler = (
        logging.StreamHandler(sys.stderr) if place is None else PrivateRotatingFile(place)
    )
    where.setFormatter(logging.Formatter("%(message)s"))
    lines: queue.SimpleQueue[logging.LogRecord] = queue.SimpleQueue()
    handler = QueueHandler(lines)
    handler.setFormatter(_formatter(form, colors=place is None and sys.stderr.isatty()))
    listener = QueueListener(lines, where)
    root, ours = logging.getLogger(), logging.getLogger(_OURS)
    levels = root.level, ours.level
    root.addHandler(handler)
    # Of what libraries have to say, what may matter.
    root.setLevel(logging.WARNING)
    ours.setLevel(logging.INFO)
    logging.captureWarnings(capture=True)
    listener.start()
    try:
        yield
    finally:
        logging.captureWarnings(capture=False)
        root.removeHandler(handler)
        root.setLevel(levels[0])
        ours.setLevel(levels[1])
        listener.stop()
        where.close()


def _formatter(form: LogFormat, *, colors: bool) -> logging.Formatter:
    """Turns what is logged into a line. What was logged by others first gets what ours has from the start."""
    renderer: Processor
    if form is LogFormat.JSON:
        renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
    else:
        renderer = structlog.dev.ConsoleRenderer(
            colors=colors, pad_event_to=0, pad_level=False, exception_formatter=structlog.dev.plain_traceback
        )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_BEGIN,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            # As a text, without the values of variables: there may be passwords among them.
            structlog.processors.format_exc_info,
            _scrubbed,
            renderer,
        ],
    )


def _scrubbed(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    cleaned = {key: _clean(value) for key, value in line.items()}
    # A site's words must not look like a line of their own, nor command a terminal.
    cleaned["event"] = "".join(c if c.isprintable() else " " for c in str(cleaned["event"]))
    return cleaned


def _clean(value: Any) -> Any:
    """A value as plain JSON, without secrets."""
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, Mapping):
        return {str(key): _clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(item) for item in value]
    return without_what_looks_secret(KNOWN(str(value)))


_BEGIN: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
)

# When this is imported, since without it structlog writes to stdout, which is for data.
structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        *_BEGIN,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
