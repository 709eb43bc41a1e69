"""The scripts inside the page, on small pages: what they wait for, press, and make of what comes of it."""

from __future__ import annotations

import itertools

import pytest

from sniper.engine.browser.compile import compile_rehearsal
from tests.engine.stage import (
    BOOK,
    BOOKED,
    BUTTON,
    EARLY,
    HANDLE,
    NOBODY_ANSWERS,
    PRESSED,
    Stage,
    outcomes,
    profile,
    rehearsal,
    slots,
)

# -- waiting and pressing


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("disabled", "book.disabled = false"),
        ("class=disabled", "book.className = ''"),
        ("aria-disabled=true", "book.removeAttribute('aria-disabled')"),
        ("style='display: none'", "book.style.display = ''"),
        ("hidden", "book.hidden = false"),
    ],
)
def test_a_control_is_pressed_as_soon_as_it_is_ready(stage: Stage, before: str, after: str) -> None:
    stage.show(f"<button id=book {before}>Book</button>{PRESSED}")
    at = stage.hand_over(BOOK)
    stage.wait_until(at)
    assert stage.asked == []
    stage.page.evaluate(after)
    (only,) = stage.tries()
    assert (only["outcome"], only["reference"]) == ("booked", "7")


def test_what_a_timer_of_the_page_shows_is_not_pressed_within_that_timer(stage: Stage) -> None:
    stage.show(
        "<button id=book hidden>Book</button><script>"
        "const after = new MessageChannel(); after.port1.onmessage = () => { within = 'none'; };"
        "let within = 'none';"
        "const show = () => { within = 'timer'; after.port2.postMessage(null); book.hidden = false; };"
        "book.onclick = () => fetch('/book', {method: 'POST', headers: {'X-Within': within}});"
        "</script>"
    )
    within: list[str | None] = []
    stage.page.on("request", lambda request: within.append(request.headers.get("x-within")))
    stage.hand_over(BOOK)
    stage.page.wait_for_function(f"{HANDLE}.underWay() !== null")
    stage.page.evaluate("setTimeout(show)")
    assert outcomes(stage.tries()) == ["booked"]
    assert within == ["none"]


def test_what_is_gone_again_before_it_could_be_pressed_is_waited_for_anew(stage: Stage) -> None:
    stage.show(
        "<button id=book hidden>Book</button><script>let shown = 0;"
        "const flash = new MessageChannel();"
        "flash.port1.onmessage = () => { book.hidden = true; setTimeout(() => {"
        "shown = 2; book.hidden = false; }); };"
        "const show = () => { shown = 1; flash.port2.postMessage(null); book.hidden = false; };"
        "book.onclick = () => fetch('/book', {method: 'POST', headers: {'X-Shown': shown}});"
        "</script>"
    )
    shown: list[str | None] = []
    stage.page.on("request", lambda request: shown.append(request.headers.get("x-shown")))
    stage.hand_over(BOOK)
    stage.page.evaluate("setTimeout(show)")
    assert outcomes(stage.tries()) == ["booked"]
    assert shown == ["2"]


def test_what_is_there_for_no_more_than_a_moment_each_time_is_given_up_in_time(stage: Stage) -> None:
    stage.show(
        "<p id=flash hidden>Now</p><script>const flashing = new MessageChannel();"
        "flashing.port1.onmessage = () => { flash.hidden = true; setTimeout(show); };"
        "const show = () => { flashing.port2.postMessage(null); flash.hidden = false; };"
        "</script>"
    )
    stage.page.evaluate("setTimeout(show)")
    stage.hand_over({"wait_for": {"seen": "#flash", "timeout": "300ms"}}, BOOK)
    assert outcomes(stage.tries()) == ["failed"]


@pytest.mark.parametrize(("tells_press", "told"), [(True, ["pressed", "end"]), (False, ["end"])])
def test_a_page_that_others_wait_for_tells_that_its_request_has_left(
    stage: Stage, tells_press: bool, told: list[str]
) -> None:
    stage.show(BUTTON)
    stage.hand_over(BOOK, tells_press=tells_press)
    assert outcomes(stage.tries()) == ["booked"]
    assert [report["kind"] for report in stage.reports] == told


def test_nothing_is_done_before_the_instant(stage: Stage) -> None:
    stage.show(BUTTON)
    at = stage.hand_over(BOOK, within=200)
    assert outcomes(stage.tries()) == ["booked"]
    assert at <= stage.moments("fired")[0] <= stage.moments("sent")[0]


def test_the_instant_may_be_corrected_while_it_is_waited_for(stage: Stage) -> None:
    stage.show(BUTTON)
    at = stage.hand_over(BOOK, within=60_000)
    stage.page.evaluate(f"at => {HANDLE}.aim(at)", at - 59_800)
    assert outcomes(stage.tries()) == ["booked"]


def test_a_control_that_never_comes_means_what_the_profile_says(stage: Stage) -> None:
    step = {"click": {"on": "#none", "timeout": "50ms", "absent": "not_offered"}}
    assert outcomes(stage.play(BUTTON, step)) == ["not_offered"]


def test_what_is_seen_instead_of_the_control_ends_the_try(stage: Stage) -> None:
    step = {"click": {"on": "#book", "or_outcome": {"taken": ".full"}}}
    assert outcomes(stage.play("<p class=full>Full</p>" + BUTTON, step)) == ["taken"]
    assert stage.asked == []


def test_steps_that_are_not_needed_are_passed_over(stage: Stage) -> None:
    html = f"<p id=there>There already</p>{BUTTON}"
    steps = (
        {"click": {"on": "#none", "or_skip": "#there"}},
        {"click": {"on": "#none", "if_present": True}},
        {"click": {"on": "#none", "only_with": "tag_group_of_nobody"}},
    )
    locations = {"X1": {"opens": {"before_start": "1h"}, "sub_locations": ["X1 A"]}}
    locations["X2"] = {"opens": {"before_start": "1h"}, "words": {"tag_group_of_nobody": "x"}}
    assert outcomes(stage.play(html, *steps, BOOK, locations=locations)) == ["booked"]


def test_fields_tell_the_page_by_events(stage: Stage) -> None:
    html = f"""<input id=day type=date value=2026-11-24><input id=name><input id=box type=checkbox>
        <select id=place><option>X1 AB</option><option>X1 A</option></select>{BUTTON}<script>
        const heard = [];
        for (const one of [day, name_, box, place]) one.addEventListener("change", () =>
            heard.push(one.type === "checkbox" ? one.checked : one.value));
        window.fetch = ((fetch) => (url, init) => fetch(url + "?" + heard, init))(window.fetch);
        </script>""".replace("id=name>", "id=name_>")
    steps = (
        {"date": {"into": "#day"}},
        {"fill": {"into": "#name_", "value": "{location}"}},
        {"check": {"on": "#box"}},
        {"select": {"on": "#place", "option": "{sub_location}"}},
    )
    assert outcomes(stage.play(html, *steps, BOOK)) == ["booked"]
    assert stage.asked == ["POST /book?2026-11-24,X1,true,X1%20A"]


@pytest.mark.parametrize(
    ("option", "outcome"), [("X1 A disabled", "option_disabled"), ("X1 AB", "not_offered")]
)
def test_an_option_that_cannot_be_had_is_told(stage: Stage, option: str, outcome: str) -> None:
    text, _, attribute = option.partition(" disabled")
    attribute = "disabled" if option.endswith("disabled") else attribute
    html = f"<select id=place><option>Choose</option><option {attribute}>{text}</option></select>{BUTTON}"
    step = {"select": {"on": "#place", "option": "{sub_location}", "timeout": "100ms"}}
    assert outcomes(stage.play(html, step, BOOK)) == [outcome]


def test_what_follows_a_reload_goes_on_in_the_new_page(stage: Stage) -> None:
    html = """<script>sessionStorage.visits = Number(sessionStorage.visits ?? 0) + 1;
        document.write(`<button id=book>${sessionStorage.visits}</button>`);
        book.onclick = () => fetch('/book?visit=' + sessionStorage.visits, {method: 'POST'})</script>"""
    stage.show(html)
    visits = stage.page.evaluate("Number(sessionStorage.visits)")
    stage.hand_over({"reload": {}}, BOOK)
    assert outcomes(stage.tries()) == ["booked"]
    assert stage.asked == [f"POST /book?visit={visits + 1}"]
    assert [report["kind"] for report in stage.reports] == ["resumed", "end"]
    assert stage.page.evaluate("sessionStorage.getItem('sniper.attempt')") is None


# -- late openings


def test_what_is_too_early_is_pressed_again_until_it_opens(stage: Stage) -> None:
    stage.answers = [EARLY, EARLY]
    (only,) = stage.play(BUTTON, BOOK)
    assert (only["outcome"], only["fired"]) == ("booked", 3)
    first, second, third = stage.moments("fired")
    assert min(second - first, third - second) >= 50


def test_what_is_too_early_is_left_alone_where_the_profile_says_so(stage: Stage) -> None:
    stage.answers = [EARLY]
    (only,) = stage.play(BUTTON, BOOK, late_opening={"again": "never"})
    assert (only["outcome"], only["message"], only["fired"]) == ("too_early", "Too early", 1)


def test_what_is_too_early_is_tried_on_a_page_loaded_anew(stage: Stage) -> None:
    stage.answers = [EARLY]
    late = {"again": "after_reload", "retry_after": "10ms"}
    (only,) = stage.play(BUTTON, BOOK, late_opening=late)
    assert (only["outcome"], only["fired"]) == ("booked", 2)
    assert "resumed" in [report["kind"] for report in stage.reports]


def test_a_page_that_was_loaded_anew_goes_on_though_nobody_outside_answers_it(stage: Stage) -> None:
    stage.answers = [EARLY]
    stage.show(BUTTON)
    stage.page.evaluate(NOBODY_ANSWERS)
    stage.hand_over(BOOK, late_opening={"again": "after_reload", "retry_after": "10ms"})
    assert outcomes(stage.tries()) == ["booked"]


def test_the_budget_of_presses_ends_it(stage: Stage) -> None:
    stage.answers = [EARLY] * 9
    (only,) = stage.play(BUTTON, BOOK)
    assert (only["outcome"], only["fired"]) == ("too_early", 5)


def test_what_a_step_awaits_is_noted_where_it_fires_and_not_where_it_practises(stage: Stage) -> None:
    listed = "<button id=list>List</button><script>list.onclick = () => fetch('/list')</script>"
    ask = {"click": {"on": "#list", "expect": "/list", "timeout": "2s"}}
    stage.answers = [(200, []), (200, []), BOOKED]
    stage.show(listed + BUTTON)
    at = stage.hand_over(ask, BOOK, within=500, rehearse=rehearsal(ask, last="300ms"))
    stage.tries()
    assert stage.asked == ["GET /list", "GET /list", "POST /book"]
    (asked,), (heard,), (sent,) = (stage.moments(mark) for mark in ("asked", "heard", "sent"))
    assert at <= asked <= heard <= sent


def test_a_page_that_is_disarmed_tells_what_it_has_noted(stage: Stage) -> None:
    stage.show("<button id=list onclick='this.className=`done`'>List</button>")
    stage.hand_over({"click": {"on": "#list"}}, {"click": {"on": "#none", "timeout": "20s"}})
    stage.page.wait_for_selector("#list.done")
    untold = stage.page.evaluate(f"{HANDLE}.disarm()")
    assert [one["mark"] for one in untold] == ["fired"]
    assert stage.page.evaluate(f"{HANDLE}.disarm()") == []


# -- rehearsing


def test_a_last_rehearsal_that_hangs_is_over_when_the_opening_comes(stage: Stage) -> None:
    stage.show(BUTTON)
    hangs = rehearsal({"click": {"on": "#none", "timeout": "20s"}}, last="300ms")
    at = stage.hand_over(BOOK, within=500, rehearse=hangs)
    assert outcomes(stage.tries()) == ["booked"]
    # Far less than the step would have waited, far more than a page needs that is out of breath.
    assert stage.moments("fired")[0] - at < 5_000


def test_all_that_rehearsals_ask_for_is_paced_to_the_budget(stage: Stage) -> None:
    stage.show("<button id=open onclick=\"fetch('/list'); fetch('/more')\">Open</button>")
    open_it = {"click": {"on": "#open", "expect": "/more"}}
    practised = [*rehearsal(open_it, times=2), *rehearsal(open_it)]
    plan = compile_rehearsal(profile((BOOK,), rehearse=practised), slots(1)[0])
    for _ in range(2):
        stage.page.evaluate(f"plan => {HANDLE}.rehearse(plan)", plan)
    asked = "performance.getEntriesByType('resource').filter(one => one.name.endsWith('/list'))"
    times = stage.page.evaluate(f"{asked}.map(one => one.startTime)")
    assert len(times) == 6
    # Two requests each time, of which the budget has 20 a second.
    assert min(later - one for one, later in itertools.pairwise(times)) >= 99


def test_a_last_rehearsal_that_would_take_from_the_budget_of_the_press_is_left_out(stage: Stage) -> None:
    stage.show(f"<button id=open onclick=\"fetch('/list')\">Open</button>{BUTTON}")
    practised = rehearsal({"click": {"on": "#open"}}, last="300ms")
    stage.hand_over(BOOK, within=500, rehearse=practised, budget={"requests_per_second": 2})
    assert outcomes(stage.tries()) == ["booked"]
    assert stage.asked == ["POST /book"]


# -- standing down


@pytest.mark.parametrize("while_", ["it waits for the instant", "it waits for the control"])
def test_who_is_stood_down_presses_nothing(stage: Stage, while_: str) -> None:
    is_parked = "instant" in while_
    stage.show(f"<button id=book {'' if is_parked else 'disabled'}>Book</button>{PRESSED}")
    stage.hand_over(BOOK, within=1000 if is_parked else 0)
    stage.page.evaluate(f"it => {HANDLE}.standDown(it)", [0])
    stage.page.evaluate("book.disabled = false")
    assert outcomes(stage.tries()) == ["stood_down"]
    assert stage.asked == []


def test_a_page_that_is_disarmed_does_nothing_more(stage: Stage) -> None:
    stage.show(BUTTON)
    at = stage.hand_over(BOOK, within=400)
    stage.page.evaluate(f"{HANDLE}.disarm()")
    stage.wait_until(at)
    assert stage.asked == []
    assert stage.reports == []
