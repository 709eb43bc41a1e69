"""Both ways to act on a page's elements: through locators, and guided from inside. They do the same."""

from __future__ import annotations

from typing import Any

import pytest

from sniper.sites.steps import Selector
from tests.engine.both_modes import click
from tests.engine.ground import FIELD, GO, NEXT, NOTED, SITE, TICK, Acted, Ground, Way

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
    "what an entry asks for is answered before the next step": (
        "<input id=x oninput='fetch(`/list`).then(() => note(`answered`))'>"
        f"<button id=go {NOTED}>Go</button>",
        ({"fill": {"into": "#x", "value": "{username}", "expect": "/list"}}, GO),
        ["answered", "click by hand"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_steps_come_to_the_same_either_way(case: str, way: Way, ground: Ground) -> None:
    body, steps, heard = CASES[case]
    acted = ground.acted(way, body, *steps, next=NEXT)
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
        # Long enough that the picker itself is found on a busy machine.
        {"select": {"on": "#x", "option": "{username}", "timeout": "2s"}},
        "not_offered: the picker has no abc (it has: A, B)",
    ),
    "an answer that says that one asks too often": (
        "<button id=go onclick='fetch(`/often`)'>Go</button>",
        click("#go", expect="/often"),
        "rate_limited: /often was answered 429",
    ),
}


@pytest.mark.parametrize("case", FAILURES)
def test_what_does_not_work_is_said_in_the_same_words_either_way(case: str, way: Way, ground: Ground) -> None:
    async def acted() -> Acted:
        page, _ = ground.pages[way]
        await page.route(f"{SITE}/often", lambda route: route.fulfill(status=429, json={}))
        return await ground.act(way, body, step)

    body, step, error = FAILURES[case]
    assert ground.run(acted()).error == error


@pytest.mark.parametrize("kind", ["date", "time", "month", "range"])
def test_a_field_one_chooses_in_is_filled_in_without_the_keyboard(
    kind: str, way: Way, ground: Ground
) -> None:
    value = {"date": "2026-11-24", "time": "13:00", "month": "2026-11", "range": "7"}[kind]
    body = f"<input id=x type={kind} onchange='note(this.value)'>"
    acted = ground.acted(way, body, FIELD, text=value)
    assert acted.heard[-1] == value
    assert acted.error is None


def test_nothing_typed_empties_a_field(way: Way, ground: Ground) -> None:
    body = "<input id=x value=old><button id=go onclick='note(`<${x.value}>`)'>Go</button>"
    acted = ground.acted(way, body, FIELD, GO, text="")
    assert acted == Acted(["<>"])


def test_which_is_shown_first_is_told_with_its_text_also_of_a_page_that_comes(
    way: Way, ground: Ground
) -> None:
    async def shown() -> Any:
        body = "<p id=no hidden>No</p><script>soon(() => location = '/next')</script>"
        page, actions = await ground.show(way, body, next="<p id=no>No,  <b>not</b> you</p>")
        selectors = Selector(css="#yes"), Selector(css="#no")
        return await actions.first_shown(page, selectors, {}, None)

    found = ground.run(shown())
    assert (found.place, found.text) == (1, "No, not you")
