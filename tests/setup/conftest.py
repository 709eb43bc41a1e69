"""A machine made of temporary folders: nothing of the real one is found, and nothing of it is changed."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from sniper.setup import browser


@dataclass(frozen=True)
class Machine:
    """The folders of a machine that has nothing yet."""

    root: Path
    monkeypatch: pytest.MonkeyPatch

    @property
    def bin(self) -> Path:
        return self.root / "bin"

    @property
    def playwright_cache(self) -> Path:
        return self.root / "cache" / "ms-playwright"

    def program(self, path: str | Path, content: str = "#!/bin/sh\n") -> Path:
        """An executable file; a bare name is a command on PATH."""
        file = self.bin / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")
        file.chmod(0o755)
        return file

    def playwright_download(self, revision: str = "1234", *, complete: bool = True) -> Path:
        """Playwright's own Chromium, as `playwright install` leaves it."""
        folder = self.playwright_cache / f"chromium-{revision}"
        file = self.program(folder / "chrome-linux64" / "chrome")
        if complete:
            (folder / "INSTALLATION_COMPLETE").touch()
        return file


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A Linux machine, not root, with a Playwright that wants revision 1234 of Chromium, and no browser."""
    made = Machine(tmp_path, monkeypatch)
    made.bin.mkdir()
    package = tmp_path / "playwright"
    package.mkdir()
    listed = {"browsers": [{"name": "chromium", "revision": "1234", "browserVersion": "150.0.1.2"}]}
    (package / "browsers.json").write_text(json.dumps(listed), encoding="utf-8")
    for name in (
        "SNIPER_BROWSER",
        "PLAYWRIGHT_BROWSERS_PATH",
        "PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD",
        "INIT_CWD",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(made.bin))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("SNIPER_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    monkeypatch.setattr(browser, "_playwright_package", lambda: package)
    return made
