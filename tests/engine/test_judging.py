"""What the page makes of the answers to its press, and of what it shows."""

from __future__ import annotations

from tests.engine.stage import BOOK, BUTTON, EARLY, OUTCOMES, Stage, outcomes

LIST = {"click": {"on": "#open", "expect": "/list"}}
OPENS = "<button id=open onclick=\"fetch('/list')\">Open</button>"
ABOUT_THE_LIST = [
    {"is": "maintenance", "response": {"url": "/list", "method": "GET", "status": "5xx"}},
    *OUTCOMES,
]


def test_the_response_counts_before_what_the_page_shows(stage: Stage) -> None:
    mark = "document.body.className = 'captcha'"
    html = f"{BUTTON}<script>book.addEventListener('click', () => {{ {mark} }})</script>"
    assert outcomes(stage.play(html, BOOK)) == ["booked"]


def test_what_the_page_shows_counts_where_no_response_tells(stage: Stage) -> None:
    html = "<button id=book onclick=\"document.body.className = 'captcha'\">Book</button>"
    (only,) = stage.play(html, BOOK)
    assert (only["outcome"], only["message"]) == ("captcha", "seen: .captcha")


def test_xml_http_requests_are_understood_as_well(stage: Stage) -> None:
    html = """<button id=book>Book</button><script>book.onclick = () => {
        const request = new XMLHttpRequest();
        request.open("post", "book/"); request.responseType = "json"; request.send() }</script>"""
    (only,) = stage.play(html, BOOK)
    assert (only["outcome"], only["reference"]) == ("booked", "7")


def test_an_answer_no_rule_fits_is_unknown_with_its_words(stage: Stage) -> None:
    stage.answers = [(418, "I am a teapot")]
    (only,) = stage.play(BUTTON, BOOK)
    assert (only["outcome"], only["message"]) == ("unknown", 'no rule fits the answer 418: "I am a teapot"')


def test_the_chain_goes_on_in_the_page(stage: Stage) -> None:
    stage.answers = [(409, {})]
    assert outcomes(stage.play(BUTTON, BOOK, chain=2)) == ["taken", "booked"]
    first, second = stage.moments("fired")
    assert second - first >= 50  # as the budget says


def test_what_the_page_shows_waits_for_an_answer_that_is_due(stage: Stage) -> None:
    stage.held = []
    stage.show(
        "<button id=book>Book</button><script>book.onclick = () => {"
        "document.body.className = 'captcha'; fetch('/book', {method: 'POST'}) }</script>"
    )
    at = stage.hand_over(BOOK)
    stage.wait_until(at + 1_000)
    assert stage.reports == []
    (held,) = stage.held
    stage.answer(held)
    assert outcomes(stage.tries()) == ["booked"]


def test_what_the_page_shows_counts_where_the_answer_is_lost(stage: Stage) -> None:
    stage.held = []
    stage.show(
        "<button id=book>Book</button><script>book.onclick = () => {"
        "document.body.className = 'captcha'; fetch('/book', {method: 'POST'}) }</script>"
    )
    stage.wait_until(stage.hand_over(BOOK))
    (held,) = stage.held
    held.abort()
    assert outcomes(stage.tries()) == ["captcha"]


def test_an_answer_to_something_else_that_no_rule_fits_says_nothing(stage: Stage) -> None:
    stage.answers = [(200, [])]
    assert outcomes(stage.play(OPENS + BUTTON, LIST, BOOK, outcomes=ABOUT_THE_LIST)) == ["booked"]


def test_an_answer_that_decides_before_the_press_leaves_it_unmade(stage: Stage) -> None:
    stage.answers = [(503, {})]
    assert outcomes(stage.play(OPENS + BUTTON, LIST, BOOK, outcomes=ABOUT_THE_LIST)) == ["maintenance"]
    assert stage.asked == ["GET /list"]


def test_what_an_answer_has_decided_waits_for_no_other_answer(stage: Stage) -> None:
    stage.held = []
    no_waiting = "{ const later = setTimeout; window.setTimeout = (f, ms) => ms === 250 ? 0 : later(f, ms) }"
    asks = "fetch('/list'); fetch('/book', {method: 'POST'})"
    stage.show(f'<script>{no_waiting}</script><button id=open onclick="{asks}">Open</button>')
    stage.wait_until(stage.hand_over(LIST, BOOK, outcomes=ABOUT_THE_LIST))
    of_the_list, unanswered = sorted(stage.held, key=lambda held: held.request.method)
    stage.answers = [(503, {})]
    stage.answer(of_the_list)
    assert outcomes(stage.tries()) == ["maintenance"]
    unanswered.abort()


def test_a_press_that_was_answered_counts_whatever_fails_after_it(stage: Stage) -> None:
    step = {"click": {"on": "#book", "expect": "/refresh", "timeout": "300ms"}}
    (only,) = stage.play(BUTTON, step)
    assert (only["outcome"], only["reference"]) == ("booked", "7")


def test_a_press_that_will_be_answered_counts_whatever_fails_after_it(stage: Stage) -> None:
    stage.held = []
    stage.show(BUTTON)
    at = stage.hand_over({"click": {"on": "#book", "expect": "/refresh", "timeout": "300ms"}})
    stage.wait_until(at + 500)
    stage.answer(stage.held[0])
    assert outcomes(stage.tries()) == ["booked"]


def test_who_is_stood_down_while_the_page_is_loaded_anew_does_not_press_again(stage: Stage) -> None:
    stage.answers = [EARLY]
    stage.told.unwanted.append(0)
    late = {"again": "after_reload", "retry_after": "10ms"}
    assert outcomes(stage.play(BUTTON, BOOK, late_opening=late)) == ["stood_down"]
    assert stage.asked == ["POST /book"]
