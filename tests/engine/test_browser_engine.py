"""The browser engine on real pages: sign in, fire, understand the answer, read back, give back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, Route

from sniper.core.outcomes import Outcome
from sniper.core.plan import Attempt, Held, Role
from sniper.core.tries import AttemptResult, Mark, Try
from sniper.engine.browser.firing import Mode
from sniper.engine.protocol import CancelError, NothingKept, Order, SignInError, StandDown
from sniper.sites.profile import LateOpening
from tests.engine.conftest import CLOSED, OPEN, Bench, at, credentials, fire, page_of, practice_profile

NewBench = Callable[..., Bench]
Hold = Callable[[Route], Awaitable[None]]


def let_through(before: Callable[[], object]) -> Hold:
    """Something happens at the venue while the press is on its way."""

    async def hold(route: Route) -> None:
        if route.request.method == "POST":
            before()
        await route.continue_()

    return hold


def answered_with(status: int, body: str = "{}") -> Hold:
    """The site answers the press with this."""

    async def hold(route: Route) -> None:
        await route.fulfill(status=status, body=body, content_type="application/json")

    return hold


def outcome_of(
    bench: Bench, place: str = "X1 A", hour: int = 13, *, meanwhile: Hold | None = None, **changes: Any
) -> Try:
    async def go() -> Try:
        async with bench.engine(**changes) as engine:
            return (await fire(engine, "user1", bench.slot(place, hour), meanwhile=meanwhile))[-1]

    return bench.run(go())


either_mode = pytest.mark.parametrize("mode", [Mode.ARMED], indirect=True)
"""For what has nothing to do with firing."""


# -- signing in


@either_mode
def test_each_account_is_signed_in_in_a_context_of_its_own(bench: NewBench) -> None:
    here = bench()
    here.book("user1", "X1 A", 13)

    async def go() -> list[tuple[Held, ...]]:
        async with here.engine(states=NothingKept()) as engine:
            await asyncio.gather(*(engine.sign_in(credentials(f"user{n}")) for n in (1, 2)))
            return list(await asyncio.gather(*(engine.my_bookings(f"user{n}") for n in (1, 2))))

    first, second = here.run(go())
    assert [h.slot for h in first] == [here.slot("X1 A", 13)]
    assert second == ()


@either_mode
def test_a_refused_sign_in_says_so_in_the_sites_words_and_without_the_password(bench: NewBench) -> None:
    here = bench()

    async def go() -> None:
        async with here.engine(states=NothingKept()) as engine:
            await engine.sign_in(credentials("user1", "open-sesame"))

    with pytest.raises(SignInError, match=r"user1: the site refused the sign-in: .*password") as caught:
        here.run(go())
    assert "open-sesame" not in caught.value.explain()


@either_mode
def test_the_second_factor_is_made_from_the_seed(bench: NewBench) -> None:
    here = bench()

    async def go() -> tuple[Held, ...]:
        async with here.engine(states=NothingKept()) as engine:
            await engine.sign_in(credentials("user20", totp="PRACTICEPRACTICEPRACTICEPRACTICE"))
            return await engine.my_bookings("user20")

    assert here.run(go()) == ()


@either_mode
def test_a_page_that_is_not_as_the_profile_says_is_told_with_a_picture(bench: NewBench) -> None:
    here = bench()
    wrong = here.profile.model_dump(by_alias=True, mode="json")
    wrong["sign_in"][1]["click"] |= {"on": {"css": "#no-such-button"}, "timeout": "300ms"}
    here.profile = type(here.profile).model_validate(wrong)

    async def go() -> None:
        async with here.engine(states=NothingKept()) as engine:
            await engine.sign_in(credentials("user1"))

    with pytest.raises(SignInError, match="#no-such-button") as caught:
        here.run(go())
    picture = here.folder / "user1-1.png"
    assert picture.is_file()
    assert str(picture) in (caught.value.mend or "")


# -- what the venue answers


def test_a_free_slot_is_booked_with_the_sites_reference(bench: NewBench) -> None:
    here = bench()
    result = outcome_of(here)
    assert result.outcome is Outcome.BOOKED
    (mine,) = here.site.venue.participations(here.site.accounts.member("user1"))
    assert result.reference == str(mine.id)


def test_slots_on_cards_of_their_own_are_booked_as_well(bench: NewBench) -> None:
    assert outcome_of(bench(cards="slot"), "X1 B").outcome is Outcome.BOOKED


def test_a_location_without_sub_locations_is_booked_as_well(bench: NewBench) -> None:
    assert outcome_of(bench(), "Fitness").outcome is Outcome.BOOKED


def test_a_slot_somebody_took_while_the_press_was_on_its_way_is_taken(bench: NewBench) -> None:
    here = bench()
    result = outcome_of(here, meanwhile=let_through(lambda: here.book("user2", "X1 A", 13)))
    assert (result.outcome, result.message) == (Outcome.TAKEN, "This slot is fully booked.")


def test_a_location_without_a_place_left_is_taken(bench: NewBench) -> None:
    here = bench()
    here.book("user2", "X1 A", 13)
    here.book("user3", "X1 B", 13)
    assert outcome_of(here).outcome is Outcome.TAKEN


def test_a_sub_location_without_a_place_left_is_an_option_that_cannot_be_chosen(bench: NewBench) -> None:
    here = bench()
    here.book("user2", "X1 A", 13)
    assert outcome_of(here).outcome is Outcome.OPTION_DISABLED


@pytest.mark.parametrize(
    ("place", "hour", "words"),
    [
        ("X3 A", 13, "You already have a booking at this time."),
        ("X1 B", 14, "You already have a booking at X1 on this day."),
    ],
)
def test_what_the_account_may_not_hold_besides_is_its_limit(
    bench: NewBench, place: str, hour: int, words: str
) -> None:
    here = bench(start=datetime.fromisoformat("2026-11-21T14:00:30+01:00"))
    result = outcome_of(here, meanwhile=let_through(lambda: here.book("user1", place, hour)))
    assert (result.outcome, result.message) == (Outcome.ACCOUNT_LIMIT, words)


@pytest.mark.parametrize("mode", ["strict", "lenient"])
def test_before_the_opening_it_is_too_early_however_often_one_tries(bench: NewBench, mode: str) -> None:
    late = LateOpening(within=timedelta(milliseconds=700), retry_after=timedelta(milliseconds=250))
    result = outcome_of(bench(start=CLOSED, mode=mode), late_opening=late)
    assert result.outcome is Outcome.TOO_EARLY
    assert "times" in result.message


def test_a_slot_that_opens_late_is_booked_when_it_does(bench: NewBench) -> None:
    here = bench(start=CLOSED)

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


def test_an_account_whose_session_ended_is_signed_out(bench: NewBench) -> None:
    here = bench()
    result = outcome_of(here, meanwhile=let_through(lambda: here.site.clock.jump(timedelta(hours=25))))
    assert result.outcome is Outcome.SIGNED_OUT


def test_a_slot_that_has_begun_is_not_offered(bench: NewBench) -> None:
    here = bench()
    today = here.slot("Fitness", 14, date(2026, 11, 21))

    async def go() -> tuple[Try, ...]:
        async with here.engine() as engine:
            begins = let_through(lambda: here.site.clock.jump(timedelta(hours=2)))
            return await fire(engine, "user1", today, meanwhile=begins)

    assert here.run(go())[-1].outcome is Outcome.NOT_OFFERED


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(429, Outcome.RATE_LIMITED), (503, Outcome.MAINTENANCE), (404, Outcome.NOT_OFFERED)],
)
def test_a_site_in_trouble_is_told_apart(bench: NewBench, status: int, outcome: Outcome) -> None:
    assert outcome_of(bench(), meanwhile=answered_with(status)).outcome is outcome


def test_the_waiting_list_is_not_a_booking(bench: NewBench) -> None:
    result = outcome_of(bench(), meanwhile=answered_with(201, '{"id": 7, "status": 3}'))
    assert result.outcome is Outcome.WAITLISTED


def test_an_answer_no_rule_fits_is_unknown_with_its_words_and_a_picture(bench: NewBench) -> None:
    result = outcome_of(bench(), meanwhile=answered_with(418, '{"message": "I am a teapot"}'))
    assert result.outcome is Outcome.UNKNOWN
    assert "418" in result.message
    assert "teapot" in result.message
    assert result.evidence is not None
    assert Path(result.evidence).is_file()


def test_no_answer_is_unknown_and_never_guessed(bench: NewBench) -> None:
    async def lost(route: Route) -> None:
        await route.abort("connectionreset")

    result = outcome_of(bench(), meanwhile=lost, answer_within=timedelta(milliseconds=400))
    assert (result.outcome, result.message) == (Outcome.UNKNOWN, "no answer in time")


# -- the chain


def test_an_account_falls_through_its_chain_until_something_is_free(bench: NewBench) -> None:
    here = bench()
    here.book("user2", "X1 A", 13)
    taken = let_through(lambda: here.book("user3", "X1 B", 13) if not here_has(here, "X1 B") else None)

    async def go() -> tuple[Try, ...]:
        async with here.engine() as engine:
            chain = [here.slot(place, 13) for place in ("X1 A", "X1 B", "X3 A")]
            return await fire(engine, "user1", *chain, meanwhile=taken)

    tries = here.run(go())
    assert [(t.slot.place, t.outcome) for t in tries] == [
        ("X1 A", Outcome.OPTION_DISABLED),
        ("X1 B", Outcome.TAKEN),
        ("X3 A", Outcome.BOOKED),
    ]


def test_the_budget_of_attempts_ends_a_chain(bench: NewBench) -> None:
    here = bench()
    for account, place in (("user2", "X1 A"), ("user3", "X1 B")):
        here.book(account, place, 13)

    async def go() -> tuple[Try, ...]:
        budget = here.profile.budget.model_copy(update={"attempts_per_opening": 2})
        async with here.engine(budget=budget) as engine:
            return await fire(engine, "user1", *(here.slot(p, 13) for p in ("X1 A", "X1 B", "X3 A")))

    assert len(here.run(go())) == 2


def test_what_earlier_waves_have_left_of_the_budget_ends_a_chain(bench: NewBench) -> None:
    here = bench()
    here.book("user2", "X1 A", 13)

    async def go() -> tuple[Try, ...]:
        async with here.engine() as engine:
            return await fire(engine, "user1", *(here.slot(p, 13) for p in ("X1 A", "X1 B")), presses=1)

    assert len(here.run(go())) == 1


def test_a_dry_run_stops_before_the_press(bench: NewBench) -> None:
    here = bench()

    async def go() -> tuple[Try, ...]:
        async with here.engine() as engine:
            return await fire(engine, "user1", here.slot("X1 A", 13), press=False)

    assert here.run(go())[-1].outcome is Outcome.NOT_PRESSED
    assert not here_has(here, "X1 A")


# -- a dialog that is filled in beforehand


def filled_ahead(bench: NewBench, start: datetime = CLOSED) -> Bench:
    here = bench(start=start, mode="lenient")
    here.profile = at(here.site, practice_profile("practice-lenient"))
    return here


def test_a_filled_dialog_is_only_confirmed_again_and_again_until_the_slot_opens(bench: NewBench) -> None:
    here = filled_ahead(bench)
    asked: list[str] = []

    async def opens(page: Page) -> None:
        page.on("request", lambda request: asked.append(urlsplit(request.url).path))
        for _ in range(2):
            async with page.expect_response("**/api/participations"):
                pass
        here.site.clock.jump(timedelta(minutes=2))

    async def go() -> tuple[Try, ...]:
        async with here.engine() as engine:
            return await fire(engine, "user1", here.slot("X1 B", 13), alongside=opens)

    (only,) = here.run(go())
    assert only.outcome is Outcome.BOOKED
    assert "times" in only.message
    # Nothing but the presses: the list was not asked for, the dialog stayed open.
    assert set(asked[:3]) == {"/api/participations"}


def test_after_a_filled_dialog_the_chain_goes_on_through_the_list(bench: NewBench) -> None:
    here = filled_ahead(bench)

    async def go() -> tuple[Try, ...]:
        async with here.engine() as engine:
            await engine.sign_in(credentials("user1"))
            attempt = Attempt("user1", tuple(here.slot(p, 13) for p in ("X1 A", "X3 B")), Role.LEAD)
            await engine.arm(attempt)
            here.site.clock.jump(timedelta(minutes=2))
            here.book("user2", "X1 A", 13)
            return (await engine.fire(attempt, Order(datetime.now(UTC)))).tries

    tries = here.run(go())
    assert [(t.slot.place, t.outcome) for t in tries] == [("X1 A", Outcome.TAKEN), ("X3 B", Outcome.BOOKED)]


def test_a_dialog_that_cannot_be_filled_in_beforehand_is_no_reason_not_to_fire(bench: NewBench) -> None:
    here = filled_ahead(bench, OPEN)
    here.book("user2", "X1 A", 13)

    async def go() -> tuple[Try, ...]:
        async with here.engine() as engine:
            return await fire(engine, "user1", here.slot("X1 A", 13), here.slot("X1 B", 13))

    assert [t.outcome for t in here.run(go())] == [Outcome.OPTION_DISABLED, Outcome.BOOKED]


# -- standing down, and pages that fail


def test_a_page_that_is_told_in_time_does_not_press(bench: NewBench) -> None:
    here = bench()
    stand_down = StandDown()

    async def go() -> tuple[Try, ...]:
        async with here.engine() as engine:
            await engine.sign_in(credentials("user1"))
            attempt = Attempt("user1", (here.slot("X1 A", 13), here.slot("X1 B", 13)), Role.BACKUP)
            await engine.arm(attempt)

            async def told(route: Route) -> None:
                stand_down.tell(attempt.target.instant)
                await asyncio.sleep(0.3)
                await route.continue_()

            await page_of(engine, "user1").route("**/api/**/bookable-slots*", told)
            return (await engine.fire(attempt, Order(datetime.now(UTC), stand_down))).tries

    (only,) = here.run(go())
    assert only.outcome is Outcome.STOOD_DOWN
    assert not here_has(here, "X1 A")


def test_a_page_that_goes_elsewhere_while_it_fires_has_failed_and_nobody_waits_for_it(
    bench: NewBench,
) -> None:
    here = bench()

    async def left(route: Route) -> None:
        await route.request.frame.page.goto("about:blank")

    result = outcome_of(here, meanwhile=left, answer_within=timedelta(seconds=1))
    assert result.outcome in (Outcome.FAILED, Outcome.UNKNOWN)
    assert result.outcome is Outcome.FAILED or here.mode is Mode.DRIVER
    assert result.evidence is not None


def test_the_course_of_an_attempt_is_kept_on_the_sites_clock(bench: NewBench) -> None:
    here = bench()

    async def go() -> AttemptResult:
        async with here.engine() as engine:
            await engine.sign_in(credentials("user1"))
            attempt = Attempt("user1", (here.slot("X1 A", 13),), Role.LEAD)
            await engine.arm(attempt)
            return await engine.fire(attempt, Order(datetime.now(UTC) + timedelta(milliseconds=700)))

    before = datetime.now(UTC)
    result = here.run(go())
    course = result.timeline
    assert [m.mark for m in course] == [Mark.PARKED, Mark.FIRED, Mark.SENT, Mark.ANSWERED, Mark.OUTCOME]
    assert [m.at for m in course] == sorted(m.at for m in course)
    assert before < course[0].at < course[-1].at < datetime.now(UTC)
    assert course[-1].detail == "booked"
    # Only a page that presses by itself goes by a clock of its own.
    assert (result.page_bound is None) == (here.mode is Mode.DRIVER)


# -- giving back


@either_mode
def test_a_booking_is_given_back_through_the_page_and_is_free_again(bench: NewBench) -> None:
    here = bench()
    here.book("user1", "X1 A", 13)

    async def go() -> tuple[Held, ...]:
        async with here.engine() as engine:
            await engine.sign_in(credentials("user1"))
            (booking,) = await engine.my_bookings("user1")
            await engine.cancel(booking)
            return await engine.my_bookings("user1")

    assert here.run(go()) == ()
    assert not here_has(here, "X1 A")


@either_mode
def test_without_a_way_to_cancel_the_person_is_told_to_do_it(bench: NewBench) -> None:
    here = bench()

    async def go() -> None:
        async with here.engine(cancel=None) as engine:
            await engine.sign_in(credentials("user1"))
            await engine.cancel(Held("user1", here.slot("X1 A", 13), "1"))

    with pytest.raises(CancelError, match="does not say how") as caught:
        here.run(go())
    assert "by hand" in (caught.value.mend or "")


def here_has(bench: Bench, place: str) -> bool:
    """Is the 13:00 slot of that place taken?"""
    slot = bench.slot(place, 13)
    return any(
        one.owners
        for one in bench.site.venue.owners_on(slot.day)
        if (one.slot.start, one.slot.label) == (slot.instant, place)
    )


@either_mode
def test_pages_are_parked_on_the_day_that_is_wanted(bench: NewBench) -> None:
    here = bench(start=CLOSED)

    async def go() -> str:
        async with here.engine() as engine:
            await engine.sign_in(credentials("user1"))
            await engine.arm(Attempt("user1", (here.slot("X1 A", 13), here.slot("X3 A", 13)), Role.LEAD))
            page = page_of(engine, "user1")
            assert await page.locator("bookable-slot-list").count() == 1
            return await page.input_value("input[type='date'].form-control")

    assert here.run(go()) == "2026-11-24"
