"""Channels of notifications in bookings.json: what is complained of, and that no address is shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sniper.config.notifications import channels
from sniper.errors import InputError
from sniper.notify.messages import Level
from tests.config.examples import GOOD, read

URL = "json://me:geheim5@127.0.0.1:9/hook"


def with_channels(*given: Any) -> dict[str, Any]:
    return {**GOOD, "notifications": list(given)}


def test_without_channels_nobody_is_told(tmp_path: Path) -> None:
    bookings, _ = read(tmp_path, GOOD)
    assert channels(bookings.notifications) == ()


def test_a_channel_is_an_address_with_a_level_and_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SNIPER_TEST_URL", URL)
    given = with_channels(
        {"url": URL}, {"url": {"env": "SNIPER_TEST_URL"}, "level": "every attempt", "name": "club"}
    )
    bookings, _ = read(tmp_path, given)
    assert [(one.name, one.level, one.address) for one in channels(bookings.notifications)] == [
        ("JSON", Level.RESULTS, "json://127.0.0.1:9/…"),
        ("club", Level.EVERY_ATTEMPT, "json://127.0.0.1:9/…"),
    ]
    assert "SNIPER_TEST_URL" in bookings.secret_variables


def test_what_was_read_shows_no_address(tmp_path: Path) -> None:
    bookings, document = read(tmp_path, with_channels({"url": URL}))
    assert "geheim5" not in repr(bookings) + str(bookings) + bookings.model_dump_json() + repr(document)


@pytest.mark.parametrize(
    ("channel", "complaint"),
    [
        (
            {"url": "tgrm://geheim5/1"},
            "notifications[0].url: names no notification service that is known; did you mean",
        ),
        ({"url": "tgram://geheim5"}, "notifications[0].url: is not what Telegram needs"),
        ({"url": ""}, "notifications[0].url: must not be empty"),
        ({"url": 5}, 'notifications[0].url: must be a text in quotes, or {"env": "NAME"}'),
        ({"level": "results"}, "notifications[0].url: is missing"),
        (
            {"url": URL, "level": "geheim5"},
            "notifications[0].level: must be 'every attempt', 'results' or 'problems'",
        ),
        ({"url": URL, "levle": "results"}, "notifications[0].levle: unknown key; did you mean 'level'?"),
        ({"url": URL, "name": ""}, "notifications[0].name: must not be empty"),
        (
            {"url": {"env": "SNIPER_TEST_GONE"}},
            "notifications[0].url.env: the environment variable is not set",
        ),
        (
            {"url": {"env": "SNIPER_TEST_BAD"}},
            "notifications[0].url.env: what the environment variable holds is no add",
        ),
        ("json://geheim5", "notifications[0]: must be an object with named keys"),
    ],
)
def test_what_is_wrong_with_a_channel_is_told_with_its_line_and_without_its_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, channel: Any, complaint: str
) -> None:
    monkeypatch.delenv("SNIPER_TEST_GONE", raising=False)
    monkeypatch.setenv("SNIPER_TEST_BAD", "geheim5")
    with pytest.raises(InputError) as wrong:
        read(tmp_path, with_channels(channel))
    said = wrong.value.explain()
    assert complaint in said
    assert said.startswith(f"{tmp_path / 'bookings.json'}:")
    assert "geheim5" not in said
