"""Addresses of services: which can be used, and what is shown of them."""

from __future__ import annotations

import pytest

from sniper.notify.addresses import service_of, shown
from sniper.notify.channels import Wanted, channels_of
from sniper.notify.messages import Level
from sniper.scrubbing import HIDDEN, KNOWN

BOT = "987654321:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bA"


@pytest.mark.parametrize(
    ("url", "address"),
    [
        (f"tgram://{BOT}/12315544", "tgram://…"),
        ("mailtos://anna:geheim5@gmail.com", "mailtos://gmail.com:587/…"),
        ("ntfy://a-topic-that-friends-know", "ntfy://…"),
        ("ntfys://me:geheim5@ntfy.example.org/topic", "ntfys://…"),
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#club", "slack://…"),
        ("discord://4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js", "discord://…"),
        ("https://discord.com/api/webhooks/4174216298/JHMHI8qBe7bk2ZwO5U711o3dV_js", "discord://…"),
        ("twilio://AC735c307c62944b5a:e29dfbcebf390dee9@12025551234/15555551212", "twilio://…"),
        ("jsons://me:geheim5@example.org:8443/hook/x7Q9xZ2wYb4", "jsons://example.org:8443/…"),
    ],
)
def test_of_an_address_only_the_service_and_a_servers_name_are_shown(url: str, address: str) -> None:
    assert shown(service_of(url)) == address


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "begins with the service's name"),
        ("my-geheim5", "begins with the service's name"),
        ("tgrm://geheim5/1", "did you mean tgram://…?"),
        ("zzzqqq://geheim5", "names no notification service that is known"),
        ("tgram://geheim5", "is not what Telegram needs; it is written as tgram://{bot_token}/{targets}"),
        ("mailtos://", "is not what E-Mail needs"),
        ("https://example.org/geheim5", "write jsons://… instead of https://…"),
        ("json://[geheim5", "is not what JSON needs"),
    ],
)
def test_what_is_no_address_is_told_with_the_mend_and_without_the_address(url: str, why: str) -> None:
    with pytest.raises(ValueError, match=r".") as wrong:
        service_of(url)
    assert why in str(wrong.value)
    assert "geheim5" not in str(wrong.value)


def test_a_service_that_needs_more_than_is_installed_names_it() -> None:
    with pytest.raises(ValueError, match="needs what is not installed here: paho-mqtt"):
        service_of("mqtt://me:geheim5@example.org/topic")


def test_nothing_of_an_address_that_was_read_gets_into_a_log() -> None:
    service_of(f"tgram://{BOT}/12315544")
    service_of("jsons://me:geheim55@example.org/hook/x7Q9xZ2wYb4?day=1")
    text = f"bot {BOT} and geheim55: POST /hook/x7Q9xZ2wYb4 failed for day 1"
    assert KNOWN(text) == f"bot {HIDDEN} and {HIDDEN}: POST {HIDDEN} failed for day 1"


def test_channels_without_a_name_are_called_after_their_service_and_told_apart() -> None:
    url = "json://127.0.0.1:1/"
    found = channels_of(
        [Wanted(url, Level.RESULTS), Wanted(url, Level.RESULTS), Wanted(url, Level.RESULTS, "club")]
    )
    assert [one.name for one in found] == ["JSON", "JSON 2", "club"]


def test_a_channels_repr_shows_nothing_of_its_address() -> None:
    (channel,) = channels_of([Wanted("json://me:geheim5@127.0.0.1:1/", Level.RESULTS)])
    assert "geheim5" not in repr(channel)
