"""The browser engine on real pages: chains, dialogs filled in beforehand, standing down, pages that fail."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, Route

from sniper.core.outcomes import Outcome
from sniper.core.plan import Attempt, Role, location_hour
from sniper.core.tries import AttemptResult, Mark, Try
from sniper.engine.browser.firing import Mode
from sniper.engine.protocol import Order, StandDown
from tests.engine.benches import CLOSED, OPEN, at, fire, page_of, park, practice_profile
from tests.engine.lasting import ParkedBench, SignedInBench
from tests.engine.routes import here_has, let_through, outcome_of

Visit = Callable[..., SignedInBench]


# -- the chain


def test_an_account_falls_through_its_chain_until_something_is_free(parked: ParkedBench) -> None:
    parked.book("user2", "X1 A", 13)
    taken = let_through(lambda: parked.book("user3", "X1 B", 13) if not here_has(parked, "X1 B") else None)

    async def go() -> tuple[Try, ...]:
        async with parked.engine() as engine:
            chain = [parked.slot(place, 13) for place in ("X1 A", "X1 B", "X3 A")]
            return await fire(engine, "user1", *chain, meanwhile=taken)

    tries = parked.run(go())
    assert [(t.slot.place, t.outcome) for t in tries] == [
        ("X1 A", Outcome.OPTION_DISABLED),
        ("X1 B", Outcome.TAKEN),
        ("X3 A", Outcome.BOOKED),
    ]


def test_the_budget_of_attempts_ends_a_chain(parked: ParkedBench) -> None:
    for account, place in (("user2", "X1 A"), ("user3", "X1 B")):
        parked.book(account, place, 13)

    async def go() -> tuple[Try, ...]:
        budget = parked.profile.budget.model_copy(update={"attempts_per_opening": 2})
        async with parked.engine(budget=budget) as engine:
            return await fire(engine, "user1", *(parked.slot(p, 13) for p in ("X1 A", "X1 B", "X3 A")))

    assert len(parked.run(go())) == 2


def test_what_earlier_waves_have_left_of_the_budget_ends_a_chain(parked: ParkedBench) -> None:
    parked.book("user2", "X1 A", 13)

    async def go() -> tuple[Try, ...]:
        async with parked.engine() as engine:
            return await fire(engine, "user1", *(parked.slot(p, 13) for p in ("X1 A", "X1 B")), presses=1)

    assert len(parked.run(go())) == 1


def test_a_dry_run_stops_before_the_press(parked: ParkedBench) -> None:
    async def go() -> tuple[Try, ...]:
        async with parked.engine() as engine:
            return await fire(engine, "user1", parked.slot("X1 A", 13), press=False)

    assert parked.run(go())[-1].outcome is Outcome.NOT_PRESSED
    assert not here_has(parked, "X1 A")


# -- a dialog that is filled in beforehand


def filled_ahead(visit: Visit, start: datetime = CLOSED) -> SignedInBench:
    here = visit(start=start, mode="lenient")
    here.profile = at(here.site, practice_profile("practice-lenient"))
    return here


def test_a_filled_dialog_is_only_confirmed_again_and_again_until_the_slot_opens(visit: Visit) -> None:
    here = filled_ahead(visit)
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


@pytest.mark.parametrize("mode", [Mode.ARMED], indirect=True)
def test_after_a_filled_dialog_the_chain_goes_on_through_the_list(visit: Visit) -> None:
    here = filled_ahead(visit)

    async def go() -> tuple[Try, ...]:
        async with here.engine() as engine:
            attempt = Attempt("user1", tuple(here.slot(p, 13) for p in ("X1 A", "X3 B")), Role.LEAD)
            await engine.arm(attempt)
            here.site.clock.jump(timedelta(minutes=2))
            here.book("user2", "X1 A", 13)
            return (await engine.fire(attempt, Order(datetime.now(UTC)))).tries

    tries = here.run(go())
    assert [(t.slot.place, t.outcome) for t in tries] == [("X1 A", Outcome.TAKEN), ("X3 B", Outcome.BOOKED)]


@pytest.mark.parametrize("mode", [Mode.ARMED], indirect=True)
def test_a_dialog_that_cannot_be_filled_in_beforehand_is_no_reason_not_to_fire(visit: Visit) -> None:
    here = filled_ahead(visit, OPEN)
    here.book("user2", "X1 A", 13)

    async def go() -> tuple[Try, ...]:
        async with here.engine() as engine:
            return await fire(engine, "user1", here.slot("X1 A", 13), here.slot("X1 B", 13))

    assert [t.outcome for t in here.run(go())] == [Outcome.OPTION_DISABLED, Outcome.BOOKED]


# -- standing down, and pages that fail


def test_a_page_that_is_told_in_time_does_not_press(parked: ParkedBench) -> None:
    stand_down = StandDown()

    async def go() -> tuple[Try, ...]:
        async with parked.engine() as engine:
            attempt = Attempt("user1", (parked.slot("X1 A", 13), parked.slot("X1 B", 13)), Role.BACKUP)
            await park(engine, attempt)

            async def told(route: Route) -> None:
                stand_down.tell(attempt.target)
                await asyncio.sleep(0.3)
                await route.continue_()

            await page_of(engine, "user1").route("**/api/**/bookable-slots*", told)
            return (await engine.fire(attempt, Order(datetime.now(UTC), stand_down))).tries

    (only,) = parked.run(go())
    assert only.outcome is Outcome.STOOD_DOWN
    assert not here_has(parked, "X1 A")


async def passed_over(here: ParkedBench | SignedInBench, *, closed: bool = False) -> tuple[Try, ...]:
    """What comes of X1 and X3, both wanted, when X1 is won before the page fires."""
    chain = tuple(here.slot(place, 13) for place in ("X1 A", "X3 A"))
    first, other = map(location_hour, chain)
    stand_down = StandDown({(first, other)})
    async with here.engine() as engine:
        attempt = Attempt("user1", chain, Role.LEAD)
        await park(engine, attempt)
        if closed:
            here.site.clock.jump(timedelta(minutes=2))
        stand_down.tell(chain[0])
        return (await engine.fire(attempt, Order(datetime.now(UTC), stand_down))).tries


def test_a_page_whose_place_is_not_needed_any_more_fires_at_the_next_that_is(parked: ParkedBench) -> None:
    tries = parked.run(passed_over(parked))
    assert [(t.slot.place, t.outcome) for t in tries] == [
        ("X1 A", Outcome.STOOD_DOWN),
        ("X3 A", Outcome.BOOKED),
    ]
    assert here_has(parked, "X3 A")


@pytest.mark.parametrize("mode", [Mode.ARMED], indirect=True)
def test_a_dialog_that_is_filled_in_for_what_is_not_needed_any_more_is_closed_first(visit: Visit) -> None:
    here = filled_ahead(visit)
    assert [t.outcome for t in here.run(passed_over(here, closed=True))] == [
        Outcome.STOOD_DOWN,
        Outcome.BOOKED,
    ]
    assert not here_has(here, "X1 A")


def test_a_page_that_goes_elsewhere_while_it_fires_has_failed_and_nobody_waits_for_it(
    signed_in: SignedInBench,
) -> None:
    async def left(route: Route) -> None:
        await route.request.frame.page.goto("about:blank")

    result = outcome_of(signed_in, meanwhile=left)
    assert (result.outcome, result.message) == (Outcome.FAILED, "the page was left while it fired")
    assert result.evidence is not None


def test_the_course_of_an_attempt_that_is_interrupted_is_known_up_to_then(signed_in: SignedInBench) -> None:
    order = Order(datetime.now(UTC))

    async def go() -> None:
        async with signed_in.engine() as engine:
            attempt = Attempt("user1", (signed_in.slot("X1 A", 13),), Role.LEAD)
            await engine.arm(attempt)
            is_out: asyncio.Future[Route] = asyncio.get_running_loop().create_future()

            async def never_answered(route: Route) -> None:
                is_out.set_result(route)

            await page_of(engine, "user1").route("**/api/participations", never_answered)
            firing = asyncio.create_task(engine.fire(attempt, order))
            held = await is_out
            firing.cancel()
            await asyncio.gather(firing, return_exceptions=True)
            # Else it sets out when nobody holds it any more, and books in the midst of the next test.
            await held.abort()

    signed_in.run(go())
    assert [m.mark for m in order.noted] == [Mark.HANDED, Mark.FIRED, Mark.ASKED, Mark.HEARD, Mark.SENT]


def test_the_course_of_an_attempt_is_kept_on_the_sites_clock(parked: ParkedBench) -> None:

    async def go() -> AttemptResult:
        async with parked.engine() as engine:
            attempt = Attempt("user1", (parked.slot("X1 A", 13),), Role.LEAD)
            await park(engine, attempt)
            return await engine.fire(attempt, Order(datetime.now(UTC) + timedelta(milliseconds=700)))

    before = datetime.now(UTC)
    result = parked.run(go())
    course = result.timeline
    before_the_press = [Mark.HANDED, Mark.FIRED, Mark.ASKED, Mark.HEARD]
    assert [m.mark for m in course] == [*before_the_press, Mark.SENT, Mark.ANSWERED, Mark.OUTCOME]
    assert [m.at for m in course] == sorted(m.at for m in course)
    assert before < course[0].at < course[-1].at < datetime.now(UTC)
    assert course[-1].detail == "booked"
    # Only a page that presses by itself goes by a clock of its own.
    assert (result.page_bound is None) == (parked.mode is Mode.DRIVER)
