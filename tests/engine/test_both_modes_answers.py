"""What is made of a site's answers, and what is done next, whichever of the two modes fires."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sniper.engine.browser.firing import Mode
from tests.engine.benches import SharedBrowser
from tests.engine.both_modes import (
    BOOK,
    BOOKED,
    BUTTON,
    CAPTCHA,
    EARLY,
    GO,
    PLACE,
    TAKEN,
    BothModes,
    Case,
    click,
)
from tests.engine.moved_site import moved_site

SOON_OVER = {"answer_within": "400ms"}
NEVER = {"late_opening": {"again": "never"}}
FILLED = "<input id=x><button id=book onclick='ask(`book?${x.value}`)'>Book</button>"


def reset(**how: Any) -> dict[str, Any]:
    """Back by pressing what closes the dialog."""
    return {"reset": [click("#close", **how)]}


def rules(*rules: dict[str, Any]) -> dict[str, Any]:
    """Other rules, by their responses."""
    return {
        "outcomes": [
            {"is": is_, "response": {"url": "/book", **it}} for rule in rules for is_, it in rule.items()
        ]
    }


def limited_per(*per: str) -> dict[str, Any]:
    """One booking an account, counted by these."""
    return {"limits": {"per_account": [{"bookings": 1, "per": list(per)}]}}


LIMIT = rules({"account_limit": {"status": 409}}, {"booked": {"status": 201}})
LIMITED = rules({"rate_limited": {"status": 429}}, {"booked": {"status": 201}})
SECOND = {"retry-after": "1"}
UNTIL_THEN = {"date": "Sat, 21 Nov 2026 12:00:00 GMT", "retry-after": "Sat, 21 Nov 2026 12:00:01 GMT"}


def answered(status: int, body: Any, outcome: str, *others: dict[str, Any]) -> Case:
    """One answer, and the rules for it."""
    return Case(BUTTON, outcomes=outcome, answers=((status, body),), changes=rules(*others))


CASES = {
    # -- what an answer means
    "the response counts before what the page shows": Case(
        f"{BUTTON}<script>book.addEventListener('click', () => document.body.className = 'captcha')</script>"
    ),
    "what the page shows counts where no response tells": Case(
        "<button id=book onclick=\"document.body.className = 'captcha'\">Book</button>",
        outcomes="captcha",
        asked="",
    ),
    "what the page shows counts although the first of its kind is hidden": Case(
        f"<p class=captcha hidden></p><div hidden>{CAPTCHA}</div><button id=book "
        "onclick=\"document.querySelector('div').hidden = false\">Book</button>",
        outcomes="captcha",
        asked="",
    ),
    "what is hidden on the page means nothing": Case(
        "<p class=captcha hidden>x</p><button id=book>Book</button>",
        outcomes="unknown",
        asked="",
        changes=SOON_OVER,
    ),
    "where a step fails, the page may say what that means": Case(
        f"{CAPTCHA}<button id=book disabled>Book</button>",
        (click("#book", absent="too_early", timeout="200ms"),),
        "captcha",
        "",
    ),
    "what a step before the press is answered with may end the try": Case(
        "<button id=go onclick=ask()>x</button><button id=then onclick=ask('then')>x</button>"
        "<button id=end onclick=ask('end')>x</button>",
        (click("#go", expect="/book"), click("#then"), click("#end")),
        "taken",
        "book",
        answers=(TAKEN,),
    ),
    "what a step before the press is answered with and no rule fits says nothing": Case(
        "<button id=go onclick=ask()>x</button><button id=end onclick=ask()>x</button>",
        (click("#go", expect="/book"), click("#end")),
        "booked",
        "book book",
        answers=((200, {"processId": 1}),),
    ),
    "an answer no rule fits is unknown, with its words": Case(
        BUTTON,
        outcomes="unknown",
        answers=((418, "I am\n a teapot"),),
        message="no rule fits the answer 418: I am a teapot",
    ),
    "no answer is unknown": Case(
        "<button id=book>Book</button>",
        outcomes="unknown",
        asked="",
        changes=SOON_OVER,
        message="no answer in time",
    ),
    "an answer to a press that no rule is about is unknown, with what was asked and answered": Case(
        "<button id=book onclick='ask(`elsewhere`)'>Book</button>",
        outcomes="unknown",
        asked="elsewhere",
        answers=((201, {"id": 7}),),
        changes=SOON_OVER,
        message='no rule is about POST /elsewhere, which was answered 201: {"id": 7}',
    ),
    "what is asked by others does not count where the site answers": Case(
        "<button id=book onclick='ask(`seen`).then(() => ask())'>Book</button>",
        outcomes="booked",
        asked="seen book",
        answers=((429, {}),),
    ),
    "the first rule that fits decides": answered(
        409, {}, "taken", {"taken": {"status": "4xx"}}, {"blocked": {"status": 409}}
    ),
    "of one path only what is asked with the query counts": Case(
        "<button id=book onclick=\"ask('book?do=look&n=1').then(() => ask('book?do=take'))\">Book</button>",
        outcomes="taken",
        asked="book?do=look&n=1 book?do=take",
        answers=((200, {}), (200, {})),
        changes=rules(
            {"taken": {"status": 200, "query": {"do": "take"}}},
            {"booked": {"status": 200, "query": {"do": "look", "n": "2"}}},
        ),
    ),
    "the site's words are told in one line": Case(
        BUTTON,
        outcomes="too_early",
        answers=((403, {"why": " Not\n yet.\n"}),),
        changes=NEVER,
        message="Not yet.",
    ),
    "at a limit that may be of a place the next place is tried": Case(
        BUTTON,
        outcomes="account_limit booked",
        asked="book book",
        answers=((409, {}),),
        slots=2,
        changes=LIMIT | limited_per("date", "location"),
    ),
    "at a limit that no other place is outside of the chain ends": Case(
        BUTTON,
        outcomes="account_limit",
        answers=((409, {}),),
        slots=2,
        changes=LIMIT | limited_per("date", "start"),
    ),
    "a rule speaks of a class of statuses": answered(
        503, {}, "maintenance", {"taken": {"status": "4xx"}}, {"maintenance": {"status": "5xx"}}
    ),
    "a rule finds a text in the body": answered(
        403,
        {"why": "You have been BLOCKED"},
        "blocked",
        {"taken": {"text": "full"}},
        {"blocked": {"text": "(?i)been blocked\\b"}},
    ),
    "a rule compares what is in the body, in any depth": answered(
        200,
        {"a": {"y": [1, None], "x": 2}, "b": 3},
        "booked",
        {"taken": {"json": {"a": {"x": 2, "y": [1]}}}},
        {"booked": {"json": {"a": {"x": 2, "y": [1, None]}, "c": None}}},
    ),
    "in a body true is not 1": answered(
        200, {"ok": True}, "booked", {"taken": {"json": {"ok": 1}}}, {"booked": {"json": {"ok": True}}}
    ),
    "a body that is a list has no keys": answered(
        200, [1], "taken", {"booked": {"json": {"0": 1}}}, {"taken": {"status": 200}}
    ),
    "a rule is about one method": Case(
        BUTTON, outcomes="unknown", changes={**rules({"taken": {"method": "PUT"}}), **SOON_OVER}
    ),
    "a slash at the end of a path is none": Case(
        "<button id=book onclick=\"ask('book/')\">Book</button>", asked="book/"
    ),
    "a press by which the page goes elsewhere has failed": Case(
        "<form method=post action=/book><button id=book>Book</button></form>",
        outcomes="failed",
        asked="",
        slots=2,
        message="the page was left while it fired",
    ),
    "the page it goes to may say what that means": Case(
        "<a id=book href=/captcha>Book</a>", outcomes="captcha", asked="", slots=2
    ),
    "the words of an answer that is HTML are told as it shows them": Case(
        BUTTON,
        answers=((200, "<h1>Done</h1><p class=why>Gl&uuml;ck:<br>it&#039;s <b>yours</b></p>"),),
        changes={
            "outcomes": [
                {
                    "is": "booked",
                    "response": {"url": "/book", "text": "(?i)done"},
                    "message_text": "(?s)class=why>(.*?)</p>",
                }
            ]
        },
        message="Glück: it's yours",
    ),
    # -- what was too early
    "what is too early is tried again at once": Case(
        FILLED, (PLACE, BOOK), asked="book?X1%20A book?X1%20A book?X1%20A", answers=(EARLY, EARLY)
    ),
    "what is too early is tried again after the reset": Case(
        "<button id=close onclick=\"ask('close')\">x</button>" + BUTTON,
        asked="book close book",
        answers=(EARLY, BOOKED),
        changes=reset(),
    ),
    "what is too early is tried again on a page loaded anew": Case(
        "<script>const how = performance.getEntriesByType('navigation')[0].type</script>"
        "<button id=book onclick=\"ask('book?' + how)\">Book</button>",
        asked="book?navigate book?reload book?reload",
        answers=(EARLY, EARLY),
        changes={"late_opening": {"again": "after_reload", "retry_after": "10ms"}},
    ),
    "what is too early is left alone where the profile says so": Case(
        BUTTON, outcomes="too_early", answers=(EARLY,), changes=NEVER, message="Too early"
    ),
    "what is too early is left alone when it is too late for it": Case(
        BUTTON, outcomes="too_early", answers=(EARLY,), changes={"late_opening": {"within": "0"}}
    ),
    "what is too early is tried as often as the budget says": Case(
        BUTTON,
        outcomes="too_early",
        asked="book book",
        answers=(EARLY,) * 3,
        changes={"budget": {"requests_per_second": 50, "attempts_per_opening": 2}},
    ),
    "where the way back fails, nothing is tried again": Case(
        BUTTON, outcomes="too_early", answers=(EARLY,), slots=2, changes=reset(timeout="200ms")
    ),
    "a control that is disabled still is too early, and tried again": Case(
        # The second look at the list finds it.
        "<button id=go onclick=\"ask('go'); book.disabled = !book.title; book.title = 'x'\">Go</button>"
        + BUTTON.replace("<button", "<button disabled"),
        (GO, click("#book", absent="too_early", timeout="1s")),
        asked="go go book",
    ),
    # -- what asks to be left alone
    "who is asked to wait a moment tries again when that is over": Case(
        BUTTON, asked="book book", answers=((429, {}, SECOND),), changes=LIMITED
    ),
    "who is asked to wait until a date tries again then": Case(
        BUTTON, asked="book book", answers=((429, {}, UNTIL_THEN),), changes=LIMITED
    ),
    "who is asked to wait for too long leaves the slot to others": Case(
        BUTTON, outcomes="rate_limited", answers=((429, {}, {"retry-after": "60"}),), slots=2, changes=LIMITED
    ),
    "who is asked to wait, but not for how long, leaves the slot to others": Case(
        BUTTON, outcomes="rate_limited", answers=((429, {}),), slots=2, changes=LIMITED
    ),
    "who is told otherwise than by the status to ask less leaves the slot to others": Case(
        BUTTON,
        outcomes="rate_limited",
        answers=((403, {"why": "Slow down"}),),
        slots=2,
        changes=rules({"rate_limited": {"text": "Slow down"}}),
    ),
    "who is asked to wait does not try again where the profile says never": Case(
        BUTTON, outcomes="rate_limited", answers=((429, {}, SECOND),), changes={**LIMITED, **NEVER}
    ),
    "who is asked to wait before the press does not press": Case(
        "<button id=go onclick=\"ask('go')\">Go</button>" + BUTTON,
        (click("#go", expect="/go"), BOOK),
        "rate_limited",
        "go",
        answers=((429, {}, {"retry-after": "60"}),),
        changes=LIMITED,
        message="/go was answered 429",
    ),
    "who is asked to wait a moment before the press begins anew": Case(
        "<button id=go onclick=\"ask('go')\">Go</button>" + BUTTON,
        (click("#go", expect="/go"), BOOK),
        asked="go go book",
        answers=((429, {}, SECOND),),
        changes=LIMITED,
    ),
    "where a refusal of the slot asks to wait, the chain ends": Case(
        BUTTON, outcomes="taken rate_limited", answers=((409, {}, {"retry-after": "60"}),), slots=2
    ),
    "a site that is busy is tried again": Case(
        BUTTON,
        asked="book book",
        answers=((409, {"why": "a queue"}),),
        changes=rules({"busy": {"text": "queue"}}, {"booked": {"status": 201}}),
    ),
    # -- the chain
    "the chain goes on with the next slot where one is taken": Case(
        FILLED, (PLACE, BOOK), "taken booked", "book?X1%20A book?X1%20B", (TAKEN,), 2
    ),
    "the chain goes on after the reset": Case(
        "<button id=close onclick=\"ask('close')\">x</button>" + BUTTON,
        outcomes="taken booked",
        asked="book close book",
        answers=(TAKEN, BOOKED),
        slots=2,
        changes=reset(),
    ),
    "the chain goes on after what was too early until the end": Case(
        BUTTON, outcomes="too_early booked", asked="book book", answers=(EARLY,), slots=2, changes=NEVER
    ),
    "the chain ends with what nobody understands": Case(
        BUTTON, outcomes="unknown", answers=((418, {}),), slots=2
    ),
    "the chain ends with what has failed": Case(
        "", (click("#book", timeout="200ms"),), "failed", "", slots=2
    ),
    "the chain ends with the budget": Case(
        BUTTON,
        outcomes="taken",
        answers=(TAKEN, TAKEN),
        slots=2,
        changes={"budget": {"requests_per_second": 50, "attempts_per_opening": 1}},
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_answers_mean_the_same_in_both_modes(
    both: BothModes, shared_browser: SharedBrowser, mode: Mode, case: Case
) -> None:
    played = shared_browser.loop.run(both.play(mode, case))
    assert (played.outcomes, played.asked) == (case.outcomes, case.asked), played.tries
    assert case.message is None or played.tries[-1].message == case.message


@pytest.mark.parametrize(
    ("case", "before"),
    [
        (Case("", (click("#book", timeout="200ms"),), "failed", ""), True),
        (Case("<button id=book>Book</button>", (BOOK,), "unknown", "", changes=SOON_OVER), False),
    ],
    ids=["not there", "no answer"],
)
def test_it_is_told_whether_a_step_before_the_press_has_failed(
    both: BothModes, shared_browser: SharedBrowser, mode: Mode, case: Case, before: bool
) -> None:
    (only,) = shared_browser.loop.run(both.play(mode, case)).tries
    assert (only.outcome.value, only.before_press) == (case.outcomes, before)


@pytest.mark.parametrize("headers", [SECOND, UNTIL_THEN], ids=["seconds", "date"])
def test_nothing_is_pressed_before_the_pause_is_over_that_the_site_asks_for(
    both: BothModes, shared_browser: SharedBrowser, mode: Mode, headers: dict[str, str]
) -> None:
    limited = Case(BUTTON, answers=((429, {}, headers),), changes=LIMITED)
    played = shared_browser.loop.run(both.play(mode, limited))
    (pause,) = played.pauses
    assert timedelta(seconds=1) <= pause < timedelta(minutes=1)


def test_how_long_the_site_wants_to_be_left_alone_is_told(
    both: BothModes, shared_browser: SharedBrowser, mode: Mode
) -> None:
    limited = Case(BUTTON, answers=((429, {}, {"retry-after": "60"}),), changes=LIMITED)
    begun = datetime.now(UTC)
    until = shared_browser.loop.run(both.play(mode, limited)).left_alone_until
    assert until is not None
    # A minute from the answer, which came meanwhile; the page's clock may be misread a bit.
    misread = timedelta(seconds=1)
    assert begun - misread <= until - timedelta(seconds=60) <= datetime.now(UTC) + misread


@pytest.mark.parametrize(
    "case",
    [
        Case(BUTTON, answers=(EARLY, EARLY)),
        Case(BUTTON, outcomes="taken booked", answers=(TAKEN,), slots=2),
    ],
    ids=["again", "chain"],
)
def test_one_account_tries_no_more_often_than_the_budget_says(
    both: BothModes, shared_browser: SharedBrowser, mode: Mode, case: Case
) -> None:
    paced = replace(case, changes={"budget": {"requests_per_second": 3, "attempts_per_opening": 5}})
    played = shared_browser.loop.run(both.play(mode, paced))
    assert played.pauses
    assert all(pause >= timedelta(seconds=1 / 3) - timedelta(milliseconds=1) for pause in played.pauses)


@pytest.fixture(scope="module")
def moved() -> Iterator[str]:
    with moved_site() as url:
        yield url


def test_where_an_answer_sends_elsewhere_what_is_answered_there_counts(
    both: BothModes, shared_browser: SharedBrowser, mode: Mode, moved: str
) -> None:
    (only,) = shared_browser.loop.run(both.play(mode, Case(""), moved)).tries
    assert (only.outcome.value, only.reference) == ("booked", "7")
