"""HTTP to the sites that tests run on this machine."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
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


@contextmanager
def listening(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """The address of a server on a free port that answers by `handler`, for this block."""
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        # How often it looks whether to end: the standard library's half a second is waited for by each test.
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
