"""A state folder, a bookings.json with schedules, and `sniper schedule`."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from sniper.cli.schedule import schedule
from sniper.store import Store

BADMINTON = {"name": "badminton", "when": "every Friday at 10:00", "consecutive_hours": 1}


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, template: Path) -> Path:
    """The state folder; what is called is called from beside it."""
    monkeypatch.delenv("SNIPER_DATABASE_URL", raising=False)
    monkeypatch.setenv("SNIPER_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "state").mkdir(mode=0o700)
    shutil.copy(template, tmp_path / "state" / "sniper.sqlite3")
    return tmp_path / "state"


@pytest.fixture
def store() -> Iterator[Store]:
    """The store that the commands open by themselves."""
    with Store.open() as opened:
        yield opened


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    """Writes a bookings.json with these schedules for the practice site."""

    def write(*schedules: dict[str, Any], **more: Any) -> Path:
        path = tmp_path / "bookings.json"
        root = {
            "site": "practice",
            "accounts": [{"netid": f"user{n}", "password": "x"} for n in (1, 2, 3)],
            "snipe_config": {
                "consecutive_hours": 2,
                "time_window": {"start": "13:00", "end": "18:00"},
                "priorities": [{"rank": 1, "location": "X1", "sub_locations": ["X1 A"]}],
            },
            "schedules": list(schedules or (BADMINTON,)),
            **more,
        }
        path.write_text(json.dumps(root, indent=1))
        return path

    return write


@pytest.fixture
def call() -> Callable[..., Result]:
    """Calls `sniper schedule` with these arguments."""

    def run(*arguments: str, **more: Any) -> Result:
        return CliRunner().invoke(schedule, arguments, **more)

    return run
