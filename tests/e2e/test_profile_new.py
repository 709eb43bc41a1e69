"""`sniper profile new`: a hand books once at the practice site, and the draft books for somebody else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.async_api import Page, async_playwright

from sniper.cli import profile_new
from sniper.drafting.window import Say, Watched, watch
from sniper.practice.settings import DemoAccount
from sniper.setup.browser import launch_options
from sniper.sites.library import load_profile
from tests.e2e.conftest import Club

SLOTS = "bookable-slot-list"
PASSWORD = "planted-Password-8f3a!"  # noqa: S105 - looked for in all that is written


def test_a_draft_of_one_members_booking_books_another_slot_for_another_member(
    club: Callable[..., Club], monkeypatch: pytest.MonkeyPatch
) -> None:
    people = (
        DemoAccount(username="user1", password=PASSWORD, first_name="Plantagena", last_name="Plantedname"),
        DemoAccount(username="user2", password="pass2", first_name="Berta"),  # noqa: S106,
    )
    here = club(start="2026-11-21T13:30:00+01:00", accounts=people)
    _watched_by(monkeypatch, _books_once)

    drafted = here.asked(
        "profile", "new", here.site.url, "--name", "drafted", "--timezone", "Europe/Amsterdam"
    )

    file = here.folder / "profiles" / "drafted.yaml"
    assert drafted.exit_code == 0, drafted.stderr
    assert drafted.stdout.strip() == "profiles/drafted.yaml"
    assert "Signed in, as it seems." in drafted.stderr
    text = file.read_text(encoding="utf-8")
    _tells_nothing_of_the_member(here, text + drafted.stdout + drafted.stderr)
    checked = here.asked("profile", "check", str(file))
    assert checked.exit_code == 0, checked.stderr
    profile = load_profile(file)
    assert list(profile.locations) == ["X1"]
    assert profile.locations["X1"].sub_locations == ("X1 A",)
    assert profile.my_bookings is not None
    assert profile.my_bookings.sub_location is not None
    assert profile.cancel is not None

    # What is asked is answered: the window is right, and there is another court.
    assert "    # ? which others are there?\n    sub_locations: [X1 A]" in text
    answered = text.replace("sub_locations: [X1 A]", "sub_locations: [X1 A, X1 B]")
    file.write_text(f"{answered}clock: {{probes: 2}}\nlate_opening: {{within: 60s}}\n", encoding="utf-8")
    (here.folder / "bookings.json").write_text(json.dumps(_wanted()), encoding="utf-8")
    run = here.asked("run", "bookings.json", "--json")
    assert run.exit_code == 0, run.stderr
    assert list(run.booked.values()) == ["user2"]
    reference = run.data["bookings"][0]["reference"]
    given_back = here.asked("bookings", "give-back", reference, "--file", "bookings.json")
    assert given_back.exit_code == 0, given_back.stderr
    assert not here.site.venue.participations(here.site.accounts.member("user2"))


def _wanted() -> dict[str, Any]:
    return {
        "site": "drafted",
        "accounts": [{"netid": "user2", "password": "pass2"}],
        "snipe_config": {
            "target_date": "2026-11-24",
            "consecutive_hours": 1,
            "time_window": {"start": "12:00", "end": "13:00"},
            "priorities": [{"rank": 1, "location": "X1", "max_accounts": 1}],
            "fallback_strategy": "none",
        },
    }


def _tells_nothing_of_the_member(here: Club, told: str) -> None:
    written = [path for path in here.folder.rglob("*") if path.is_file()]
    assert written
    for secret in ("planted-Password", "user1", "Plantagena", "Plantedname"):
        assert secret not in told
        assert not [path for path in written if secret.encode() in path.read_bytes()]


def _watched_by(monkeypatch: pytest.MonkeyPatch, hand: Callable[[Page], Any]) -> None:
    """The command's window has no screen, and a hand that is none."""

    async def watched(url: str, say: Say, *, timezone: str | None) -> Watched:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(**launch_options(headless=True))
            context = await browser.new_context(timezone_id=timezone)
            hands: list[asyncio.Task[None]] = []

            async def use(page: Page) -> None:
                try:
                    await page.wait_for_url(f"{url}/**")
                    await hand(page)
                finally:
                    await page.close()

            context.on("page", lambda page: hands.append(asyncio.create_task(use(page))))
            seen = await watch(context, url, say)
            await asyncio.gather(*hands)
            await browser.close()
            return seen

    monkeypatch.setattr(profile_new, "need_display", lambda _mend: None)
    monkeypatch.setattr(profile_new, "watched", watched)


async def _books_once(page: Page) -> None:
    """As a member would: with a wrong password first, the filter, and giving it back in the end."""
    await page.click("[data-test-id=oidc-login-button]")
    await page.click("div[data-title='Delft University of Technology']")
    for password in ("planted-Password-mistyped", PASSWORD):
        await page.fill("#username", "user1")
        await page.locator("#password").press_sequentially(password)
        await page.click("#submit_button")
    await page.get_by_role("link", name="Schedule").click()
    cards = page.locator(f"[data-test-id='{SLOTS}']")
    await cards.first.wait_for()
    await page.fill("input[type=date]:not([readonly])", "2026-11-24")
    await page.get_by_text("Tuesday, 24 November 2026").first.wait_for()
    await page.click("#tag-filterinput")
    await page.get_by_role("button", name="All spaces").click()
    await page.check("#tagCheckbox147")
    await page.keyboard.press("Escape")
    await cards.filter(has_text="Fitness").first.wait_for(state="detached")
    await cards.filter(has=page.locator("strong", has_text="13:00")).locator("button").click()
    await page.click("modal-container ng-select")
    await page.get_by_role("option", name="X1 A").click()
    await page.click("[data-test-id=details-book-button]")
    await page.locator("[data-test-id=booking-success]").wait_for()
    await page.click("[data-test-id=button-close-modal]")
    await page.get_by_role("link", name="My bookings").click()
    await page.click("[data-test-id=participation-cancel-button]")
    await page.click("[data-test-id=cancel-confirm-button]")
    await page.locator("[data-test-id=participation-cancel-button]").wait_for(state="detached")
