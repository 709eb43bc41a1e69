"""State folders and keyrings of a test's own."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from sniper.secrets import KEY_VARIABLE
from tests.secrets import file_keyring


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A state folder that is not there yet, and no key in the environment."""
    folder = tmp_path / "state"
    monkeypatch.setenv("SNIPER_STATE_DIR", str(folder))
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    return folder


@dataclass(frozen=True)
class TestKeyring:
    """The machine's keyring, as long as a test runs."""

    __test__ = False

    file: Path

    @property
    def entries(self) -> dict[str, str]:
        """What is in it, by service and user."""
        found: dict[str, str] = json.loads(self.file.read_text()) if self.file.exists() else {}
        return found


@pytest.fixture
def keyring(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TestKeyring:
    """From now on this machine has a keyring."""
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", file_keyring.NAME)
    monkeypatch.setenv(file_keyring.FILE, str(tmp_path / "keyring.json"))
    return TestKeyring(tmp_path / "keyring.json")


@pytest.fixture
def usual(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The state folder is the one this system has for it."""
    monkeypatch.delenv("SNIPER_STATE_DIR")
    folder = tmp_path / "usual" / "sniper"
    monkeypatch.setattr("sniper.paths.platformdirs.user_state_dir", _always(folder))
    return folder


def _always(folder: Path) -> Callable[..., str]:
    return lambda *_, **__: str(folder)
