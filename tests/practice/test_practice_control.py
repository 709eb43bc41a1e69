"""The control endpoints: what they tell, the jump, and that they answer only this machine."""

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from sniper.practice.catalogue import Slot
from sniper.practice.clock import SimulatedTime
from sniper.practice.headers import VenueHeaders
from sniper.practice.server import RunningSite, create_app, running_practice_site
from sniper.practice.settings import PracticeSettings
from sniper.practice.site import Site
from tests.aio import run_async

Connect = Callable[..., httpx.Client]
SlotAt = Callable[[str, str], Slot]


def test_the_info_tells_what_is_rehearsed_on(http: httpx.Client) -> None:
    info = http.get("/practice/info").json()
    accounts = info.pop("accounts")
    assert info == {
        "practice": True,
        "name": "Practice X",
        "mode": "strict",
        "timezone": "Europe/Amsterdam",
        "now": "2026-11-21T11:59:50.000Z",
        "ahead_seconds": 0,
        "next_opening": "2026-11-21T12:00:00.000Z",
        "rivals": 0,
        "rival_delay_ms": 300,
        "strict": True,
        "faults": [],
    }
    assert accounts[0] == {"username": "user1", "password": "pass1", "totp_secret": None}
    assert accounts[19]["totp_secret"]


def test_pages_that_are_loaded_from_now_on_can_be_of_the_other_mode(http: httpx.Client) -> None:
    assert http.post("/practice/mode", json={"mode": "lenient"}).json() == {"mode": "lenient"}
    assert http.get("/api/config").json()["ui"]["mode"] == "lenient"
    assert http.get("/practice/info").json()["mode"] == "lenient"
    assert http.post("/practice/mode", json={"mode": "mild"}).status_code == 400


def jump(http: httpx.Client, **body: object) -> tuple[int, dict[str, object]]:
    response = http.post("/practice/clock/jump", json=body)
    return response.status_code, response.json()


def test_a_jump_goes_to_before_the_next_opening_in_whole_seconds(
    http: httpx.Client, time_source: SimulatedTime
) -> None:
    time_source.advance(timedelta(seconds=10, milliseconds=250))
    assert jump(http, before_next_opening=8.0) == (
        200,
        {
            "now": "2026-11-21T12:59:51.250Z",
            "jumped_seconds": 3591,
            "ahead_seconds": 3591,
            "next_opening": "2026-11-21T13:00:00.000Z",
        },
    )


def test_a_jump_goes_to_an_instant(http: httpx.Client) -> None:
    assert jump(http, to="2026-11-22T09:00:00+01:00") == (
        200,
        {
            "now": "2026-11-22T08:00:00.000Z",
            "jumped_seconds": 72010,
            "ahead_seconds": 72010,
            "next_opening": "2026-11-22T09:00:00.000Z",
        },
    )


def test_a_jump_keeps_the_phase_of_the_second_unless_it_is_to_go_exactly_there(
    http: httpx.Client,
) -> None:
    asked = {"to": "2026-11-21T12:00:00.750Z"}
    assert jump(http, **asked)[1]["now"] == "2026-11-21T12:00:00.000Z"
    status, answer = jump(http, **asked, exactly=True)
    assert (status, answer["now"], answer["jumped_seconds"]) == (200, "2026-11-21T12:00:00.750Z", 0.75)


def test_a_jump_that_is_not_forward_or_not_clear_is_refused(http: httpx.Client) -> None:
    bodies: list[dict[str, object]] = [
        {"to": "2026-11-21T12:59:49+01:00"},
        {"before_next_opening": 10.5},
        {"before_next_opening": -1},
        {"before_next_opening": 1e9},
        {"to": "2026-11-22T09:00:00"},
        {"to": "9999-12-31T23:59:59Z"},
        {"to": "2026-11-22T09:00:00Z", "before_next_opening": 8},
        {"before_next_opening": 8, "exactly": True},
        {"back": True},
        {},
    ]
    for body in bodies:
        status, answer = jump(http, **body)
        assert (body, status) == (body, 400)
        assert answer["statusCode"] == 400
    assert http.get("/practice/info").json()["now"] == "2026-11-21T11:59:50.000Z"


def test_rivals_whose_moment_a_jump_passes_have_acted_when_it_answers(
    settings: PracticeSettings, time_source: SimulatedTime, connect: Connect
) -> None:
    with running_practice_site(settings.model_copy(update={"rivals": 1}), time_source=time_source) as site:
        connect(site.url).post("/practice/clock/jump", json={"to": "2026-11-21T12:00:01Z"}).raise_for_status()
        listed = connect(site.url).get("/practice/slots", params={"date": "2026-11-24"}).json()["slots"]
        slot = next(each for each in listed if each["startDate"] == "2026-11-24T12:00:00.000Z")
        assert (slot["slot"], slot["owners"]) == ("X1 A", ["rival-1@2026-11-21T12:00Z"])


def test_the_slots_of_a_date_are_told_with_their_owners(
    http: httpx.Client, running: RunningSite, slot_at: SlotAt
) -> None:
    running.venue.book(running.accounts.member("user3"), slot_at("X3 B", "2026-11-23 13:00"))
    listed = http.get("/practice/slots", params={"date": "2026-11-23"}).json()
    assert len(listed["slots"]) == 80
    assert [slot for slot in listed["slots"] if slot["owners"]] == [
        {
            "location": "X3",
            "slot": "X3 B",
            "product_id": 20047,
            "linked_product_id": 16533,
            "startDate": "2026-11-23T12:00:00.000Z",
            "opening": "2026-11-20T12:00:00.000Z",
            "is_open": True,
            "spots": 1,
            "owners": ["user3"],
            "waiting": [],
            "doubled": False,
        }
    ]
    assert http.get("/practice/slots", params={"date": "tomorrow"}).status_code == 400
    assert http.get("/practice/slots", params={"date": "9999-12-31"}).status_code == 400
    assert http.get("/practice/slots").json()["date"] == "2026-11-21"


def test_booking_requests_are_told_with_their_arrival_and_kept_over_a_restart(
    settings: PracticeSettings,
    time_source: SimulatedTime,
    slot_at: SlotAt,
    order: Callable[[Slot], dict[str, object]],
    connect: Connect,
) -> None:
    time_source.advance(timedelta(milliseconds=7))
    with running_practice_site(settings, time_source=time_source) as site:
        session = site.accounts.open_session(site.accounts.member("user1"))
        headers = {"Authorization": f"Bearer {session.access_token}"}
        for label in ("X1 A", "X1 B"):
            body = order(slot_at(label, "2026-11-23 13:00"))
            connect(site.url).post("/api/participations", json=body, headers=headers)
        second = connect(site.url).get("/practice/requests", params={"after": 1}).json()["requests"]
        assert [row["outcome"] for row in second] == ["same_time"]
    with running_practice_site(settings, time_source=time_source) as site:
        kept = connect(site.url).get("/practice/requests").json()["requests"]
    assert kept[0] == {
        "id": 1,
        "arrived_at": "2026-11-21T11:59:50.007000Z",
        "account": "user1",
        "slot": "X1 A",
        "startDate": "2026-11-23T12:00:00.000Z",
        "outcome": "booked",
        "status": 201,
    }
    assert len(kept) == 2


@pytest.mark.parametrize(
    ("host", "status"),
    [("127.0.0.1", 200), ("::1", 200), ("::ffff:127.0.0.1", 200), ("10.0.0.7", 403), ("testclient", 403)],
)
def test_control_answers_only_this_machine(site: Site, host: str, status: int) -> None:
    async def statuses() -> set[int]:
        transport = httpx.ASGITransport(VenueHeaders(create_app(site), site.clock), client=(host, 50_000))
        async with httpx.AsyncClient(transport=transport, base_url="http://practice") as client:
            answers = [await client.get(f"/practice/{name}") for name in ("info", "slots", "requests")]
            answers.append(await client.post("/practice/clock/jump", json={"before_next_opening": 1}))
            return {response.status_code for response in answers}

    assert run_async(statuses()) == {status}
