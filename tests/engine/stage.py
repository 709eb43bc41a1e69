"""Small pages of a test's own, and what the scripts inside the page make of them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, Route

from sniper.core.slots import Slot
from sniper.engine.browser.compile import compile_attempt
from sniper.sites.library import find_profile, load_profile
from sniper.sites.profile import Profile

SITE = "http://page.test"
HANDLE = 'window[Symbol.for("sniper")]'
BOOK = {"click": {"on": "#book", "timeout": "2s"}}
PRESSED = "<script>book.onclick = () => fetch('/book', {method: 'POST'})</script>"
BUTTON = f"<button id=book>Book</button>{PRESSED}"
OUTCOMES: list[dict[str, Any]] = [
    {
        "is": "booked",
        "response": {"url": "/book", "status": 201, "json": {"state": {"a": 1, "b": [2]}}},
        "reference": "$.ids[0]",
    },
    {
        "is": "too_early",
        "response": {"url": "/book", "status": "4xx", "text": "(?i)too EARLY"},
        "message": "$.why",
    },
    {"is": "taken", "response": {"url": "/book", "status": 409}},
    {"is": "captcha", "page": ".captcha"},
]
BOOKED = (201, {"state": {"b": [2], "a": 1}, "ids": [7]})
EARLY = (403, {"why": "Too early"})


NOBODY_ANSWERS = "sessionStorage.nobodyAnswers = 1"
"""Run in a page: what it asks us after a reload is not answered."""
UNANSWERED = """if (location.origin !== "null" && sessionStorage.nobodyAnswers) {
    const report = window.sniperReport;
    window.sniperReport = (it) => (it.kind === "resumed" ? new Promise(() => {}) : report(it));
}"""


@dataclass
class Told:
    """What pages report, and what they are told when they ask after a reload."""

    reports: list[dict[str, Any]] = field(default_factory=list)
    unwanted: list[float] = field(default_factory=list)

    def heard(self, report: dict[str, Any]) -> list[float]:
        """As armed.py does."""
        self.reports.append(report)
        return self.unwanted

    def clear(self) -> None:
        """For the next test."""
        self.reports.clear()
        self.unwanted.clear()


@dataclass
class Stage:
    """A page of the test's own at a site that answers as the test wants it."""

    page: Page
    told: Told
    answers: list[tuple[int, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    html: str = ""
    held: list[Route] | None = None
    """Requests that wait for their answer, where the test wants them to."""

    @property
    def reports(self) -> list[dict[str, Any]]:
        """What the page has reported."""
        return self.told.reports

    def serve(self, route: Route) -> None:
        request = route.request
        path = request.url.removeprefix(SITE)
        if path == "/":
            route.fulfill(body=f"<!doctype html><body>{self.html}", content_type="text/html")
            return
        self.asked.append(f"{request.method} {path}")
        if self.held is not None:
            self.held.append(route)
        else:
            self.answer(route)

    def answer(self, route: Route) -> None:
        """With what is next, or that it is booked."""
        status, body = self.answers.pop(0) if self.answers else BOOKED
        route.fulfill(status=status, body=json.dumps(body), content_type="application/json")

    def show(self, html: str) -> None:
        """Open a page with this body."""
        self.html = html
        self.page.goto(SITE)

    def hand_over(
        self,
        *fire: dict[str, Any],
        within: float = 0,
        chain: int = 1,
        tells_press: bool = False,
        **changes: Any,
    ) -> float:
        """Give the page its plan; the instant it fires at."""
        plan = compile_attempt(profile(fire, **changes), slots(chain), press=True, filled=False)
        at: float = self.page.evaluate(f"{HANDLE}.now()") + within
        plan |= {"id": "1", "at": at, "wait": 0, "tells_press": tells_press}
        plan |= {"next_press": 0, "left_alone_until": 0}
        self.page.evaluate(f"plan => {HANDLE}.arm(plan)", plan)
        return at

    def play(self, html: str, *fire: dict[str, Any], **changes: Any) -> list[dict[str, Any]]:
        """Show a page, fire, and wait for the end: what came of each slot."""
        self.show(html)
        self.hand_over(*fire, **changes)
        return self.tries()

    def tries(self) -> list[dict[str, Any]]:
        """What came of each slot, when all is over."""
        self.page.wait_for_function(f"{HANDLE}.underWay() === null")
        assert self.reports[-1]["kind"] == "end", self.reports
        assert self.reports[-1]["failure"] is None
        return [report["try"] for report in self.reports if report.get("try")]

    def wait_until(self, at: float) -> None:
        """Let the instant pass, and what the page does at once."""
        self.page.wait_for_function(f"at => {HANDLE}.now() > at + 50", arg=at)

    def moments(self, mark: str) -> list[float]:
        """When something was noted."""
        return [m["at"] for report in self.reports for m in report["timeline"] if m["mark"] == mark]


@cache
def practice() -> dict[str, Any]:
    return load_profile(find_profile("practice", Path.cwd())).model_dump(by_alias=True, mode="json")


def profile(fire: tuple[dict[str, Any], ...], **changes: Any) -> Profile:
    document = practice() | {
        "locations": {"X1": {"opens": {"before_start": "72h"}, "sub_locations": ["X1 A", "X1 B"]}},
        "signed_in": practice()["signed_in"] | {"rests": False},
        "arm": [],
        "fire": list(fire),
        "reset": [],
        "rehearse": [],
        "not_laid_out": None,
        "outcomes": OUTCOMES,
        "answer_within": "10s",
        "budget": {"requests_per_second": 20, "attempts_per_opening": 5},
        "late_opening": {"within": "10s", "retry_after": "10ms"},
    }
    return Profile.model_validate(document | changes)


def slots(count: int) -> list[Slot]:
    start = datetime.fromisoformat("2026-11-24T13:00:00+01:00")
    return [Slot("X1", name, start) for name in ("X1 A", "X1 B")[:count]]


def outcomes(tries: list[dict[str, Any]]) -> list[str]:
    return [one["outcome"] for one in tries]


def rehearsal(step: dict[str, Any], **how: Any) -> list[dict[str, Any]]:
    """The part of a profile that practises one step."""
    return [{"times": 1, "steps": [step], **how}]
