"""The browser engine on real pages: what the venue answers, and how it is understood."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, Route

from sniper.core.outcomes import Outcome
from sniper.core.tries import Try
from sniper.engine.browser.firing import Mode
from sniper.sites.profile import Budget, LateOpening
from tests.engine.benches import CLOSED, fire
from tests.engine.lasting import ParkedBench, SignedInBench
from tests.engine.routes import answered_with, let_through, outcome_of

Visit = Callable[..., SignedInBench]

# Sites of their own, for their clocks are turned. The rules are compared in both modes on small pages.
ONE_MODE = pytest.mark.parametrize("mode", [Mode.ARMED], indirect=True)
TWO_MORE_TRIES: dict[str, Any] = {
    "late_opening": LateOpening(within=timedelta(minutes=1), retry_after=timedelta(milliseconds=50)),
    "budget": Budget(requests_per_second=10, attempts_per_opening=3),
}


def test_a_free_slot_is_booked_with_the_sites_reference(parked: ParkedBench) -> None:
    result = outcome_of(parked)
    assert result.outcome is Outcome.BOOKED
    (mine,) = parked.site.venue.participations(parked.site.accounts.member("user1"))
    assert result.reference == str(mine.id)


def test_slots_on_cards_of_their_own_are_booked_as_well(visit: Visit) -> None:
    assert outcome_of(visit(cards="slot"), "X1 B").outcome is Outcome.BOOKED


def test_a_location_without_sub_locations_is_booked_as_well(parked: ParkedBench) -> None:
    assert outcome_of(parked, "Fitness").outcome is Outcome.BOOKED


def test_a_slot_somebody_took_while_the_press_was_on_its_way_is_taken(parked: ParkedBench) -> None:
    result = outcome_of(parked, meanwhile=let_through(lambda: parked.book("user2", "X1 A", 13)))
    assert (result.outcome, result.message) == (Outcome.TAKEN, "This slot is fully booked.")


def test_a_location_without_a_place_left_is_taken(parked: ParkedBench) -> None:
    parked.book("user2", "X1 A", 13)
    parked.book("user3", "X1 B", 13)
    assert outcome_of(parked).outcome is Outcome.TAKEN


def test_a_sub_location_without_a_place_left_is_an_option_that_cannot_be_chosen(parked: ParkedBench) -> None:
    parked.book("user2", "X1 A", 13)
    assert outcome_of(parked).outcome is Outcome.OPTION_DISABLED


@pytest.mark.parametrize(
    ("place", "hour", "words"),
    [
        ("X3 A", 13, "You already have a booking at this time."),
        ("X1 B", 12, "You already have a booking at X1 on this day."),
    ],
)
def test_what_the_account_may_not_hold_besides_is_its_limit(
    parked: ParkedBench, place: str, hour: int, words: str
) -> None:
    result = outcome_of(parked, meanwhile=let_through(lambda: parked.book("user1", place, hour)))
    assert (result.outcome, result.message) == (Outcome.ACCOUNT_LIMIT, words)


def test_before_the_opening_it_is_too_early_however_often_one_tries(parked: ParkedBench) -> None:
    result = outcome_of(parked, hour=14, **TWO_MORE_TRIES)
    assert result.outcome is Outcome.TOO_EARLY
    assert "3 times" in result.message


@ONE_MODE
def test_where_the_page_lets_one_press_before_the_opening_the_sites_refusal_is_too_early(
    visit: Visit,
) -> None:
    result = outcome_of(visit(start=CLOSED, mode="lenient"), **TWO_MORE_TRIES)
    assert result.outcome is Outcome.TOO_EARLY
    assert "3 times" in result.message


@ONE_MODE
def test_a_slot_that_opens_late_is_booked_when_it_does(visit: Visit) -> None:
    here = visit(start=CLOSED)

    async def opens(page: Page) -> None:
        """After the second look at the list."""
        for _ in range(2):
            async with page.expect_response("**/bookable-slots*"):
                pass
        here.site.clock.jump(timedelta(minutes=2))

    async def go() -> tuple[Try, ...]:
        async with here.engine() as engine:
            return await fire(engine, "user1", here.slot("X1 A", 13), alongside=opens)

    (only,) = here.run(go())
    assert only.outcome is Outcome.BOOKED
    assert "times" in only.message


@ONE_MODE
def test_an_account_whose_session_ended_is_signed_out(visit: Visit) -> None:
    here = visit()
    result = outcome_of(here, meanwhile=let_through(lambda: here.site.clock.jump(timedelta(hours=25))))
    assert result.outcome is Outcome.SIGNED_OUT


@ONE_MODE
def test_a_slot_that_has_begun_is_not_offered(visit: Visit) -> None:
    here = visit()
    today = here.slot("Fitness", 14, date(2026, 11, 21))

    async def go() -> tuple[Try, ...]:
        async with here.engine() as engine:
            begins = let_through(lambda: here.site.clock.jump(timedelta(hours=2)))
            return await fire(engine, "user1", today, meanwhile=begins)

    assert here.run(go())[-1].outcome is Outcome.NOT_OFFERED


def test_a_site_that_is_asked_too_often_says_so(signed_in: SignedInBench) -> None:
    # Not from the page that stays parked: it would leave the site alone for a minute.
    assert outcome_of(signed_in, meanwhile=answered_with(429)).outcome is Outcome.RATE_LIMITED


@pytest.mark.parametrize(("status", "outcome"), [(503, Outcome.MAINTENANCE), (404, Outcome.NOT_OFFERED)])
def test_a_site_in_trouble_is_told_apart(parked: ParkedBench, status: int, outcome: Outcome) -> None:
    assert outcome_of(parked, meanwhile=answered_with(status)).outcome is outcome


def test_the_waiting_list_is_not_a_booking(parked: ParkedBench) -> None:
    result = outcome_of(parked, meanwhile=answered_with(201, '{"id": 7, "status": 3}'))
    assert result.outcome is Outcome.WAITLISTED


def test_an_answer_no_rule_fits_is_unknown_with_its_words_and_a_picture(parked: ParkedBench) -> None:
    result = outcome_of(parked, meanwhile=answered_with(418, '{"message": "I am a teapot"}'))
    assert result.outcome is Outcome.UNKNOWN
    assert "418" in result.message
    assert "teapot" in result.message
    assert result.evidence is not None
    assert Path(result.evidence).is_file()


def test_no_answer_is_unknown_and_never_guessed(parked: ParkedBench) -> None:
    async def lost(route: Route) -> None:
        await route.abort("connectionreset")

    result = outcome_of(parked, meanwhile=lost, answer_within=timedelta(milliseconds=400))
    assert (result.outcome, result.message) == (Outcome.UNKNOWN, "no answer in time")
