"""`sniper notify list` and `sniper notify test`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from sniper.cli.notify import notify
from tests.config.examples import GOOD
from tests.notify.service import TOKEN, Service


@pytest.fixture
def bookings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a bookings.json is; it is not there yet."""
    monkeypatch.setenv("SNIPER_STATE_DIR", str(tmp_path / "state"))
    return tmp_path / "bookings.json"


def call(path: Path, command: str, *options: str, channels: list[dict[str, Any]]) -> Result:
    path.write_text(json.dumps({**GOOD, "notifications": channels}))
    return CliRunner().invoke(notify, [command, str(path), *options], catch_exceptions=False)


def test_the_list_shows_who_is_told_how_much_and_no_token(bookings: Path, service: Service) -> None:
    channels = [{"url": service.url()}, {"url": service.url(), "level": "problems", "name": "the club"}]
    result = call(bookings, "list", channels=channels)
    assert result.exit_code == 0
    assert "the club" in result.stdout
    assert "problems" in result.stdout
    assert "json://127.0.0.1:" in result.stdout
    assert TOKEN not in result.output
    assert service.asked == 0, "nothing is sent by it"


def test_the_list_is_there_for_programs(bookings: Path, service: Service) -> None:
    result = call(bookings, "list", "--json", channels=[{"url": service.url(), "name": "club"}])
    assert json.loads(result.stdout) == [
        {
            "name": "club",
            "service": "JSON",
            "address": f"{service.server.replace('http', 'json')}/…",
            "level": "results",
            "pictures": True,
        }
    ]


@pytest.mark.parametrize(("command", "code"), [("list", 0), ("test", 1)])
def test_without_channels_it_says_how_to_have_some(bookings: Path, command: str, code: int) -> None:
    result = call(bookings, command, channels=[])
    assert (result.exit_code, result.stdout) == (code, "")
    assert '"notifications": [' in result.stderr


def test_a_test_tells_of_each_channel_whether_it_works(bookings: Path, service: Service) -> None:
    service.refuses_without = "/"  # Which no message of it has.
    good = {"url": service.url("good"), "name": "good"}
    bad = {"url": service.url("bad").replace("json://", "jsons://"), "name": "bad"}
    result = call(bookings, "test", channels=[good, bad])
    assert result.exit_code == 1
    assert TOKEN not in result.output
    service.refuses_without = ""
    result = call(bookings, "test", "--json", channels=[good, bad])
    told = {one["name"]: (one["sent"], one["error"]) for one in json.loads(result.stdout)}
    assert result.exit_code == 1
    assert told["good"] == (True, None)
    assert told["bad"][0] is False
    assert TOKEN not in result.output
    assert service.titles == ["sniper: this channel works"]
    assert call(bookings, "test", channels=[good]).exit_code == 0


def test_what_a_test_met_is_in_the_log_without_tokens(bookings: Path, service: Service) -> None:
    service.refuses = 1
    assert call(bookings, "test", "--log-format", "json", channels=[{"url": service.url()}]).exit_code == 1
    log = (bookings.parent / "state" / "sniper.log").read_text()
    assert "401" in log
    assert TOKEN not in log
