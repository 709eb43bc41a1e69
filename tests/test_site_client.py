"""The HTTP client a site is asked with."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler

import pytest

from sniper.errors import EnvironmentProblem
from sniper.rehearsal import TimeMachine
from sniper.site_client import site_client
from sniper.sites.profile import Practice
from tests.aio import run_async
from tests.local_http import listening

PROXIES = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"]


@pytest.mark.parametrize("name", PROXIES)
@pytest.mark.parametrize(
    "value", ["socks5://127.0.0.1:1080", "foo:bar", "ftp://proxy.example", "127.0.0.1:99999"]
)
def test_a_proxy_that_cannot_be_used_is_told_with_a_mend(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(EnvironmentProblem) as refused:
        site_client("https://site.example")
    assert str(refused.value).startswith("the proxy for https://site.example cannot be used: ")
    assert refused.value.mend is not None
    assert name in refused.value.mend


@pytest.mark.parametrize("url", ["http://127.0.0.1:8400", "http://localhost", "http://[::1]:8400"])
def test_for_a_site_on_this_machine_no_proxy_is_asked(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    for name in PROXIES:
        monkeypatch.setenv(name, "foo:bar")
    site_client(url)


@pytest.mark.parametrize("value", ["", "proxy.example:3128", "http://user:secret@proxy.example:3128"])
def test_a_proxy_may_be_written_with_or_without_its_scheme(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", value)
    site_client("https://site.example")


class Answers(BaseHTTPRequestHandler):
    """Says by which connection it was asked, and keeps it open."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        said = str(self.client_address[1]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: object) -> None:
        """Not to the terminal."""


@pytest.mark.parametrize(("idle", "same"), [(1.0, True), (4.9, False)])
def test_a_connection_is_let_go_before_the_usual_server_closes_it(
    monkeypatch: pytest.MonkeyPatch, idle: float, same: bool
) -> None:
    """Apache, Node and uvicorn do after five idle seconds: what is asked just then would have no answer."""
    now = time.monotonic

    async def ask(url: str) -> bool:
        async with site_client(url) as client:
            first = await client.get(url)
            monkeypatch.setattr(time, "monotonic", lambda: now() + idle)
            return first.text == (await client.get(url)).text

    with listening(Answers) as url:
        assert run_async(ask(url)) is same


class HangsUp(BaseHTTPRequestHandler):
    """Reads what is asked, and answers nothing."""

    def do_POST(self) -> None:
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Not to the terminal."""


def test_a_practice_site_that_does_not_answer_is_told_with_the_reason() -> None:
    async def jump(url: str) -> None:
        async with site_client(url) as client:
            await TimeMachine(client, url, Practice()).jump_to(datetime(2026, 11, 21, 12, tzinfo=UTC))

    with listening(HangsUp) as url, pytest.raises(EnvironmentProblem, match=r"does not jump: \w+") as told:
        run_async(jump(url))
    assert told.value.mend
