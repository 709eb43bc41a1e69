"""What is taken out of what was recorded, and what is left in it."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sniper.recording.cleaning import Cleaner
from sniper.recording.traces import Trace, har_of
from sniper.scrubbing import HIDDEN

SECRET = "planted-password"  # noqa: S105 - nobody's
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJlbWFpbCI6ImpvQGNsdWIuZXhhbXBsZSIsIm5hbWUiOiJKbyBQbGFudGVkIn0.c2lnbmF0dXJl"  # noqa: S105
JSON, HTML, FORM, SCRIPT = (
    "application/json",
    "text/html; charset=utf-8",
    "application/x-www-form-urlencoded",
    "text/javascript",
)


@pytest.fixture
def cleaner() -> Cleaner:
    return Cleaner([SECRET], {"anna": "account-1"}, {"X1", "X1 A"})


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_a_known_secret_is_in_no_kind_of_answer(around: str) -> None:
    cleaner = Cleaner([SECRET], {})
    text = f"{around}{SECRET}{around}"
    bodies = {
        JSON: json.dumps({"words": text, "list": [text], text: 1}),
        FORM: f"a={quote(text)}&password=x",
        HTML: f"<p>{text}</p>",
        SCRIPT: f"const a = {json.dumps(text)}",
        "text/plain": text,
        "image/png": text,
    }
    for kind, body in bodies.items():
        assert SECRET.encode() not in cleaner.body(body.encode(), kind)


@pytest.mark.parametrize(
    ("kind", "body", "clean"),
    [
        (JSON, '{"password":"abc","id":7}', '{"password":"***","id":7}'),
        (
            JSON,
            '{"code":"SLOT_TAKEN","otp":"123456","code2":1}',
            '{"code":"SLOT_TAKEN","otp":"***","code2":1}',
        ),
        (JSON, '{"code":123456}', '{"code":"***"}'),
        (JSON, '{"member":{"name":"Bo","id":3}}', '{"member":{"name":"***","id":3}}'),
        (JSON, '{"location":{"name":"X1","id":3}}', '{"location":{"name":"X1","id":3}}'),
        (JSON, '{"by":"anna","other":"susanna"}', '{"by":"account-1","other":"susanna"}'),
        (
            FORM,
            "user=anna&password=a%20b&slot=13%3A00",
            "user=account-1&password=%2A%2A%2A&slot=13%3A00",
        ),
        (
            HTML,
            "<input type=hidden name=CSRF_TOKEN value='s1'>",
            "<input type=hidden name=CSRF_TOKEN value='***'>",
        ),
        (
            HTML,
            '<input type="hidden" name="resource" value="7">',
            '<input type="hidden" name="resource" value="7">',
        ),
        (HTML, "<p>bo@club.example, anna", "<p>somebody@example.invalid, account-1"),
        (HTML, "<img src=logo@2x.png>", "<img src=logo@2x.png>"),
        (SCRIPT, "const anna = Math.max(a.b.c1, 2)", "const anna = Math.max(a.b.c1, 2)"),
    ],
)
def test_what_is_secret_or_somebodys_own_is_hidden_and_what_is_not_stays(
    cleaner: Cleaner, kind: str, body: str, clean: str
) -> None:
    cleaner.learn_body(body.encode(), kind)
    assert cleaner.body(body.encode(), kind).decode() == clean


def test_a_name_that_one_answer_tells_is_hidden_in_all_the_others(cleaner: Cleaner) -> None:
    cleaner.learn_body(b'{"firstName": "Wilhelmina", "lastName": "Bakker"}', JSON)
    assert (
        cleaner.text("Wilhelmina Bakker has X1 A, Bakkerij has X1")
        == f"{HIDDEN} {HIDDEN} has X1 A, Bakkerij has X1"
    )


def test_a_token_tells_who_somebody_is_and_nothing_of_that_is_kept(cleaner: Cleaner) -> None:
    cleaner.learn([{"name": "id_token", "value": TOKEN}])
    cleaned = cleaner.text(f"Jo Planted, jo@club.example, {TOKEN}")
    assert not any(one in cleaned for one in ("Jo Planted", "jo@club", TOKEN[:20]))


def test_the_value_of_a_cookie_is_hidden_wherever_it_stands() -> None:
    entry = {
        "startedDateTime": "2026-11-22T12:00:00Z",
        "request": {
            "method": "GET",
            "url": "https://site.example/?x=0ld5ession",
            "headers": [{"name": "Cookie", "value": "lang=en; s=0ld5ession"}],
            "cookies": [{"name": "s", "value": "0ld5ession"}],
        },
        "response": {
            "status": 200,
            "headers": [{"name": "Set-Cookie", "value": "s=n3wsession; Path=/; HttpOnly"}],
            "cookies": [{"name": "s", "value": "n3wsession"}],
            "content": {"mimeType": "text/html", "_file": "resources/a.html"},
        },
    }
    trace = Trace(
        {"trace.network": ({"type": "resource-snapshot", "snapshot": entry},)},
        {"resources/a.html": b"<p lang=en>n3wsession and 0ld5ession</p>"},
    )
    cleaner = Cleaner((), {})
    trace.teach(cleaner)
    har = har_of(trace.cleaned(cleaner))
    (cleaned,) = har["log"]["entries"]
    assert cleaned["request"]["cookies"] == [{"name": "s", "value": HIDDEN}]
    assert cleaned["response"]["content"]["text"] == f"<p lang=en>{HIDDEN} and {HIDDEN}</p>"
    assert "session" not in json.dumps(har)


def test_the_stretches_of_a_trace_become_one_without_what_the_context_was_made_with(tmp_path: Path) -> None:
    begun = {"type": "context-options", "options": {"storageState": {"cookies": []}, "locale": "en"}}
    request = {"type": "resource-snapshot", "snapshot": {"request": {}, "response": {}}}
    first = Trace({"trace.trace": (begun,), "trace.network": (request,)}, {"resources/a.js": b"1"})
    second = Trace({"trace.trace": (begun,), "trace.network": (request, request)}, {"resources/b.js": b"2"})
    path = tmp_path / "trace.zip"
    Trace.joined([[first, second]]).cleaned(Cleaner((), {})).write(path)
    again = Trace.read(path)
    # Each stretch has the requests of those before it, too.
    assert len([*again.requests]) == 2
    assert set(again.resources) == {"resources/a.js", "resources/b.js"}
    assert [one[0]["options"] for name, one in again.events.items() if name.endswith(".trace")] == [
        {"locale": "en"},
        {"locale": "en"},
    ]
