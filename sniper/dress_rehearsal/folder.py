"""A run in a folder of its own: what it is given, and how it is started."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from sniper.paths import STATE_DIR_VARIABLE, state_dir
from sniper.secrets import KEY_VARIABLE
from sniper.setup.browser import NOTES_FILE
from sniper.store.database import FILE_NAME, URL_VARIABLE


class RunFolder:
    """A state folder, and in it the bookings.json and the profile of the runs that use it."""

    def __init__(self, path: Path) -> None:
        """Nothing is written yet."""
        self.path = path

    @property
    def bookings(self) -> Path:
        """The file of its runs."""
        return self.path / "bookings.json"

    @property
    def database(self) -> Path:
        """Where its record is, once there is one."""
        return self.path / FILE_NAME

    def write(self, profile: Mapping[str, Any], bookings: Mapping[str, Any]) -> None:
        """Write what its runs are given.

        Args:
            profile: Is found by its `name`.
            bookings: Names it as its `site`.

        Raises:
            OSError: It cannot be written.
        """
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        profiles = self.path / "profiles"
        profiles.mkdir(exist_ok=True)
        # JSON is YAML as well.
        (profiles / f"{profile['name']}.yaml").write_text(_text(profile), encoding="utf-8")
        self.bookings.write_text(_text(bookings), encoding="utf-8")
        # Which browser starts here, and how, need not be found out again.
        with suppress(FileNotFoundError):
            shutil.copyfile(state_dir() / NOTES_FILE, self.path / NOTES_FILE)

    def environment(self, hidden: frozenset[str] = frozenset()) -> dict[str, str]:
        """Of its runs: this machine's, but for where the record and the key are, and what is `hidden`.

        The key is one that the first run makes: that of a state folder chosen by hand stays in it.
        """
        known = {
            name: value
            for name, value in os.environ.items()
            if name not in hidden and name not in (URL_VARIABLE, KEY_VARIABLE)
        }
        return {**known, STATE_DIR_VARIABLE: str(self.path)}

    def command(self, *options: str) -> list[str]:
        """What starts one."""
        return [sys.executable, "-m", "sniper", "run", str(self.bookings), *options]


def _text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
