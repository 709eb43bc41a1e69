"""The JSON API over real HTTP: shapes, refusals, and races."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx

from sniper.practice.catalogue import FITNESS, Slot
from sniper.practice.clock import SimulatedTime
from sniper.practice.server import RunningSite, running_practice_site
from sniper.practice.settings import DemoAccount, PracticeSettings

Connect = Callable[..., httpx.Client]
SlotAt = Callable[[str, str], Slot]
Order = Callable[..., dict[str, object]]
TokenOf = Callable[[str], dict[str, str]]

OPEN_DAY = "2026-11-23"
DAY: dict[str, object] = {"startDate": "2026-11-23T23:00:00.000Z", "endDate": "2026-11-24T22:59:59.999Z"}


def answer(response: httpx.Response) -> tuple[int, object]:
    body = response.json()
    if response.is_error:
        assert body["statusCode"] == response.status_code
        return response.status_code, body["message"]
    return response.status_code, body


def test_the_configuration_tells_what_the_app_needs(http: httpx.Client) -> None:
    config = http.get("/api/config").json()
    assert config == {
        "name": "Practice X",
        "timezone": "Europe/Amsterdam",
        "rehearsal": True,
        "now": "2026-11-21T11:59:50.000Z",
        "ui": {
            "mode": "strict",
            "cards": "location",
            "picker": {"search": False, "append_to_body": False, "virtual_scroll": False, "typeahead": False},
        },
        "session_delay_ms": 0,
        "demo_accounts": [{"username": f"user{n}", "password": f"pass{n}"} for n in range(1, 21)],
    }
    assert http.head("/api/config").status_code == 200


def test_tags_and_products_are_those_of_the_venue(http: httpx.Client) -> None:
    assert http.get("/api/tags").json()["data"][:2] == [
        {"id": 28, "name": "Fitness", "group": None},
        {"id": 147, "name": "X1", "group": "All spaces"},
    ]
    assert http.get("/api/products/20045").json() == {
        "id": 20045,
        "description": "X1",
        "bookableSlotsMinutesAhead": 4320,
        "tagIds": [147],
    }
    assert http.get("/api/products/20061").json()["bookableSlotsMinutesAhead"] == 10080
    assert http.get("/api/products/16533").json()["description"] == "X3 B"
    assert answer(http.get("/api/products/1")) == (404, "This product does not exist.")


def slots(
    http: httpx.Client, *, page: int = 1, limit: int = 100, search: dict[str, object] = DAY
) -> dict[str, object]:
    response = http.get("/api/bookable-slots", params={"s": json.dumps(search), "page": page, "limit": limit})
    assert response.status_code == 200
    listed: dict[str, object] = response.json()
    return listed


def test_a_court_and_a_group_slot_look_on_the_wire_as_they_do_at_the_real_site(
    http: httpx.Client, slot_at: SlotAt
) -> None:
    court = slots(http, limit=1, search=DAY | {"tagIds": {"$in": [147]}})["data"]
    assert court == [
        {
            "bookingId": None,
            "bookableProductId": 20045,
            "linkedProductId": 4,
            "startDate": "2026-11-24T06:00:00.000Z",
            "endDate": "2026-11-24T06:59:59.000Z",
            "availableFrom": "2026-11-21T06:00:00.000Z",
            "spots": 1,
            "booking": None,
            "product": {"id": 20045, "description": "X1"},
            "linkedProduct": {"id": 4, "description": "X1 A"},
            "isAvailable": True,
            "isOpen": True,
            "spotsLeft": 1,
            "spotsTaken": 0,
        }
    ]
    group = slots(http, limit=1, search=DAY | {"productIds": [20061]})["data"]
    booking_id = slot_at("Fitness", "2026-11-24 07:00").booking_id
    assert group == [
        {
            "bookingId": booking_id,
            "bookableProductId": 20061,
            "linkedProductId": None,
            "startDate": "2026-11-24T06:00:00.000Z",
            "endDate": "2026-11-24T06:59:59.000Z",
            "availableFrom": "2026-11-17T06:00:00.000Z",
            "spots": 60,
            "booking": {"id": booking_id},
            "product": {"id": 20061, "description": "Fitness"},
            "linkedProduct": None,
            "isAvailable": True,
            "isOpen": True,
            "spotsLeft": 60,
            "spotsTaken": 0,
        }
    ]


def test_the_list_is_paged_and_filtered(http: httpx.Client) -> None:
    everything = slots(http)
    assert (everything["total"], everything["count"], everything["pageCount"]) == (80, 80, 1)
    last = slots(http, page=6, limit=15)
    assert (last["total"], last["count"], last["pageCount"], last["page"]) == (80, 5, 6, 6)
    assert slots(http, search=DAY | {"tagIds": {"$in": [147, 149]}})["total"] == 64
    assert slots(http, search=DAY | {"tagIds": {"$in": [148]}})["total"] == 0
    assert slots(http, search=DAY | {"productIds": {"$in": [4]}})["total"] == 16


def test_without_dates_the_rest_of_today_is_listed(http: httpx.Client) -> None:
    listed = slots(http, search={"productIds": [20061]})["data"]
    assert isinstance(listed, list)
    assert [slot["startDate"] for slot in listed][:1] == ["2026-11-21T12:00:00.000Z"]
    assert len(listed) == 10


def test_a_slot_is_listed_as_open_from_its_opening_on(
    http: httpx.Client, time_source: SimulatedTime, slot_at: SlotAt
) -> None:
    def is_open() -> object:
        start = slot_at("X1 A", "2026-11-24 13:00").start.isoformat()
        listed = slots(http, search={"productIds": [4], "startDate": start, "endDate": start})["data"]
        assert isinstance(listed, list)
        return listed[0]["isOpen"]

    assert is_open() is False
    time_source.advance(timedelta(seconds=10))
    assert is_open() is True


def test_a_search_that_cannot_be_read_is_refused(http: httpx.Client) -> None:
    for search in (
        "nonsense",
        "[1]",
        '{"startDate":"2026-11-24T00:00:00"}',
        '{"startDate":5}',
        '{"tagIds":"X1"}',
        '{"startDate":"0001-01-01T00:00:00+14:00"}',
        '{"endDate":"2027-11-24T00:00:00Z"}',
    ):
        assert answer(http.get("/api/bookable-slots", params={"s": search}))[0] == 400


def test_a_booking_is_made_listed_and_cancelled(
    http: httpx.Client, token_of: TokenOf, order: Order, slot_at: SlotAt, running: RunningSite
) -> None:
    token = token_of("user1")
    member = running.accounts.member("user1")
    slot = slot_at("X1 A", f"{OPEN_DAY} 13:00")
    made = http.post("/api/participations", json=order(slot, member.id), headers=token)
    assert answer(made) == (201, {"id": 1, "status": 1})
    listed = http.get("/api/participations", params={"s": '{"$or":[{"memberId":1}]}'}, headers=token).json()
    assert listed == {
        "data": [
            {
                "id": 1,
                "status": 1,
                "memberId": member.id,
                "dateOfRegistration": "2026-11-21T11:59:50.000Z",
                "startDate": "2026-11-23T12:00:00.000Z",
                "endDate": "2026-11-23T12:59:59.000Z",
                "product": {"id": 20045, "description": "X1"},
                "linkedProduct": {"id": 4, "description": "X1 A"},
            }
        ],
        "page": 1,
        "count": 1,
        "total": 1,
        "pageCount": 1,
    }
    assert http.get("/api/participations", headers=token_of("user2")).json()["data"] == []
    gone = (404, "This participation does not exist.")
    assert answer(http.delete("/api/participations/1", headers=token_of("user2"))) == gone
    assert answer(http.delete("/api/participations/1", headers=token)) == (200, {"id": 1})
    assert answer(http.delete("/api/participations/1", headers=token)) == gone
    assert http.get("/api/participations", headers=token).json()["data"] == []


def test_every_refusal_has_its_status_and_text(
    http: httpx.Client,
    token_of: TokenOf,
    order: Order,
    slot_at: SlotAt,
    running: RunningSite,
    time_source: SimulatedTime,
) -> None:
    one, two = token_of("user1"), token_of("user2")

    def book(token: dict[str, str], slot: Slot, **change: object) -> tuple[int, object]:
        body = order(slot)
        params = body["params"]
        assert isinstance(params, dict)
        params |= change
        return answer(http.post("/api/participations", json=body, headers=token))

    slot = slot_at("X1 A", f"{OPEN_DAY} 13:00")
    assert book({}, slot) == (401, "Unauthorized")
    assert book({"Authorization": "Bearer made-up"}, slot) == (401, "Unauthorized")
    assert book(one, slot, startDate="2026-11-23T12:30:00Z") == (404, "This slot does not exist.")
    assert book(one, slot, bookableLinkedProductId=None) == (404, "This slot does not exist.")
    assert book(one, slot, bookingId=7) == (404, "This slot does not exist.")
    assert book(one, slot_at("X1 A", "2026-11-21 12:00")) == (403, "This slot has already started.")
    assert book(one, slot_at("X1 A", "2026-11-24 13:00")) == (
        403,
        "This slot cannot be booked yet. Booking opens at 2026-11-21 13:00:00.",
    )
    assert book(one, slot)[0] == 201
    assert book(one, slot_at("X3 A", f"{OPEN_DAY} 13:00")) == (
        403,
        "You already have a booking at this time.",
    )
    assert book(one, slot_at("X1 B", f"{OPEN_DAY} 14:00")) == (
        403,
        "You already have a booking at X1 on this day.",
    )
    assert book(two, slot) == (409, "This slot is fully booked.")
    other = http.post(
        "/api/participations", json=order(slot, running.accounts.member("user1").id), headers=two
    )
    assert answer(other) == (403, "You can only book for yourself.")
    assert answer(http.post("/api/participations", content=b"{", headers=two))[0] == 400
    naive = order(slot)
    naive["params"] = {"startDate": "2026-11-23T13:00:00", "bookableProductId": 20045}
    assert answer(http.post("/api/participations", json=naive, headers=two))[0] == 400
    time_source.advance(timedelta(hours=24))
    assert book(two, slot_at("X1 B", f"{OPEN_DAY} 13:00")) == (401, "Unauthorized")
    assert answer(http.get("/api/participations", headers=two)) == (401, "Unauthorized")
    assert answer(http.delete("/api/participations/1", headers=one)) == (401, "Unauthorized")
    outcomes = [row["outcome"] for row in http.get("/practice/requests").json()["requests"]]
    assert outcomes == [
        "unauthorized", "unauthorized", "unknown_slot", "unknown_slot", "unknown_slot", "started",
        "too_early", "booked", "same_time", "same_location_and_day", "full", "invalid", "invalid", "invalid",
        "unauthorized",
    ]  # fmt: skip


def test_many_requests_at_once_get_each_place_once(
    settings: PracticeSettings, time_source: SimulatedTime, order: Order, slot_at: SlotAt, connect: Connect
) -> None:
    people = tuple(DemoAccount(username=f"user{n}", password="-") for n in range(1, 101))  # noqa: S106
    with running_practice_site(
        settings.model_copy(update={"accounts": people}), time_source=time_source
    ) as site:
        court = order(slot_at("X1 A", f"{OPEN_DAY} 13:00"))
        group = order(slot_at("Fitness", f"{OPEN_DAY} 14:00"))

        def book_both(person: DemoAccount) -> list[tuple[int, object]]:
            token = site.accounts.open_session(site.accounts.member(person.username)).access_token
            client = connect(site.url, {"Authorization": f"Bearer {token}"})
            answers = [client.post("/api/participations", json=body) for body in (court, group)]
            return [(response.status_code, response.json().get("status")) for response in answers]

        with ThreadPoolExecutor(25) as pool:
            results = list(pool.map(book_both, people))
        court_answers = [result[0] for result in results]
        group_answers = [result[1] for result in results]
        assert court_answers.count((201, 1)) == 1
        assert court_answers.count((409, None)) == len(people) - 1
        assert group_answers.count((201, 1)) == FITNESS.capacity
        assert group_answers.count((201, 3)) == len(people) - FITNESS.capacity
        found = site.venue.owners_on(slot_at("X1 A", f"{OPEN_DAY} 13:00").day)
        assert not any(owners.is_doubled for owners in found)


def test_a_racy_site_really_doubles(
    settings: PracticeSettings, time_source: SimulatedTime, order: Order, slot_at: SlotAt, connect: Connect
) -> None:
    racy = settings.model_copy(update={"racy": True, "racy_gap": timedelta(milliseconds=150)})
    with running_practice_site(racy, time_source=time_source) as site:
        body = order(slot_at("X1 A", f"{OPEN_DAY} 13:00"))

        def book(number: int) -> int:
            token = site.accounts.open_session(site.accounts.member(f"user{number}")).access_token
            headers = {"Authorization": f"Bearer {token}"}
            return connect(site.url).post("/api/participations", json=body, headers=headers).status_code

        with ThreadPoolExecutor(8) as pool:
            statuses = list(pool.map(book, range(1, 9)))
        assert statuses.count(201) > 1
        listed = connect(site.url).get("/practice/slots", params={"date": OPEN_DAY}).json()["slots"]
        doubled = [slot for slot in listed if slot["doubled"]]
        assert [(slot["slot"], len(slot["owners"])) for slot in doubled] == [("X1 A", statuses.count(201))]
