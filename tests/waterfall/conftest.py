"""The store that the commands open by themselves."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sniper.store import Store


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, template: Path) -> Iterator[Store]:
    monkeypatch.delenv("SNIPER_DATABASE_URL", raising=False)
    monkeypatch.setenv("SNIPER_STATE_DIR", str(tmp_path / "state"))
    (tmp_path / "state").mkdir()
    shutil.copy(template, tmp_path / "state" / "sniper.sqlite3")
    with Store.open() as opened:
        yield opened
