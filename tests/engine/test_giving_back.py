"""The browser engine on real pages: what is held is read, and given back."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from sniper.core.plan import Attempt, Held, Role
from sniper.engine.browser.firing import Mode
from sniper.engine.protocol import CancelError
from tests.engine.benches import CLOSED, credentials, page_of
from tests.engine.lasting import SignedInBench
from tests.engine.routes import here_has

Visit = Callable[..., SignedInBench]

# Who presses at the opening has nothing to do with it.
pytestmark = pytest.mark.parametrize("mode", [Mode.ARMED], indirect=True)


def test_a_booking_is_given_back_through_the_page_and_is_free_again(signed_in: SignedInBench) -> None:
    signed_in.book("user1", "X1 A", 13)

    async def go() -> tuple[Held, ...]:
        async with signed_in.engine() as engine:
            (booking,) = await engine.my_bookings("user1")
            await engine.cancel(booking)
            return await engine.my_bookings("user1")

    assert signed_in.run(go()) == ()
    assert not here_has(signed_in, "X1 A")


def test_without_a_way_to_cancel_the_person_is_told_to_do_it(signed_in: SignedInBench) -> None:

    async def go() -> None:
        async with signed_in.engine(cancel=None) as engine:
            await engine.cancel(Held("user1", signed_in.slot("X1 A", 13), "1"))

    with pytest.raises(CancelError, match="does not say how") as caught:
        signed_in.run(go())
    assert "by hand" in (caught.value.mend or "")


def test_pages_are_parked_on_the_day_that_is_wanted(visit: Visit) -> None:
    here = visit(start=CLOSED)

    async def go() -> str:
        async with here.engine() as engine:
            await engine.arm(Attempt("user1", (here.slot("X1 A", 13), here.slot("X3 A", 13)), Role.LEAD))
            page = page_of(engine, "user1")
            assert await page.locator("bookable-slot-list").count() == 1
            return await page.input_value("input[type='date'].form-control")

    assert here.run(go()) == "2026-11-24"


def test_a_slot_that_a_racy_site_gave_twice_shows_more_owners_than_places(visit: Visit) -> None:
    here = visit(racy=True, racy_gap=timedelta(milliseconds=300))
    with ThreadPoolExecutor() as people:
        list(people.map(lambda account: here.book(account, "X1 A", 13), ("user1", "user2")))
    here.book("user3", "X1 B", 13)

    async def go() -> list[bool]:
        async with here.engine() as engine:
            await engine.sign_in(credentials("user3"))
            found = []
            for account in ("user1", "user3"):
                (booking,) = await engine.my_bookings(account)
                found.append(await engine.is_doubled(booking))
            return found

    assert here.run(go()) == [True, False]
