"""A practice site in a process of its own, and what a benchmark asks of it."""

from __future__ import annotations

import json
import multiprocessing
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

import httpx

from sniper.core.slots import Slot
from sniper.practice.server import running_practice_site
from sniper.practice.settings import DemoAccount, Mode, PracticeSettings

MODES: tuple[Mode, ...] = get_args(Mode)
START = datetime(2026, 11, 21, 7, 58, tzinfo=ZoneInfo("Europe/Amsterdam"))
PLACES = (("X1", "X1 A"), ("X3", "X3 A"), ("X1", "X1 B"), ("X3", "X3 B"))
"""What opens at once, every hour of the day; accounts are dealt out over them in this order."""
WINDOW = timedelta(hours=72)
# Its clock jumps from opening to opening, sixteen a day.
_SIGNED_IN_FOR = timedelta(days=365)
_FIRST_HOUR = 7
_BEHIND_THE_SITE = 10
_READY_WITHIN = 60.0
_STOPS_WITHIN = 5.0


@dataclass(frozen=True, slots=True)
class Person:
    """An account of the practice site, signed in.

    Attributes:
        token: For what a benchmark does beside the race.
        state: What a browser keeps of somebody who is signed in, as a run keeps it.
    """

    username: str
    password: str
    token: str
    state: str

    @property
    def keeping_script(self) -> str:
        """For a context's pages: puts there what the app keeps, and is done in no time.

        Given the state itself, a context loads a page for it: that takes three times as long as all the rest.
        """
        (origin,) = json.loads(self.state)["origins"]
        return "".join(
            f"localStorage.setItem({json.dumps(item['name'])}, {json.dumps(item['value'])});"
            for item in origin["localStorage"]
        )

    @property
    def headers(self) -> dict[str, str]:
        """What says who asks."""
        return {"Authorization": f"Bearer {self.token}"}


@dataclass(frozen=True, slots=True)
class Arrival:
    """A booking request as the site saw it: when it came (site's clock), whose, and what it was answered."""

    at: datetime
    account: str
    place: str
    status: int


class Venue:
    """A running practice site."""

    def __init__(self, url: str, client: httpx.Client) -> None:
        self.url = url
        self._client = client
        self._seen = 0

    def offset(self) -> timedelta:
        """The site's clock minus this machine's, exactly."""
        return timedelta(seconds=self._get("/practice/info")["ahead_seconds"])

    def next_opening(self) -> datetime:
        """On the site's clock. The first of a day is passed over: pages would have nothing to practise on."""
        opening = self._next_opening()
        if opening.astimezone(START.tzinfo).hour == _FIRST_HOUR:
            self.jump_before(opening, timedelta(0))
            opening = self._next_opening()
        return opening

    def show(self, mode: Mode) -> None:
        """Pages that are loaded from now on are of this mode."""
        self._client.post("/practice/mode", json={"mode": mode}).raise_for_status()

    def pass_the_day(self) -> None:
        """Turn the clock to the morning of the next day."""
        while self._next_opening().astimezone(START.tzinfo).hour != _FIRST_HOUR:
            self.jump_before(self._next_opening(), timedelta(0))

    def _next_opening(self) -> datetime:
        return datetime.fromisoformat(self._get("/practice/info")["next_opening"])

    def jump_before(self, opening: datetime, ahead: timedelta) -> None:
        """Turn the clock to exactly `ahead` before the opening."""
        to = {"to": (opening - ahead).isoformat(), "exactly": True}
        self._client.post("/practice/clock/jump", json=to).raise_for_status()

    def sign_in(self, number: int) -> Person:
        """The account of this number, by the requests that the pages make."""
        username, password = f"user{number}", f"pass{number}"
        answer = self._client.post("/sso/login", data={"username": username, "password": password})
        code = httpx.URL(answer.headers["location"]).params["code"]
        grant = self._client.post("/api/auth/token", json={"code": code}).json()
        session = {
            "member": grant["member"],
            "tokenResponse": grant["tokenResponse"],
            "isOidc": True,
            "isLoggedIn": True,
        }
        kept = [{"name": "delcom_auth", "value": json.dumps(session)}]
        state = json.dumps({"cookies": [], "origins": [{"origin": self.url, "localStorage": kept}]})
        return Person(username, password, grant["tokenResponse"]["accessToken"], state)

    def cancel_everything(self, people: list[Person]) -> None:
        """Nobody holds anything afterwards."""
        for person in people:
            for one in self._get("/api/participations", headers=person.headers)["data"]:
                self._client.delete(
                    f"/api/participations/{one['id']}", headers=person.headers
                ).raise_for_status()

    def new_arrivals(self) -> list[Arrival]:
        """The booking requests since this was last asked."""
        found = self._get("/practice/requests", params={"after": self._seen, "limit": 100_000})["requests"]
        self._seen = max([self._seen, *(one["id"] for one in found)])
        return [
            Arrival(
                datetime.fromisoformat(one["arrived_at"]),
                one["account"] or "",
                one["slot"] or "",
                one["status"],
            )
            for one in found
        ]

    def _get(self, path: str, **how: Any) -> Any:
        answer = self._client.get(path, **how)
        answer.raise_for_status()
        return answer.json()


def slot_for(index: int, opening: datetime) -> Slot:
    """What the account of this index goes for at an opening."""
    location, sub_location = PLACES[index % len(PLACES)]
    return Slot(location, sub_location, (opening + WINDOW).astimezone(START.tzinfo))


@contextmanager
def practice_venue(accounts: int, **settings: Any) -> Iterator[Venue]:
    """A practice site where so many accounts can book, each hour at each court enough for all of them.

    Raises:
        TimeoutError: It does not start.
    """
    chosen = PracticeSettings(
        start=START,
        accounts=tuple(
            DemoAccount(username=f"user{number}", password=f"pass{number}")
            for number in range(1, accounts + 1)
        ),
        **{"court_places": max(1, accounts), "session_lifetime": _SIGNED_IN_FOR, **settings},
    )
    processes = multiprocessing.get_context("spawn")
    ours, theirs = processes.Pipe()
    process = processes.Process(target=_serve, args=(chosen, theirs), daemon=True)
    process.start()
    try:
        if not ours.poll(_READY_WITHIN):
            raise TimeoutError("the practice site does not start")
        url = ours.recv()
        with httpx.Client(base_url=url, trust_env=False, timeout=30) as client:
            yield Venue(url, client)
    finally:
        ours.close()
        process.join(_STOPS_WITHIN)
        process.kill()


def let_sites_go_first() -> None:
    """Whoever races from now on yields to the sites that run: in life they have machines of their own."""
    if hasattr(os, "setpriority"):
        os.setpriority(os.PRIO_PROCESS, 0, _BEHIND_THE_SITE)


def _go_first() -> None:
    """Ahead of all sessions of this machine, where the system shares its processors out among sessions first.

    Linux does (sched(7), "The autogroup feature"), and a niceness counts within one session only: browsers
    have sessions of their own. To be less nice than others takes privileges: without them the site stays in
    the session it was started from, ahead of what is nicer there.
    """
    if not hasattr(os, "setsid") or os.geteuid():
        return
    os.setsid()
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(-_BEHIND_THE_SITE), encoding="ascii")


def _serve(settings: PracticeSettings, told: Connection) -> None:
    _go_first()
    with running_practice_site(settings) as site:
        told.send(site.url)
        told.poll(None)  # Ends with who asked for it.
