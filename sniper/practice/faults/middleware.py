"""Lets the faults that are on have their way with the requests of a site."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sniper.practice.faults.board import Active
from sniper.practice.faults.spec import Answers, Gone, Kind, Requests
from sniper.practice.headers import http_date
from sniper.practice.site import Site, error_answer

_CONTROL = "/practice"
_LOOK_EVERY = 0.05
_CAPTCHA = (Path(__file__).parent / "captcha.html").read_text(encoding="utf-8")


class FaultyAnswers:
    """ASGI middleware between the site and the headers that stand on all of its answers.

    The control endpoints are never struck: by them a fault is taken back.
    """

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self._app = app
        self._site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or do not."""
        path = scope.get("path", "")
        if scope["type"] != "http" or not self._site.faults.all or path.startswith(_CONTROL):
            await self._app(scope, receive, send)
            return
        account = self._account(scope)
        struck = self._site.faults.striking(scope["method"], path, account)
        for one in struck:
            if one.fault.kind is Kind.LATENCY:
                await _sleep(one.drawn(one.fault.duration))
                # The way to the site took longer: only now has it arrived.
                scope["practice.arrived_at"] = self._site.clock.now()
        slow = sum(
            (one.drawn(one.fault.duration) for one in struck if one.fault.kind is Kind.SLOW), timedelta(0)
        )
        refusing = next((one for one in struck if one.fault.kind.refuses), None)
        if refusing is None:
            await self._app(scope, receive, _later(send, slow))
            return
        if refusing.fault.after:
            await self._app(scope, receive, _nowhere)
        await _sleep(slow)
        status = await self._refuse(refusing, scope, receive, send)
        if not refusing.fault.after and Requests.BOOKING.includes(scope["method"], path):
            arrived_at: datetime = scope["practice.arrived_at"]
            word = refusing.fault.kind.value
            self._site.arrivals.keep(arrived_at, account, None, outcome=word, status=status)

    async def _refuse(self, struck: Active, scope: Scope, receive: Receive, send: Send) -> int:
        """Whatever the fault does instead of an answer; the status, 0 where there is none."""
        answer = self._answer(struck, scope)
        if answer is not None:
            await answer(scope, receive, send)
            return answer.status_code
        if struck.fault.gone is Gone.SILENT:
            # What ends it is the venue's clock, which jumps, or somebody who takes it back.
            while self._site.faults.is_on(struck):  # noqa: ASYNC110
                await asyncio.sleep(_LOOK_EVERY)
        self._site.lines.reset(scope["client"])
        while (await receive())["type"] != "http.disconnect":
            pass
        return 0

    def _answer(self, struck: Active, scope: Scope) -> Response | None:
        fault = struck.fault
        match fault.kind:
            case Kind.QUEUE:
                return error_answer(
                    409, "Too many people are booking at once. You are in the queue: try again."
                )
            case Kind.RATE_LIMITED:
                answer = error_answer(429, "Too many requests.")
                if fault.duration is not None:
                    answer.headers["retry-after"] = self._retry_after(fault.duration, fault.answers)
                return answer
            case Kind.ERROR:
                assert fault.status is not None
                return error_answer(fault.status, "Something went wrong.")
            case Kind.BAN:
                return error_answer(403, "Your account has been blocked because of unusual activity.")
            case Kind.CAPTCHA:
                # What stands in front of a site shows it to people as a page, and tells their scripts 403.
                is_api = Requests.API.includes(scope["method"], scope["path"])
                return HTMLResponse(_CAPTCHA, status_code=403 if is_api else 200)
        return None

    def _retry_after(self, pause: timedelta, form: Answers) -> str:
        if form is Answers.DATE:
            return http_date(self._site.clock.now() + pause + timedelta(seconds=1)).decode()
        return str(-(-pause // timedelta(seconds=1)))

    def _account(self, scope: Scope) -> str | None:
        given = dict(scope["headers"]).get(b"authorization", b"").decode("latin-1")
        account = self._site.accounts.who(given.partition(" ")[2].strip()) if given else None
        return account.username if account else None


def _later(send: Send, by: timedelta) -> Send:
    """Hold an answer back."""
    if not by:
        return send

    async def held(message: Message) -> None:
        if message["type"] == "http.response.start":
            await _sleep(by)
        await send(message)

    return held


async def _nowhere(_message: Any) -> None:
    """The answer is lost."""


async def _sleep(duration: timedelta) -> None:
    if duration:
        await asyncio.sleep(duration.total_seconds())
