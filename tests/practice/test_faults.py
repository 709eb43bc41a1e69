"""What each fault does to who asks the site for something."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from email.utils import parsedate_to_datetime

import httpx
import pytest

from sniper.practice.catalogue import Slot
from sniper.practice.clock import SimulatedTime
from sniper.practice.server import RunningSite, running_practice_site
from sniper.practice.settings import PracticeSettings

Headers = Callable[[str], dict[str, str]]
SlotAt = Callable[[str, str], Slot]
Order = Callable[[Slot], dict[str, object]]


@pytest.fixture
def have(http: httpx.Client) -> Callable[..., httpx.Response]:
    """Have these faults from now on."""

    def ask(*faults: str) -> httpx.Response:
        return http.post("/practice/faults", json={"faults": faults})

    return ask


@pytest.fixture
def book(
    http: httpx.Client, token_of: Headers, slot_at: SlotAt, order: Order
) -> Callable[..., httpx.Response]:
    """Ask for a slot that is open, as an account."""

    def ask(account: str = "user1", label: str = "X1 A") -> httpx.Response:
        body = order(slot_at(label, "2026-11-23 13:00"))
        return http.post("/api/participations", json=body, headers=token_of(account))

    return ask


Ask = Callable[..., httpx.Response]


def test_faults_are_set_told_counted_and_cleared_while_the_site_runs(
    http: httpx.Client, have: Ask, book: Ask
) -> None:
    assert have("error=503,first=1", "late=2s").json() == {
        "faults": [{"fault": "error=503,first=1", "struck": 0}, {"fault": "late=2s", "struck": 0}]
    }
    assert [book().status_code, book().status_code] == [503, 201]
    assert http.get("/practice/info").json()["faults"][0] == {"fault": "error=503,first=1", "struck": 1}
    assert have().json() == {"faults": []}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"faults": ["slow"]}, "slow needs a value"),
        ({"faults": ["ban,accounts=nobody"]}, "there is no account 'nobody'"),
        ({"fault": []}, "body"),
        ({"faults": "slow=1s"}, "body.faults"),
    ],
)
def test_a_fault_that_is_none_changes_nothing(
    http: httpx.Client, have: Ask, body: dict[str, object], said: str
) -> None:
    have("late=2s")
    response = http.post("/practice/faults", json=body)
    assert response.status_code == 400
    assert said in response.json()["message"]
    assert [one["fault"] for one in http.get("/practice/info").json()["faults"]] == ["late=2s"]


@pytest.mark.parametrize(
    ("fault", "status", "words"),
    [
        ("queue", 409, "You are in the queue: try again."),
        ("error=500", 500, "Something went wrong."),
        ("ban", 403, "Your account has been blocked"),
        ("captcha", 403, "h-captcha"),
    ],
)
def test_a_refusal_books_nothing_and_stands_among_the_requests(
    http: httpx.Client, running: RunningSite, have: Ask, book: Ask, fault: str, status: int, words: str
) -> None:
    have(fault)
    response = book()
    assert response.status_code == status
    assert words in response.text
    assert "date" in response.headers
    assert running.venue.participations(running.accounts.member("user1")) == []
    (noted,) = http.get("/practice/requests").json()["requests"]
    assert (noted["account"], noted["outcome"], noted["status"]) == ("user1", fault.partition("=")[0], status)


@pytest.mark.parametrize("fault", ["reset,after,first=1", "error=503,after,first=1"])
def test_what_goes_wrong_afterwards_has_been_done(
    running: RunningSite, have: Ask, book: Ask, fault: str
) -> None:
    have(fault)
    if fault.startswith("reset"):
        with pytest.raises(httpx.ReadError):
            book()
    else:
        assert book().status_code == 503
    assert len(running.venue.participations(running.accounts.member("user1"))) == 1


def test_a_pause_is_asked_for_in_seconds_or_by_a_date_or_not_at_all(have: Ask, book: Ask) -> None:
    have("rate-limited=1500ms,first=1", "rate-limited=90s,as=date,first=1", "rate-limited,first=1")
    assert book().headers["retry-after"] == "2"
    by_date = book()
    pause = parsedate_to_datetime(by_date.headers["retry-after"]) - parsedate_to_datetime(
        by_date.headers["date"]
    )
    assert pause == timedelta(seconds=91)
    unsaid = book()
    assert (unsaid.status_code, "retry-after" in unsaid.headers) == (429, False)


def test_a_fault_is_for_some_accounts_and_some_requests(
    http: httpx.Client, have: Ask, book: Ask, token_of: Headers
) -> None:
    have("ban,accounts=user1", "error=500,requests=list")
    assert book("user2").status_code == 201
    assert book("user1", "X1 B").status_code == 403
    assert http.get("/api/participations", headers=token_of("user1")).status_code == 403
    assert http.get("/api/bookable-slots").status_code == 500
    assert http.get("/api/tags").status_code == 200


def test_chance_is_the_same_again_with_the_same_seed(http: httpx.Client, have: Ask) -> None:
    def struck() -> list[int]:
        have("error=503,requests=list,chance=0.5,seed=3")
        return [http.get("/api/bookable-slots").status_code for _ in range(20)]

    first = struck()
    assert set(first) == {200, 503}
    assert struck() == first


def test_a_connection_is_reset(have: Ask, http: httpx.Client) -> None:
    have("reset,requests=list,first=1")
    with pytest.raises(httpx.ReadError):
        http.get("/api/bookable-slots")
    assert http.get("/api/bookable-slots").status_code == 200


@pytest.mark.parametrize("way", ["reset", "silent"])
def test_the_network_is_gone_for_everything_but_the_control_and_comes_back_by_the_clock(
    http: httpx.Client, have: Ask, time_source: SimulatedTime, way: str
) -> None:
    have(f"network={way},for=3s")
    with pytest.raises(httpx.ReadError if way == "reset" else httpx.ReadTimeout):
        http.get("/", timeout=0.3)
    assert http.get("/practice/info").status_code == 200
    time_source.advance(timedelta(seconds=3))
    assert http.get("/").status_code == 200


def test_slow_answers_come_late_and_latency_makes_requests_arrive_late(have: Ask, http: httpx.Client) -> None:
    for fault in ("slow=150ms", "latency=150ms"):
        have(f"{fault},jitter=10ms")
        began = time.monotonic()
        assert http.get("/api/tags").status_code == 200
        assert time.monotonic() - began >= 0.15


def test_slots_open_late_for_the_list_and_for_who_books(
    http: httpx.Client,
    have: Ask,
    time_source: SimulatedTime,
    token_of: Headers,
    slot_at: SlotAt,
    order: Order,
) -> None:
    have("late=3s")
    body = order(slot_at("X1 A", "2026-11-24 13:00"))
    court = ("X1 A", "2026-11-24T12:00:00.000Z")

    def booked() -> int:
        return http.post("/api/participations", json=body, headers=token_of("user1")).status_code

    def is_open() -> bool:
        listed = http.get("/practice/slots", params={"date": "2026-11-24"}).json()["slots"]
        return any(one["is_open"] for one in listed if (one["slot"], one["startDate"]) == court)

    time_source.advance(timedelta(seconds=12, milliseconds=900))
    assert (booked(), is_open()) == (403, False)
    time_source.advance(timedelta(milliseconds=100))
    assert (booked(), is_open()) == (201, True)


def test_rivals_wait_for_a_late_opening_as_everybody_does(
    settings: PracticeSettings, time_source: SimulatedTime
) -> None:
    late = PracticeSettings.model_validate(
        {**settings.model_dump(), "rivals": 1, "rival_delay": timedelta(0), "faults": ["late=3s"]}
    )
    with running_practice_site(late, time_source=time_source) as site:
        time_source.advance(timedelta(seconds=12))
        site.rivals.work_due()
        assert site.arrivals.after() == []
        time_source.advance(timedelta(seconds=1))
        site.rivals.work_due()
        assert [one.outcome for _, one in site.arrivals.after()] == ["booked"]


def test_who_has_signed_in_before_is_signed_out_at_the_opening_and_may_sign_in_again(
    http: httpx.Client, have: Ask, time_source: SimulatedTime, token_of: Headers
) -> None:
    old, other = token_of("user1"), token_of("user2")
    have("signed-out,accounts=user1")

    def status(headers: dict[str, str]) -> int:
        return http.get("/api/participations", headers=headers).status_code

    time_source.advance(timedelta(seconds=9))
    assert status(old) == 200
    time_source.advance(timedelta(seconds=1))
    assert (status(old), status(other), status(token_of("user1"))) == (401, 200, 200)


def test_a_fault_may_begin_at_the_opening(http: httpx.Client, have: Ask, time_source: SimulatedTime) -> None:
    have("error=500,requests=list,at=opening,for=5s")
    seen = []
    for seconds in (0, 10, 5):
        time_source.advance(timedelta(seconds=seconds))
        seen.append(http.get("/api/bookable-slots").status_code)
    assert seen == [200, 500, 200]


def test_a_captcha_stands_in_the_place_of_every_page(have: Ask, http: httpx.Client) -> None:
    have("captcha")
    page = http.get("/dashboard")
    assert (page.status_code, "h-captcha" in page.text) == (200, True)
    assert "content-security-policy" in page.headers


def test_the_list_tells_the_page_to_draw_it_anew(have: Ask, http: httpx.Client) -> None:
    assert "redrawEveryMs" not in http.get("/api/bookable-slots").json()
    have("redraw=80ms")
    assert http.get("/api/bookable-slots").json()["redrawEveryMs"] == 80
