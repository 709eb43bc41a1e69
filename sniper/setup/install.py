"""Get a browser: Playwright's own, else an installed one, else Debian's package. And prove that it starts."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import TypeVar

from sniper.errors import EnvironmentProblem
from sniper.setup import process
from sniper.setup.browser import (
    BROWSER_VARIABLE,
    MEND,
    Browser,
    BrowserKind,
    Note,
    candidates,
    chosen_browser,
    find_browser,
    fingerprint,
    is_root,
    launch_options,
    playwright_chromium,
    verified_before,
    write_note,
)

T = TypeVar("T")

START_LIMIT = timedelta(seconds=30)
# Playwright tries five times; on a closed network that must not hold anyone up for more than half a minute.
CONNECTION_LIMIT = timedelta(seconds=5)
SILENCE_LIMIT = timedelta(seconds=90)
DOWNLOAD_LIMIT = timedelta(minutes=20)
APT_LIMIT = timedelta(minutes=15)
# Debian's `chromium` only recommends the last two. Without any font, a page's text is empty boxes.
APT_PACKAGES = ("chromium", "chromium-sandbox", "fonts-liberation")


@dataclass(frozen=True)
class Started:
    """A browser that was really started, and how that went."""

    browser: Browser
    took: timedelta
    sandbox: bool

    def describe(self) -> str:
        return f"{self.browser.describe()}, started in {self.took.total_seconds():.1f} s"


def ensure_browser(*, if_needed: bool = False, say: process.Say = process.say_nothing) -> Browser:
    """A browser that starts, installed if it has to be.

    With `if_needed`, a browser that has been started before, and has not changed since, is believed.
    Raises EnvironmentProblem when none is to be had.
    """
    chosen = chosen_browser()
    if chosen is not None:
        return chosen if if_needed and verified_before(chosen) else verify(chosen, say=say).browser
    if if_needed:
        try:
            found = find_browser()
        except EnvironmentProblem:
            pass
        else:
            if verified_before(found):
                return found
    troubles: list[str] = []
    if playwright_chromium() is None:
        trouble = download_with_playwright(say=say)
        if trouble is not None:
            troubles.append(f"Playwright's download: {trouble}")
    started = _first_that_starts(troubles, say)
    if started is None:
        trouble = install_with_apt(say=say)
        if trouble is not None:
            troubles.append(f"Debian's package: {trouble}")
        else:
            started = _first_that_starts(troubles, say)
    if started is None:
        details = "\n".join(f"  - {trouble}" for trouble in troubles)
        raise EnvironmentProblem(
            f"No browser could be found or installed:\n{details}",
            mend="Install Chromium, Chrome or Edge yourself and run `sniper setup` again,\n"
            f"or set {BROWSER_VARIABLE} to the path or command name of one.",
        )
    return started.browser


def verify(browser: Browser, *, say: process.Say = process.say_nothing) -> Started:
    """Start `browser` headless, let it run a page, and note how that went. Raises EnvironmentProblem."""
    say(f"starting {browser.path}")
    options = launch_options(True, browser)
    sandboxes = [True, False] if options["chromium_sandbox"] else [False]
    trouble = ""
    for sandbox in sandboxes:
        try:
            version, took = _in_a_thread(partial(_start, {**options, "chromium_sandbox": sandbox}))
        except EnvironmentProblem as error:
            trouble = str(error)
            continue
        note = Note(fingerprint(browser.path), works=True, sandbox=sandbox, version=version)
        write_note(browser, note)
        return Started(replace(browser, version=version), took, sandbox)
    write_note(browser, Note(fingerprint(browser.path), works=False))
    raise EnvironmentProblem(f"{browser.path} was found but does not start: {trouble}", mend=MEND)


def download_with_playwright(*, say: process.Say = process.say_nothing) -> str | None:
    """Let Playwright download its own Chromium. None when it worked, else why it did not."""
    if os.environ.get("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "0").lower() not in {"", "0", "false"}:
        return "switched off by PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD"
    say("downloading Chromium with Playwright")
    milliseconds = int(CONNECTION_LIMIT.total_seconds() * 1000)
    done = process.run(
        [sys.executable, "-m", "playwright", "install", "--no-shell", "chromium"],
        limit=DOWNLOAD_LIMIT,
        silence=SILENCE_LIMIT,
        env={"PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT": str(milliseconds), **os.environ},
        say=say,
    )
    if done.ok:
        return None if playwright_chromium() is not None else "it ended well, but nothing was installed"
    return _first_error(done)


def install_with_apt(*, say: process.Say = process.say_nothing) -> str | None:
    """Install Debian's `chromium` package. None when it worked, else why it did not."""
    if shutil.which("apt-get") is None:
        return "this system has no apt-get"
    root = _become_root()
    if root is None:
        return f"it needs root: sudo apt-get install {' '.join(APT_PACKAGES)}"
    apt = [*root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-o", "DPkg::Lock::Timeout=120"]
    say("reading the lists of packages")
    process.run([*apt, "update", "--quiet"], limit=APT_LIMIT, silence=SILENCE_LIMIT, say=say)
    if not _apt_has_a_real_chromium():
        return (
            "this system has no such package, or one that only asks for a snap; "
            "install Google Chrome or Microsoft Edge from their makers' .deb"
        )
    say("installing Debian's chromium")
    install = [*apt, "install", "--quiet", "--yes", "--no-install-recommends"]
    done = process.run([*install, *APT_PACKAGES], limit=APT_LIMIT, say=say)
    if not done.ok:
        # Some relatives of Debian build `chromium` without a package for its sandbox.
        done = process.run([*install, "chromium"], limit=APT_LIMIT, say=say)
    return None if done.ok else done.explain()


def _first_that_starts(troubles: list[str], say: process.Say) -> Started | None:
    for browser in candidates():
        try:
            return _verify_with_libraries(browser, say)
        except EnvironmentProblem as error:
            trouble = str(error)
            if trouble not in troubles:
                troubles.append(trouble)
    return None


def _verify_with_libraries(browser: Browser, say: process.Say) -> Started:
    """Start it; on Debian and its relatives, get Playwright's own the system libraries it may lack."""
    try:
        return verify(browser, say=say)
    except EnvironmentProblem as error:
        root = _become_root()
        lacks = any(words in str(error) for words in ("missing dependencies", "shared libraries"))
        ours = browser.kind is BrowserKind.PLAYWRIGHT and lacks
        if not ours or root is None or shutil.which("apt-get") is None:
            raise
        say("installing the system libraries Chromium needs")
        command = [*root, sys.executable, "-m", "playwright", "install-deps", "chromium"]
        if not process.run(command, limit=APT_LIMIT, say=say).ok:
            raise
        return verify(browser, say=say)


def _start(options: dict[str, object]) -> tuple[str, timedelta]:
    # Imported here: it takes a third of a second, which whoever only looks for a browser need not pay.
    from playwright.sync_api import Error, sync_playwright

    begin = time.monotonic()
    try:
        with sync_playwright() as playwright:
            limit = START_LIMIT.total_seconds() * 1000
            browser = playwright.chromium.launch(**options, timeout=limit)  # type: ignore[arg-type]
            page = browser.new_page()
            page.evaluate("() => 1 + 1")
            took = timedelta(seconds=time.monotonic() - begin)
            version = browser.version
            browser.close()
    except Error as error:
        raise EnvironmentProblem(_brief(error.message)) from error
    return version, took


def _brief(message: str) -> str:
    """Playwright's message without its boxes, its logs and the command line of fifty flags."""
    lines = [line.strip(" ║╔╗╚╝═\t") for line in message.splitlines()]
    kept = [line for line in lines if line and "<launching>" not in line and "--disable-" not in line]
    errors = [
        line
        for line in kept
        if any(word in line.lower() for word in ("error", "missing", "sandbox", "[err]"))
    ]
    return "; ".join(dict.fromkeys([*kept[:1], *errors[:3]]))


def _first_error(done: process.Finished) -> str:
    if done.trouble is not None:
        return done.trouble
    errors = [line for line in done.tail if "error" in line.lower()]
    return errors[0] if errors else done.explain()


def _in_a_thread(work: Callable[[], T]) -> T:
    """Run `work` in a thread of its own, as Playwright's sync API refuses to start inside an event loop."""
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001 raised again below
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]


def _become_root() -> Sequence[str] | None:
    """What to put before a command to run it as root without a password; None when that cannot be."""
    if is_root():
        return ()
    if shutil.which("sudo") is None:
        return None
    asked = subprocess.run(["sudo", "-n", "true"], capture_output=True, stdin=subprocess.DEVNULL, check=False)  # noqa: S607
    return ("sudo", "-n") if asked.returncode == 0 else None


def _apt_has_a_real_chromium() -> bool:
    """Ubuntu's package of that name holds no browser, only the request for a snap."""
    try:
        shown = subprocess.run(
            ["apt-cache", "show", "--no-all-versions", "chromium"],  # noqa: S607
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    telling = ("Version:", "Depends:", "Pre-Depends:")
    lines = [line for line in shown.stdout.splitlines() if line.startswith(telling)]
    return shown.returncode == 0 and bool(lines) and not any("snap" in line for line in lines)
