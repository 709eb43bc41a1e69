"""Reading a site's lists: pages, pacing, whether anything has changed, and what is no list."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from sniper.clock.clock import SimulatedClock
from sniper.practice.catalogue import CATALOGUE
from sniper.site_client import site_client
from sniper.sites.library import bundled_folder, load_profile
from sniper.watch.reader import Lists, NotReadError, Reader
from tests.aio import run_async
from tests.watch.conftest import Watched
from tests.watch.servers import Reply, Server, serving

DAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
IN_TWO_PAGES = "url: /api/bookable-slots, query: {limit: '40'}"
ENTRY = {
    "startDate": "2026-11-24T12:00:00.000Z",
    "isAvailable": True,
    "product": {"description": "X1"},
    "linkedProduct": {"description": "X1 A"},
}


def a_list(*entries: dict[str, Any], pages: int = 1) -> dict[str, Any]:
    return {"data": list(entries), "pageCount": pages}


def read(
    folder: Path,
    url: str,
    *,
    times: int = 1,
    clock: SimulatedClock | None = None,
    request: str = "url: /slots",
    pages: str = "count: $.pageCount",
) -> list[Lists]:
    """Read the lists so many times with one reader."""
    path = folder / "mine.yaml"
    path.write_text(
        f"extends: {bundled_folder() / 'tudelft-x.yaml'}\nname: mine\nbase_url: {url}\n"
        f"availability: {{request: {{{request}}}, pages: {{{pages}}}}}\n"
    )
    profile = load_profile(path)

    async def go() -> list[Lists]:
        assert profile.availability is not None
        async with site_client(url) as client:
            reader = Reader(client, profile, profile.availability, clock or SimulatedClock(NOW))
            return [await reader.read(DAY, ["X1", "Fitness"]) for _ in range(times)]

    return run_async(go())


def test_every_page_of_a_list_is_read_paced_as_the_budget_wants(watched: Watched, tmp_path: Path) -> None:
    request = "url: /api/bookable-slots, query: {limit: '10'}"
    (lists,) = read(tmp_path, watched.site.url, clock=watched.clock, request=request)
    assert (lists.requests, len(lists.entries)) == (8, len(CATALOGUE.slots_on(DAY)))
    apart = [b.machine_time - a.machine_time for a, b in pairwise(watched.asked)]
    assert set(apart) == {timedelta(seconds=0.25)}
    assert not lists.is_cut
    assert not lists.unchanged


def test_what_has_not_changed_is_not_sent_again_and_still_known(watched: Watched, tmp_path: Path) -> None:
    first, again = read(tmp_path, watched.site.url, clock=watched.clock, times=2, request=IN_TWO_PAGES)
    assert again.unchanged
    assert again.entries == first.entries
    assert [one.status for one in watched.asked] == [200, 200, 304, 304]


def test_of_a_list_that_has_changed_on_one_page_all_is_known(watched: Watched, tmp_path: Path) -> None:
    watched.clock.at(watched.clock.now() + timedelta(milliseconds=400), lambda: watched.take("X1 A", 9))
    first, again = read(tmp_path, watched.site.url, clock=watched.clock, times=2, request=IN_TWO_PAGES)
    assert not again.unchanged
    assert len(again.entries) == len(first.entries)
    assert sum(not one.is_free for one in again.entries) == 1


def test_a_site_that_knows_when_its_list_changed_is_asked_by_that(tmp_path: Path) -> None:
    changed = "Sat, 21 Nov 2026 11:00:00 GMT"
    replies = (Reply(body=a_list(ENTRY), headers={"Last-Modified": changed}), Reply(304))
    with serving(*replies) as server:
        first, again = read(tmp_path, server.url, times=2)
    assert "If-Modified-Since" not in server.requests[0].headers
    assert server.requests[1].headers["If-Modified-Since"] == changed
    assert first.entries == again.entries
    assert again.unchanged


def test_a_site_that_knows_neither_is_asked_for_all_of_it(tmp_path: Path) -> None:
    with serving(Reply(body=a_list(ENTRY))) as server:
        lists = read(tmp_path, server.url, times=2)
    assert not any(name.startswith("If-") for one in server.requests for name in one.headers)
    assert not lists[1].unchanged


def test_a_list_with_too_many_pages_is_cut_and_that_is_told(tmp_path: Path) -> None:
    with serving(Reply(body=a_list(ENTRY, pages=500))) as server:
        (lists,) = read(tmp_path, server.url, pages="at_most: 3")
    assert (lists.is_cut, lists.requests) == (True, 3)
    assert ["page=3" in one.path for one in server.requests] == [False, False, True]


def test_it_says_who_asks_and_what_it_can_read(tmp_path: Path) -> None:
    with serving(Reply(body=a_list())) as server:
        read(tmp_path, server.url)
    (asked,) = server.requests
    assert asked.headers["User-Agent"].startswith("sniper/")
    assert asked.headers["Accept"] == "application/json"


def test_the_clock_is_read_from_the_answers_but_not_from_a_caches(tmp_path: Path) -> None:
    date_header = {"Date": "Sat, 21 Nov 2026 11:59:58 GMT"}
    with serving(Reply(body=a_list(), headers=date_header)) as server:
        (lists,) = read(tmp_path, server.url)
        assert [one.date for one in lists.readings] == [datetime(2026, 11, 21, 11, 59, 58, tzinfo=UTC)]
        server.replies = [Reply(body=a_list(), headers={**date_header, "Age": "40"})]
        (lists,) = read(tmp_path, server.url)
        assert lists.readings == ()


def failure(tmp_path: Path, server: Server) -> NotReadError:
    with pytest.raises(NotReadError) as failed:
        read(tmp_path, server.url)
    return failed.value


@pytest.mark.parametrize(
    ("reply", "said", "lasting", "pause"),
    [
        (Reply(429, headers={"Retry-After": "120"}), "answers 429", False, 120),
        (Reply(429), "answers 429", False, 60),
        (Reply(503, headers={"Retry-After": "30"}), "answers 503", False, 30),
        (Reply(500), "answers 500", False, None),
        (Reply(403), "answers 403", True, None),
        (Reply(404), "answers 404", True, None),
        (Reply(302, headers={"Location": "/login"}), "answers 302", True, None),
        (Reply(304), "answers 304", True, None),
    ],
)
def test_what_a_refusal_means(
    tmp_path: Path, reply: Reply, said: str, lasting: bool, pause: float | None
) -> None:
    with serving(reply) as server:
        error = failure(tmp_path, server)
    assert said in str(error)
    assert error.is_lasting is lasting
    assert error.pause == (None if pause is None else timedelta(seconds=pause))
    assert bool(error.mend) is lasting
    # The query says who looks for what: nobody's business.
    assert "?" not in error.explain()


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"message": "we are upgrading"}, "there is no list at $.data"),
        (a_list({**ENTRY, "startDate": "soon"}), "an entry has no instant at $.startDate"),
        ({"data": []}, "there is no whole number at $.pageCount"),
    ],
)
def test_an_answer_that_is_something_else_is_told_by_what_is_missing(
    tmp_path: Path, body: dict[str, Any], why: str
) -> None:
    with serving(Reply(body=body)) as server:
        error = failure(tmp_path, server)
    assert str(error).endswith(f"is not what the profile mine says: {why}")
    assert error.is_lasting


def test_a_page_for_people_is_no_list(tmp_path: Path) -> None:
    with serving(Reply(body="<html>Hello</html>")) as server:
        error = failure(tmp_path, server)
    assert "it is no JSON" in str(error)


def test_a_site_that_is_not_there_is_told_with_its_address(tmp_path: Path) -> None:
    with serving(Reply()) as server:
        pass
    error = failure(tmp_path, server)
    assert f"{server.url}/slots does not answer" in str(error)
    assert not error.is_lasting
