"""Which of a browser's processes goes first, where there are more of them at work than processors.

A request leaves through the browser's one network process. At an opening every page works at the same time,
and what they draw can wait: without this, a request that a page has sent waits for the others' drawing.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from playwright.async_api import Browser
from playwright.async_api import Error as PlaywrightError

# Steps of niceness behind ourselves; ten of them are a tenth of the processor time. Nobody needs a privilege
# to be nice, and nobody can take it back: these processes end with the run.
_STEPS = {"renderer": 5, "GPU": 8}
_NICEST = 19


async def put_requests_first(browser: Browser) -> None:
    """Let those processes of a browser that draw and run scripts yield to the one that sends requests.

    Where the system knows no such priorities, nothing happens.
    """
    if not hasattr(os, "setpriority"):
        return
    ours = os.getpriority(os.PRIO_PROCESS, 0)
    with suppress(PlaywrightError):
        session = await browser.new_browser_cdp_session()
        found = await session.send("SystemInfo.getProcessInfo")
        await session.detach()
        for process in found["processInfo"]:
            if steps := _STEPS.get(process["type"]):
                _set(int(process["id"]), min(ours + steps, _NICEST))


def _set(pid: int, niceness: int) -> None:
    tasks = Path(f"/proc/{pid}/task")
    # On Linux every thread has a niceness of its own.
    with suppress(OSError):
        threads = [int(task.name) for task in tasks.iterdir()] if tasks.is_dir() else [pid]
        for thread in threads:
            with suppress(ProcessLookupError):
                os.setpriority(os.PRIO_PROCESS, thread, niceness)
