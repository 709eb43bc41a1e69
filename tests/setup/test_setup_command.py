"""`sniper setup` gets what is missing, and says what it found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from sniper.cli.setup import setup as command
from sniper.errors import EnvironmentProblem
from sniper.setup import frontend, install, process
from sniper.setup.browser import Browser, BrowserKind


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    done: list[str] = []

    def ensure_browser(*, if_needed: bool, say: process.Say) -> Browser:
        done.append("browser if needed" if if_needed else "browser")
        say("downloading Chromium")
        say("10%")
        return Browser(Path("/opt/[x]/chrome"), BrowserKind.INSTALLED, "156.0")

    def build(*, say: process.Say) -> bool:
        done.append("front end")
        say("building")
        return False

    monkeypatch.setattr(install, "ensure_browser", ensure_browser)
    monkeypatch.setattr(frontend, "build", build)
    return done


def call(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments, catch_exceptions=False)


def test_it_gets_both_and_says_what_it_found(calls: list[str]) -> None:
    result = call()
    assert calls == ["browser", "front end"]
    assert result.exit_code == 0
    assert "Chrome 156.0, installed, /opt/[x]/chrome" in result.stderr
    assert "up to date" in result.stderr
    assert result.stdout == "", "progress goes to stderr"


def test_without_a_terminal_only_the_beginning_of_a_step_is_told(calls: list[str]) -> None:
    result = call()
    assert calls
    assert "downloading Chromium" in result.stderr
    assert "10%" not in result.stderr


def test_either_can_be_left_out(calls: list[str]) -> None:
    call("--no-browser")
    call("--no-front-end", "--if-needed")
    assert calls == ["front end", "browser if needed"]


def test_a_front_end_that_was_built_is_told_with_its_time(
    calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frontend, "build", lambda **_options: True)
    assert "built in 0 s" in call("--no-browser").stderr
    assert calls == []


def test_a_failure_keeps_its_exit_code_and_mend(calls: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_options: Any) -> None:
        raise EnvironmentProblem("no browser", mend="install one")

    monkeypatch.setattr(install, "ensure_browser", fail)
    with pytest.raises(EnvironmentProblem) as caught:
        call()
    assert caught.value.exit_code == 3
    assert caught.value.explain() == "no browser\ninstall one"
    assert calls == []
