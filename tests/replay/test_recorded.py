"""A recording gives what was answered: before the press what was answered before it, and then the rest."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sniper.errors import InputError
from sniper.replay.asked import CUT_OFF, Asked
from sniper.replay.case import HarPart
from sniper.replay.recorded import Recording

NOW = datetime.fromisoformat("2026-11-21T13:00:00.250+01:00")
LIST = Asked("GET", "https://site.example/list?day=1")


def entry(body: str, date: str | None, url: str = LIST.url, sent: str | None = None) -> dict[str, Any]:
    headers = [{"name": "Content-Encoding", "value": "gzip"}]
    if date:
        headers.append({"name": "Date", "value": f"Sat, 21 Nov 2026 {date} GMT"})
    request = {"method": "GET" if sent is None else "POST", "url": url}
    return {
        "startedDateTime": "2026-11-21T12:00:00.300Z",
        "request": request if sent is None else {**request, "postData": {"text": sent}},
        "response": {"status": 200, "headers": headers, "content": {"text": body}},
    }


def recording(tmp_path: Path, *entries: dict[str, Any], part: HarPart | None = None) -> Recording:
    path = tmp_path / "network.har"
    path.write_text(json.dumps({"log": {"entries": entries}}), encoding="utf-8")
    return Recording.read(path, NOW, part)


def body(found: Recording, asked: Asked = LIST) -> str | None:
    reply = found.to(asked)
    return None if reply is None else reply.body.decode()


def test_what_was_answered_by_the_press_is_not_given_before_it(tmp_path: Path) -> None:
    entries = [entry(text, date) for text, date in (("a", "11:59:50"), ("b", "11:59:59"), ("c", "12:00:00"))]
    found = recording(tmp_path, *entries, entry("d", "12:00:02"))
    assert [body(found) for _ in range(3)] == ["a", "b", "b"]
    found.is_fired = True
    assert [body(found) for _ in range(3)] == ["c", "d", "d"]


def at_second(body: str, second: float, **more: Any) -> dict[str, Any]:
    """Asked for so many seconds after noon by the machine's clock; its site's is elsewhere."""
    return entry(body, "12:00:00", **more) | {"startedDateTime": f"2026-11-22T12:00:{second:06.3f}Z"}


def part(pressed: float, begins: float | None = None, ends: float | None = None) -> HarPart:
    def at(second: float) -> datetime:
        return datetime.fromisoformat("2026-11-22T12:00:00Z") + timedelta(seconds=second)

    return HarPart(
        begins=None if begins is None else at(begins),
        pressed=at(pressed),
        ends=None if ends is None else at(ends),
    )


def test_what_was_asked_for_within_the_second_of_the_press_but_before_it_is_not_given_after_it(
    tmp_path: Path,
) -> None:
    entries = [at_second(text, second) for text, second in (("a", 7.9), ("b", 8.199), ("c", 8.2), ("d", 8.9))]
    found = recording(tmp_path, *entries, part=part(8.2))
    assert [body(found) for _ in range(3)] == ["a", "b", "b"]
    found.is_fired = True
    assert [body(found) for _ in range(3)] == ["c", "d", "d"]


def test_of_the_other_openings_of_a_run_only_what_a_browser_keeps_is_given(tmp_path: Path) -> None:
    script, book = "https://site.example/app.js", "https://site.example/book"
    found = recording(
        tmp_path,
        at_second("script", 1, url=script),
        at_second("first", 2),
        at_second("booked", 3, url=book, sent="court=A"),
        at_second("second", 12),
        at_second("third", 22),
        part=part(15, begins=10, ends=20),
    )
    assert [body(found), body(found, Asked("GET", script))] == ["second", "script"]
    found.is_fired = True
    assert body(found) == "second"
    assert body(found, Asked("POST", book, "court=A")) is None


def test_a_page_that_the_browser_had_already_is_given_as_that_page(tmp_path: Path) -> None:
    whole = entry("<p>here", "11:59:00")
    whole["response"]["headers"].append({"name": "Content-Type", "value": "text/html"})
    unchanged = entry("", "12:00:01")
    unchanged["response"] |= {"status": 304, "content": {"mimeType": "x-unknown"}}
    found = recording(tmp_path, whole, unchanged)
    found.is_fired = True
    reply = found.to(LIST)
    assert reply is not None
    assert (reply.status, reply.body, reply.headers["content-type"]) == (200, b"<p>here", "text/html")
    # Nothing is known of one that it had before.
    assert recording(tmp_path, unchanged).to(LIST) is None


def test_what_is_told_of_a_page_beside_its_headers_tells_what_it_is(tmp_path: Path) -> None:
    page = entry("<p>", "11:59:00")
    page["response"]["content"]["mimeType"] = "text/html; charset=utf-8"
    reply = recording(tmp_path, page).to(LIST)
    assert reply is not None
    assert reply.headers["content-type"] == "text/html; charset=utf-8"


def failed(why: str) -> dict[str, Any]:
    response = {"status": -1, "headers": [], "content": {}, "_failureText": why}
    return entry("", None) | {"response": response}


@pytest.mark.parametrize(
    "why", ["net::ERR_ABORTED", "net::ERR_CACHE_MISS"], ids=["nobody waited for", "was to wake the browser"]
)
def test_a_connection_that_failed_fails_again_and_left_out_is_one_that(tmp_path: Path, why: str) -> None:
    reply = recording(tmp_path, failed(why), failed("net::ERR_CONNECTION_RESET")).to(LIST)
    assert reply is not None
    assert reply.status == CUT_OFF
    assert recording(tmp_path, failed(why)).to(LIST) is None


def test_what_was_asked_for_in_one_part_only_is_given_in_both(tmp_path: Path) -> None:
    late = recording(tmp_path, entry("late", "12:00:05"))
    assert body(late) == "late"
    early = recording(tmp_path, entry("early", "11:00:00"))
    early.is_fired = True
    assert body(early) == "early"


def test_a_site_that_does_not_tell_its_time_is_taken_at_the_machines(tmp_path: Path) -> None:
    found = recording(tmp_path, entry("early", "11:59:00"), entry("late", None))
    found.is_fired = True
    assert body(found) == "late"


def test_of_a_query_that_is_new_the_most_like_it_is_given(tmp_path: Path) -> None:
    found = recording(
        tmp_path,
        entry("one", "11:00:00", "https://site.example/list?day=1&at=100"),
        entry("two", "11:00:00", "https://site.example/list?day=2&at=101"),
    )
    assert body(found, Asked("GET", "https://site.example/list?day=2&at=102")) == "two"
    assert body(found, Asked("GET", "https://site.example/list?other=2&at=102")) is None
    assert body(found, Asked("POST", "https://site.example/list?day=2&at=101")) is None


def test_what_is_sent_tells_requests_apart(tmp_path: Path) -> None:
    url = "https://site.example/book"
    found = recording(
        tmp_path, entry("A", "12:00:01", url, "court=A"), entry("B", "12:00:01", url, "court=B")
    )
    assert body(found, Asked("POST", url, "court=B")) == "B"


def test_what_held_for_the_connection_is_not_repeated(tmp_path: Path) -> None:
    reply = recording(tmp_path, entry("a", "11:00:00")).to(LIST)
    assert reply is not None
    assert list(reply.headers) == ["date"]


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"log": {"entries": [{}]}}', '{"log": {"entries": [1]}}'])
def test_a_file_that_is_no_recording_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "network.har"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="is no HAR with embedded bodies"):
        Recording.read(path, NOW)
