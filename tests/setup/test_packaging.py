"""What is pinned, and what a wheel carries."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from sniper.setup import frontend

ROOT = Path(__file__).parents[2]


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_direct_dependency_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"].values()
    wanted = {*project["dependencies"], *(requirement for extra in extras for requirement in extra)}
    names = {normal(re.split(r"[\[<>=!~; ]", requirement)[0]) for requirement in wanted} - {"sniper"}
    pinned = {line.split("==")[0] for line in (ROOT / "constraints.txt").read_text().splitlines()}
    assert names <= pinned, "run `make constraints`"


def test_constraints_are_exact_and_hold_no_address() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert pins == sorted(pins, key=lambda pin: pin.split("==")[0])
    assert [pin for pin in pins if not re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.]*", pin)] == []


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The checkout without what was made in it."""
    copy = tmp_path / "checkout"
    made = shutil.ignore_patterns("__pycache__", "node_modules", "dist", ".angular", "*.egg-info")
    shutil.copytree(ROOT / "sniper", copy / "sniper", ignore=made)
    for name in ("profiles", "fixtures"):
        shutil.copytree(ROOT / name, copy / name)
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE", ".gitignore"):
        shutil.copy(ROOT / name, copy / name)
    return copy


def build_wheel(checkout: Path, path: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(checkout / "out")],
        cwd=checkout,
        env=None if path is None else {"PATH": path, "PIP_NO_INDEX": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_wheel_carries_the_built_front_end_the_profiles_their_fixtures_and_the_data_files(
    checkout: Path,
) -> None:
    web = checkout / "sniper" / "practice" / "web"
    (web / "dist").mkdir()
    (web / "dist" / "index.html").write_text("<h1>built</h1>")
    (web / "dist" / frontend.SOURCES_STAMP).write_text(frontend.hash_sources(web))
    (web / "node_modules").mkdir()
    (web / "node_modules" / "secret.js").touch()
    done = build_wheel(checkout)
    assert done.returncode == 0, done.stderr
    (wheel,) = (checkout / "out").glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert "sniper/practice/web/dist/index.html" in names
    of_the_web = {name for name in names if name.startswith("sniper/practice/web/")}
    assert {name for name in of_the_web if not name.startswith("sniper/practice/web/dist/")} == set()
    profiles = {f"sniper/profiles/{path.name}" for path in (ROOT / "profiles").glob("*.yaml")}
    assert profiles
    assert profiles <= names
    fixtures = {f"sniper/{path.relative_to(ROOT).as_posix()}" for path in (ROOT / "fixtures").glob("*/*/*")}
    assert fixtures
    assert fixtures <= names
    made = {"__pycache__", "web"}
    data = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "sniper").rglob("*")
        if path.is_file() and not made & set(path.relative_to(ROOT).parts)
    }
    assert data <= names


def test_a_wheel_without_a_front_end_or_a_node_fails_with_one_clear_message(checkout: Path) -> None:
    done = build_wheel(checkout, path="/nonexistent")
    assert done.returncode != 0
    assert "The wheel needs the practice site's front end." in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
