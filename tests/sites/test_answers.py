"""What a site's answers mean, by the rules of its profile."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Page
from pydantic import ValidationError

from sniper.core.outcomes import Outcome
from sniper.sites.answers import Answer, JsonPath, MisreadError, OutcomeRule, ResponseRule, read_items
from sniper.sites.library import bundled_folder, load_profile

DOCS = Path(__file__).parents[2] / "docs" / "practice-site.md"
PRACTICE = Path(__file__).parents[2] / "sniper" / "practice"
BOOKING = "https://x.tudelft.nl/api/participations"
MEANT = {
    "no token, or one that has ended": Outcome.SIGNED_OUT,
    "no such slot": Outcome.NOT_OFFERED,
    "the start is past": Outcome.NOT_OFFERED,
    "before the opening": Outcome.TOO_EARLY,
    "the account holds a booking at that time": Outcome.ACCOUNT_LIMIT,
    "the account holds a booking at that location on that day": Outcome.ACCOUNT_LIMIT,
    "no place left (X1, X3)": Outcome.TAKEN,
    "no place left (Fitness)": Outcome.WAITLISTED,
}


def first_fitting(
    profile: str, status: int, body: str, method: str = "POST", url: str = BOOKING
) -> Outcome | None:
    """What a bundled profile makes of an answer."""
    rules = load_profile(bundled_folder() / f"{profile}.yaml").outcomes
    answer = Answer(method, url, status, body)
    return next((rule.is_ for rule in rules if rule.response and rule.response.fits(answer)), None)


def refusals() -> list[tuple[str, int, str]]:
    """The rows of the documentation's table: rule, status, body."""
    table = DOCS.read_text(encoding="utf-8").split("| rule | status | `message` |")[1].split("\n\n")[0]
    rows = re.findall(r"^\| (.+?) \| (\d{3})(?: with `status: (\d)`)? \| (.*?) \|$", table, re.MULTILINE)
    found = []
    for rule, status, booked, text in rows:
        message = text.partition("`")[2].partition("`")[0]
        body = {"id": 1, "status": int(booked)} if booked else {"statusCode": int(status), "message": message}
        found.append((rule, int(status), json.dumps(body)))
    return found


@pytest.mark.parametrize("profile", ["practice", "tudelft-x"])
@pytest.mark.parametrize(("rule", "status", "body"), refusals(), ids=lambda value: str(value)[:40])
def test_every_refusal_of_the_practice_venue_is_understood(
    profile: str, rule: str, status: int, body: str
) -> None:
    meant = next(outcome for name, outcome in MEANT.items() if rule.startswith(name))
    assert first_fitting(profile, status, body) is meant


def test_all_refusals_of_the_documentation_are_looked_at() -> None:
    assert len(refusals()) >= len(MEANT)
    assert all(any(rule.startswith(name) for rule, _, _ in refusals()) for name in MEANT)


@pytest.mark.parametrize(
    ("status", "body", "meant"),
    [
        (201, '{"id": 7, "status": 1}', Outcome.BOOKED),
        (201, '{"id": 7, "status": 3}', Outcome.WAITLISTED),
        (201, '{"id": 7, "status": 2}', None),
        (201, "<html>", None),
        (429, "", Outcome.RATE_LIMITED),
        (
            409,
            '{"message": "Too many people are booking at once. You are in the queue: try again."}',
            Outcome.BUSY,
        ),
        (403, '{"message": "Your account has been blocked because of unusual activity."}', Outcome.BLOCKED),
        (500, "oops", Outcome.MAINTENANCE),
        (503, '{"message": "already have"}', Outcome.MAINTENANCE),
        (403, '{"message": "You are already on the waiting list for this slot."}', Outcome.ACCOUNT_LIMIT),
        (403, '{"message": "You can only book for yourself."}', None),
        (403, '{"message": "You are not allowed to do this."}', None),
        (302, "", None),
        (
            403,
            '{"message": "Your account has been temporarily suspended for past no-shows."}',
            Outcome.BLOCKED,
        ),
        (403, '{"message": "You are banned: limit exceeded."}', Outcome.BLOCKED),
        (403, '{"message": "Account blocked. You cannot book in advance yet."}', Outcome.BLOCKED),
        (401, '{"message": "User deactivated"}', Outcome.BLOCKED),
        (403, "<html><h1>Sorry, you have been blocked</h1></html>", Outcome.BLOCKED),
        (403, '{"message": "You cannot book here: this slot is blocked for a tournament."}', None),
        (409, '{"message": "This slot is blocked by another booking."}', Outcome.TAKEN),
        (403, '{"message": "You have not solved the captcha yet."}', Outcome.CAPTCHA),
        (403, '<div class="cf-turnstile"></div>', Outcome.CAPTCHA),
        (429, '{"message": "Too many requests: show that you are human"}', Outcome.CAPTCHA),
        (403, '{"message": "Please pass the turnstile passport check."}', None),
        (201, '{"id": 7, "status": 1, "captcha": null}', Outcome.BOOKED),
        (201, '{"id": 7, "status": 2, "captcha": null}', None),
    ],
)
def test_other_answers_are_understood_or_left_for_a_person(
    status: int, body: str, meant: Outcome | None
) -> None:
    assert first_fitting("tudelft-x", status, body) is meant


@pytest.mark.parametrize(
    ("method", "url"), [("GET", BOOKING), ("POST", BOOKING + "/7"), ("DELETE", BOOKING + "/7")]
)
def test_only_the_answer_to_the_booking_decides(method: str, url: str) -> None:
    assert first_fitting("tudelft-x", 201, '{"id": 7, "status": 1}', method, url) is None


def test_every_outcome_rule_of_the_profile_can_be_reached() -> None:
    """For each rule there is an answer of which it is the first to fit."""
    reaching = {
        **{(status, body): None for _, status, body in refusals()},
        (201, '{"id": 7, "status": 1}'): None,
        (429, ""): None,
        (409, "You are in the queue."): None,
        (500, ""): None,
        (403, "captcha"): None,
        (403, "Your account is blocked."): None,
    }
    rules = [rule for rule in load_profile(bundled_folder() / "tudelft-x.yaml").outcomes if rule.response]
    reached = {
        next(
            index
            for index, rule in enumerate(rules)
            if rule.response and rule.response.fits(Answer("POST", BOOKING, status, body))
        )
        for status, body in reaching
    }
    assert reached == set(range(len(rules)))


def seen(page: Page, html: str) -> Outcome | None:
    """What the bundled profile makes of what a page shows."""
    page.set_content(html)
    rules = load_profile(bundled_folder() / "tudelft-x.yaml").outcomes
    return next((r.is_ for r in rules if r.page and page.locator(r.page.css).first.is_visible()), None)


@pytest.mark.parametrize(
    ("html", "meant"),
    [
        ('<iframe src="about:blank#/recaptcha/api2/bframe"></iframe>', Outcome.CAPTCHA),
        ('<iframe src="about:blank#newassets.hcaptcha.com"></iframe>', Outcome.CAPTCHA),
        ('<div class="g-recaptcha" data-sitekey="x">box</div>', Outcome.CAPTCHA),
        ('<div class="h-captcha">box</div>', Outcome.CAPTCHA),
        ('<div class="cf-turnstile">box</div>', Outcome.CAPTCHA),
        ('<h1 data-translate="block_headline">Sorry, you have been blocked</h1>', Outcome.BLOCKED),
        ('<h1 data-test-id="login-page-header">Sign in</h1>', Outcome.SIGNED_OUT),
        # The invisible kinds are there on pages that ask nobody anything.
        (
            '<div class="grecaptcha-badge"><iframe src="about:blank#/recaptcha/api2/anchor"></iframe></div>',
            None,
        ),
        ('<iframe src="about:blank#/recaptcha/api2/anchor?size=invisible"></iframe>', None),
        ('<div class="g-recaptcha" data-size="invisible">box</div>', None),
        ('<iframe style="visibility: hidden" src="about:blank#/recaptcha/api2/bframe"></iframe>', None),
        ("<p>You have been blocked by the captcha</p>", None),
    ],
)
def test_a_captcha_or_a_ban_is_seen_where_a_person_would_see_it(
    page: Page, html: str, meant: Outcome | None
) -> None:
    assert seen(page, html) is meant


def test_no_page_of_the_practice_site_holds_what_a_captcha_or_a_ban_is_known_by() -> None:
    sources = [
        path.read_text(encoding="utf-8")
        for folder in ("web/src", "templates")
        for path in (PRACTICE / folder).rglob("*.*")
    ]
    assert sources
    assert not re.search(r"captcha|turnstile|block_headline|<iframe", "".join(sources))


# -- response rules


def fits(
    rule: dict[str, Any], method: str = "POST", url: str = BOOKING, status: int = 200, body: str = ""
) -> bool:
    """Does the answer fit?"""
    return ResponseRule.model_validate(rule).fits(Answer(method, url, status, body))


@pytest.mark.parametrize(
    ("url", "is_meant"),
    [
        ("https://a.example/participations", True),
        ("https://a.example/api/participations", True),
        ("https://a.example/api/participations/", True),
        ("https://a.example/api/participations?s=%7B%7D&page=1", True),
        ("https://a.example/api/participations#top", True),
        ("https://a.example/api/participations/7", False),
        ("https://a.example/api/oldparticipations", False),
        ("https://a.example/api/slots?next=/participations", False),
    ],
)
def test_the_path_of_the_request_ends_like_the_rule(url: str, is_meant: bool) -> None:
    assert fits({"url": "/participations"}, url=url) is is_meant


@pytest.mark.parametrize(
    ("rule", "status", "is_meant"),
    [
        (409, 409, True),
        (409, 403, False),
        ("5xx", 500, True),
        ("5xx", 599, True),
        ("5xx", 499, False),
        (None, 302, True),
    ],
)
def test_a_status_or_a_class_of_them(rule: int | str | None, status: int, is_meant: bool) -> None:
    assert fits({"url": "/participations", "status": rule}, status=status) is is_meant


def test_the_method_is_post_if_nothing_is_said() -> None:
    assert fits({"url": "/participations"}, method="POST")
    assert not fits({"url": "/participations"}, method="GET")
    assert fits({"url": "/participations", "method": "DELETE"}, method="DELETE")


@pytest.mark.parametrize(
    ("body", "is_meant"),
    [
        ('{"status": 1, "id": 7}', True),
        ('{"status": 3}', False),
        ("{}", False),
        ("[1]", False),
        ("no json", False),
        ("", False),
    ],
)
def test_all_json_values_of_the_rule_stand_in_the_body(body: str, is_meant: bool) -> None:
    assert fits({"url": "/participations", "json": {"status": 1}}, body=body) is is_meant


def test_a_rule_without_json_values_does_not_look_into_the_body() -> None:
    assert fits({"url": "/participations"}, body="no json")


def test_a_text_is_looked_for_anywhere_in_the_body() -> None:
    rule = {"url": "/participations", "text": "(?i)already have"}
    assert fits(rule, body='{"message": "You ALREADY HAVE one"}')
    assert not fits(rule, body='{"message": "no"}')


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"is": "booked"}, "an outcome rule has either a response or a page"),
        (
            {"is": "booked", "response": {"url": "/x"}, "page": "#x"},
            "an outcome rule has either a response or a page",
        ),
        (
            {"is": "taken", "page": "#x", "message": "$.message"},
            "reference and message are taken from a response",
        ),
        (
            {"is": "taken", "response": {"url": "/x/{location}"}},
            "the url of an outcome's response takes no placeholders",
        ),
        ({"is": "taken", "response": {"url": "/x", "text": "("}}, "'(' is no regular expression"),
        ({"is": "gone", "page": "#x"}, "Input should be 'booked'"),
        ({"is": "taken", "response": {"url": "/x", "status": "6xx"}}, "String should match pattern"),
    ],
)
def test_an_outcome_rule_that_could_not_work_is_refused(rule: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        OutcomeRule.model_validate(rule)
    assert said in str(refused.value)


# -- paths into JSON

BODY = {"data": [{"id": 7, "product": {"name": "X1"}}], "text": "abc", "none": None}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$", BODY),
        ("$.data[0].id", 7),
        ("$.data[0].product.name", "X1"),
        ("$.data[1].id", None),
        ("$.data.id", None),
        ("$.nothing.at.all", None),
        ("$.none.more", None),
        ("$.text[0]", None),
        ("$[0]", None),
    ],
)
def test_a_path_leads_to_a_value_or_to_none(path: str, value: object) -> None:
    assert JsonPath.parse(path).of(BODY) == value


@pytest.mark.parametrize(
    "path", ["", "data", "$data", "$.", "$..id", "$[-1]", "$[a]", "$.a b", "$.data[*]", " $"]
)
def test_another_kind_of_path_is_refused_with_an_example(path: str) -> None:
    with pytest.raises(
        ValueError, match=r"is no path into JSON; write \$\.id, \$\.data\[0\]\.name or \$ for all"
    ):
        JsonPath.parse(path)


keys = st.from_regex(r"[A-Za-z_][A-Za-z0-9_-]{0,5}", fullmatch=True) | st.integers(0, 9)


@given(keys=st.lists(keys, max_size=5).map(tuple), leaf=st.integers())
def test_a_path_is_written_as_it_is_read_and_finds_what_lies_there(
    keys: tuple[str | int, ...], leaf: int
) -> None:
    path = JsonPath(keys)
    assert JsonPath.parse(str(path)) == path
    body: object = leaf
    for key in reversed(keys):
        body = {key: body} if isinstance(key, str) else [None] * key + [body]
    assert path.of(body) == leaf


def test_items_are_those_of_the_list_that_are_to_be_kept() -> None:
    body = {"data": [{"id": 1, "status": 1}, {"id": 2, "status": 3}, "noise", {"id": 3, "status": 1}]}
    path = JsonPath.parse("$.data")
    assert [item["id"] for item in read_items(body, path, {"status": 1})] == [1, 3]
    assert [item["id"] for item in read_items(body, path, {})] == [1, 2, 3]
    assert list(read_items({"data": []}, path, {})) == []


@pytest.mark.parametrize(
    "body", [None, {}, {"data": None}, {"data": {"id": 1}}, {"data": "[]"}, [], "<html>"]
)
def test_an_answer_without_the_list_is_not_taken_for_an_empty_list(body: object) -> None:
    with pytest.raises(MisreadError, match=r"there is no list at \$\.data"):
        list(read_items(body, JsonPath.parse("$.data"), {"status": 1}))
