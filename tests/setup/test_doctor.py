"""`sniper doctor` tells what is there, what is wrong, and how to mend it."""

from __future__ import annotations

import json
import sys
import zoneinfo
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from sniper.cli.setup import doctor as command
from sniper.errors import EnvironmentProblem
from sniper.setup import doctor, frontend, install
from sniper.setup.browser import Browser
from sniper.setup.doctor import Health
from sniper.setup.frontend import FrontEnd
from tests.setup.conftest import Machine


@pytest.fixture
def healthy(machine: Machine) -> Machine:
    """A machine with all that a run needs; its browser is not really started."""

    def verify(browser: Browser) -> install.Started:
        return install.Started(browser, timedelta(seconds=1.25), sandbox=True)

    machine.program("chromium")
    machine.program("node", "#!/bin/sh\necho v22.12.0\n")
    machine.program("npm")
    machine.monkeypatch.setattr(install, "verify", verify)
    machine.monkeypatch.setattr(frontend, "state", lambda: FrontEnd.BUILT)
    machine.monkeypatch.setattr(doctor, "CHECKS", list(doctor.CHECKS))
    machine.monkeypatch.setattr("sniper.setup.node._wheel_package", lambda: None)
    return machine


def call(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments, catch_exceptions=False)


def findings() -> dict[str, dict[str, Any]]:
    told = json.loads(call("--json").stdout)
    return {finding["name"]: finding for finding in told["findings"]}


@pytest.mark.usefixtures("healthy")
def test_a_healthy_machine_passes() -> None:
    result = call()
    assert result.exit_code == 0
    assert "problem" not in result.stdout
    assert set(findings()) >= {"Python", "sniper", "Browser", "Front end", "Node.js", "State folder", "Clock"}


@pytest.mark.usefixtures("healthy")
def test_the_browser_is_told_with_how_long_it_took_to_start() -> None:
    assert findings()["Browser"]["found"].endswith("bin/chromium, started in 1.2 s")


@pytest.mark.usefixtures("healthy")
def test_json_goes_to_stdout_and_nothing_else_does() -> None:
    result = call("--json")
    assert json.loads(result.stdout)["health"] == "ok"


def test_no_browser_is_a_problem_with_its_mend(healthy: Machine) -> None:
    (healthy.bin / "chromium").unlink()
    result = call()
    assert result.exit_code == 3
    assert "No browser was found." in result.stdout
    assert "sniper setup" in result.stdout


def test_a_browser_that_does_not_start_is_a_problem(healthy: Machine) -> None:
    def fail(_browser: Browser) -> install.Started:
        raise EnvironmentProblem("it does not start", mend="another one")

    healthy.monkeypatch.setattr(install, "verify", fail)
    assert findings()["Browser"] == {
        "name": "Browser",
        "health": "problem",
        "found": "it does not start",
        "mend": "another one",
    }
    assert call("--json").exit_code == 3


@pytest.mark.parametrize("state", [FrontEnd.STALE, FrontEnd.MISSING])
def test_a_front_end_that_cannot_be_served_is_a_warning(healthy: Machine, state: FrontEnd) -> None:
    healthy.monkeypatch.setattr(frontend, "state", lambda: state)
    result = call("--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["health"] == "warning"
    assert "sniper setup" in findings()["Front end"]["mend"]


def test_no_node_matters_only_while_there_is_something_to_build(healthy: Machine) -> None:
    (healthy.bin / "node").unlink()
    assert findings()["Node.js"]["health"] == "ok"
    healthy.monkeypatch.setattr(frontend, "state", lambda: FrontEnd.MISSING)
    assert findings()["Node.js"]["health"] == "warning"


def test_a_state_folder_that_cannot_be_made_is_a_problem(healthy: Machine) -> None:
    file = healthy.root / "file"
    file.touch()
    healthy.monkeypatch.setenv("SNIPER_STATE_DIR", str(file / "state"))
    found = findings()["State folder"]
    assert found["health"] == "problem"
    assert str(file / "state") in found["found"]
    assert "SNIPER_STATE_DIR" in found["mend"]


def test_root_is_told_that_there_is_no_sandbox(healthy: Machine) -> None:
    healthy.monkeypatch.setattr("os.geteuid", lambda: 0)
    found = findings()["User"]
    assert found["health"] == "warning"
    assert "sandbox" in found["found"]


@pytest.mark.usefixtures("machine")
def test_an_old_python_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 4))
    assert doctor.check_python().health is Health.PROBLEM


@pytest.mark.parametrize(
    ("answer", "health", "words"),
    [
        ("echo yes", "ok", "kept by network time"),
        ("echo no", "warning", "not kept by network time"),
        ("exit 1", "ok", "network time not known"),
        ("echo perhaps", "ok", "network time not known"),
    ],
)
def test_network_time_is_asked_of_the_system(healthy: Machine, answer: str, health: str, words: str) -> None:
    healthy.program("timedatectl", f"#!/bin/sh\n{answer}\n")
    found = findings()["Clock"]
    assert found["health"] == health
    assert words in found["found"]


def test_without_a_system_to_ask_network_time_is_not_known(healthy: Machine) -> None:
    assert not (healthy.bin / "timedatectl").exists()
    assert "network time not known" in findings()["Clock"]["found"]


def test_a_clock_in_the_past_is_a_problem(healthy: Machine) -> None:
    healthy.monkeypatch.setattr(doctor, "FIRST_DAY", datetime.now(UTC) + timedelta(days=1))
    assert findings()["Clock"]["health"] == "problem"


def test_missing_time_zones_are_a_problem(healthy: Machine) -> None:
    def missing(_key: str) -> None:
        raise zoneinfo.ZoneInfoNotFoundError

    healthy.monkeypatch.setattr(zoneinfo, "ZoneInfo", missing)
    found = findings()["Time zones"]
    assert found["health"] == "problem"
    assert "tzdata" in found["mend"]


@pytest.mark.usefixtures("healthy")
def test_a_database_that_cannot_be_opened_is_a_problem(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "sniper.sqlite3").write_text("this is no database, however long one looks at it" * 100)
    monkeypatch.setenv("SNIPER_DATABASE_URL", f"sqlite:///{tmp_path / 'sniper.sqlite3'}")
    found = findings()["Database"]
    assert found["health"] == "problem"
    assert "sniper.sqlite3" in found["found"]


@pytest.mark.usefixtures("healthy")
def test_a_path_in_brackets_is_shown_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SNIPER_STATE_DIR", str(tmp_path / "[bold]"))
    assert "[bold]" in call().stdout
