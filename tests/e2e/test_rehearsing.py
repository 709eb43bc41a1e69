"""`sniper rehearse --browser`, end to end: a site and a run of its own, a real browser, and nothing left."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.usefixtures("front_end")


def sniper(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A command in a folder, to its end."""
    return subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "sniper", *arguments],
        cwd=folder,
        env={**os.environ, "COLUMNS": "120", **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )


def test_a_rehearsal_in_a_browser_wins_an_hour_with_a_stand_in_and_leaves_only_what_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tmp_path / "state"
    monkeypatch.setenv("SNIPER_STATE_DIR", str(state))
    config: dict[str, Any] = {
        "target_date": "+3d",
        "time_window": {"start": "13:00", "end": "14:00"},
        "priorities": [{"rank": 1, "location": "X1", "sub_locations": ["X1 A"]}],
    }
    accounts = [{"netid": "ann.real", "password": "s3cret-ann"}]
    document = {"site": "tudelft-x", "accounts": accounts, "snipe_config": config}
    (tmp_path / "bookings.json").write_text(json.dumps(document))

    rehearsed = sniper(
        tmp_path, "rehearse", "--browser", "1", "--rivals-at", "20000", "--keep", "kept", "--json"
    )
    assert rehearsed.returncode == 0, rehearsed.stderr
    assert "run 1 of 1, rivals after 20.0 s: goal" in rehearsed.stderr
    told = json.loads(rehearsed.stdout)
    (run,) = told["runs"]
    assert (run["standing"], run["failure"], run["lost"]) == ("reached", None, [])
    assert run["streak"][0]["sub_location"] == "X1 A"
    # It arrived, as the site saw it, soon after the opening.
    assert run["asked_ms"] == [told["strategies"][0]["asked_ms"]["p50"]]
    assert -500 < run["asked_ms"][0] < 15_000
    assert told["stand_ins"] == {"user1": "ann.real"}

    assert not state.exists()
    kept = b"".join(path.read_bytes() for path in (tmp_path / "kept").rglob("*") if path.is_file())
    for secret in (b"s3cret", b"ann.real"):
        assert secret not in kept
    where, *command = shlex.split(run["show"])
    name, _, folder = where.partition("=")
    shown = sniper(tmp_path, *command[1:], **{name: folder})
    assert shown.returncode == 0, shown.stderr
    assert "REHEARSAL" in shown.stdout
    assert "booked, proven" in shown.stdout
