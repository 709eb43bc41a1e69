"""HTTP to the sites that tests run on this machine."""

from __future__ import annotations

import ssl
from typing import Any

import httpx

# One that knows no authorities: to load them for each client takes longer than most tests do.
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def local_client(**options: Any) -> httpx.Client:
    """A client that asks nobody but this machine."""
    return httpx.Client(verify=_NO_TLS, trust_env=False, **options)


def post(url: str, body: Any) -> Any:
    """Hand something over, and have it accepted: the answer."""
    with local_client() as client:
        return client.post(url, json=body).raise_for_status().json()
