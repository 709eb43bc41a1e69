"""The schedule as a person sees it: its cards, its date and its filter."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from playwright.sync_api import expect

from tests.conftest import StartSite
from tests.pages.conftest import Visit
from tests.pages.visitor import DAY, Visitor, long_day, slot_at

FITNESS, X1, X2, X3 = (f"#tagCheckbox{tag}" for tag in (28, 147, 148, 149))
FULL = "[data-test-id='bookable-slot-spots-full']"
BOOK = "[data-test-id='bookable-slot-book-button']"


def titles(visitor: Visitor) -> set[str]:
    texts = visitor.find("bookable-slot-linked-product-description").all_inner_texts()
    return {text.strip() for text in texts}


def test_the_elements_of_the_real_page_contain_each_other(regular: Visitor) -> None:
    nested = "bookable-product-index > bookable-product-schedule > bookable-slot-list"
    cards = regular.page.locator(f"{nested} > div[data-test-id='bookable-slot-list']")
    # Sixteen hours of Fitness, X1 and X3.
    expect(cards).to_have_count(48)
    first = cards.first
    expect(first.locator("p[data-test-id='bookable-slot-start-time'] strong")).to_have_text("07:00")
    expect(first.locator("[data-test-id='bookable-slot-linked-product-description']")).to_have_text("Fitness")


def test_an_open_card_looks_open_and_one_that_is_not_says_when(regular: Visitor) -> None:
    expect(regular.card("X1", "12:00")).not_to_have_class(re.compile("opacity-50"))
    expect(regular.card("X1", "12:00")).to_contain_text("2 left")
    expect(regular.card("X1", "13:00")).to_have_class(re.compile("opacity-50"))
    expect(regular.card("X1", "13:00")).to_contain_text("Opens Sat 13:00")
    # Its button exists all the same, and can be pressed.
    expect(regular.card("X1", "13:00").locator(BOOK)).to_be_enabled()
    # Fitness opens a week before.
    expect(regular.card("Fitness", "13:00")).not_to_have_class(re.compile("opacity-50"))


def test_times_are_those_of_the_venue_wherever_the_browser_is(visit: Visit, shared_site: StartSite) -> None:
    visitor = visit(shared_site(), timezone_id="America/New_York")
    visitor.sign_in()
    visitor.open_schedule()
    assert (
        visitor.page.evaluate("() => Intl.DateTimeFormat().resolvedOptions().timeZone") == "America/New_York"
    )
    times = visitor.find("bookable-slot-start-time").locator("strong").all_inner_texts()
    assert (times[0], times[-1], len(times)) == ("07:00", "22:00", 48)
    expect(visitor.card("X1", "13:00")).to_contain_text("Opens Sat 13:00")
    expect(visitor.find("venue-clock")).to_have_text(re.compile(r"^12:\d\d:\d\d$"))
    visitor.press_book("X1", "12:00")
    expect(visitor.find("booking-date")).to_have_text(long_day(date(2026, 11, 24)))
    expect(visitor.find("booking-time")).to_have_text("12:00 – 13:00")


def test_today_is_the_venues_today(visit: Visit, shared_site: StartSite) -> None:
    # In Auckland Sunday has begun.
    visitor = visit(shared_site(), timezone_id="Pacific/Auckland")
    visitor.sign_in()
    visitor.page.get_by_role("link", name="Schedule").click()
    expect(visitor.date).to_have_value("2026-11-21")
    # What has begun is not listed any more.
    expect(visitor.cards().first).to_contain_text("13:00")


def test_another_date_shows_another_day(regular: Visitor) -> None:
    regular.choose_date("2026-11-25")
    expect(regular.card("X1", "07:00")).to_contain_text("Opens Sun 07:00")
    regular.choose_date(DAY)
    expect(regular.card("X1", "07:00")).not_to_contain_text("Opens")
    regular.find("next-day").click()
    expect(regular.date).to_have_value("2026-11-25")
    expect(regular.card("X1", "07:00")).to_contain_text("Opens Sun 07:00")


def test_the_same_date_again_loads_the_list_again(regular: Visitor) -> None:
    with regular.page.expect_response("**/api/bookable-slots**"):
        regular.date.dispatch_event("change")


def test_the_date_cannot_be_changed_while_the_list_loads(regular: Visitor) -> None:
    held: list[Callable[[], None]] = []
    regular.page.route("**/api/bookable-slots**", lambda route: held.append(route.continue_))
    with regular.page.expect_request("**/api/bookable-slots**"):
        regular.find("refresh").click()
    expect(regular.date).to_have_attribute("readonly", "")
    expect(regular.cards()).to_have_count(0)
    held.pop()()
    expect(regular.date).not_to_have_attribute("readonly", "")
    expect(regular.cards()).to_have_count(48)


def test_a_day_without_slots_says_so(regular: Visitor) -> None:
    regular.choose_date("2026-11-20")
    expect(regular.find("bookable-slots-empty")).to_be_visible()
    expect(regular.cards()).to_have_count(0)


def test_typing_filters_the_tags_and_leaves_the_group_collapsed(regular: Visitor) -> None:
    page = regular.page
    page.click("#tag-filterinput")
    expect(page.locator(FITNESS)).to_be_visible()
    expect(page.locator(X1)).to_have_count(0)
    page.locator("#tag-filterinput").press_sequentially("X1")
    expect(page.locator(FITNESS)).to_have_count(0)
    expect(page.locator(X1)).to_have_count(0)
    regular.find("tag-group-all-spaces").click()
    expect(page.locator(X1)).to_be_visible()
    expect(page.locator(X3)).to_have_count(0)


def test_checked_tags_decide_what_is_listed(regular: Visitor) -> None:
    page = regular.page
    page.click("#tag-filterinput")
    regular.find("tag-group-all-spaces").click()
    page.check(X1)
    expect(regular.cards()).to_have_count(16)
    assert titles(regular) == {"X1"}
    page.check(FITNESS)
    expect(regular.cards()).to_have_count(32)
    assert titles(regular) == {"X1", "Fitness"}
    page.uncheck(X1)
    expect(regular.cards()).to_have_count(16)
    assert titles(regular) == {"Fitness"}
    page.uncheck(FITNESS)
    expect(regular.cards()).to_have_count(48)


def test_a_tag_without_slots_lists_nothing(regular: Visitor) -> None:
    regular.page.click("#tag-filterinput")
    regular.find("tag-group-all-spaces").click()
    regular.page.check(X2)
    expect(regular.find("bookable-slots-empty")).to_be_visible()


def test_the_filter_stays_when_the_date_changes(regular: Visitor) -> None:
    regular.page.click("#tag-filterinput")
    regular.page.check(FITNESS)
    expect(regular.cards()).to_have_count(16)
    regular.page.keyboard.press("Escape")
    regular.choose_date("2026-11-25")
    expect(regular.cards()).to_have_count(16)
    assert titles(regular) == {"Fitness"}


def test_escape_closes_the_filter_and_keeps_what_was_chosen(regular: Visitor) -> None:
    page = regular.page
    page.click("#tag-filterinput")
    page.locator("#tag-filterinput").press_sequentially("fit")
    page.check(FITNESS)
    page.keyboard.press("Escape")
    expect(page.locator(FITNESS)).to_have_count(0)
    expect(page.locator("#tag-filterinput")).to_have_value("")
    expect(regular.cards()).to_have_count(16)
    page.get_by_role("button", name="Remove Fitness").click()
    expect(regular.cards()).to_have_count(48)


def test_refresh_shows_what_others_have_taken(regular: Visitor) -> None:
    visitor = regular
    expect(visitor.card("X3", "11:00")).to_contain_text("2 left")
    for number, label in ((2, "X3 A"), (3, "X3 B")):
        visitor.site.venue.book(visitor.site.accounts.member(f"user{number}"), slot_at(label, "11:00"))
    visitor.find("refresh").click()
    full = visitor.card("X3", "11:00")
    expect(full.locator(FULL)).to_be_visible()
    expect(full.locator(BOOK)).to_be_disabled()
    expect(visitor.card("X3", "10:00").locator(FULL)).to_have_count(0)


def test_cards_by_slot_are_one_for_each_court(visit: Visit, shared_site: StartSite) -> None:
    visitor = visit(shared_site(cards="slot"))
    visitor.sign_in()
    visitor.open_schedule()
    expect(visitor.cards()).to_have_count(80)
    assert titles(visitor) == {"X1 A", "X1 B", "X3 A", "X3 B", "Fitness"}
    visitor.press_book("X1 B", "12:00")
    # There is nothing to choose: the court is chosen already.
    expect(visitor.dialog.locator("product-select-input .ng-value-label")).to_have_text("X1 B")
    expect(visitor.confirm).to_be_enabled()


def test_the_list_that_cannot_be_loaded_can_be_tried_again(regular: Visitor) -> None:
    regular.page.route("**/api/bookable-slots**", lambda route: route.fulfill(status=429, json={}))
    regular.find("refresh").click()
    expect(regular.find("bookable-slots-error")).to_contain_text("Too many requests")
    regular.page.unroute("**/api/bookable-slots**")
    regular.page.get_by_role("button", name="Try again").click()
    expect(regular.cards()).to_have_count(48)
