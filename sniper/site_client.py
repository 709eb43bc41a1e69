"""Asking a site without a browser: the HTTP client, and what its clock is read with."""

from __future__ import annotations

from urllib.request import getproxies

import httpx

from sniper import __version__
from sniper.clock.clock import Clock
from sniper.clock.measuring import Probe
from sniper.clock.probes import date_header_probe, is_loopback, json_probe
from sniper.errors import EnvironmentProblem
from sniper.sites.site_clock import ClockSource, SiteClockSource

HIGHEST_PORT = 65535
_TIMEOUT = 10.0
# Apache, Node and uvicorn close what has been idle for five seconds, as httpx would: a request that meets the
# close on its way is lost. So we are the first to let go.
_LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=3.0)


def site_client(url: str) -> httpx.AsyncClient:
    """A client for one site.

    Raises:
        EnvironmentProblem: The proxy that the environment names cannot be used.
    """
    headers = {"User-Agent": f"sniper/{__version__}"}
    # A proxy is for the world outside, not for this machine.
    by_proxy = not is_loopback(url)
    try:
        if by_proxy:
            _check_ports()
        return httpx.AsyncClient(timeout=_TIMEOUT, limits=_LIMITS, headers=headers, trust_env=by_proxy)
    except (ImportError, ValueError, httpx.InvalidURL) as error:
        # What it says goes on with how to install things, which is not for whom we tell.
        why = str(error).split(". ")[0]
        raise EnvironmentProblem(
            f"the proxy for {url} cannot be used: {why}",
            mend="Mend or unset HTTP_PROXY, HTTPS_PROXY and ALL_PROXY: http://proxy.example:3128, say.",
        ) from error


def _check_ports() -> None:
    """The client would find out only when it asks, and not by an error of its own.

    Raises:
        ValueError: A proxy has a port there is not.
    """
    proxies = getproxies()
    for scheme in ("http", "https", "all"):
        address = proxies.get(scheme, "")
        port = httpx.URL(address if "://" in address else f"http://{address}").port
        if port is not None and port > HIGHEST_PORT:
            raise ValueError(f"{port} is no port, the highest is {HIGHEST_PORT}")


def clock_probe(client: httpx.AsyncClient, url: str, source: SiteClockSource, local: Clock) -> Probe:
    """What asks the site for its time once, as its profile says."""
    if source.source is ClockSource.JSON and source.time is not None:
        return json_probe(client, url, source.time.of, local)
    return date_header_probe(client, url, local)
