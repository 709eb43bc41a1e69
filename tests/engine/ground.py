"""Small pages on which steps are carried out, and what they hear of it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from playwright.async_api import Page, Route
from pydantic import TypeAdapter

from sniper.engine.browser.armed import Armed
from sniper.engine.browser.guided_actions import GuidedActions
from sniper.engine.browser.locator_actions import LocatorActions
from sniper.engine.browser.steps import Actions, StepError, run_steps
from sniper.sites.steps import Step
from tests.engine.benches import SharedBrowser
from tests.engine.both_modes import LONG, click

SITE = "http://actions.test"
_STEPS: TypeAdapter[tuple[Step, ...]] = TypeAdapter(tuple[Step, ...])
_HEAD = """<!doctype html><meta charset=utf-8><script>
/** What happened on this and earlier pages. */
const heard = () => JSON.parse(sessionStorage.heard ?? "[]");
const note = (what) => (sessionStorage.heard = JSON.stringify([...heard(), what]));
/** Whose hand it was, as a site can tell. */
const by = (event) => `${event.type} by ${event.isTrusted ? "hand" : "script"}`;
const soon = (what, later = 50) => setTimeout(what, later);
</script><body>"""
NOTED = "onclick='note(by(event))'"
FIELD = {"fill": {"into": "#x", "value": "{username}", "timeout": LONG}}
TICK = {"check": {"on": "#x", "timeout": LONG}}
GO = click("#go")
NEXT = f"<button id=there {NOTED}>There</button>"
"""A page to go to."""


class Way(StrEnum):
    """How it is done."""

    LOCATORS = "locators"
    GUIDED = "guided"


@dataclass(frozen=True)
class Acted:
    """What came of it: what the pages noted, and what went wrong."""

    heard: list[str]
    error: str | None = None


class Ground:
    """A page for each way, on which small bodies are shown."""

    def __init__(self, shared: SharedBrowser) -> None:
        self.run = shared.loop.run
        self.pages: dict[Way, tuple[Page, Actions]] = {}
        self._bodies: dict[str, str] = {}

    @classmethod
    async def built(cls, shared: SharedBrowser) -> Ground:
        """With its pages, in the browser that is shared."""
        ground = cls(shared)
        for way in Way:
            context = await shared.pool.context(timezone="Europe/Amsterdam", locale="en-GB")
            actions: Actions = LocatorActions()
            if way is Way.GUIDED:
                await Armed.install(context)
                actions = await GuidedActions.install(context)
            page = await context.new_page()
            await page.route(f"{SITE}/**", ground._serve)
            ground.pages[way] = page, actions
        return ground

    async def cleared(self) -> None:
        """Close all."""
        for page, _ in self.pages.values():
            await page.context.close()

    async def show(self, way: Way, body: str, **others: str) -> tuple[Page, Actions]:
        """Show a body; the `others` are what stands at the paths of these names."""
        page, actions = self.pages[way]
        self._bodies = {"": body, "empty": "", "slow": "<script>note('slow')</script>", **others}
        await page.goto(f"{SITE}/empty")
        await page.evaluate("sessionStorage.clear(), localStorage.clear()")
        await page.goto(SITE)
        return page, actions

    def acted(self, way: Way, body: str, *steps: Any, text: str = "abc", **others: str) -> Acted:
        """What comes of steps on a page with this body; `{username}` is the text."""
        return self.run(self.act(way, body, *steps, text=text, **others))

    async def act(self, way: Way, body: str, *steps: Any, text: str = "abc", **others: str) -> Acted:
        """See `acted`."""
        await self.show(way, body, **others)
        return await self.carry_out(way, *steps, text=text)

    async def carry_out(self, way: Way, *steps: Any, text: str = "abc") -> Acted:
        """The same on the page that is shown."""
        page, actions = self.pages[way]
        error = None
        try:
            await run_steps(page, SITE, _STEPS.validate_python(steps), {"username": text}, actions)
        except StepError as failed:
            error = f"{failed.outcome.value}: {failed}"
        await page.wait_for_load_state()
        return Acted(await page.evaluate("heard()"), error)

    async def _serve(self, route: Route) -> None:
        path = route.request.url.removeprefix(f"{SITE}/").partition("?")[0]
        if route.request.resource_type == "document":
            if path == "slow":
                await asyncio.sleep(0.3)
            await route.fulfill(body=_HEAD + self._bodies[path], content_type="text/html")
        else:
            await route.fulfill(json={"asked": path})
