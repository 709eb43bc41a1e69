"""Who looks at the list of slots how often: whether watchers keep to what they promise is counted here."""

import threading
from collections import deque
from dataclasses import dataclass
from datetime import datetime

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sniper.practice.clock import VenueClock
from sniper.practice.faults.spec import Requests

_KEPT = 10_000


@dataclass(frozen=True)
class Lookup:
    """One request for the list: its arrival on the venue's clock and on this machine's (UTC).

    Attributes:
        machine_time: A venue's clock jumps; this one tells how long requests were really apart.
        agent: What asked, in its own words.
        is_conditional: It named what it knew already.
        status: 304 where nothing has changed since, 0 where a fault left it without an answer.
    """

    arrived_at: datetime
    machine_time: datetime
    agent: str
    is_conditional: bool
    status: int


class Lookups:
    """The last requests for the list. Safe to use from several threads."""

    def __init__(self) -> None:
        self._kept: deque[Lookup] = deque(maxlen=_KEPT)
        self._lock = threading.Lock()

    def keep(self, lookup: Lookup) -> None:
        """Keep one."""
        with self._lock:
            self._kept.append(lookup)

    @property
    def all(self) -> tuple[Lookup, ...]:
        """In the order of their answers."""
        with self._lock:
            return tuple(self._kept)


class CountedLookups:
    """ASGI middleware around the site and its faults: keeps every request for the list, however it ends."""

    def __init__(self, app: ASGIApp, lookups: Lookups, clock: VenueClock) -> None:
        self._app = app
        self._lookups = lookups
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or not Requests.LIST.includes(scope["method"], scope["path"]):
            await self._app(scope, receive, send)
            return
        arrived_at, machine_time = self._clock.now(), self._clock.machine_now()
        headers = dict(scope["headers"])
        agent = headers.get(b"user-agent", b"").decode("latin-1")
        is_conditional = b"if-none-match" in headers
        answered = False

        def keep(status: int) -> None:
            self._lookups.keep(Lookup(arrived_at, machine_time, agent, is_conditional, status))

        async def note(message: Message) -> None:
            nonlocal answered
            if message["type"] == "http.response.start":
                # Before the answer goes out: who has it finds it counted.
                answered = True
                keep(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, note)
        finally:
            if not answered:
                keep(0)
