"""Both ways to act on a page's elements: through locators, and guided from inside. They do the same."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

import pytest
from playwright.async_api import Page, Route
from pydantic import TypeAdapter

from sniper.engine.browser import guided_actions
from sniper.engine.browser.armed import Armed
from sniper.engine.browser.guided_actions import GuidedActions
from sniper.engine.browser.inpage import HANDLE
from sniper.engine.browser.locator_actions import LocatorActions
from sniper.engine.browser.steps import Actions, StepError, run_steps
from sniper.sites.steps import Selector, Step
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

    def __init__(self) -> None:
        self.pages: dict[Way, tuple[Page, Actions]] = {}
        self._bodies: dict[str, str] = {}

    @classmethod
    async def built(cls, shared: SharedBrowser) -> Ground:
        """With its pages, in the browser that is shared."""
        ground = cls()
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

    async def act(self, way: Way, body: str, *steps: Any, text: str = "abc", **others: str) -> Acted:
        """Carry steps out; `{username}` is the text."""
        page, actions = await self.show(way, body, **others)
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


@pytest.fixture(scope="module")
def ground(shared_browser: SharedBrowser) -> Iterator[Ground]:
    """Shared by all tests here."""
    built = shared_browser.loop.run(Ground.built(shared_browser))
    yield built
    shared_browser.loop.run(built.cleared())


@pytest.fixture(params=Way)
def way(request: pytest.FixtureRequest) -> Way:
    """Both have to agree."""
    chosen: Way = request.param
    return chosen


FIELD = {"fill": {"into": "#x", "value": "{username}", "timeout": LONG}}
TICK = {"check": {"on": "#x", "timeout": LONG}}
GO = click("#go")
CASES = {
    "a press is one that sites hold for a person's": (
        f"<button id=go {NOTED}>Go</button>",
        (GO,),
        ["click by hand"],
    ),
    "what is below the window's edge is brought into it": (
        f"<p style='height: 5000px'></p><button id=go {NOTED}>Go</button>",
        (GO,),
        ["click by hand"],
    ),
    "what moves is pressed where it comes to rest": (
        f"<style>@keyframes in {{ from {{ margin-left: 900px }} }}</style>"
        f"<button id=go style='animation: in .4s linear' {NOTED}>Go</button>",
        (GO,),
        ["click by hand"],
    ),
    "what something lies over is pressed when that has gone": (
        f"<button id=go {NOTED}>Go</button><div id=over onclick='note(`over`)'></div>"
        "<style>#over { position: fixed; inset: 0 }</style><script>soon(() => over.remove(), 300)</script>",
        (GO,),
        ["click by hand"],
    ),
    "what the mouse never reaches is pressed all the same": (
        f"<button id=go {NOTED}>Go</button>"
        "<div style='position: fixed; inset: 0' onclick='note(`over`)'></div>",
        (click("#go", timeout="400ms"),),
        ["click by script"],
    ),
    "who need not be shown is pressed without a mouse": (
        f"<button id=go hidden {NOTED}>Go</button>",
        (click("#go", until="present"),),
        ["click by script"],
    ),
    "a control in a shadow root is pressed by the mouse": (
        "<my-app></my-app><script>const root = document.querySelector('my-app').attachShadow({mode: 'open'});"
        f"root.innerHTML = `<button id=go {NOTED}>Go</button>`</script>",
        (GO,),
        ["click by hand"],
    ),
    "what is inside a control is part of it": (
        f"<button id=go {NOTED}><b><i>Go</i></b></button>",
        (GO,),
        ["click by hand"],
    ),
    "a link in several lines is pressed on one of them": (
        f"<div style='width: 6em'>aaaaa <a id=go href='#' {NOTED}>bbb bbbbbbb</a></div>",
        (GO,),
        ["click by hand"],
    ),
    "a control that comes later is waited for": (
        f"<script>soon(() => document.body.innerHTML = `<button id=go {NOTED}>Go</button>`)</script>",
        (GO,),
        ["click by hand"],
    ),
    "a control that is drawn anew all the time until it rests is pressed once": (
        "<main></main><script>const main = document.querySelector('main'); let left = 20;"
        f"const draw = () => {{ main.innerHTML = `<button id=go {NOTED}>Go</button>`;"
        " left-- && requestAnimationFrame(draw) }; draw()</script>",
        (GO,),
        ["click by hand"],
    ),
    "what is fixed to the window's lower edge is got out of the way": (
        f"<style>p {{ height: 5000px }}</style><p></p><button id=go {NOTED}>Go</button><p></p>"
        "<footer style='position: fixed; inset: auto 0 0 0; height: 300px'>Cookies</footer>",
        (GO,),
        ["click by hand"],
    ),
    "what is fixed to the window's upper edge is got out of the way": (
        f"<button id=go {NOTED}>Go</button><p style='height: 5000px'></p>"
        "<header style='position: fixed; inset: 300px 0 auto 0; height: 100px'>Menu</header>"
        "<script>go.style.marginTop = '320px'</script>",
        (GO,),
        ["click by hand"],
    ),
    "of a control that is wider than its box a part that shows is pressed": (
        "<style>div { width: 200px; overflow: auto } button { width: 900px }</style>"
        f"<div><button id=go {NOTED}>Go</button></div>"
        "<i style='position: absolute; left: 200px; top: 0; width: 2000px; height: 60px'></i>",
        (GO,),
        ["click by hand"],
    ),
    "a control without a box of its own is pressed on what is in it": (
        f"<button id=go style='display: contents' {NOTED}>Go</button>",
        (GO,),
        ["click by hand"],
    ),
    "a control that is disabled while something lies over it is waited for": (
        f"<button id=go {NOTED}>Go</button><div id=over style='position: fixed; inset: 0'></div>"
        "<script>soon(() => go.disabled = true, 20); soon(() => over.remove(), 150);"
        " soon(() => go.disabled = false, 500)</script>",
        (GO,),
        ["click by hand"],
    ),
    "a press by which the page goes elsewhere is over when it is there": (
        "<form action=/slow method=post><button id=go>Go</button></form>",
        (GO, {"goto": "/next"}, click("#there")),
        ["slow", "click by hand"],
    ),
    "so is one by which a script has it go elsewhere": (
        "<button id=go onclick='location = `/slow`'>Go</button>",
        (GO, {"goto": "/next"}, click("#there")),
        ["slow", "click by hand"],
    ),
    "so is one on a link": (
        "<a id=go href=/slow>Go</a>",
        (GO, {"goto": "/next"}, click("#there")),
        ["slow", "click by hand"],
    ),
    "nothing is pressed where there need be nothing": (
        f"<button id=other {NOTED}>Go</button>",
        (click("#go", if_present=True), click("#go", or_skip="#other")),
        [],
    ),
    "steps go on in the page that comes": (
        "<a id=go href=/next onclick='note(by(event))'>Go</a>",
        (GO, click("#there")),
        ["click by hand", "click by hand"],
    ),
    "what a page waits for may stand in the next one": (
        "<p>Wait</p><script>soon(() => location = '/next', 200)</script>",
        (click("#there"),),
        ["click by hand"],
    ),
    "what is typed replaces what was there, by the keyboard": (
        "<input id=x value=old oninput='note(by(event))' onchange='note(this.value)'>",
        (FIELD,),
        ["input by hand", "abc"],
    ),
    "one can type in a text area": (
        "<textarea id=x onchange='note(this.value)'>old</textarea>",
        (FIELD,),
        ["abc"],
    ),
    "one can type in what is made to be edited": (
        "<p id=x contenteditable>old <b>words</b></p><button id=go onclick='note(x.innerText)'>Go</button>",
        (FIELD, GO),
        ["abc"],
    ),
    "a field that is read only at first is waited for": (
        "<input id=x readonly onchange='note(this.value)'><script>soon(() => x.readOnly = false)</script>",
        (FIELD,),
        ["abc"],
    ),
    "a box is ticked by the mouse, and one that is ticked left": (
        "<input id=x type=checkbox onchange='note(by(event))'>",
        (TICK, TICK),
        ["change by hand"],
    ),
    "a label ticks its box": (
        "<label id=x><input type=checkbox onchange='note(by(event))'>Tick</label>",
        (TICK, TICK),
        ["change by hand"],
    ),
    "a date is set with the events of it": (
        "<input id=x type=date oninput='note(by(event))' onchange='note(this.value)'>",
        ({"date": {"into": "#x", "value": "2026-11-24"}},),
        ["input by script", "2026-11-24"],
    ),
    "a native picker is chosen from": (
        "<select id=x onchange='note(this.value)'><option>A<option>abc</select>",
        ({"select": {"on": "#x", "option": "{username}"}},),
        ["abc"],
    ),
    "an answer is waited for that was asked for by the press": (
        "<button id=go onclick='fetch(`/list`).then(() => note(`answered`))'>Go</button>"
        "<button id=then onclick='note(`then`)'>Then</button>",
        (click("#go", expect="/list"), {"wait_for": {"seen": "#then"}}, click("#then")),
        ["answered", "then"],
    ),
    "a box that is drawn anew before it rests is ticked once": (
        "<main></main><script>const main = document.querySelector('main'); let left = 10;"
        " const draw = () => { main.innerHTML = `<input id=x type=checkbox onchange='note(by(event))'>`;"
        " left-- && requestAnimationFrame(draw) }; draw()</script>",
        (TICK,),
        ["change by hand"],
    ),
    "a box that its page ticks later is waited for": (
        "<input id=x type=checkbox onclick='event.preventDefault();"
        " soon(() => { x.checked = true; note(`ticked`) }, 300)'>",
        (TICK,),
        ["ticked"],
    ),
    "what a page keeps without a word is seen": (
        "<script>soon(() => { note('kept'); localStorage.session = 1 }, 100)</script>"
        f"<button id=go {NOTED}>Go</button>",
        ({"wait_for": {"local_storage": "session", "timeout": "2s"}}, GO),
        ["kept", "click by hand"],
    ),
    "what a change of the styles shows is seen": (
        f"<style>#go {{ display: none }}</style><button id=go {NOTED}>Go</button>"
        "<script>soon(() => document.styleSheets[0].deleteRule(0), 100)</script>",
        ({"wait_for": {"seen": "#go", "timeout": "2s"}}, GO),
        ["click by hand"],
    ),
    "what goes is waited for": (
        "<p id=busy>…</p><script>soon(() => { note('gone'); busy.remove() })</script>"
        f"<button id=go {NOTED}>Go</button>",
        ({"wait_for": {"gone": "#busy"}}, GO),
        ["gone", "click by hand"],
    ),
    "what an app keeps is waited for": (
        "<script>soon(() => { note('kept'); localStorage.setItem('key', 1) })</script>"
        f"<button id=go {NOTED}>Go</button>",
        ({"wait_for": {"local_storage": "key"}}, GO),
        ["kept", "click by hand"],
    ),
}
NEXT = f"<button id=there {NOTED}>There</button>"


@pytest.mark.parametrize("case", CASES)
def test_steps_come_to_the_same_either_way(
    case: str, way: Way, ground: Ground, shared_browser: SharedBrowser
) -> None:
    body, steps, heard = CASES[case]
    acted = shared_browser.loop.run(ground.act(way, body, *steps, next=NEXT))
    assert acted == Acted(heard)


FAILURES = {
    "a control that never comes": (
        "<p>Nothing</p>",
        click("#go", timeout="100ms"),
        "failed: #go was not there in time",
    ),
    "a control whose absence means something": (
        "<p>Nothing</p>",
        click("#go", timeout="100ms", absent="not_offered"),
        "not_offered: #go was not there in time",
    ),
    "a control where another thing is shown": (
        "<button id=go>Go</button><p class=full>Full</p>",
        click("#go", or_outcome={"taken": ".full"}),
        "taken: so the page says",
    ),
    "a field that stays read only": (
        "<input id=x readonly>",
        {"fill": {"into": "#x", "value": "{username}", "timeout": "100ms"}},
        "failed: fill #x: nothing happened in time",
    ),
    "an option that a picker has not": (
        "<select id=x><option>A<option>B</select>",
        {"select": {"on": "#x", "option": "{username}", "timeout": "100ms"}},
        "not_offered: the picker has no abc (it has: A, B)",
    ),
    "an answer that says that one asks too often": (
        "<button id=go onclick='fetch(`/often`)'>Go</button>",
        click("#go", expect="/often"),
        "rate_limited: /often was answered 429",
    ),
}


@pytest.mark.parametrize("case", FAILURES)
def test_what_does_not_work_is_said_in_the_same_words_either_way(
    case: str, way: Way, ground: Ground, shared_browser: SharedBrowser
) -> None:
    async def acted() -> Acted:
        page, _ = ground.pages[way]
        await page.route(f"{SITE}/often", lambda route: route.fulfill(status=429, json={}))
        return await ground.act(way, body, step)

    body, step, error = FAILURES[case]
    assert shared_browser.loop.run(acted()).error == error


def test_a_box_is_ticked_by_its_label_where_it_lies_over_it(
    ground: Ground, shared_browser: SharedBrowser
) -> None:
    """A locator would wait for the label to go, and then press without the mouse."""
    body = (
        "<style>label { position: absolute; inset: 0 }</style><input id=x type=checkbox "
        "onchange='note(by(event))'><label for=x>Tick</label>"
    )
    acted = shared_browser.loop.run(ground.act(Way.GUIDED, body, TICK))
    assert acted == Acted(["change by hand"])


def test_what_comes_under_the_mouse_at_the_last_moment_does_not_hear_of_it(
    ground: Ground, shared_browser: SharedBrowser
) -> None:
    """Like a banner that slides over the button between the look and the press."""
    body = (
        f"<button id=go {NOTED}>Go</button><div id=over hidden style='position: fixed; inset: 0' "
        "onmousedown='note(`over`)' onclick='note(`over`)'></div><script>"
        "const slide = () => { over.hidden = false; soon(() => over.remove(), 300) };"
        "addEventListener('mousemove', slide, {once: true})</script>"
    )
    acted = shared_browser.loop.run(ground.act(Way.GUIDED, body, GO))
    assert acted == Acted(["click by hand"])


def test_a_field_that_does_not_keep_the_focus_is_filled_in_without_the_keyboard(
    ground: Ground, shared_browser: SharedBrowser
) -> None:
    """What is typed goes to what has the focus, which must not be another field."""
    body = (
        "<input id=other oninput='note(this.value)'>"
        "<input id=x onfocus='other.focus()' onchange='note(`x: ${this.value}`)'>"
    )
    acted = shared_browser.loop.run(ground.act(Way.GUIDED, body, FIELD))
    assert acted == Acted(["x: abc"])


@pytest.mark.parametrize("kind", ["date", "time", "month", "range"])
def test_a_field_one_chooses_in_is_filled_in_without_the_keyboard(
    kind: str, way: Way, ground: Ground, shared_browser: SharedBrowser
) -> None:
    value = {"date": "2026-11-24", "time": "13:00", "month": "2026-11", "range": "7"}[kind]
    body = f"<input id=x type={kind} onchange='note(this.value)'>"
    acted = shared_browser.loop.run(ground.act(way, body, FIELD, text=value))
    assert acted.heard[-1] == value
    assert acted.error is None


def test_nothing_typed_empties_a_field(way: Way, ground: Ground, shared_browser: SharedBrowser) -> None:
    body = "<input id=x value=old><button id=go onclick='note(`<${x.value}>`)'>Go</button>"
    acted = shared_browser.loop.run(ground.act(way, body, FIELD, GO, text=""))
    assert acted == Acted(["<>"])


def test_which_is_shown_first_is_told_with_its_text_also_of_a_page_that_comes(
    way: Way, ground: Ground, shared_browser: SharedBrowser
) -> None:
    async def shown() -> Any:
        body = "<p id=no hidden>No</p><script>soon(() => location = '/next')</script>"
        page, actions = await ground.show(way, body, next="<p id=no>No,  <b>not</b> you</p>")
        selectors = Selector(css="#yes"), Selector(css="#no")
        return await actions.first_shown(page, selectors, {}, None)

    found = shared_browser.loop.run(shown())
    assert (found.place, found.text) == (1, "No, not you")


def test_a_script_of_the_site_gets_neither_the_hand_nor_what_is_typed(
    ground: Ground, shared_browser: SharedBrowser
) -> None:
    """Whose id is not the one of the step that is under way is told nothing."""
    body = """<input id=x><button id=go onclick='note(by(event))'>Go</button><script>
        const wish = (kind, more) => sniperHand({id: "guessed", kind, ...more});
        x.addEventListener("focus", async () => {
            const { x, y } = go.getBoundingClientRect();
            const got = [await wish("text"), await wish("type"), await wish("press", { x: x + 5, y: y + 5 })];
            note(JSON.stringify(got.map((one) => one === null)));
        }, { once: true });
    </script>"""
    acted = shared_browser.loop.run(ground.act(Way.GUIDED, body, FIELD, {"wait_for": {"seen": "#go"}}))
    assert [json.loads(one) for one in acted.heard] == [[True, True, True]]


def test_what_is_typed_does_not_go_to_a_field_that_has_taken_the_focus(
    ground: Ground, shared_browser: SharedBrowser
) -> None:
    body = (
        "<input id=other oninput='note(this.value)'>"
        "<input id=x onfocus='soon(() => other.focus(), 0)' onchange='note(`x: ${this.value}`)'>"
    )
    acted = shared_browser.loop.run(ground.act(Way.GUIDED, body, FIELD))
    assert acted.heard[-1:] == ["x: abc"]
    assert set(acted.heard) == {"x: abc"}


def test_a_label_is_filled_in_where_its_field_is(ground: Ground, shared_browser: SharedBrowser) -> None:
    body = "<label id=x>Name <input onchange='note(this.value)'></label>"
    assert shared_browser.loop.run(ground.act(Way.GUIDED, body, FIELD)) == Acted(["abc"])


def test_a_press_that_a_page_keeps_to_itself_is_not_made_for_ever(
    ground: Ground, shared_browser: SharedBrowser
) -> None:
    body = (
        "<button id=go>Go</button><script>let count = 0; const keep = (event) => {"
        " event.stopImmediatePropagation(); if (event.type === 'click') note(++count) };"
        " for (const kind of ['pointerdown', 'mousedown', 'pointerup', 'mouseup', 'click'])"
        " addEventListener(kind, keep, true)</script>"
    )
    acted = shared_browser.loop.run(ground.act(Way.GUIDED, body, GO))
    assert acted.error is None
    assert len(acted.heard) <= 3


def test_a_control_that_never_rests_is_pressed_at_the_end_and_looked_for_no_more(
    ground: Ground, shared_browser: SharedBrowser
) -> None:
    body = (
        "<main></main><script>const main = document.querySelector('main'); let looks = 0;"
        "const { scrollIntoView, getClientRects } = Element.prototype;"
        "Element.prototype.getClientRects = function () { looks += 1; return getClientRects.call(this) };"
        f"const draw = () => {{ main.innerHTML = `<button id=go {NOTED}>Go</button>`;"
        " requestAnimationFrame(draw) }; draw()</script>"
    )

    async def looked() -> int:
        page, _ = ground.pages[Way.GUIDED]
        acted = await ground.act(Way.GUIDED, body, click("#go", timeout="300ms"))
        assert acted == Acted(["click by script"])
        frames = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
        await page.evaluate(f"{frames}.then(() => looks = 0).then(() => {frames})")
        looks: int = await page.evaluate("looks")
        return looks

    assert shared_browser.loop.run(looked()) == 0


def test_what_others_answer_while_a_page_practises_does_not_hold_its_steps_back(
    ground: Ground, shared_browser: SharedBrowser
) -> None:
    """A counter of visits may count what it likes; of the site's own answers somebody else hears."""
    body = f"<button id=go {NOTED}>Go</button>"

    async def acted() -> Acted:
        page, actions = await ground.show(Way.GUIDED, body)
        await page.route("http://counter.test/**", lambda route: route.fulfill(status=429, json={}))
        ask = "fetch('http://counter.test/', {mode: 'no-cors'})"
        part = {"times": 1, "steps": []}
        plan = {"parts": [part], "reset": [], "between": 0}
        await page.evaluate(f"(plan) => {{ {ask}; return {HANDLE}.rehearse(plan) }}", plan)
        await page.evaluate(ask)
        await run_steps(page, SITE, _STEPS.validate_python([GO]), {}, actions)
        return Acted(await page.evaluate("heard()"))

    assert shared_browser.loop.run(acted()) == Acted(["click by hand"])


def test_of_a_page_that_hangs_a_step_ends_all_the_same(
    ground: Ground, shared_browser: SharedBrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page cannot end it: its own timers stand still."""
    monkeypatch.setattr(guided_actions, "_HANGS", timedelta(0))
    hangs = "const end = Date.now() + 1000; while (Date.now() < end);"
    body = f"<button id=go onclick='{hangs}'>Go</button>"
    acted = shared_browser.loop.run(ground.act(Way.GUIDED, body, click("#go", timeout="100ms")))
    assert acted.error == "failed: click #go: nothing happened in time"
