"""What a parked page practises before the opening."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from sniper.core.outcomes import Outcome
from sniper.core.plan import Attempt, Role
from sniper.engine.browser.firing import Mode
from sniper.engine.protocol import ArmError, Order
from sniper.practice.settings import Picker
from sniper.sites.profile import Rehearse
from tests.engine.benches import CLOSED, Bench, at, credentials, page_of, practice_profile
from tests.engine.lasting import SignedInBench
from tests.engine.stage import HANDLE
from tests.engine.staying import crash

pytestmark = pytest.mark.parametrize("mode", [Mode.ARMED])

# How the page is shown when the dialog comes, and when the booking is pressed.
_NOTE_DISPLAY = """() => {
    window.shown = [];
    const note = () => window.shown.push(getComputedStyle(document.body).display);
    const dialog = new MutationObserver(() => {
        if (!document.querySelector("modal-container")) return;
        dialog.disconnect();
        note();
    });
    dialog.observe(document.body, {subtree: true, childList: true});
    addEventListener("click", (event) => {
        if (event.target.closest("[data-test-id='details-book-button']")) note();
    }, true);
}"""


def short(bench: Bench) -> tuple[Rehearse, ...]:
    """The profile's rehearsal, each part twice."""
    return tuple(part.model_copy(update={"times": 2}) for part in bench.profile.rehearse)


def test_a_page_that_has_rehearsed_has_booked_nothing_and_books_at_the_opening(
    signed_in: SignedInBench,
) -> None:
    slot = signed_in.slot("X1 A", 13)

    async def check() -> None:
        async with signed_in.engine(rehearse=short(signed_in)) as engine:
            attempt = Attempt("user1", (slot,), Role.LEAD)
            await engine.arm(attempt)
            await engine.rehearse(attempt)
            page = page_of(engine, "user1")
            assert await page.locator("modal-container").count() == 0
            assert not any(one.owners for one in signed_in.site.venue.owners_on(slot.day))
            assert engine._site.turns.wait(1_000) > timedelta(0)
            result = await engine.fire(attempt, Order(datetime.now(UTC) - timedelta(seconds=1)))
            assert [one.outcome for one in result.tries] == [Outcome.BOOKED]

    signed_in.run(check())


@pytest.mark.parametrize(
    ("picker", "spared"),
    [
        (Picker(), True),
        (Picker(search=True, append_to_body=True), True),
        # Which rows such a list has depends on how high it is.
        (Picker(virtual_scroll=True), False),
    ],
    ids=str,
)
def test_a_page_is_laid_out_while_it_fires_only_if_it_could_not_practise_without(
    visit: Callable[..., SignedInBench], picker: Picker, spared: bool
) -> None:
    here = visit(picker=picker)

    async def check() -> None:
        async with here.engine(rehearse=short(here)) as engine:
            attempt = Attempt("user1", (here.slot("X1 A", 13),), Role.LEAD)
            await engine.arm(attempt)
            await engine.rehearse(attempt)
            page = page_of(engine, "user1")
            await page.evaluate(_NOTE_DISPLAY)
            result = await engine.fire(attempt, Order(datetime.now(UTC) + timedelta(seconds=2)))
            assert [one.outcome for one in result.tries] == [Outcome.BOOKED]
            dialog, press, later = await page.evaluate("[...shown, getComputedStyle(document.body).display]")
            assert (dialog, press, later) == ("none" if spared else "block", "block", "block")

    here.run(check())


def test_a_page_whose_dialog_is_filled_in_is_laid_out_while_it_fires(
    visit: Callable[..., SignedInBench],
) -> None:
    here = visit(start=CLOSED, mode="lenient")
    here.profile = at(here.site, practice_profile("practice-lenient"))

    async def check() -> None:
        async with here.engine(rehearse=short(here)) as engine:
            attempt = Attempt("user1", (here.slot("X1 A", 13),), Role.LEAD)
            await engine.arm(attempt)
            await engine.rehearse(attempt)
            assert engine._sessions["user1"]._is_filled
            page = page_of(engine, "user1")
            await page.evaluate(
                "() => { window.shown = new Set();"
                " setInterval(() => shown.add(getComputedStyle(document.body).display), 20); }"
            )
            result = await engine.fire(attempt, Order(datetime.now(UTC) + timedelta(seconds=2)))
            assert result.tries
            assert await page.evaluate("[...shown]") == ["block"]

    here.run(check())


def test_where_nothing_can_be_practised_on_the_page_is_parked_all_the_same(
    visit: Callable[..., SignedInBench],
) -> None:
    # Before the first opening of the day there is no card that could be opened.
    here = visit(start=datetime.fromisoformat("2026-11-21T06:58:00+01:00"))
    slot = here.slot("X1 A", 7)

    async def check() -> None:
        async with here.engine(rehearse=short(here)) as engine:
            attempt = Attempt("user1", (slot,), Role.LEAD)
            await engine.arm(attempt)
            await engine.rehearse(attempt)
            page = page_of(engine, "user1")
            assert await page.locator("modal-container").count() == 0
            assert await page.locator("[data-test-id='bookable-slot-list']").count() > 0
            assert engine._site.turns.wait(1_000) == timedelta(0)

    here.run(check())


def test_a_page_whose_turn_to_practise_comes_too_late_is_left_as_it_is_parked(
    signed_in: SignedInBench,
) -> None:
    async def check() -> None:
        async with signed_in.engine(rehearse=short(signed_in)) as engine:
            attempt = Attempt("user1", (signed_in.slot("X1 A", 13),), Role.LEAD)
            await engine.arm(attempt)
            asked: list[str] = []
            signed_in.page.on("request", lambda request: asked.append(request.url))
            await engine.rehearse(attempt, datetime.now(UTC) - timedelta(seconds=1))
            assert asked == []
            result = await engine.fire(attempt, Order(datetime.now(UTC) - timedelta(seconds=1)))
            assert [one.outcome for one in result.tries] == [Outcome.BOOKED]

    signed_in.run(check())


def test_what_a_page_has_practised_does_not_count_when_it_is_parked_anew(signed_in: SignedInBench) -> None:
    async def check() -> None:
        async with signed_in.engine(rehearse=short(signed_in)) as engine:
            attempt = Attempt("user1", (signed_in.slot("X1 A", 13),), Role.LEAD)
            await engine.arm(attempt)
            await engine.rehearse(attempt)
            await engine.arm(attempt)
            await signed_in.page.evaluate(_NOTE_DISPLAY)
            result = await engine.fire(attempt, Order(datetime.now(UTC) + timedelta(seconds=2)))
            assert [one.outcome for one in result.tries] == [Outcome.BOOKED]
            assert await signed_in.page.evaluate("shown") == ["block", "block"]

    signed_in.run(check())


def test_a_page_that_is_gone_or_crashes_while_it_practises_is_told(bench: Callable[..., Bench]) -> None:
    here = bench()
    attempt = Attempt("user1", (here.slot("X1 A", 13),), Role.LEAD)

    async def check() -> None:
        async with here.engine(rehearse=here.profile.rehearse) as engine:
            await engine.sign_in(credentials("user1"))
            await engine.arm(attempt)
            async with page_of(engine, "user1").expect_request("**/bookable-slots*"):
                practising = asyncio.create_task(engine.rehearse(attempt))
            await crash(page_of(engine, "user1"))
            with pytest.raises(ArmError, match=r"user1: .*crashed"):
                await practising
            with pytest.raises(ArmError, match="user1: the page crashed"):
                await engine.rehearse(attempt)

    here.run(check())


def test_a_page_that_crashes_while_it_draws_nothing_is_given_up_long_before_the_opening(
    bench: Callable[..., Bench],
) -> None:
    here = bench()

    async def check() -> None:
        async with here.engine(rehearse=short(here)) as engine:
            await engine.sign_in(credentials("user1"))
            attempt = Attempt("user1", (here.slot("X1 A", 13),), Role.LEAD)
            await engine.arm(attempt)
            await engine.rehearse(attempt)
            page = page_of(engine, "user1")
            opening = datetime.now(UTC) + timedelta(minutes=5)
            firing = asyncio.create_task(engine.fire(attempt, Order(opening)))
            await page.wait_for_function(f"() => {HANDLE}.underWay() !== null")
            await crash(page)
            result = await asyncio.wait_for(firing, 60)
            assert datetime.now(UTC) < opening
            assert [(one.outcome, one.message) for one in result.tries] == [
                (Outcome.FAILED, "the page crashed")
            ]

    here.run(check())
