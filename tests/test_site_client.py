"""The HTTP client a site is asked with."""

from __future__ import annotations

import pytest

from sniper.errors import EnvironmentProblem
from sniper.site_client import site_client

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
