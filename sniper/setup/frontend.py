"""Build the practice site's Angular front end, and only when its sources have changed.

Standard library only, because the build of a wheel runs it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from sniper.errors import EnvironmentProblem
from sniper.setup import process
from sniper.setup.node import Node, ensure_node

WEB = Path(__file__).resolve().parents[1] / "practice" / "web"
SOURCES_STAMP = ".sources.sha256"
PACKAGES_STAMP = ".sniper-packages.sha256"
MADE = frozenset({"node_modules", "dist", "build", "out-tsc"})
"""Top folders that are made from the sources. Hidden folders hold caches, and do not count either."""

_INSTALL = ("ci", "--no-audit", "--no-fund")
_BUILD = ("run", "build")


class FrontEnd(StrEnum):
    """Whether the front end can be served."""

    BUILT = "built"
    STALE = "stale"
    MISSING = "missing"


def state(web: Path = WEB) -> FrontEnd:
    """Compare what was built with its sources. A wheel has none: what it carries is right."""
    dist = web / "dist"
    if not (dist / "index.html").is_file():
        return FrontEnd.MISSING
    if not has_sources(web):
        return FrontEnd.BUILT
    return FrontEnd.BUILT if _read(dist / SOURCES_STAMP) == hash_sources(web) else FrontEnd.STALE


def has_sources(web: Path = WEB) -> bool:
    """False when sniper is installed from a wheel, which carries only what was built."""
    return (web / "package.json").is_file()


def hash_sources(web: Path = WEB) -> str:
    """One hash over the names and contents of all that the front end is built from."""
    total = hashlib.sha256()
    for path in sorted(_sources(web), key=lambda path: path.relative_to(web).as_posix()):
        name = path.relative_to(web).as_posix().encode()
        content = path.read_bytes()
        total.update(b"%d:%b%d:" % (len(name), name, len(content)))
        total.update(content)
    return total.hexdigest()


def build(web: Path = WEB, *, node: Node | None = None, say: process.Say = process.say_nothing) -> bool:
    """Build the front end if it is not up to date; True when there was something to build.

    On failure what was built before stays as it was.
    """
    if state(web) is FrontEnd.BUILT:
        return False
    if not has_sources(web):
        raise EnvironmentProblem(
            f"The practice site's front end is not in {web}, and neither are its sources.",
            mend="Install sniper again, from a wheel or from a full checkout.",
        )
    node = node or ensure_node(say=say)
    wanted = hash_sources(web)
    _install_packages(web, node, say)
    with _kept_on_failure(web / "dist"):
        say("building the front end")
        _npm(web, node, _BUILD, timedelta(minutes=10), say)
        if not (web / "dist" / "index.html").is_file():
            raise EnvironmentProblem(f"The build of the front end left no {web / 'dist' / 'index.html'}.")
        # Taken before the build: a source that changed meanwhile makes the result stale, not fresh.
        (web / "dist" / SOURCES_STAMP).write_text(wanted, encoding="ascii")
    return True


def _install_packages(web: Path, node: Node, say: process.Say) -> None:
    """`npm ci`, unless the packages there are the ones of this lock file and this major version of Node."""
    lock = hashlib.sha256((web / "package-lock.json").read_bytes()).hexdigest()
    wanted = f"{lock} node {node.version[0]}"
    stamp = web / "node_modules" / PACKAGES_STAMP
    if _read(stamp) == wanted:
        return
    say("installing the front end's packages")
    _npm(web, node, _INSTALL, timedelta(minutes=15), say)
    stamp.parent.mkdir(exist_ok=True)
    stamp.write_text(wanted, encoding="ascii")


def _npm(web: Path, node: Node, arguments: tuple[str, ...], limit: timedelta, say: process.Say) -> None:
    done = process.run([*node.npm, *arguments], limit=limit, cwd=web, env=node.environment(), say=say)
    if not done.ok:
        raise EnvironmentProblem(
            f"`npm {' '.join(arguments)}` failed in {web}, with Node.js {node.describe()}: {done.explain()}",
            mend="npm needs its registry to install packages: check the network or npm's settings,\n"
            "then run `sniper setup` again. Bookings on real sites work without the practice site.",
        )


@contextmanager
def _kept_on_failure(folder: Path) -> Iterator[None]:
    """Put `folder` back as it was if the block fails."""
    with tempfile.TemporaryDirectory(prefix="sniper-") as scratch:
        before = Path(scratch) / folder.name
        if folder.is_dir():
            shutil.copytree(folder, before)
        try:
            yield
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            if before.is_dir():
                shutil.copytree(before, folder)
            raise


def _sources(web: Path) -> Iterator[Path]:
    for root, folders, files in os.walk(web):
        here = Path(root)
        made = MADE if here == web else frozenset[str]()
        folders[:] = [name for name in folders if name not in made and not name.startswith(".")]
        yield from (here / name for name in files)


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii").strip()
    except OSError:
        return None
