"""Small pages on which both engine modes fire, each at a site that answers as the case says."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from playwright.async_api import Page, Route

from sniper.clock.clock import SystemClock
from sniper.core.plan import Attempt, Role, location_hour
from sniper.core.slots import Slot
from sniper.core.tries import Mark, Moment, Try
from sniper.engine.browser.account_page import AccountPage, Site
from sniper.engine.browser.armed import Armed
from sniper.engine.browser.driver import Driver
from sniper.engine.browser.firing import Firing, Mode
from sniper.engine.browser.pool import BrowserPool
from sniper.engine.protocol import Credentials, Order, StandDown
from sniper.sites.answers import Answer as Answered
from sniper.sites.library import find_profile, load_profile
from sniper.sites.profile import Profile

SITE = "http://modes.test"
Step = dict[str, Any]
BOOK: Step = {"click": {"on": "#book"}}
BUTTON = "<button id=book onclick='ask()'>Book</button>"
"""The press that books."""
GO: Step = {"click": {"on": "#go"}}
"""A step before it; what its press does, the case says."""
ENTER: Step = {"press": {"key": "Enter"}}
PLACE: Step = {"fill": {"into": "#x", "value": "{sub_location}"}}
CAPTCHA = "<p class=captcha>Are you a person?</p>"
Answer = tuple[int, Any] | tuple[int, Any, dict[str, str]]
"""A status, a body, and maybe headers."""
BOOKED: Answer = (201, {"id": 7})
TAKEN: Answer = (409, {})
PERSON = (("family_name", "Mustermann"), ("email", "erika@example.org"))
EARLY: Answer = (403, {"why": "Too early"})

LONG = "60s"
"""For what comes to its end: how quick this machine is decides nothing."""

_PAGE = """<!doctype html><script>
/** Asks the site for something, the booking if nothing is said. */
const ask = (what = "book") => fetch("/" + what, {method: "POST"});
const soon = (what) => setTimeout(what, 50);
</script><body>"""
_OUTCOMES: list[dict[str, Any]] = [
    {"is": "booked", "response": {"url": "/book", "status": 201}, "reference": "$.id"},
    {"is": "too_early", "response": {"url": "/book", "status": 403}, "message": "$.why"},
    {"is": "taken", "response": {"url": "/book", "status": 409}},
    {"is": "captcha", "page": ".captcha"},
]


def click(on: Any, **how: Any) -> Step:
    """Press it."""
    return {"click": {"on": on, "timeout": LONG, **how}}


def wait_for(**what: Any) -> Step:
    """Wait until it is so."""
    return {"wait_for": {"timeout": LONG, **what}}


@dataclass(frozen=True)
class Case:
    """A page, what is done on it, and what comes of it in either mode.

    Attributes:
        page: Its body; `ask` and `soon` are at hand.
        fire: The steps.
        outcomes: What comes of each slot that was tried.
        asked: What the site was asked for, in order.
        answers: What it answers to the first ones; then it has booked.
        slots: How long the chain is.
        stood_down_by: Asked for this, it answers when everybody knows that the slot is not needed any more.
        elsewhere: The second slot is at another location, and needed all the same.
        changes: To the profile.
        message: What is said of the last slot, where that matters.
        press: False for a dry run.
    """

    page: str
    fire: tuple[Step, ...] = (BOOK,)
    outcomes: str = "booked"
    asked: str = "book"
    answers: tuple[Answer, ...] = ()
    slots: int = 1
    stood_down_by: str | None = None
    elsewhere: bool = False
    changes: Mapping[str, Any] = field(default_factory=dict)
    message: str | None = None
    press: bool = True


@cache
def _practice() -> dict[str, Any]:
    return load_profile(find_profile("practice", Path.cwd())).model_dump(by_alias=True, mode="json")


def profile_of(case: Case) -> Profile:
    """What the page is fired at by."""
    document = _practice() | {
        "base_url": SITE,
        "locations": {
            "X1": {"opens": {"before_start": "72h"}, "sub_locations": ["X1 A", "X1 B"]},
            "X3": {"opens": {"before_start": "72h"}, "sub_locations": ["X3 A"]},
        },
        "signed_in": _practice()["signed_in"] | {"rests": False},
        "arm": [],
        "fire": list(case.fire),
        "reset": [],
        "rehearse": [],
        "not_laid_out": None,
        "outcomes": _OUTCOMES,
        "answer_within": "10s",
        "budget": {"requests_per_second": 50, "attempts_per_opening": 5},
        "late_opening": {"within": "10s", "retry_after": "10ms"},
    }
    return Profile.model_validate({**document, **case.changes})


@dataclass(frozen=True)
class Played:
    """What came of a case."""

    tries: tuple[Try, ...]
    asked: str
    timeline: tuple[Moment, ...] = ()
    left_alone_until: datetime | None = None

    @property
    def outcomes(self) -> str:
        """Of each slot that was tried."""
        return " ".join(one.outcome.value for one in self.tries)

    @property
    def pauses(self) -> list[timedelta]:
        """Between one try and the next."""
        fired = [moment.at for moment in self.timeline if moment.mark is Mark.FIRED]
        return [later - earlier for earlier, later in pairwise(fired)]


class _WithoutEvidence(AccountPage):
    """Pictures take longer than all the rest."""

    async def evidence(self, answer: Answered | None = None) -> str | None:  # noqa: ARG002
        """None."""
        return None


class BothModes:
    """A page for each mode, on which all cases are played one after the other."""

    def __init__(self, evidence: Path) -> None:
        self._pages: dict[Mode, tuple[Page, Firing]] = {}
        self._site: _Site | None = None
        self._evidence = evidence

    @classmethod
    async def built(cls, pool: BrowserPool, evidence: Path) -> BothModes:
        """With the pages, in the browser that is shared."""
        both = cls(evidence)
        for mode in Mode:
            context = await pool.context(timezone="Europe/Amsterdam", locale="en-GB")
            firing = await Armed.install(context) if mode is Mode.ARMED else Driver()
            page = await context.new_page()
            await page.route(f"{SITE}/**", both._serve)
            both._pages[mode] = page, firing
        return both

    async def cleared(self) -> None:
        """Close all."""
        for page, _ in self._pages.values():
            await page.context.close()

    async def play(self, mode: Mode, case: Case, at: str = SITE) -> Played:
        """Show the page and fire; `at` another site, the page is that one's."""
        page, firing = self._pages[mode]
        assert isinstance(firing, Armed | Driver)
        firing._left_alone_until = None  # That was another case's site.
        self._site = site = _Site(page, case)
        await page.goto(at)
        profile = profile_of(case)
        account_page = _WithoutEvidence(
            Site(profile, SystemClock(), self._evidence), Credentials("user1", "secret", details=PERSON), page
        )
        order = Order(datetime.now(UTC) - timedelta(seconds=1), site.stand_down, press=case.press)
        result = await firing.fire(account_page, site.attempt, order, filled=False)
        return Played(result.tries, " ".join(site.asked), result.timeline, result.left_alone_until)

    async def _serve(self, route: Route) -> None:
        assert self._site is not None
        await self._site.serve(route)


class _Site:
    """What is at the other end of the page."""

    def __init__(self, page: Page, case: Case) -> None:
        self.asked: list[str] = []
        start = datetime.fromisoformat("2026-11-24T13:00:00+01:00")
        places = ("X1 A", "X3 A" if case.elsewhere else "X1 B")
        chain = tuple(Slot(name.split()[0], name, start) for name in places[: case.slots])
        first, *others = map(location_hour, chain)
        self.stand_down = StandDown({(first, one) for one in others} if case.elsewhere else ())
        self.attempt = Attempt("user1", chain, Role.LEAD)
        self._page = page
        self._case = case
        self._answers = list(case.answers)

    async def serve(self, route: Route) -> None:
        """Answer as the case says."""
        path = route.request.url.removeprefix(f"{SITE}/")
        if route.request.resource_type == "document":
            page = (
                _PAGE + self._case.page
                if path[:1] in ("", "?")
                else f"<!doctype html><body class={path}>{BUTTON}"
            )
            await route.fulfill(body=page, content_type="text/html")
            return
        self.asked.append(path)
        if path == self._case.stood_down_by:
            self.stand_down.tell(self.attempt.target)
            # What the page is told by now stands before this in the line to it.
            await asyncio.sleep(0)
            await self._page.evaluate("0")
        status, body, *headers = self._answers.pop(0) if self._answers else BOOKED
        text = body if isinstance(body, str) else json.dumps(body)
        await route.fulfill(
            status=status, body=text, content_type="application/json", headers=headers[0] if headers else None
        )
