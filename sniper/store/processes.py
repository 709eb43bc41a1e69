"""Is the process that wrote a run still there?"""

from __future__ import annotations

import os
import platform
from pathlib import Path


def this_host() -> str:
    """The name this machine writes beside its process numbers."""
    return platform.node()


def is_gone(host: str, pid: int) -> bool:
    """Has process `pid` of `host` certainly ended?

    Of another machine nothing is certain. A number can have been given to a new process since: then the run
    looks alive for as long as that lives.
    """
    if host != this_host() or os.name == "nt":  # there, signal 0 would be Ctrl-C
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    """Has it ended, and whoever started it not asked yet how?"""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False  # no Linux
    # After the program's name, which stands in parentheses and may hold some itself.
    return stat.rpartition(")")[2].split()[0] == "Z"
