"""The connections of a running site: what a fault can cut."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Iterable
from typing import Any

# On, and for no time at all: what is closed is reset.
_RESET = struct.pack("ii", 1, 0)


class Lines:
    """The connections of a site, by who is at their other end. None where it runs without a server."""

    def __init__(self) -> None:
        self._connections: Iterable[Any] = ()

    def attach(self, connections: Iterable[Any]) -> None:
        """These are they: the server's own set, which changes with them."""
        self._connections = connections

    def reset(self, client: tuple[str, int]) -> None:
        """Cut the connection of a client as if its other end had crashed.

        Raises:
            LookupError: There is none.
        """
        for connection in tuple(self._connections):
            if connection.client is not None and tuple(connection.client) == tuple(client):
                transport: asyncio.Transport = connection.transport
                line: socket.socket = transport.get_extra_info("socket")
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                transport.abort()
                return
        raise LookupError(f"no connection from {client}")
