"""Pages that fire draw nothing: whether Chromium asks one for frames."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, NoReturn, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.async_api import Page

from sniper.clock.clock import SimulatedClock
from sniper.engine.browser.armed import Armed
from sniper.engine.browser.frames import begins, without_frames, without_frames_at
from sniper.engine.browser.inpage import HANDLE
from tests.aio import run_async
from tests.engine.benches import SharedBrowser
from tests.engine.stage import BOOK, BOOKED, BUTTON, Stage, outcomes

_OPENING = datetime(2026, 11, 22, 13, tzinfo=UTC)
_SECOND = timedelta(seconds=1)
_NO_PAGE = cast("Page", None)

# One that changes all the time, and when it was drawn, in milliseconds of its own.
_NOTE_FRAMES = """() => {
    window.drawn = [];
    setInterval(() => { document.body.textContent = performance.now(); }, 5);
    const draw = () => {
        window.drawn.push(performance.now());
        requestAnimationFrame(draw);
    };
    requestAnimationFrame(draw);
}"""

# One that changes all the time, and how often it was drawn within so many milliseconds.
_DRAWN = """milliseconds => new Promise(done => {
    let count = 0, over = false;
    const draw = () => {
        document.body.style.background = count % 2 ? "red" : "blue";
        count += 1;
        if (!over) requestAnimationFrame(draw);
    };
    requestAnimationFrame(draw);
    setTimeout(() => { over = true; done(count); }, milliseconds);
})"""

# A list that comes anew, and how high it is then and at each press: what is not laid out has no height.
_LIST = """<ul></ul><script>
    const list = document.querySelector("ul");
    window.atPress = [];
    const book = () => { atPress.push(list.offsetHeight); fetch("/book", {method: "POST"}); };
    const row = (_, number) => `<li><p>Court</p><b>${number}</b> <button onclick="book()">Book</button></li>`;
    const come = () => {
        list.innerHTML = Array.from({length: 300}, row).join("");
        return list.offsetHeight;
    };
    come();
</script>"""
_LAST_ROW = {"css": "li", "has": [{"css": "b", "text": ["299"]}], "find": "button"}
_COMES = "come()"
_HEIGHT = "list.offsetHeight"


@asynccontextmanager
async def _page(shared: SharedBrowser) -> AsyncIterator[Page]:
    context = await shared.pool.context(timezone="UTC", locale="en-GB")
    await Armed.install(context)
    page = await context.new_page()
    await page.goto("data:text/html,<!doctype html><body>drawn")
    yield page
    await context.close()


def test_a_page_that_fires_is_drawn_once_a_second_at_most_and_as_before_afterwards(
    shared_browser: SharedBrowser,
) -> None:
    async def check() -> tuple[int, int]:
        async with _page(shared_browser) as page:
            async with without_frames(page):
                within = await page.evaluate(_DRAWN, 900)
            return within, await page.evaluate(_DRAWN, 900)

    within, afterwards = shared_browser.loop.run(check())
    assert 3 * within < afterwards


def test_a_page_that_was_still_draws_nothing_either_when_it_changes_at_the_opening(
    shared_browser: SharedBrowser,
) -> None:
    async def check() -> int:
        async with _page(shared_browser) as page, without_frames(page, opens_in=10 * _SECOND):
            await asyncio.sleep(0.3)
            drawn: int = await page.evaluate(_DRAWN, 400)
            return drawn

    # It would draw the first four at once.
    assert shared_browser.loop.run(check()) < 3


def test_what_uses_up_the_frames_leaves_the_page_as_it_was(shared_browser: SharedBrowser) -> None:
    looks = "() => [document.documentElement.outerHTML, document.adoptedStyleSheets.length]"

    async def check() -> tuple[object, object]:
        async with _page(shared_browser) as page:
            await page.evaluate("() => { document.adoptedStyleSheets = [new CSSStyleSheet()] }")
            before = await page.evaluate(looks)
            async with without_frames(page):
                return before, await page.evaluate(looks)

    before, within = shared_browser.loop.run(check())
    assert before == within


def test_the_mouse_is_led_out_of_a_page_that_fires(shared_browser: SharedBrowser) -> None:
    async def check() -> tuple[bool, bool]:
        async with _page(shared_browser) as page:
            hovers = "() => document.body.matches(':hover')"
            await page.mouse.move(20, 15)
            before = await page.evaluate(hovers)
            async with without_frames(page):
                return before, await page.evaluate(hovers)

    assert shared_browser.loop.run(check()) == (True, False)


@given(rank=st.integers(0, 200), ahead=st.timedeltas(timedelta(seconds=0.7), timedelta(hours=1)))
def test_frames_end_whole_seconds_and_a_fixed_part_of_one_before_the_opening(
    rank: int, ahead: timedelta
) -> None:
    now = _OPENING - ahead
    begun = begins(_OPENING, rank, now)
    assert begun >= now
    assert begun - now < _SECOND or _OPENING - begun > 15 * _SECOND
    assert (_OPENING - begun) % _SECOND == (_OPENING - begins(_OPENING, rank, _OPENING)) % _SECOND
    assert timedelta(seconds=0.4) <= (_OPENING - begun) % _SECOND <= timedelta(seconds=0.7)
    assert begins(_OPENING, rank + 1, _OPENING) >= begins(_OPENING, rank, _OPENING)


@pytest.mark.parametrize(("there", "begun"), [(2.1, 1.7), (0.9, 0.7), (0.3, 0.3), (0.1, None)])
def test_a_page_draws_no_more_from_the_moment_on_that_leaves_the_opening_without_a_frame_or_not_at_all(
    there: float, begun: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SimulatedClock(_OPENING - there * _SECOND)
    noted = []

    @asynccontextmanager
    async def note(_page: Page, _css: str | None, opens_in: timedelta) -> AsyncIterator[None]:
        noted.append((_OPENING - clock.now(), opens_in))
        yield

    async def fire() -> None:
        async with without_frames_at(_NO_PAGE, clock, _OPENING, 0):
            await asyncio.sleep(0.01)

    monkeypatch.setattr("sniper.engine.browser.frames.without_frames", note)
    run_async(fire())
    assert noted == ([] if begun is None else [(begun * _SECOND, begun * _SECOND)])


def test_a_page_that_changes_all_the_time_draws_one_frame_a_second_from_then_on(
    shared_browser: SharedBrowser,
) -> None:
    async def frames() -> tuple[float, list[float]]:
        async with _page(shared_browser) as page:
            await page.evaluate(_NOTE_FRAMES)
            async with without_frames(page, opens_in=10 * _SECOND):
                begun = await page.evaluate("performance.now()")
                await asyncio.sleep(2.2)
                return begun, await page.evaluate("window.drawn")

    begun, drawn = shared_browser.loop.run(frames())
    # Those that are under way still come; it begins longer than this before an opening.
    later = [one for one in drawn if one > begun + 300]
    assert later
    # Where the machine has other things to do, one may come late, and the next one after it as it should.
    assert all(b - a > 500 for a, b in pairwise(later)), (begun, later)


@pytest.mark.parametrize("until", ["present", "visible", "enabled"])
def test_what_is_not_laid_out_is_found_and_pressed_all_the_same(stage: Stage, until: str) -> None:
    stage.show(_LIST)
    laid_out = stage.page.evaluate(_HEIGHT)
    stage.page.evaluate(f"{HANDLE}.drawNoMore(0, 'body')")
    assert stage.page.evaluate(_COMES) == 0 != laid_out
    stage.hand_over({"click": {"on": _LAST_ROW, "until": until, "timeout": "2s"}})
    assert outcomes(stage.tries()) == ["booked"]
    stage.page.evaluate(f"{HANDLE}.drawAgain()")
    assert stage.page.evaluate(_HEIGHT) == laid_out


def test_each_press_that_books_finds_the_page_laid_out_and_what_comes_before_it_does_not(
    stage: Stage,
) -> None:
    stage.show(_LIST + "<button id=look onclick='before.push(list.offsetHeight)'></button>")
    laid_out = stage.page.evaluate(_HEIGHT)
    stage.page.evaluate(f"window.before = []; {HANDLE}.drawNoMore(0, 'body')")
    stage.answers += [(409, {}), BOOKED]
    look = {"click": {"on": "#look", "until": "present"}}
    stage.hand_over(look, {"click": {"on": _LAST_ROW, "until": "present"}}, chain=2)
    assert outcomes(stage.tries()) == ["taken", "booked"]
    assert stage.page.evaluate("[before, atPress]") == [[0, 0], [laid_out, laid_out]]


@pytest.mark.parametrize(("style", "outcome"), [("", "taken"), ("display: none", "booked")])
def test_what_a_page_that_is_not_laid_out_shows_is_what_it_would_show_laid_out(
    stage: Stage, style: str, outcome: str
) -> None:
    stage.show(f"{BUTTON}<p id=full style='{style}'>Full</p>")
    stage.page.evaluate(f"{HANDLE}.drawNoMore(0, 'body')")
    stage.hand_over({"click": {"on": "#book", "or_outcome": {"taken": "#full"}}})
    assert outcomes(stage.tries()) == [outcome]


def test_what_is_done_between_two_slots_finds_the_page_laid_out_also_where_nothing_was_pressed(
    stage: Stage,
) -> None:
    stage.show(f"{BUTTON}<p id=full>Full</p><button id=again></button>")
    stage.page.evaluate(
        "() => { again.onclick = () => { window.height = document.body.offsetHeight; full.remove(); }; }"
    )
    stage.page.evaluate(f"{HANDLE}.drawNoMore(0, 'body')")
    reset = [{"click": {"on": "#again", "until": "present"}}]
    stage.hand_over({"click": {"on": "#book", "or_outcome": {"taken": "#full"}}}, chain=2, reset=reset)
    assert outcomes(stage.tries()) == ["taken", "booked"]
    assert stage.page.evaluate("window.height") > 0


def test_a_page_that_has_pressed_already_is_laid_out_however_late_it_is_told_not_to_be(
    stage: Stage,
) -> None:
    stage.show(BUTTON)
    stage.held = []
    stage.hand_over(BOOK)
    stage.page.wait_for_function(f"{HANDLE}.underWay() !== null")
    while not stage.held:
        stage.page.wait_for_timeout(10)
    stage.page.evaluate(f"{HANDLE}.drawNoMore(0, 'body')")
    assert stage.page.evaluate("document.body.offsetHeight") > 0
    stage.answer(stage.held.pop())
    assert outcomes(stage.tries()) == ["booked"]


def test_what_one_types_in_has_the_focus_also_in_a_page_that_is_not_laid_out(stage: Stage) -> None:
    stage.show(f"{BUTTON}<input id=who><input id=rules type=checkbox>")
    stage.page.evaluate(
        "() => { window.focused = []; addEventListener('focusin', ({target}) => focused.push(target.id)); }"
    )
    stage.page.evaluate(f"{HANDLE}.drawNoMore(0, 'body')")
    stage.hand_over({"fill": {"into": "#who", "value": "me"}}, {"check": {"on": "#rules"}}, BOOK)
    assert outcomes(stage.tries()) == ["booked"]
    assert stage.page.evaluate("focused") == ["who", "rules"]


def test_a_page_that_fires_does_not_lay_out_what_it_need_not_and_does_so_afterwards(
    shared_browser: SharedBrowser,
) -> None:
    async def check() -> tuple[int, int, int]:
        async with _page(shared_browser) as page:
            await page.set_content(_LIST)
            before: int = await page.evaluate(_HEIGHT)
            async with without_frames(page, "li"):
                within: int = await page.evaluate(_COMES)
            return before, within, await page.evaluate(_HEIGHT)

    before, within, afterwards = shared_browser.loop.run(check())
    assert within == 0 < before == afterwards


def test_a_page_that_is_drawn_again_asks_for_no_frames_of_its_own(stage: Stage) -> None:
    stage.show("")
    stage.page.evaluate(
        "() => { const ask = requestAnimationFrame; window.asked = 0;"
        " window.requestAnimationFrame = (draw) => { window.asked += 1; return ask(draw); }; }"
    )
    stage.page.evaluate(f"{HANDLE}.drawNoMore(60_000, null)")
    stage.page.evaluate(f"{HANDLE}.drawAgain()")
    asked = "() => new Promise((done) => setTimeout(() => done(window.asked), 100))"
    assert stage.page.evaluate(asked) - stage.page.evaluate(asked) == 0


@pytest.mark.parametrize("error", [None, LookupError("the attempt's own")])
def test_a_bug_in_what_keeps_a_page_from_drawing_is_logged_and_the_attempt_ends_as_it_does(
    error: Exception | None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bug = RuntimeError()

    def fails(*_: Any) -> NoReturn:
        raise bug

    async def attempt() -> str:
        async with without_frames_at(_NO_PAGE, SimulatedClock(_OPENING - _SECOND), _OPENING, 0):
            await asyncio.sleep(0.01)
            if error:
                raise error
            return "booked"

    monkeypatch.setattr("sniper.engine.browser.frames.without_frames", fails)
    with nullcontext() if error is None else pytest.raises(LookupError, match="the attempt's own"):
        assert run_async(attempt()) == "booked"
    assert [record.exc_info[1] for record in caplog.records if record.exc_info] == [bug]
