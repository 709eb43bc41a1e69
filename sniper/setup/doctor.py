"""Look at everything a run needs on this machine, and say how to mend what is wrong."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
import tempfile
import zoneinfo
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import sniper
from sniper.errors import SniperError
from sniper.paths import STATE_DIR_VARIABLE, state_dir
from sniper.setup import frontend, install
from sniper.setup.browser import find_browser, is_root
from sniper.setup.frontend import FrontEnd
from sniper.setup.node import WANTED, find_node, node_on_path

OLDEST_PYTHON = (3, 11)
# No clock can rightly show an earlier time than this: sniper did not exist yet.
FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)


class Health(StrEnum):
    """How one thing is. With a warning, real sites can still be booked; with a problem, none can."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Finding:
    """What was found about one thing, and how to mend it when it is not well."""

    name: str
    health: Health
    found: str
    mend: str | None = None


Check = Callable[[], Finding]


def examine(*more: tuple[str, Check]) -> list[Finding]:
    """Carry out every check, in order. A check that raises one of our errors is a problem, not the end.

    Args:
        more: Checks of parts that this package does not know of, by name: the store's, say.
    """
    findings = []
    for name, check in (*CHECKS, *more):
        try:
            findings.append(check())
        except SniperError as error:
            findings.append(Finding(name, Health.PROBLEM, str(error), error.mend))
    return findings


def as_data(findings: list[Finding]) -> dict[str, Any]:
    """The findings for a program to read."""
    worst = Health.OK
    for health in (Health.WARNING, Health.PROBLEM):
        if any(finding.health is health for finding in findings):
            worst = health
    return {"health": worst.value, "findings": [asdict(finding) for finding in findings]}


def check_python() -> Finding:
    found = f"{platform.python_version()}, {sys.executable}"
    if sys.version_info[:2] < OLDEST_PYTHON:
        oldest = ".".join(map(str, OLDEST_PYTHON))
        return Finding("Python", Health.PROBLEM, found, f"Install sniper with Python {oldest} or later.")
    return Finding("Python", Health.OK, found)


def check_sniper() -> Finding:
    origin = "a checkout" if frontend.has_sources() else "a wheel"
    return Finding("sniper", Health.OK, f"{sniper.__version__}, from {origin}")


def check_browser() -> Finding:
    """Find the browser and really start it."""
    started = install.verify(find_browser())
    return Finding("Browser", Health.OK, started.describe())


def check_user() -> Finding:
    if is_root():
        return Finding(
            "User",
            Health.WARNING,
            "running as root, so the browser runs without its sandbox",
            "Run sniper as an ordinary user on a machine where others' pages must not be trusted.",
        )
    return Finding("User", Health.OK, "not root")


def check_front_end() -> Finding:
    """The practice site's front end. Real sites are booked without it, so it is never more than a warning."""
    mend = "Run `sniper setup --no-browser` to build it."
    match frontend.state():
        case FrontEnd.BUILT:
            return Finding("Front end", Health.OK, "built")
        case FrontEnd.STALE:
            return Finding("Front end", Health.WARNING, "built from older sources than those here", mend)
        case FrontEnd.MISSING:
            return Finding("Front end", Health.WARNING, "not built, so there is no practice site", mend)


def check_node() -> Finding:
    """Node.js builds the front end and does nothing else."""
    node = find_node()
    if node is not None:
        return Finding("Node.js", Health.OK, node.describe())
    _, why_not = node_on_path()
    if not frontend.has_sources():
        return Finding("Node.js", Health.OK, "none, and none is needed")
    return Finding(
        "Node.js",
        Health.OK if frontend.state() is FrontEnd.BUILT else Health.WARNING,
        f"{why_not}; it builds the practice site's front end and takes {WANTED}",
        "`sniper setup` gets one from PyPI when it has to build.",
    )


def check_state_folder() -> Finding:
    folder = state_dir()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return Finding(
            "State folder",
            Health.PROBLEM,
            f"{folder} cannot be written to: {error.strerror or error}",
            f"Make it writable, or set {STATE_DIR_VARIABLE} to another folder.",
        )
    return Finding("State folder", Health.OK, f"{folder}, writable")


def check_time_zones() -> Finding:
    try:
        zone = zoneinfo.ZoneInfo("Europe/Amsterdam")
    except zoneinfo.ZoneInfoNotFoundError:
        return Finding(
            "Time zones",
            Health.PROBLEM,
            "there is no data of time zones",
            "Run `pip install tzdata` for this Python.",
        )
    summer = datetime(2026, 7, 1, 12, tzinfo=zone).utcoffset()
    winter = datetime(2026, 12, 1, 12, tzinfo=zone).utcoffset()
    if summer == winter:
        mend = "Run `pip install --upgrade tzdata` for this Python."
        return Finding(
            "Time zones", Health.PROBLEM, "summer time is missing from the data of time zones", mend
        )
    return Finding("Time zones", Health.OK, f"data for {len(zoneinfo.available_timezones())} zones")


def check_clock() -> Finding:
    """Whether the clock can be right, and whether the system keeps it so. Never asks the network."""
    now = datetime.now(UTC)
    shown = f"{now:%Y-%m-%d %H:%M:%S} UTC"
    mend = "Switch on network time: `sudo timedatectl set-ntp true` on Linux, the date settings elsewhere."
    if now < FIRST_DAY:
        return Finding("Clock", Health.PROBLEM, f"{shown} is in the past", mend)
    match ntp_synchronised():
        case True:
            return Finding("Clock", Health.OK, f"{shown}, kept by network time")
        case False:
            # Openings are told from the site's clock, which a run measures: a clock that is off is not fatal.
            return Finding("Clock", Health.WARNING, f"{shown}, not kept by network time", mend)
        case None:
            return Finding("Clock", Health.OK, f"{shown}, network time not known")


def ntp_synchronised() -> bool | None:
    """What systemd says of network time; None where there is nobody to ask."""
    if shutil.which("timedatectl") is None:
        return None
    try:
        asked = subprocess.run(
            ["timedatectl", "show", "--property=NTPSynchronized", "--value"],  # noqa: S607
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return {"yes": True, "no": False}.get(asked.stdout.strip()) if asked.returncode == 0 else None


CHECKS: list[tuple[str, Check]] = [
    ("Python", check_python),
    ("sniper", check_sniper),
    ("Browser", check_browser),
    ("User", check_user),
    ("Front end", check_front_end),
    ("Node.js", check_node),
    ("State folder", check_state_folder),
    ("Time zones", check_time_zones),
    ("Clock", check_clock),
]
