"""What a practice site may be told to be."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from sniper.practice.settings import DemoAccount, PracticeSettings, is_loopback


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost", "::ffff:127.0.0.1"])
def test_loopback_is_allowed(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "example.org", ""])  # noqa: S104
def test_any_other_host_is_refused(host: str) -> None:
    with pytest.raises(ValidationError, match="only listens on loopback"):
        PracticeSettings(host=host)


@pytest.mark.parametrize(
    "change",
    [
        {"rivals": -1},
        {"rival_delay": timedelta(milliseconds=-1)},
        {"port": 70_000},
        {"start": "2026-11-21T12:00:00"},
        {"start": "0001-01-01T00:00:00Z"},
        {"skew": timedelta(days=1000)},
        {"accounts": ()},
        {"nonsense": 1},
    ],
)
def test_nonsense_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        PracticeSettings.model_validate(change)


def test_two_accounts_with_one_name_are_refused() -> None:
    person = DemoAccount(username="user1", password="-")  # noqa: S106
    with pytest.raises(ValidationError, match="same username"):
        PracticeSettings(accounts=(person, person))
