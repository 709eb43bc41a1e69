"""How a browser is got where there is none, and how it is proven to start."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sniper.errors import EnvironmentProblem
from sniper.setup import install, process
from sniper.setup.browser import Browser, BrowserKind, find_browser, read_notes
from tests.aio import run_async
from tests.setup.conftest import Machine


@dataclass
class Hands:
    """Stands in for what would download, install and start; notes what was asked for."""

    machine: Machine
    done: list[str] = field(default_factory=list)
    download: str | None = "no network"
    apt: str | None = "no apt-get"
    broken: set[str] = field(default_factory=set)

    def download_with_playwright(self, *, say: process.Say) -> str | None:
        say("downloading")
        self.done.append("download")
        if self.download is None:
            self.machine.playwright_download()
        return self.download

    def install_with_apt(self, *, say: process.Say) -> str | None:
        say("installing")
        self.done.append("apt")
        if self.apt is None:
            self.machine.program("chromium")
        return self.apt

    def start(self, options: dict[str, Any]) -> tuple[str, timedelta]:
        path = options.get("executable_path", "playwright")
        self.done.append(
            f"start {Path(path).name}" + (" in a sandbox" if options["chromium_sandbox"] else "")
        )
        if path in self.broken or (options["chromium_sandbox"] and "sandbox" in self.broken):
            raise EnvironmentProblem("it fell over")
        return "156.0", timedelta(seconds=1)


@pytest.fixture
def hands(machine: Machine) -> Hands:
    made = Hands(machine)
    machine.monkeypatch.setattr(install, "download_with_playwright", made.download_with_playwright)
    machine.monkeypatch.setattr(install, "install_with_apt", made.install_with_apt)
    machine.monkeypatch.setattr(install, "_start", made.start)
    machine.monkeypatch.setattr(os, "geteuid", lambda: 0)
    return made


def test_the_chosen_browser_is_proven_and_nothing_is_installed(machine: Machine, hands: Hands) -> None:
    machine.program("my-chrome")
    machine.monkeypatch.setenv("SNIPER_BROWSER", "my-chrome")
    assert install.ensure_browser().kind is BrowserKind.CHOSEN
    assert hands.done == ["start my-chrome"]


def test_a_chosen_browser_that_does_not_start_is_not_replaced_by_another(
    machine: Machine, hands: Hands
) -> None:
    machine.program("chromium")
    hands.broken.add(str(machine.program("my-chrome")))
    machine.monkeypatch.setenv("SNIPER_BROWSER", "my-chrome")
    with pytest.raises(EnvironmentProblem, match="my-chrome was found but does not start: it fell over"):
        install.ensure_browser()


def test_playwrights_own_is_downloaded_even_where_one_is_installed(machine: Machine, hands: Hands) -> None:
    machine.program("chromium")
    hands.download = None
    assert install.ensure_browser().kind is BrowserKind.PLAYWRIGHT
    assert hands.done == ["download", "start playwright"]


def test_playwrights_own_is_not_downloaded_twice(machine: Machine, hands: Hands) -> None:
    machine.playwright_download()
    assert install.ensure_browser().kind is BrowserKind.PLAYWRIGHT
    assert hands.done == ["start playwright"]


def test_without_a_download_an_installed_browser_is_taken(machine: Machine, hands: Hands) -> None:
    machine.program("google-chrome")
    assert install.ensure_browser().name == "Chrome"
    assert hands.done == ["download", "start google-chrome"]


def test_the_next_browser_is_tried_when_one_does_not_start(machine: Machine, hands: Hands) -> None:
    hands.broken.add(str(machine.program("chromium")))
    edge = machine.program("microsoft-edge")
    found = install.ensure_browser()
    assert found.path == edge
    assert find_browser().path == edge, "the run must take the same one"


def test_debians_package_comes_last(hands: Hands) -> None:
    hands.apt = None
    assert install.ensure_browser().name == "Chromium"
    assert hands.done == ["download", "apt", "start chromium"]


def test_when_nothing_helps_every_reason_is_told_with_the_mend(machine: Machine, hands: Hands) -> None:
    chromium = machine.program("chromium")
    hands.broken.add(str(chromium))
    with pytest.raises(EnvironmentProblem) as caught:
        install.ensure_browser()
    told = str(caught.value)
    assert "Playwright's download: no network" in told
    assert f"{chromium} was found but does not start: it fell over" in told
    assert "Debian's package: no apt-get" in told
    assert "SNIPER_BROWSER" in (caught.value.mend or "")


def test_a_browser_that_has_started_before_is_believed_if_that_is_enough(
    machine: Machine, hands: Hands
) -> None:
    machine.program("chromium")
    install.ensure_browser()
    hands.done.clear()
    assert install.ensure_browser(if_needed=True).version == "156.0"
    assert hands.done == []


def test_a_browser_that_was_updated_is_proven_again(machine: Machine, hands: Hands) -> None:
    machine.program("chromium")
    install.ensure_browser()
    machine.program("chromium", "#!/bin/sh\n# updated\n")
    hands.done.clear()
    install.ensure_browser(if_needed=True)
    assert hands.done[-1] == "start chromium"


def test_a_sandbox_that_does_not_work_is_given_up_and_remembered(machine: Machine, hands: Hands) -> None:
    machine.monkeypatch.setattr(os, "geteuid", lambda: 1000)
    machine.monkeypatch.setattr("sniper.setup.browser._in_a_container", lambda: False)
    machine.monkeypatch.setattr("sniper.setup.browser._kernel_setting", lambda _name: None)
    chromium = machine.program("chromium")
    hands.broken.add("sandbox")
    started = install.verify(Browser(chromium, BrowserKind.INSTALLED))
    assert hands.done == ["start chromium in a sandbox", "start chromium"]
    assert not started.sandbox
    assert not read_notes()[str(chromium)].sandbox


@dataclass
class Runs:
    """Stands in for `process.run`; answers each command by the first key found in it."""

    answers: dict[str, process.Finished] = field(default_factory=dict)
    commands: list[str] = field(default_factory=list)
    env: Mapping[str, str] = field(default_factory=dict)

    def __call__(
        self, command: Sequence[str], *, env: Mapping[str, str] | None = None, **_rest: Any
    ) -> process.Finished:
        self.commands.append(" ".join(command))
        self.env = env or {}
        for key, answer in self.answers.items():
            if key in self.commands[-1]:
                return answer
        return process.Finished(0, ())


@pytest.fixture
def runs(machine: Machine) -> Runs:
    made = Runs()
    machine.monkeypatch.setattr(process, "run", made)
    return made


def test_a_download_is_not_waited_for_on_a_closed_network(machine: Machine, runs: Runs) -> None:
    failed = process.Finished(1, ("Downloading…", "Error: getaddrinfo ENOTFOUND", "Error: Download failure"))
    runs.answers = {"playwright install": failed}
    assert install.download_with_playwright() == "Error: getaddrinfo ENOTFOUND"
    # Playwright tries five times.
    assert 5 * int(runs.env["PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT"]) <= 30_000
    machine.monkeypatch.setenv("PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT", "60000")
    install.download_with_playwright()
    assert runs.env["PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT"] == "60000"


def test_a_download_can_be_switched_off(machine: Machine, runs: Runs) -> None:
    machine.monkeypatch.setenv("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
    assert install.download_with_playwright() == "switched off by PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD"
    assert runs.commands == []


@pytest.mark.usefixtures("runs")
def test_a_download_that_left_nothing_is_no_success() -> None:
    assert install.download_with_playwright() == "it ended well, but nothing was installed"


@pytest.mark.usefixtures("machine")
def test_without_apt_there_is_no_debian_package() -> None:
    assert install.install_with_apt() == "this system has no apt-get"


def test_without_root_the_command_to_type_is_told(machine: Machine) -> None:
    machine.program("apt-get")
    assert "sudo apt-get install chromium" in str(install.install_with_apt())


def test_sudo_is_used_where_it_asks_for_no_password(machine: Machine, runs: Runs) -> None:
    machine.program("apt-get")
    machine.program("sudo")
    machine.monkeypatch.setattr(install, "_apt_has_a_real_chromium", lambda: True)
    assert install.install_with_apt() is None
    assert all(command.startswith("sudo -n env DEBIAN_FRONTEND=noninteractive") for command in runs.commands)
    assert "update" in runs.commands[0]
    assert "install" in runs.commands[1]


def test_a_chromium_without_a_package_for_its_sandbox_is_installed_alone(
    machine: Machine, runs: Runs
) -> None:
    machine.monkeypatch.setattr(os, "geteuid", lambda: 0)
    machine.monkeypatch.setattr(install, "_apt_has_a_real_chromium", lambda: True)
    machine.program("apt-get")
    runs.answers = {"chromium-sandbox": process.Finished(100, ("E: Unable to locate package",))}
    assert install.install_with_apt() is None
    assert runs.commands[-1].endswith("--no-install-recommends chromium")


@pytest.mark.parametrize(
    ("shown", "real"),
    [
        ("Package: chromium\nVersion: 156.0-1~deb12u1\nDepends: libc6\nDescription: has snapshots\n", True),
        ("Package: chromium\nVersion: 1:85.0-0ubuntu1.snap1\nDepends: debconf\n", False),
        ("Package: chromium\nVersion: 2:1snap1-0ubuntu2\nPre-Depends: snapd\n", False),
        ("", False),
    ],
)
def test_a_package_that_holds_no_browser_is_not_installed(machine: Machine, shown: str, real: bool) -> None:
    machine.program("apt-cache", f"#!/bin/sh\nprintf '%s' '{shown}'\n")
    assert install._apt_has_a_real_chromium() is real


def test_libraries_are_installed_for_playwrights_own_if_it_lacks_them(machine: Machine, runs: Runs) -> None:
    machine.monkeypatch.setattr(os, "geteuid", lambda: 0)
    machine.program("apt-get")
    machine.playwright_download()

    def start(_options: dict[str, Any]) -> tuple[str, timedelta]:
        if not runs.commands:
            raise EnvironmentProblem("error while loading shared libraries: libnss3.so")
        return "150.0", timedelta(seconds=1)

    machine.monkeypatch.setattr(install, "_start", start)
    assert install.ensure_browser().kind is BrowserKind.PLAYWRIGHT
    assert runs.commands == [f"{sys.executable} -m playwright install-deps chromium"]


def test_playwrights_long_message_is_cut_to_what_matters() -> None:
    message = (
        "BrowserType.launch: Target page, context or browser has been closed\nBrowser logs:\n\n"
        "<launching> /usr/bin/chromium --disable-x --headless\n"
        "[pid=1][err] No usable sandbox! If you are running on Ubuntu\n╔════╗\n║ hello ║\n"
    )
    told = install._brief(message)
    assert told.startswith("BrowserType.launch: Target page")
    assert "No usable sandbox" in told
    assert "--disable-x" not in told
    assert "hello" not in told


def test_the_browser_of_this_machine_really_starts_inside_an_event_loop(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SNIPER_STATE_DIR", str(tmp_path))
    found = find_browser()

    async def verify() -> install.Started:
        return install.verify(found)

    started = run_async(verify())
    assert started.browser == replace(found, version=started.browser.version)
    assert started.browser.version is not None
    assert "started in" in started.describe()
    assert install.ensure_browser(if_needed=True) == started.browser


def test_a_program_that_is_no_browser_does_not_pass_for_one(machine: Machine) -> None:
    machine.program("chromium", "#!/bin/sh\nexit 1\n")
    with pytest.raises(EnvironmentProblem, match="does not start"):
        install.verify(find_browser())
    with pytest.raises(EnvironmentProblem, match="No browser that starts"):
        find_browser()
