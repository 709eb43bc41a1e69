"""Booking as a person does: the dialog, its answers, and the dashboard."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, expect

from sniper.practice.server import RunningSite
from sniper.practice.settings import DemoAccount
from tests.pages.visitor import DAY, Visitor, at_venue, slot_at

TOO_EARLY = "This slot cannot be booked yet. Booking opens at 2026-11-21 13:00:00."
FULL = "[data-test-id='bookable-slot-spots-full']"

Member = Callable[..., Visitor]


def take(site: RunningSite, number: int, label: str, start: str) -> None:
    site.venue.book(site.accounts.member(f"user{number}"), slot_at(label, start))


def owners(site: RunningSite, label: str, start: str) -> tuple[str, ...]:
    wanted = slot_at(label, start)
    return next(found.owners for found in site.venue.owners_on(wanted.day) if found.slot == wanted)


def rows(visitor: Visitor) -> Locator:
    return visitor.page.locator("participations-table tr[data-participation-id]")


def test_a_booking_is_told_by_an_icon_without_text(regular: Visitor) -> None:
    visitor = regular
    visitor.press_book("X1", "12:00")
    expect(visitor.confirm).to_be_disabled()
    visitor.pick("X1 B")
    visitor.confirm.click()
    success = visitor.dialog.locator("i[data-test-id='booking-success']")
    expect(success).to_be_visible()
    expect(success).to_be_empty()
    expect(visitor.dialog.locator("h4")).to_have_text("Booking was made")
    assert owners(visitor.site, "X1 B", "12:00") == ("user1",)
    visitor.find("booking-done-button").click()
    expect(visitor.dialog).to_have_count(0)
    expect(visitor.card("X1", "12:00")).to_contain_text("1 left")


def test_strict_a_card_opens_only_on_a_list_of_after_the_opening(member: Member) -> None:
    visitor = member(mode="strict")
    card = visitor.card("X1", "13:00")
    expect(card).to_have_class(re.compile("opacity-50"))
    visitor.press_book("X1", "13:00")
    visitor.drawn()
    expect(visitor.dialog).to_have_count(0)

    visitor.site.clock.jump_to(at_venue("2026-11-21 13:00:02"))
    # It is open, but this list does not know.
    expect(card).to_have_class(re.compile("opacity-50"))
    visitor.press_book("X1", "13:00")
    visitor.drawn()
    expect(visitor.dialog).to_have_count(0)

    visitor.find("refresh").click()
    expect(card).not_to_have_class(re.compile("opacity-50"))
    visitor.book("X1", "13:00", "X1 A")
    expect(visitor.find("booking-success")).to_be_visible()
    assert owners(visitor.site, "X1 A", "13:00") == ("user1",)


def test_lenient_the_dialog_is_filled_beforehand_and_confirmed_after_the_opening(member: Member) -> None:
    visitor = member(mode="lenient")
    expect(visitor.card("X1", "13:00")).to_have_class(re.compile("opacity-50"))
    visitor.press_book("X1", "13:00")
    visitor.pick("X1 A")
    visitor.confirm.click()
    refusal = visitor.dialog.locator("div[data-test-id='booking-error']")
    expect(refusal).to_have_text(TOO_EARLY)
    expect(visitor.confirm).to_be_enabled()

    visitor.site.clock.jump_to(at_venue("2026-11-21 13:00:02"))
    visitor.confirm.click()
    expect(visitor.dialog.locator("i[data-test-id='booking-success']")).to_be_visible()
    expect(refusal).to_have_count(0)
    assert owners(visitor.site, "X1 A", "13:00") == ("user1",)


def test_what_was_taken_since_the_list_is_refused_and_the_dialog_stays(regular: Visitor) -> None:
    visitor = regular
    visitor.press_book("X1", "12:00")
    visitor.pick("X1 A")
    take(visitor.site, 2, "X1 A", "12:00")
    visitor.confirm.click()
    expect(visitor.find("booking-error")).to_have_text("This slot is fully booked.")
    # The other court can still be had, in the same dialog.
    visitor.pick("X1 B")
    visitor.confirm.click()
    expect(visitor.find("booking-success")).to_be_visible()
    assert owners(visitor.site, "X1 A", "12:00") == ("user2",)
    assert owners(visitor.site, "X1 B", "12:00") == ("user1",)


def test_a_full_court_is_an_option_that_cannot_be_chosen(regular: Visitor) -> None:
    visitor = regular
    take(visitor.site, 2, "X1 A", "12:00")
    visitor.find("refresh").click()
    expect(visitor.card("X1", "12:00")).to_contain_text("1 left")
    expect(visitor.card("X1", "12:00").locator(FULL)).to_have_count(0)
    visitor.press_book("X1", "12:00")
    visitor.dialog.locator("ng-select .ng-select-container").click()
    full = visitor.dialog.locator(".ng-option-disabled")
    expect(full).to_have_text("X1 A")
    full.click(force=True)
    visitor.drawn()
    expect(visitor.confirm).to_be_disabled()
    visitor.dialog.locator(".ng-option").get_by_text("X1 B", exact=True).click()
    expect(visitor.confirm).to_be_enabled()


def test_a_second_booking_of_the_day_is_refused_in_the_venues_words(regular: Visitor) -> None:
    visitor = regular
    take(visitor.site, 1, "X1 B", "10:00")
    visitor.press_book("X1", "12:00")
    visitor.pick("X1 A")
    visitor.confirm.click()
    expect(visitor.find("booking-error")).to_have_text("You already have a booking at X1 on this day.")
    visitor.find("button-close-modal").click()
    visitor.press_book("Fitness", "10:00")
    visitor.confirm.click()
    expect(visitor.find("booking-error")).to_have_text("You already have a booking at this time.")


def test_who_comes_late_to_fitness_is_put_on_the_waiting_list(member: Member) -> None:
    everybody = [DemoAccount(username=f"user{n}", password=f"pass{n}") for n in range(1, 62)]
    visitor = member(accounts=tuple(everybody))
    visitor.press_book("Fitness", "12:00")
    # A group has nothing to pick.
    expect(visitor.dialog.locator("ng-select")).to_have_count(0)
    with visitor.site.venue.transaction() as transaction:
        for number in range(2, 62):
            transaction.book(visitor.site.accounts.member(f"user{number}"), slot_at("Fitness", "12:00"))
    visitor.confirm.click()
    expect(visitor.dialog.locator("i[data-test-id='booking-waitlisted']")).to_be_visible()
    expect(visitor.dialog.locator("h4")).to_have_text("You are on the waiting list")
    expect(visitor.find("booking-success")).to_have_count(0)
    visitor.dialog.get_by_role("link", name="See my bookings").click()
    expect(rows(visitor)).to_have_attribute("data-status", "3")
    expect(rows(visitor)).to_contain_text("Waiting list")


def test_escape_closes_the_picker_first_and_then_the_dialog(regular: Visitor) -> None:
    visitor = regular
    visitor.press_book("X1", "12:00")
    visitor.dialog.locator("ng-select .ng-select-container").click()
    expect(visitor.dialog.locator(".ng-option")).to_have_count(2)
    visitor.page.keyboard.press("Escape")
    expect(visitor.dialog.locator(".ng-option")).to_have_count(0)
    expect(visitor.dialog).to_be_visible()
    visitor.page.keyboard.press("Escape")
    expect(visitor.dialog).to_have_count(0)


def test_the_dashboard_shows_what_was_booked_and_gives_it_back(regular: Visitor) -> None:
    visitor = regular
    visitor.book("X1", "12:00", "X1 A")
    visitor.dialog.get_by_role("link", name="See my bookings").click()
    row = rows(visitor)
    expect(row).to_have_count(1)
    expect(row.locator("[data-test-id='participation-date']")).to_have_attribute("data-date", DAY)
    expect(row.locator("[data-test-id='participation-time']")).to_have_text("12:00")
    expect(row.locator("[data-test-id='participation-location']")).to_have_text("X1")
    expect(row.locator("[data-test-id='participation-sub-location']")).to_have_text("X1 A")
    expect(row.locator("[data-test-id='participation-status']")).to_have_text("Booked")

    row.locator("button[data-test-id='participation-cancel-button']").click()
    visitor.find("cancel-confirm-button").click()
    expect(visitor.find("participations-empty")).to_be_visible()
    assert owners(visitor.site, "X1 A", "12:00") == ()
    take(visitor.site, 2, "X1 A", "12:00")


def test_a_cancellation_can_be_thought_better_of(regular: Visitor) -> None:
    visitor = regular
    visitor.book("Fitness", "12:00")
    visitor.dialog.get_by_role("link", name="See my bookings").click()
    visitor.find("participation-cancel-button").click()
    visitor.find("cancel-dismiss-button").click()
    expect(visitor.dialog).to_have_count(0)
    expect(rows(visitor)).to_have_count(1)
    assert owners(visitor.site, "Fitness", "12:00") == ("user1",)


def test_bookings_outlive_a_reload(regular: Visitor) -> None:
    visitor = regular
    visitor.book("X3", "12:00", "X3 B")
    visitor.go("/dashboard")
    expect(rows(visitor)).to_contain_text("X3 B")
