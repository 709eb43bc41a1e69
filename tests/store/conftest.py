"""Stores in real files."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sniper.store import Store


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A database that is not there yet."""
    return f"sqlite:///{tmp_path / 'state' / 'sniper.sqlite3'}"


@pytest.fixture
def store(url: str, template: Path) -> Iterator[Store]:
    """A store in a new file."""
    path = Path(url.removeprefix("sqlite:///"))
    path.parent.mkdir()
    shutil.copy(template, path)
    with Store.open(url) as opened:
        yield opened
