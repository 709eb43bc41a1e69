"""What a page that guides mouse and keyboard does better than locators, and what it must not do."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from sniper.engine.browser import guided_actions
from sniper.engine.browser.inpage import HANDLE
from tests.engine.both_modes import click
from tests.engine.ground import FIELD, GO, NEXT, NOTED, TICK, Acted, Ground, Way


def test_a_box_is_ticked_by_its_label_where_it_lies_over_it(ground: Ground) -> None:
    """A locator would wait for the label to go, and then press without the mouse."""
    body = (
        "<style>label { position: absolute; inset: 0 }</style><input id=x type=checkbox "
        "onchange='note(by(event))'><label for=x>Tick</label>"
    )
    acted = ground.acted(Way.GUIDED, body, TICK)
    assert acted == Acted(["change by hand"])


def test_what_comes_under_the_mouse_at_the_last_moment_does_not_hear_of_it(ground: Ground) -> None:
    """Like a banner that slides over the button between the look and the press."""
    body = (
        f"<button id=go {NOTED}>Go</button><div id=over hidden style='position: fixed; inset: 0' "
        "onmousedown='note(`over`)' onclick='note(`over`)'></div><script>"
        "const slide = () => { over.hidden = false; soon(() => over.remove(), 300) };"
        "addEventListener('mousemove', slide, {once: true})</script>"
    )
    acted = ground.acted(Way.GUIDED, body, GO)
    assert acted == Acted(["click by hand"])


@pytest.mark.parametrize(
    "body",
    [
        "<form action=/slow method=post><button id=go>Go</button></form>",
        "<button id=go onclick='location = `/slow`'>Go</button>",
        "<a id=go href=/slow>Go</a>",
    ],
    ids=["form", "script", "link"],
)
def test_a_press_by_which_the_page_goes_elsewhere_is_over_when_it_is_there(body: str, ground: Ground) -> None:
    """Of a locator's press Playwright promises no such thing, and on a busy machine it is not so."""
    acted = ground.acted(Way.GUIDED, body, GO, {"goto": "/next"}, click("#there"), next=NEXT)
    assert acted == Acted(["slow", "click by hand"])


def test_a_field_that_does_not_keep_the_focus_is_filled_in_without_the_keyboard(ground: Ground) -> None:
    """What is typed goes to what has the focus, which must not be another field."""
    body = (
        "<input id=other oninput='note(this.value)'>"
        "<input id=x onfocus='other.focus()' onchange='note(`x: ${this.value}`)'>"
    )
    acted = ground.acted(Way.GUIDED, body, FIELD)
    assert acted == Acted(["x: abc"])


def test_a_script_of_the_site_gets_neither_the_hand_nor_what_is_typed(ground: Ground) -> None:
    """Whose id is not the one of the step that is under way is told nothing."""
    body = """<input id=x><button id=go onclick='note(by(event))'>Go</button><script>
        const wish = (kind, more) => sniperHand({id: "guessed", kind, ...more});
        x.addEventListener("focus", async () => {
            const { x, y } = go.getBoundingClientRect();
            const got = [await wish("text"), await wish("type"), await wish("press", { x: x + 5, y: y + 5 })];
            note(JSON.stringify(got.map((one) => one === null)));
        }, { once: true });
    </script>"""
    acted = ground.acted(Way.GUIDED, body, FIELD, {"wait_for": {"seen": "#go"}})
    assert [json.loads(one) for one in acted.heard] == [[True, True, True]]


def test_what_is_typed_does_not_go_to_a_field_that_has_taken_the_focus(ground: Ground) -> None:
    body = (
        "<input id=other oninput='note(this.value)'>"
        "<input id=x onfocus='soon(() => other.focus(), 0)' onchange='note(`x: ${this.value}`)'>"
    )
    acted = ground.acted(Way.GUIDED, body, FIELD)
    assert acted.heard[-1:] == ["x: abc"]
    assert set(acted.heard) == {"x: abc"}


def test_a_label_is_filled_in_where_its_field_is(ground: Ground) -> None:
    body = "<label id=x>Name <input onchange='note(this.value)'></label>"
    assert ground.acted(Way.GUIDED, body, FIELD) == Acted(["abc"])


def test_a_press_that_a_page_keeps_to_itself_is_not_made_for_ever(ground: Ground) -> None:
    body = (
        "<button id=go>Go</button><script>let count = 0; const keep = (event) => {"
        " event.stopImmediatePropagation(); if (event.type === 'click') note(++count) };"
        " for (const kind of ['pointerdown', 'mousedown', 'pointerup', 'mouseup', 'click'])"
        " addEventListener(kind, keep, true)</script>"
    )
    acted = ground.acted(Way.GUIDED, body, GO)
    assert acted.error is None
    assert len(acted.heard) <= 3


def test_a_control_that_never_rests_is_pressed_at_the_end_and_looked_for_no_more(ground: Ground) -> None:
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

    assert ground.run(looked()) == 0


def test_what_others_answer_while_a_page_practises_does_not_hold_its_steps_back(ground: Ground) -> None:
    """A counter of visits may count what it likes; of the site's own answers somebody else hears."""
    told = {"do": "wait_for", "name": "told", "timeout": 60_000, "books": False, "local_storage": "told"}
    practice = {"times": 1, "steps": [told | {"seen": None, "present": None, "gone": None}]}

    async def acted() -> Acted:
        page, _ = await ground.show(Way.GUIDED, f"<button id=go {NOTED}>Go</button>")
        headers = {"access-control-allow-origin": "*"}
        await page.route(
            "http://counter.test/**", lambda route: route.fulfill(status=429, json={}, headers=headers)
        )
        plan = {"parts": [practice], "reset": [], "between": 0}
        await page.evaluate(
            f"""(plan) => {{
                const practised = {HANDLE}.rehearse(plan);
                fetch("http://counter.test/").then(() => soon(() => localStorage.setItem("told", "yes")));
                return practised;
            }}""",
            plan,
        )
        return await ground.carry_out(Way.GUIDED, GO)

    assert ground.run(acted()) == Acted(["click by hand"])


def test_of_a_page_that_hangs_a_step_ends_all_the_same(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page cannot end it: its own timers stand still."""
    monkeypatch.setattr(guided_actions, "_HANGS", timedelta(0))
    hangs = "const end = Date.now() + 1000; while (Date.now() < end);"
    body = f"<button id=go onclick='{hangs}'>Go</button>"
    acted = ground.acted(Way.GUIDED, body, click("#go", timeout="100ms"))
    assert acted.error == "failed: click #go: nothing happened in time"
