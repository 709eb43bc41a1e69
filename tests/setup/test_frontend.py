"""The front end is built when its sources have changed, and only then."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from sniper.errors import EnvironmentProblem
from sniper.setup import frontend
from sniper.setup.frontend import FrontEnd
from sniper.setup.node import Node

NPM = """\
import json, pathlib, sys
told = json.loads(pathlib.Path("../npm.json").read_text())
command = sys.argv[1]
with open("../npm.log", "a") as log:
    log.write(command + "\\n")
if command == "ci":
    pathlib.Path("node_modules").mkdir(exist_ok=True)
else:
    pathlib.Path("dist").mkdir(exist_ok=True)
    for old in pathlib.Path("dist").iterdir():
        old.unlink()
    if told.get("index", True):
        pathlib.Path("dist/index.html").write_text("new")
    if "change" in told:
        pathlib.Path(told["change"]).write_text("changed during the build")
if told.get("fails") == command:
    print("npm error ENETUNREACH")
    sys.exit(7)
"""


@dataclass(frozen=True)
class Web:
    """A small front end, and an npm that does as it is told."""

    folder: Path
    node: Node

    def tell(self, **told: object) -> None:
        (self.folder.parent / "npm.json").write_text(json.dumps(told))

    def build(self) -> bool:
        return frontend.build(self.folder, node=self.node)

    def state(self) -> FrontEnd:
        return frontend.state(self.folder)

    def commands(self) -> list[str]:
        log = self.folder.parent / "npm.log"
        commands = log.read_text().split() if log.exists() else []
        log.unlink(missing_ok=True)
        return commands


@pytest.fixture
def web(tmp_path: Path) -> Web:
    folder = tmp_path / "web"
    (folder / "src").mkdir(parents=True)
    for name in ("package.json", "package-lock.json", "src/main.ts"):
        (folder / name).write_text(name)
    npm = tmp_path / "npm.py"
    npm.write_text(NPM)
    made = Web(folder, Node(Path(sys.executable), (sys.executable, str(npm)), (22, 12, 0), "for a test"))
    made.tell()
    return made


def test_it_is_built_once(web: Web) -> None:
    assert web.state() is FrontEnd.MISSING
    assert web.build()
    assert web.state() is FrontEnd.BUILT
    assert web.commands() == ["ci", "run"]
    assert not web.build()
    assert web.commands() == []


@pytest.mark.parametrize(
    "name", ["src/main.ts", "src/build/new.ts", "package.json", "tsconfig.json", ".npmrc"]
)
def test_a_changed_or_new_source_makes_it_stale(web: Web, name: str) -> None:
    web.build()
    (web.folder / name).parent.mkdir(exist_ok=True)
    (web.folder / name).write_text("changed")
    assert web.state() is FrontEnd.STALE


def test_a_renamed_or_removed_source_makes_it_stale(web: Web) -> None:
    web.build()
    (web.folder / "src/main.ts").rename(web.folder / "src/other.ts")
    assert web.state() is FrontEnd.STALE
    (web.folder / "src/other.ts").unlink()
    assert web.state() is FrontEnd.STALE


def test_a_source_that_was_only_touched_does_not(web: Web) -> None:
    web.build()
    (web.folder / "src/main.ts").touch()
    assert web.state() is FrontEnd.BUILT


@pytest.mark.parametrize("name", ["node_modules/x/index.js", ".angular/cache", "dist/more.js"])
def test_what_is_made_from_the_sources_is_not_among_them(web: Web, name: str) -> None:
    web.build()
    (web.folder / name).parent.mkdir(parents=True, exist_ok=True)
    (web.folder / name).write_text("made")
    assert web.state() is FrontEnd.BUILT


def test_packages_are_installed_again_only_for_another_lock_file(web: Web) -> None:
    web.build()
    (web.folder / "src/main.ts").write_text("changed")
    web.commands()
    web.build()
    assert web.commands() == ["run"]
    (web.folder / "package-lock.json").write_text("changed")
    web.build()
    assert web.commands() == ["ci", "run"]


def test_what_was_built_by_hand_without_a_stamp_is_built_again(web: Web) -> None:
    (web.folder / "dist").mkdir()
    (web.folder / "dist/index.html").write_text("old")
    assert web.state() is FrontEnd.STALE


@pytest.mark.parametrize("command", ["ci", "run"])
def test_a_failure_tells_npms_last_lines_and_leaves_what_was_there(web: Web, command: str) -> None:
    web.build()
    before = (web.folder / "dist" / frontend.SOURCES_STAMP).read_text()
    (web.folder / "package-lock.json").write_text("changed")
    web.tell(fails=command)
    with pytest.raises(EnvironmentProblem, match=f"`npm {command}") as caught:
        web.build()
    assert "it ended with exit code 7\n  | npm error ENETUNREACH" in str(caught.value)
    assert caught.value.exit_code == 3
    assert (web.folder / "dist" / "index.html").read_text() == "new"
    assert (web.folder / "dist" / frontend.SOURCES_STAMP).read_text() == before
    assert web.state() is FrontEnd.STALE


def test_a_first_build_that_fails_leaves_nothing(web: Web) -> None:
    web.tell(fails="run")
    with pytest.raises(EnvironmentProblem):
        web.build()
    assert web.state() is FrontEnd.MISSING
    assert not (web.folder / "dist").exists()


def test_a_build_without_a_page_is_a_failure(web: Web) -> None:
    web.tell(index=False)
    with pytest.raises(EnvironmentProblem, match=r"left no .*index\.html"):
        web.build()


def test_a_source_that_changes_during_the_build_leaves_it_stale(web: Web) -> None:
    web.tell(change="src/main.ts")
    web.build()
    assert web.state() is FrontEnd.STALE


def test_a_wheel_carries_it_built_and_without_sources(tmp_path: Path) -> None:
    (tmp_path / "dist").mkdir()
    (tmp_path / "dist/index.html").touch()
    assert frontend.state(tmp_path) is FrontEnd.BUILT
    assert not frontend.build(tmp_path)


def test_neither_sources_nor_a_built_one_is_told_with_the_mend(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentProblem, match="neither are its sources") as caught:
        frontend.build(tmp_path)
    assert "Install sniper again" in (caught.value.mend or "")
