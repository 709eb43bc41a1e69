"""A keyring for tests: a file, which can be locked, or keep its caller waiting."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError

NAME = f"{__name__}.Keyring"
FILE, LOCKED, SLOW = "TEST_KEYRING_FILE", "TEST_KEYRING_LOCKED", "TEST_KEYRING_SLOW"


class Keyring(KeyringBackend):
    """Chosen by `PYTHON_KEYRING_BACKEND`; the file is named by `TEST_KEYRING_FILE`."""

    priority = 5

    def get_password(self, service: str, username: str) -> str | None:
        return self._entries().get(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._write({**self._entries(), f"{service} {username}": password})

    def delete_password(self, service: str, username: str) -> None:
        entries = self._entries()
        if entries.pop(f"{service} {username}", None) is None:
            raise PasswordDeleteError("there is none")
        self._write(entries)

    def _entries(self) -> dict[str, str]:
        if os.environ.get(LOCKED):
            raise KeyringLocked("Failed to unlock the collection!")
        time.sleep(float(os.environ.get(SLOW, "0")))
        path = Path(os.environ[FILE])
        entries: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        return entries

    def _write(self, entries: dict[str, str]) -> None:
        Path(os.environ[FILE]).write_text(json.dumps(entries))
