"""What happens at the venue while a press is on its way to it, and what comes of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from playwright.async_api import Route

from sniper.core.tries import Try
from tests.engine.benches import Bench, fire

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


def here_has(bench: Bench, place: str) -> bool:
    """Is the 13:00 slot of that place taken?"""
    slot = bench.slot(place, 13)
    return any(
        one.owners
        for one in bench.site.venue.owners_on(slot.day)
        if (one.slot.start, one.slot.label) == (slot.instant, place)
    )
