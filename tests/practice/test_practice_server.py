"""The site as a server: its headers, its files, what survives a restart, and how it starts and ends."""

import dataclasses
import socket
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from fastapi.routing import APIRoute

from sniper.practice.catalogue import Slot
from sniper.practice.clock import SimulatedTime
from sniper.practice.database import Database, DatabaseError
from sniper.practice.headers import VenueHeaders
from sniper.practice.server import PracticeServerError, RunningSite, create_app, running_practice_site
from sniper.practice.settings import PracticeSettings
from sniper.practice.site import Site
from tests.aio import run_async

Connect = Callable[..., httpx.Client]
SlotAt = Callable[[str, str], Slot]


def test_every_answer_is_dated_by_the_venues_clock(
    http: httpx.Client, time_source: SimulatedTime, running: RunningSite
) -> None:
    running.clock.jump(timedelta(days=9))
    time_source.advance(timedelta(milliseconds=999))
    for method, path, status in (
        ("GET", "/", 200),
        ("HEAD", "/", 200),
        ("GET", "/dashboard", 200),
        ("GET", "/app-AB12CD34.js", 200),
        ("GET", "/missing.js", 404),
        ("GET", "/api/config", 200),
        ("GET", "/api/nonsense", 404),
        ("PUT", "/api/config", 405),
        ("GET", "/api/participations", 401),
        ("POST", "/api/auth/token", 400),
        ("GET", "/sso/second-factor", 303),
        ("GET", "/practice/nonsense", 404),
    ):
        response = http.request(method, path)
        assert (path, response.status_code) == (path, status)
        assert response.headers.get_list("date") == ["Mon, 30 Nov 2026 11:59:50 GMT"]
        assert response.headers["x-content-type-options"] == "nosniff"


def test_an_answer_to_a_fault_of_ours_is_dated_too(site: Site) -> None:
    app = create_app(site)

    async def fault() -> None:
        raise RuntimeError("on purpose")

    app.router.routes.insert(0, APIRoute("/fault", fault))

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(VenueHeaders(app, site.clock), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://practice") as client:
            return await client.get("/fault")

    response = run_async(ask())
    assert response.json() == {"statusCode": 500, "message": "Internal Server Error"}
    assert response.headers["date"] == "Sat, 21 Nov 2026 11:59:50 GMT"


def test_routes_of_the_app_get_its_page_under_the_policy(http: httpx.Client) -> None:
    for path in ("/", "/dashboard", "/products/bookable-product-schedule", "/oidc-callback?code=x"):
        page = http.get(path)
        assert page.text.startswith("<!doctype html><title>app")
        assert page.headers["cache-control"] == "no-cache"
        policy = page.headers["content-security-policy"]
        assert "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'" in policy


def test_only_what_is_named_by_its_content_may_be_kept(http: httpx.Client) -> None:
    assert "immutable" in http.get("/app-AB12CD34.js").headers["cache-control"]
    assert http.get("/logo.svg").headers["cache-control"] == "no-cache"
    assert "content-security-policy" not in http.get("/logo.svg").headers
    assert http.get("/api/config").headers["cache-control"] == "no-store"


def test_nothing_outside_of_the_build_is_served(http: httpx.Client) -> None:
    assert http.get("/..%2fpractice.sqlite3").status_code == 404
    assert http.get("/%2e%2e/practice.sqlite3").status_code == 404


def test_without_a_build_a_page_says_how_to_make_one(
    settings: PracticeSettings, time_source: SimulatedTime, tmp_path: Path, connect: Connect
) -> None:
    unbuilt = settings.model_copy(update={"web": tmp_path / "nothing"})
    with running_practice_site(unbuilt, time_source=time_source) as site:
        page = connect(site.url).get("/dashboard")
        assert page.status_code == 503
        assert "REHEARSAL" in page.text
        assert "sniper setup" in page.text
        assert connect(site.url).get("/app.js").status_code == 404
        assert connect(site.url).get("/api/config").status_code == 200


def test_bookings_and_tokens_survive_a_restart(
    settings: PracticeSettings, time_source: SimulatedTime, slot_at: SlotAt, connect: Connect
) -> None:
    with running_practice_site(settings, time_source=time_source) as site:
        member = site.accounts.member("user1")
        site.venue.book(member, slot_at("X1 A", "2026-11-23 13:00"))
        token = site.accounts.open_session(member).access_token
    with running_practice_site(settings, time_source=time_source) as site:
        headers = {"Authorization": f"Bearer {token}"}
        listed = connect(site.url).get("/api/participations", headers=headers).json()
        assert [row["memberId"] for row in listed["data"]] == [member.id]
    assert settings.database is not None
    assert token.encode() not in settings.database.read_bytes()
    fresh = settings.model_copy(update={"fresh": True})
    with running_practice_site(fresh, time_source=time_source) as site:
        assert connect(site.url).get("/api/participations", headers=headers).status_code == 401
        assert site.venue.participations(site.accounts.member("user1")) == []


def test_one_who_may_not_sign_in_any_more_has_no_session_either(
    settings: PracticeSettings, time_source: SimulatedTime, connect: Connect
) -> None:
    with running_practice_site(settings, time_source=time_source) as site:
        token = site.accounts.open_session(site.accounts.member("user20")).access_token
    fewer = settings.model_copy(update={"accounts": settings.accounts[:3]})
    with running_practice_site(fewer, time_source=time_source) as site:
        answer = connect(site.url).get("/api/participations", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401


def test_somebody_elses_database_stays_untouched(tmp_path: Path) -> None:
    path = tmp_path / "theirs.sqlite3"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE precious (x)")
    before = path.read_bytes()
    with pytest.raises(DatabaseError, match="something else"):
        Database(path, fresh=True)
    assert path.read_bytes() == before
    path.write_text("not a database at all, but a diary of some length")
    with pytest.raises(DatabaseError, match="cannot be used"):
        Database(path)


def test_a_port_in_use_is_told_and_the_database_is_not_emptied(
    settings: PracticeSettings, time_source: SimulatedTime, slot_at: SlotAt
) -> None:
    with running_practice_site(settings, time_source=time_source) as site:
        site.venue.book(site.accounts.member("user1"), slot_at("X1 A", "2026-11-23 13:00"))
        port = int(site.url.rpartition(":")[2])
        again = settings.model_copy(update={"port": port, "fresh": True})
        with pytest.raises(PracticeServerError, match=f"Port {port} is in use"):
            running_practice_site(again, time_source=time_source).__enter__()
        assert len(site.venue.participations(site.accounts.member("user1"))) == 1


def test_a_site_that_has_ended_does_not_listen_any_more(
    settings: PracticeSettings, time_source: SimulatedTime, connect: Connect
) -> None:
    with running_practice_site(settings, time_source=time_source) as site:
        port = int(site.url.rpartition(":")[2])
        assert connect(site.url).get("/").status_code == 200
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
        pass
    # And can be started again on its port at once.
    with running_practice_site(settings.model_copy(update={"port": port}), time_source=time_source) as site:
        assert connect(site.url).get("/").status_code == 200


def test_a_site_without_a_database_of_its_own_leaves_nothing_behind(web: Path) -> None:
    with running_practice_site(PracticeSettings(web=web)) as site:
        path = site.database.path
        assert path.exists()
        assert dataclasses.is_dataclass(site)
    assert not path.parent.exists()
