"""The headers that stand on every answer: the venue's date, and the content security policy of pages."""

import logging
from datetime import datetime
from email.utils import format_datetime

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sniper.practice.clock import VenueClock

_log = logging.getLogger("sniper.practice.requests")

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
_CSP_HEADER = (b"content-security-policy", CONTENT_SECURITY_POLICY.encode())
_NOSNIFF_HEADER = (b"x-content-type-options", b"nosniff")


def http_date(instant: datetime) -> bytes:
    """An aware UTC instant as HTTP writes it: whole seconds, rounded down."""
    return format_datetime(instant.replace(microsecond=0), usegmt=True).encode()


class VenueHeaders:
    """ASGI middleware around everything else: stamps the arrival of a request and the headers of its answer.

    The arrival stands in the scope as `practice.arrived_at`, on the venue's clock.
    """

    def __init__(self, app: ASGIApp, clock: VenueClock) -> None:
        self._app = app
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        arrived_at = self._clock.now()
        scope["practice.arrived_at"] = arrived_at

        async def stamp(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [header for header in message.get("headers", ()) if header[0] != b"date"]
                headers += [(b"date", http_date(self._clock.now())), _NOSNIFF_HEADER]
                if any(name == b"content-type" and value.startswith(b"text/html") for name, value in headers):
                    headers.append(_CSP_HEADER)
                message["headers"] = headers
                # The path alone: a query may hold a one-time code.
                _log.info(
                    "%s %s %s %s",
                    f"{arrived_at:%H:%M:%S.%f}"[:-3],
                    scope["method"],
                    scope["path"],
                    message["status"],
                )
            await send(message)

        await self._app(scope, receive, stamp)
