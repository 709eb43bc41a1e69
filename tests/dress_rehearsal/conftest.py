"""A club's bookings.json, as it would be run for real."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sniper.dress_rehearsal.casting import Play, cast

NOW = datetime(2026, 11, 21, 19, 30, tzinfo=UTC)
"""Saturday evening in Delft: what opened today is open."""
Cast = Callable[..., Play]


@pytest.fixture(scope="module", autouse=True)
def nobody_is_stored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A state folder that is not there: who is disabled on this machine is none of a test's business."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("SNIPER_DATABASE_URL", raising=False)
        patch.setenv("SNIPER_STATE_DIR", str(tmp_path_factory.mktemp("nobody") / "state"))
        yield


def write_club(folder: Path, site: str = "practice", **changes: Any) -> Path:
    """A bookings.json; arguments change its snipe_config."""
    config: dict[str, Any] = {
        "target_date": "+3d",
        "time_window": {"start": "13:00", "end": "16:00"},
        "priorities": [{"rank": 1, "location": "X1"}],
        **changes,
    }
    accounts = [
        {"netid": "ann.real", "password": "s3cret-ann", "totp_secret": "JBSWY3DPEHPK3PXP"},
        {"netid": "bob.real", "password": {"env": "BOBS_PASSWORD"}},
        {"netid": "eve.real", "password": "s3cret-eve", "is_active": False},
    ]
    path = folder / "bookings.json"
    path.write_text(json.dumps({"site": site, "accounts": accounts, "snipe_config": config}))
    return path


@pytest.fixture
def played_by(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """How such a file is played, `at` an instant."""
    monkeypatch.setenv("BOBS_PASSWORD", "s3cret-bob")

    def casts(*, at: datetime = NOW, **changes: Any) -> Play:
        return cast(write_club(tmp_path, **changes), None, at)

    return casts


@pytest.fixture(scope="module")
def play(tmp_path_factory: pytest.TempPathFactory, nobody_is_stored: None) -> Play:  # noqa: ARG001
    """How it is played as it is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BOBS_PASSWORD", "s3cret-bob")
        return cast(write_club(tmp_path_factory.mktemp("club")), None, NOW)
