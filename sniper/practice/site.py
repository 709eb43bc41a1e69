"""What every part of the running site shares, and how its answers look."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from sniper.practice.accounts import Accounts
from sniper.practice.arrivals import Arrivals
from sniper.practice.clock import VenueClock
from sniper.practice.database import Database
from sniper.practice.faults.board import Faults
from sniper.practice.faults.lines import Lines
from sniper.practice.lookups import Lookups
from sniper.practice.rivals import Rivals
from sniper.practice.settings import Mode, PracticeSettings
from sniper.practice.venue import Venue


@dataclass
class Site:
    """The parts of one practice site.

    Attributes:
        mode: Of the pages that are loaded from now on.
    """

    settings: PracticeSettings
    clock: VenueClock
    database: Database
    accounts: Accounts
    venue: Venue
    arrivals: Arrivals
    rivals: Rivals
    mode: Mode
    faults: Faults
    lines: Lines
    lookups: Lookups


def site_of(request: Request) -> Site:
    """The site that answers this request."""
    site: Site = request.app.state.site
    return site


def json_answer(body: Any, *, status: int = 200) -> Response:
    """A JSON answer that nobody may keep: written at once, without FastAPI's walk through the values."""
    return Response(
        json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        status_code=status,
        media_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


def tagged_answer(body: Any, known: str | None) -> Response:
    """A JSON answer with an ETag; 304 without a body to who names it in `If-None-Match`, which is `known`."""
    answer = json_answer(body)
    tag = f'"{hashlib.blake2b(bytes(answer.body), digest_size=12).hexdigest()}"'
    named = [one.strip().removeprefix("W/") for one in (known or "").split(",")]
    if tag in named or "*" in named:
        answer = Response(status_code=304, headers={"Cache-Control": "no-store"})
    answer.headers["ETag"] = tag
    return answer


def error_answer(status: int, message: str) -> Response:
    """An error as the API tells it."""
    return json_answer({"statusCode": status, "message": message}, status=status)
