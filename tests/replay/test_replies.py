"""What a case has for what a page asks for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sniper.replay.asked import Asked
from sniper.replay.library import load_fixture
from sniper.replay.replies import Replies, is_at
from tests.replay.test_cases import GOOD, written

SITE = "https://site.example/app"


@pytest.mark.parametrize(
    ("pattern", "url", "fits"),
    [
        ("/page", "https://site.example/app/page", True),
        ("/page", "https://site.example/app/page?a=1#there", True),
        ("/page", "https://site.example/page", False),
        ("/page", "https://elsewhere.example/app/page", False),
        ("/page", "https://site.example/app/pages", False),
        ("/pa*", "https://site.example/app/pages/1", True),
        ("/save.php", "https://site.example/app/saveXphp", False),
        ("/page?dr=list", "https://site.example/app/page?x=1&dr=list", True),
        ("/page?dr=list", "https://site.example/app/page?dr=other", False),
        ("/page?dr=list", "https://site.example/app/page", False),
        ("/page?sd=2026*", "https://site.example/app/page?sd=2026-11-22%2010:00", True),
        ("https://api.example/slots", "https://api.example/slots?s=1", True),
        ("https://*/slots", "https://api.example/slots", True),
        ("/", "https://site.example/app/", True),
    ],
)
def test_an_address_fits_by_its_path_and_by_what_is_named_of_its_query(
    pattern: str, url: str, fits: bool
) -> None:
    assert is_at(pattern, url, SITE) is fits


def replies_of(tmp_path: Path, answers: str) -> Replies:
    text = GOOD.replace("pages:", f"answers:\n{answers}\npages:")
    return Replies.of(load_fixture(written(tmp_path, text)), SITE)


def test_the_first_answer_that_fits_and_is_not_used_up_is_given(tmp_path: Path) -> None:
    replies = replies_of(
        tmp_path,
        "  - {url: /book, method: POST, holds: b=2, status: 409}\n"
        "  - {url: /book, method: POST, times: 2, status: 403}\n"
        "  - {url: /book, method: POST, status: 201, json: {id: 7}, headers: {X-Site: 'yes'}}",
    )
    post = Asked("POST", f"{SITE}/book", "a=1")
    assert replies.to(Asked("GET", f"{SITE}/book")) is None
    statuses = [found.status for _ in range(3) if (found := replies.to(post))]
    assert statuses == [403, 403, 201]
    refused = replies.to(Asked("POST", f"{SITE}/book", "a=1&b=2"))
    assert refused is not None
    assert refused.status == 409
    last = replies.to(post)
    assert last is not None
    assert json.loads(last.body) == {"id": 7}
    assert last.headers == {"content-type": "application/json", "x-site": "yes"}


def test_a_page_is_answered_to_get(tmp_path: Path) -> None:
    replies = Replies.of(load_fixture(written(tmp_path)), SITE)
    page = replies.to(Asked("GET", f"{SITE}/"))
    assert page is not None
    assert (page.status, page.body, page.headers["content-type"]) == (200, b"<p>", "text/html; charset=utf-8")
