"""What a command is at that computes for seconds: beside a spinner on a terminal, untold elsewhere."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console

from sniper.cli.tables import text


@contextmanager
def working() -> Iterator[Callable[[str], None]]:
    """Within the block what it is called with can be seen on stderr; nothing of it stays."""
    out = Console(stderr=True, highlight=False)
    with _uncollected():
        if not out.is_terminal:
            yield lambda _: None
            return
        with out.status("") as status:
            yield lambda what: status.update(text(f"{what} …", "dim"))


@contextmanager
def _uncollected() -> Iterator[None]:
    """Plans are many small things that all stay: to search them for garbage takes a quarter of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
