"""The bundled profiles, and tudelft-x with changes."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from sniper.errors import InputError
from sniper.sites.library import bundled_folder, files_of, load_profile
from sniper.sites.profile import Profile

BUNDLED = sorted(path.stem for path in bundled_folder().glob("*.yaml"))
OF_THE_PRACTICE_SITE = [
    name
    for name in BUNDLED
    if any(one.stem == "tudelft-x" for one in files_of(bundled_folder() / f"{name}.yaml"))
]
"""The practice site is one of their kind."""


@cache
def bundled(name: str) -> Profile:
    """A bundled profile."""
    return load_profile(bundled_folder() / f"{name}.yaml")


def mine(folder: Path, changes: str) -> Path:
    """mine.yaml in this folder: tudelft-x with these changes, which begin in line 3."""
    path = folder / "mine.yaml"
    path.write_text(f"extends: tudelft-x\nname: mine\n{changes}", encoding="utf-8")
    return path


def refusal(folder: Path, changes: str) -> str:
    """What is said of tudelft-x with these changes; the folder left out."""
    with pytest.raises(InputError) as refused:
        load_profile(mine(folder, changes))
    return str(refused.value).replace(f"{folder}/", "").replace(f"{bundled_folder()}/", "")
