"""Shared fixtures: a practice site under simulated time, with and without HTTP."""

import contextlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from sniper.practice.catalogue import CATALOGUE, Slot
from sniper.practice.clock import SimulatedTime
from sniper.practice.models import Account
from sniper.practice.server import RunningSite, open_site, running_practice_site
from sniper.practice.settings import PracticeSettings
from sniper.practice.site import Site
from tests.local_http import local_client

SlotAt = Callable[[str, str], Slot]


@pytest.fixture
def time_source() -> SimulatedTime:
    """Saturday 21 November 2026, 12:59:50 in Amsterdam."""
    return SimulatedTime(datetime(2026, 11, 21, 11, 59, 50, tzinfo=UTC))


@pytest.fixture
def web(tmp_path: Path) -> Path:
    """A built application, as small as can be."""
    directory = tmp_path / "dist"
    directory.mkdir()
    (directory / "index.html").write_text("<!doctype html><title>app</title>")
    (directory / "app-AB12CD34.js").write_text("0")
    (directory / "logo.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    return directory


@pytest.fixture
def settings(tmp_path: Path, web: Path) -> PracticeSettings:
    """A strict site on a free port."""
    return PracticeSettings(database=tmp_path / "practice.sqlite3", web=web)


@pytest.fixture
def site(settings: PracticeSettings, time_source: SimulatedTime) -> Iterator[Site]:
    """A site without HTTP."""
    with open_site(settings, time_source=time_source) as opened:
        yield opened


@pytest.fixture
def running(settings: PracticeSettings, time_source: SimulatedTime) -> Iterator[RunningSite]:
    """A site on a free port."""
    with running_practice_site(settings, time_source=time_source) as opened:
        yield opened


@pytest.fixture
def connect() -> Iterator[Callable[..., httpx.Client]]:
    """Clients of a site: `connect(url)`, and the headers they always send."""
    with contextlib.ExitStack() as stack:

        def client(url: str, headers: dict[str, str] | None = None) -> httpx.Client:
            return stack.enter_context(local_client(base_url=url, headers=headers))

        yield client


@pytest.fixture
def http(running: RunningSite, connect: Callable[..., httpx.Client]) -> httpx.Client:
    """A client of the running site, nobody signed in."""
    return connect(running.url)


@pytest.fixture
def token_of(running: RunningSite) -> Callable[[str], dict[str, str]]:
    """The headers of a signed-in account of the running site."""

    def headers(username: str) -> dict[str, str]:
        session = running.accounts.open_session(running.accounts.member(username))
        return {"Authorization": f"Bearer {session.access_token}"}

    return headers


@pytest.fixture
def user(site: Site) -> Callable[[int], Account]:
    """user1, user2, …"""
    return lambda number: site.accounts.member(f"user{number}")


@pytest.fixture
def slot_at() -> SlotAt:
    """A slot by its name and its local start, "2026-11-24 13:00"."""

    def find(label: str, local_start: str) -> Slot:
        start = datetime.fromisoformat(local_start).replace(tzinfo=CATALOGUE.timezone)
        return next(
            slot
            for slot in CATALOGUE.slots_on(start.date())
            if slot.label == label and slot.start == start.astimezone(UTC)
        )

    return find


@pytest.fixture
def order() -> Callable[..., dict[str, object]]:
    """The body of a booking request for a slot, as the app sends it."""

    def body(slot: Slot, member_id: int | None = None) -> dict[str, object]:
        params = {
            "startDate": slot.start.isoformat(),
            "endDate": slot.end.isoformat(),
            "bookableProductId": slot.location.product_id,
            "bookableLinkedProductId": slot.court.id if slot.court else None,
            "bookingId": slot.booking_id,
            "invitedMemberEmails": [],
            "invitedGuests": [],
            "invitedOthers": [],
            "clickedOnBook": True,
        }
        return {
            "organizationId": None,
            "memberId": member_id,
            "bookingId": slot.booking_id,
            "primaryPurchaseMessage": None,
            "secondaryPurchaseMessage": None,
            "params": params,
            "dateOfRegistration": None,
        }

    return body
