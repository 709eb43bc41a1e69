"""The list of slots says whether it has changed, and the site counts who asks for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import httpx

from sniper.practice.catalogue import Slot
from sniper.practice.clock import SimulatedTime
from sniper.practice.server import RunningSite

LIST = "/api/bookable-slots"
Connect = Callable[..., httpx.Client]


def known(answer: httpx.Response) -> dict[str, str]:
    """The headers of who has this answer."""
    return {"If-None-Match": answer.headers["ETag"]}


def test_a_list_that_has_not_changed_is_told_so_without_being_sent_again(http: httpx.Client) -> None:
    first = http.get(LIST)
    again = http.get(LIST, headers=known(first))
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    listed = {"If-None-Match": f'"other", W/{first.headers["ETag"]}'}
    assert http.get(LIST, headers=listed).status_code == 304


def test_a_booking_makes_another_list(
    running: RunningSite, http: httpx.Client, slot_at: Callable[[str, str], Slot]
) -> None:
    first = http.get(LIST)
    running.venue.book(running.accounts.member("user1"), slot_at("X1 A", "2026-11-21 15:00"))
    again = http.get(LIST, headers=known(first))
    assert again.status_code == 200
    assert again.headers["ETag"] != first.headers["ETag"]


def test_an_opening_makes_another_list(http: httpx.Client, time_source: SimulatedTime) -> None:
    tuesday = {"s": '{"startDate":"2026-11-23T23:00:00Z","endDate":"2026-11-24T22:59:59Z"}'}
    first = http.get(LIST, params=tuesday)
    time_source.advance(timedelta(seconds=9))
    assert http.get(LIST, params=tuesday, headers=known(first)).status_code == 304
    time_source.advance(timedelta(seconds=1))
    assert http.get(LIST, params=tuesday, headers=known(first)).status_code == 200


def test_the_site_counts_who_asked_how_often_and_what_a_fault_refused(
    running: RunningSite, connect: Connect, time_source: SimulatedTime
) -> None:
    watcher = connect(running.url, {"User-Agent": "sniper/1"})
    other = connect(running.url, {"User-Agent": "Mozilla"})
    first = watcher.get(LIST)
    time_source.advance(timedelta(seconds=5))
    other.get(LIST)
    watcher.get(LIST, headers=known(first))
    time_source.advance(timedelta(seconds=30))
    watcher.post("/practice/faults", json={"faults": ["rate-limited,requests=list"]})
    assert watcher.get(LIST).status_code == 429
    # What is no list does not count.
    watcher.get("/api/tags")
    assert watcher.get("/practice/lookups", params={"agent": "sniper"}).json() == {
        "asked": 3,
        "conditional": 1,
        "not_modified": 1,
        "refused": 1,
        "least_apart_ms": 5_000,
    }
    assert watcher.get("/practice/lookups").json()["asked"] == 4


def test_where_nobody_asked_nothing_is_counted(http: httpx.Client) -> None:
    assert http.get("/practice/lookups").json()["least_apart_ms"] is None
