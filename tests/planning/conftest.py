"""A bookings.json to plan, and a state folder with nothing in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from sniper.cli.plan import plan
from sniper.cli.rehearse import rehearse

COMMANDS = {"plan": plan, "rehearse": rehearse}


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The state folder, which is not there yet."""
    monkeypatch.delenv("SNIPER_DATABASE_URL", raising=False)
    folder = tmp_path / "state"
    monkeypatch.setenv("SNIPER_STATE_DIR", str(folder))
    return folder


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., str]:
    """Writes a bookings.json for the practice site; arguments change its snipe_config."""

    def write(accounts: int = 3, **changes: Any) -> str:
        path = tmp_path / "bookings.json"
        config: dict[str, Any] = {
            "target_date": "+3d",
            "consecutive_hours": 2,
            "time_window": {"start": "13:00", "end": "16:00"},
            "priorities": [{"rank": 1, "location": "X1"}],
            "fallback_strategy": "any_hours",
            **changes,
        }
        crew = [{"netid": f"user{n}", "password": "x"} for n in range(1, accounts + 1)]
        path.write_text(json.dumps({"site": "practice", "accounts": crew, "snipe_config": config}))
        return str(path)

    return write


@pytest.fixture
def call(state: Path) -> Callable[..., Result]:  # noqa: ARG001 - it has to be set
    """Calls `sniper plan` or `sniper rehearse`."""

    def run(command: str, *arguments: str) -> Result:
        return CliRunner().invoke(COMMANDS[command], arguments, catch_exceptions=True)

    return run
