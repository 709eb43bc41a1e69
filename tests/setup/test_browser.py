"""Which browser is found, and how it is launched."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import async_playwright

from sniper.errors import EnvironmentProblem
from sniper.setup import browser
from sniper.setup.browser import Browser, BrowserKind, Note, find_browser, launch_options, write_note
from tests.aio import run_async
from tests.setup.conftest import Machine


def note_that(path: Path, *, works: bool, sandbox: bool = False) -> None:
    version = "156.0" if works else None
    note = Note(browser.fingerprint(path), works=works, sandbox=sandbox, version=version)
    write_note(Browser(path, BrowserKind.INSTALLED), note)


def test_the_chosen_browser_comes_before_all_others(machine: Machine) -> None:
    machine.playwright_download()
    machine.program("chromium")
    chosen = machine.program("apps/my-chrome")
    machine.monkeypatch.setenv("SNIPER_BROWSER", str(chosen))
    assert find_browser() == Browser(chosen, BrowserKind.CHOSEN)


def test_the_chosen_browser_may_be_the_name_of_a_command(machine: Machine) -> None:
    chosen = machine.program("google-chrome-beta")
    machine.monkeypatch.setenv("SNIPER_BROWSER", "google-chrome-beta")
    assert find_browser().path == chosen


def test_a_chosen_path_may_start_at_the_home_folder(machine: Machine) -> None:
    chosen = machine.program(machine.root / "home" / "chrome")
    machine.monkeypatch.setenv("SNIPER_BROWSER", "~/chrome")
    assert find_browser().path == chosen


def test_an_empty_choice_is_no_choice(machine: Machine) -> None:
    machine.program("chromium")
    machine.monkeypatch.setenv("SNIPER_BROWSER", " ")
    assert find_browser().kind is BrowserKind.INSTALLED


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("no-such-browser", "is neither a file nor a command on PATH"),
        ("/no/such/chrome", "is neither a file nor a command on PATH"),
        ("{root}/folder", "is a folder, not a program"),
        ("{root}/text", "is not executable"),
    ],
)
def test_a_bad_choice_is_refused_with_the_reason_and_the_mend(machine: Machine, value: str, why: str) -> None:
    machine.program("chromium")
    (machine.root / "folder").mkdir()
    (machine.root / "text").touch(mode=0o644)
    value = value.format(root=machine.root)
    machine.monkeypatch.setenv("SNIPER_BROWSER", value)
    with pytest.raises(EnvironmentProblem, match=re.escape(f"SNIPER_BROWSER={value} {why}.")) as caught:
        find_browser()
    assert caught.value.exit_code == 3
    assert "unset it" in (caught.value.mend or "")


def test_playwrights_own_comes_before_an_installed_one(machine: Machine) -> None:
    machine.program("chromium")
    own = machine.playwright_download()
    assert find_browser() == Browser(own, BrowserKind.PLAYWRIGHT, "150.0.1.2")


def test_an_unfinished_download_does_not_count(machine: Machine) -> None:
    machine.playwright_download(complete=False)
    installed = machine.program("chromium")
    assert find_browser().path == installed


def test_a_download_for_another_version_of_playwright_does_not_count(machine: Machine) -> None:
    machine.playwright_download("1233")
    installed = machine.program("chromium")
    assert find_browser().path == installed


def test_playwrights_folder_can_be_moved(machine: Machine) -> None:
    moved = machine.root / "elsewhere"
    machine.playwright_download()
    machine.playwright_cache.rename(moved)
    machine.monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(moved))
    assert find_browser().path.is_relative_to(moved)


def test_a_damaged_list_of_playwrights_browsers_is_passed_over(machine: Machine) -> None:
    (machine.root / "playwright" / "browsers.json").write_text("{", encoding="utf-8")
    machine.playwright_download()
    installed = machine.program("chromium")
    assert find_browser().path == installed


@pytest.fixture
def downloaded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where Playwright itself wants its own Chromium: the browser of this machine, and no headless shell."""
    real = find_browser().path
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path))
    command = [sys.executable, "-m", "playwright", "install", "--dry-run", "--no-shell", "chromium"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603
    named = re.search(r"Install location: +(\S+)", shown)
    assert named is not None
    executable = Path(named[1]) / "chrome-linux64" / "chrome"
    executable.parent.mkdir(parents=True)
    executable.write_text(f'#!/bin/sh\nexec "{real}" "$@"\n', encoding="utf-8")
    executable.chmod(0o755)
    (Path(named[1]) / "INSTALLATION_COMPLETE").touch()
    return executable


def test_playwright_itself_names_the_same_folder(downloaded: Path) -> None:
    own = browser.playwright_chromium()
    assert own is not None
    assert own.path == downloaded


def test_playwrights_own_is_started_whole_also_without_windows(downloaded: Path) -> None:
    own = browser.playwright_chromium()
    assert own is not None
    assert own.path == downloaded

    async def version() -> str:
        async with async_playwright() as playwright:
            started = await playwright.chromium.launch(**launch_options(True, own))
            try:
                return started.version
            finally:
                await started.close()

    assert re.match(r"\d+\.", run_async(version()))


def test_installed_browsers_are_taken_in_order_and_once(machine: Machine) -> None:
    for name in ("microsoft-edge", "google-chrome-stable", "chromium"):
        machine.program(name)
    (machine.bin / "google-chrome").symlink_to(machine.bin / "google-chrome-stable")
    names = [found.path.name for found in browser.candidates()]
    assert names == ["chromium", "google-chrome-stable", "microsoft-edge"]


def test_a_package_that_only_asks_for_the_snap_is_no_browser(machine: Machine) -> None:
    stub = "#!/bin/sh\necho 'requires the chromium snap: snap install chromium'\n"
    machine.program("chromium-browser", stub)
    with pytest.raises(EnvironmentProblem, match="No browser was found") as caught:
        find_browser()
    assert "sniper setup" in (caught.value.mend or "")


def test_a_browser_that_did_not_start_is_passed_over(machine: Machine) -> None:
    note_that(machine.program("chromium"), works=False)
    chrome = machine.program("google-chrome")
    assert find_browser().path == chrome


def test_a_browser_that_did_not_start_has_another_chance_after_its_update(machine: Machine) -> None:
    chromium = machine.program("chromium")
    note_that(chromium, works=False)
    machine.program("chromium", "#!/bin/sh\n# updated\n")
    assert find_browser().path == chromium


def test_when_none_starts_they_are_named(machine: Machine) -> None:
    chromium = machine.program("chromium")
    note_that(chromium, works=False)
    with pytest.raises(EnvironmentProblem, match=f"No browser that starts: {chromium} failed"):
        find_browser()


def test_a_chosen_browser_is_taken_even_if_it_once_did_not_start(machine: Machine) -> None:
    chromium = machine.program("chromium")
    note_that(chromium, works=False)
    machine.monkeypatch.setenv("SNIPER_BROWSER", "chromium")
    assert find_browser().path == chromium


def test_the_version_is_known_once_it_has_been_started(machine: Machine) -> None:
    chromium = machine.program("chromium")
    assert "not started yet" in find_browser().describe()
    note_that(chromium, works=True)
    assert find_browser().describe() == f"Chromium 156.0, installed, {chromium}"


@pytest.mark.parametrize("content", ["{", "[]", '{"/x": {"unknown": 1}}', '{"/x": 3}'])
def test_damaged_notes_are_as_good_as_none(machine: Machine, content: str) -> None:
    chromium = machine.program("chromium")
    (machine.root / "state").mkdir()
    (machine.root / "state" / "browsers.json").write_text(content, encoding="utf-8")
    assert find_browser().path == chromium


def test_notes_that_cannot_be_written_are_forgotten(machine: Machine) -> None:
    (machine.root / "state").touch()
    note_that(machine.program("chromium"), works=False)
    assert find_browser().kind is BrowserKind.INSTALLED


def test_applications_are_found_on_macos(machine: Machine) -> None:
    machine.monkeypatch.setattr(sys, "platform", "darwin")
    app = "Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
    chrome = machine.program(machine.root / "home" / app)
    assert chrome in [found.path for found in browser.candidates()]


def test_programs_are_found_on_windows(machine: Machine) -> None:
    machine.monkeypatch.setattr(sys, "platform", "win32")
    machine.monkeypatch.setattr(shutil, "which", lambda _name: None)
    machine.monkeypatch.setenv("PROGRAMFILES(X86)", str(machine.root / "x86"))
    edge = machine.program(machine.root / "x86" / "Microsoft/Edge/Application/msedge.exe")
    assert find_browser() == Browser(edge, BrowserKind.INSTALLED)
    assert find_browser().name == "Edge"


def test_it_can_be_called_in_an_event_loop_and_starts_nothing(machine: Machine) -> None:
    def fail(*_arguments: Any, **_options: Any) -> None:
        raise AssertionError("a process was started")

    machine.program("chromium")
    machine.monkeypatch.setattr(subprocess, "Popen", fail)

    async def find() -> dict[str, Any]:
        return launch_options(True, find_browser())

    assert run_async(find())["headless"] is True


def test_an_installed_browser_is_launched_by_its_path(machine: Machine) -> None:
    chromium = machine.program("chromium")
    assert launch_options(False)["executable_path"] == str(chromium)
    assert launch_options(False)["headless"] is False


def test_playwright_chooses_among_its_own_executables(machine: Machine) -> None:
    machine.playwright_download()
    for headless in (True, False):
        assert launch_options(headless)["channel"] == "chromium"
        assert "executable_path" not in launch_options(headless)


def test_pages_in_the_background_keep_their_timers(machine: Machine) -> None:
    machine.program("chromium")
    wanted = {
        "--disable-background-timer-throttling",
        "--disable-backgrounding-occluded-windows",
        "--disable-renderer-backgrounding",
    }
    assert wanted <= set(launch_options(True)["args"])


def test_root_gets_no_sandbox(machine: Machine) -> None:
    note_that(machine.program("chromium"), works=True, sandbox=True)
    assert launch_options(True)["chromium_sandbox"] is True
    machine.monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert launch_options(True)["chromium_sandbox"] is False


def test_a_sandbox_that_was_found_not_to_work_is_not_asked_for(machine: Machine) -> None:
    note_that(machine.program("chromium"), works=True, sandbox=False)
    assert launch_options(True)["chromium_sandbox"] is False


@pytest.mark.parametrize(
    ("setting", "value", "sandbox"),
    [
        ("kernel/unprivileged_userns_clone", "0", False),
        ("user/max_user_namespaces", "0", False),
        ("kernel/apparmor_restrict_unprivileged_userns", "1", True),
        ("user/max_user_namespaces", "1000", True),
    ],
)
def test_an_untried_browser_gets_a_sandbox_where_the_kernel_has_one(
    machine: Machine, setting: str, value: str, sandbox: bool
) -> None:
    machine.monkeypatch.setattr(browser, "_in_a_container", lambda: False)
    machine.monkeypatch.setattr(browser, "_kernel_setting", {setting: value}.get)
    machine.program("chromium")
    assert launch_options(True)["chromium_sandbox"] is sandbox


def test_ubuntu_denies_a_sandbox_to_playwrights_own(machine: Machine) -> None:
    machine.monkeypatch.setattr(browser, "_in_a_container", lambda: False)
    denied = {"kernel/apparmor_restrict_unprivileged_userns": "1"}
    machine.monkeypatch.setattr(browser, "_kernel_setting", denied.get)
    machine.playwright_download()
    assert launch_options(True)["chromium_sandbox"] is False
