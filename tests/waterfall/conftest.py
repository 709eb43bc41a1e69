"""The store that the commands open by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sniper.store import Store


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Store]:
    monkeypatch.delenv("SNIPER_DATABASE_URL", raising=False)
    monkeypatch.setenv("SNIPER_STATE_DIR", str(tmp_path / "state"))
    with Store.open() as opened:
        yield opened
