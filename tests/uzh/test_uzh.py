"""The uzh profile in a real browser, at an imitation of the site."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from sniper.clock.clock import SystemClock
from sniper.config.bookings import read_bookings
from sniper.config.goal import check_against, load_site
from sniper.core.outcomes import Outcome
from sniper.core.plan import Attempt, Role
from sniper.core.slots import Slot
from sniper.core.tries import Try
from sniper.engine.browser.engine import BrowserEngine
from sniper.engine.browser.firing import Mode
from sniper.engine.protocol import Credentials, Order, SignInRefusedError
from sniper.sites.library import load_profile
from tests.engine.benches import SharedBrowser
from tests.engine.conftest import _few_readings, shared_browser
from tests.uzh.site import SEED, ZONE, BookedUB, running

__all__ = ["_few_readings", "shared_browser"]


@pytest.fixture
def site() -> Iterator[BookedUB]:
    """Ben has told his code some days ago."""
    with ExitStack() as stack:
        yield stack.enter_context(running({"ben"}))


async def fire(engine: BrowserEngine, account: str, *chain: Slot) -> tuple[Try, ...]:
    """Park and fire at once."""
    attempt = Attempt(account, chain, Role.LEAD)
    await engine.arm(attempt)
    return (await engine.fire(attempt, Order(datetime.now(UTC) - timedelta(seconds=1)))).tries


def test_accounts_sign_in_with_a_code_where_one_is_asked_for_get_seats_and_give_them_back(
    site: BookedUB, tmp_path: Path, shared_browser: SharedBrowser
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(f"extends: uzh\nname: mine\nbase_url: {site.url}\n", encoding="utf-8")
    profile = load_profile(path)
    day = datetime.now(ZONE).date() + timedelta(days=3)
    first, second = (
        Slot("Seats 231-262", f"Seat {number}", datetime.combine(day, time(8), ZONE)) for number in (231, 232)
    )

    async def go() -> None:
        pool = shared_browser.pool
        async with BrowserEngine(profile, SystemClock(), tmp_path, pool, mode=Mode.ARMED) as engine:
            with pytest.raises(SignInRefusedError):
                await engine.sign_in(Credentials("ann", "secret of ann", SEED[::-1]))
            people = [Credentials(who, f"secret of {who}", SEED) for who in ("ann", "ben")]
            await asyncio.gather(*(engine.sign_in(who) for who in people))
            assert site.codes == ["ann"]
            (tried,) = await fire(engine, "ann", first)
            assert (tried.outcome, tried.reference) == (Outcome.BOOKED, site.seats[0].reference)
            taken, booked = await fire(engine, "ben", first, second)
            assert (taken.outcome, booked.outcome) == (Outcome.TAKEN, Outcome.BOOKED)
            assert (site.seats[1].begins, site.seats[1].ends) == (
                second.start,
                profile.end_of(second),
            )
            (ours,) = await engine.my_bookings("ann")
            assert (ours.slot, ours.reference) == (first, tried.reference)
            assert not await engine.is_doubled(ours)
            await engine.cancel(ours)
            assert [one.owner for one in site.seats] == ["ben"]

    shared_browser.loop.run(go())


def test_the_files_that_the_documentation_shows_are_whole(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "uzh.md").read_text(encoding="utf-8")
    (tmp_path / "profiles").mkdir()
    own = tmp_path / "profiles" / "library.yaml"
    own.write_text(page.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    profile = load_profile(own)
    assert profile.place_known_by("rid", "41") == ("Irchel", "Room 2")
    assert profile.locations["Lernraum"].words_at("BFB/003") == {"sid": "2", "faculty": "MNF", "rid": "311"}
    path = tmp_path / "bookings.json"
    path.write_text(page.split("```json\n")[1].split("```")[0], encoding="utf-8")
    bookings, document = read_bookings(path)
    check_against(bookings, document, load_site(bookings, document))
