"""Asking a site without a browser: the HTTP client, and what its clock is read with."""

from __future__ import annotations

import httpx

from sniper import __version__
from sniper.clock.clock import Clock
from sniper.clock.measuring import Probe
from sniper.clock.probes import date_header_probe, is_loopback, json_probe
from sniper.errors import EnvironmentProblem
from sniper.sites.profile import ClockSource, SiteClockSource

_TIMEOUT = 10.0


def site_client(url: str) -> httpx.AsyncClient:
    """A client for one site.

    Raises:
        EnvironmentProblem: The proxy that the environment names cannot be used.
    """
    headers = {"User-Agent": f"sniper/{__version__}"}
    try:
        # A proxy is for the world outside, not for this machine.
        return httpx.AsyncClient(timeout=_TIMEOUT, headers=headers, trust_env=not is_loopback(url))
    except (ImportError, ValueError, httpx.InvalidURL) as error:
        # What it says goes on with how to install things, which is not for whom we tell.
        why = str(error).split(". ")[0]
        raise EnvironmentProblem(
            f"the proxy for {url} cannot be used: {why}",
            mend="Mend or unset HTTP_PROXY, HTTPS_PROXY and ALL_PROXY: http://proxy.example:3128, say.",
        ) from error


def clock_probe(client: httpx.AsyncClient, url: str, source: SiteClockSource, local: Clock) -> Probe:
    """What asks the site for its time once, as its profile says."""
    if source.source is ClockSource.JSON and source.time is not None:
        return json_probe(client, url, source.time.of, local)
    return date_header_probe(client, url, local)
