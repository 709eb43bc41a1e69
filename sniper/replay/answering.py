"""What stands at the other end of a page that is played again: the case, and nothing else."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from urllib.parse import urljoin

from playwright.async_api import BrowserContext, Request, Route, WebSocketRoute

from sniper.replay.asked import CUT_OFF, Asked, Reply
from sniper.replay.replies import Replies

_MOST_REDIRECTS = 10


class Answering:
    """Answers what the pages of a context ask for. What the case has no answer for is refused, and noted.

    Attributes:
        asked: All that was asked for, in order.
        unanswered: What was refused.
    """

    def __init__(self, replies: Replies) -> None:
        self.asked: list[Asked] = []
        self.unanswered: list[str] = []
        self._replies = replies

    async def serve(self, route: Route) -> None:
        """Answer one request, as the case says."""
        asked = _asked(route.request)
        self.asked.append(asked)
        reply = self._replies.to(asked)
        if reply is None:
            self.unanswered.append(str(asked))
            await route.abort("blockedbyclient")
            return
        if reply.status == CUT_OFF:
            await route.abort("connectionreset")
            return
        if where := _elsewhere(reply):
            url = urljoin(asked.url, where)
            if route.request.is_navigation_request():
                reply = _sending_on(url)
            else:
                reply = self._followed(asked, url, reply)
        if reply is None:
            await route.abort("blockedbyclient")
            return
        await route.fulfill(status=reply.status, headers=dict(reply.headers), body=reply.body)

    def _followed(self, asked: Asked, url: str, reply: Reply) -> Reply | None:
        """What a page hears in the end that is sent elsewhere; the browser would ask the network for it."""
        for _ in range(_MOST_REDIRECTS):
            again = reply.status in (307, 308)
            asked = Asked(asked.method, url, asked.body) if again else Asked("GET", url)
            found = self._replies.to(asked)
            if found is None:
                self.unanswered.append(str(asked))
                return None
            where = _elsewhere(found)
            if where is None:
                return found
            reply, url = found, urljoin(url, where)
        self.unanswered.append(f"{asked}: sent from one address to the next")
        return None

    async def hang_up(self, socket: WebSocketRoute) -> None:
        """No case has what is said by one."""
        self.unanswered.append(f"WebSocket {socket.url}")
        await socket.close()


async def without_network(context: BrowserContext, who: Callable[[], Answering | None]) -> None:
    """From now on nothing of the context gets to the network: `who` answers, where somebody does."""

    async def serve(route: Route) -> None:
        answering = who()
        await (answering.serve(route) if answering else route.abort("blockedbyclient"))

    async def hang_up(socket: WebSocketRoute) -> None:
        answering = who()
        await (answering.hang_up(socket) if answering else socket.close())

    # What is not asked for by a page, where it is sent elsewhere say, would pass by the route.
    await context.set_offline(True)
    await context.route("**/*", serve)
    await context.route_web_socket(re.compile(""), hang_up)


def _asked(request: Request) -> Asked:
    body = (request.post_data_buffer or b"").decode(errors="replace")
    return Asked(request.method, request.url, body)


def _elsewhere(reply: Reply) -> str | None:
    return reply.headers.get("location") if 300 <= reply.status < 400 else None


def _sending_on(url: str) -> Reply:
    """A document that goes to the next one: what the browser does by itself would pass by the route."""
    body = f'<!doctype html><meta http-equiv="refresh" content="0; url={html.escape(url)}">'
    return Reply(200, {"content-type": "text/html; charset=utf-8"}, body.encode())
