"""The bundled profiles at the practice site: both modes press the same, ask the same, and book the same."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from sniper.cli.practice import practice as practice_command
from sniper.core.outcomes import Outcome
from sniper.core.plan import Attempt, Role
from sniper.core.slots import Slot
from sniper.engine.browser.firing import Mode
from sniper.engine.protocol import NothingKept, Order
from sniper.practice.server import running_practice_site
from sniper.practice.settings import Picker, PracticeSettings
from sniper.sites.profile import Profile
from tests.engine.benches import CLOSED, Bench, SharedBrowser, at, credentials, page_of, practice_profile
from tests.engine.lasting import LastingBenches
from tests.sites.examples import OF_THE_PRACTICE_SITE


def site_for(profile: Profile) -> PracticeSettings:
    """The practice site as the profile wants it, but nobody else books."""
    options = profile.practice.options if profile.practice else ()
    chosen = practice_command.make_context("practice", list(options)).params
    picker = Picker.model_validate({switch.replace("-", "_"): True for switch in chosen["picker"]})
    return PracticeSettings(start=CLOSED, mode=chosen["mode"], cards=chosen["cards"], picker=picker)


def first_that_sign_in_so() -> Iterator[str]:
    """Of the profiles by name, those whose way of signing in no earlier one has."""
    known = []
    for name in OF_THE_PRACTICE_SITE:
        profile = practice_profile(name)
        way = profile.sign_in, profile.signed_in, profile.sign_in_refused
        if way not in known:
            known.append(way)
            yield name


BY_HAND = {(name, False) for name in first_that_sign_in_so()}
CASES = [
    (name, filled)
    for name in OF_THE_PRACTICE_SITE
    for filled in (False, True)
    if not filled or practice_profile(name).fill_ahead
]


@dataclass(frozen=True)
class Course:
    """What came of an attempt.

    Attributes:
        tried: Each slot, its outcome and what was said of it.
        asked: What the page asked the site for, in order, but for what the app wants to know beside it.
        recorded: Each booking request as the site has it.
        held: What the account has in the end.
        is_reference_true: Whether the reference that was read is that of the booking.
    """

    tried: tuple[tuple[str, Outcome, str], ...]
    asked: tuple[str, ...]
    recorded: tuple[tuple[Any, ...], ...]
    held: tuple[tuple[str, datetime], ...]
    is_reference_true: bool


def chain_of(bench: Bench) -> tuple[Slot, Slot]:
    """A slot that somebody else will have, and one at another location."""
    first, second = ((n, at) for n, at in bench.profile.locations.items() if len(at.sub_locations) > 1)
    return bench.slot(first[1].sub_locations[0], 13), bench.slot(second[1].sub_locations[-1], 13)


async def course_of(bench: Bench, filled: bool) -> Course:
    """Sign in unless that is done, park, let it open, let somebody else have the first slot, and fire."""
    changes: dict[str, Any] = {} if filled else {"fill_ahead": None}
    chain = chain_of(bench)
    asked: list[str] = []
    async with bench.engine(states=NothingKept(), **changes) as engine:
        if "user1" not in engine._sessions:
            await engine.sign_in(credentials("user1"))
        attempt = Attempt("user1", chain, Role.LEAD)
        await engine.arm(attempt)
        assert engine._sessions["user1"]._is_filled is filled
        bench.site.clock.jump(timedelta(minutes=3))
        bench.book("user2", chain[0].place, 13)
        page_of(engine, "user1").on(
            "request", lambda request: asked.append(f"{request.method} {urlsplit(request.url).path}")
        )
        tries = (await engine.fire(attempt, Order(datetime.now(UTC)))).tries
    booked = bench.site.venue.participations(bench.site.accounts.member("user1"))
    return Course(
        tuple((one.slot.place, one.outcome, one.message) for one in tries),
        tuple(one for one in asked if not one.endswith("/config")),
        tuple(
            (it.account, it.slot, it.start, it.outcome, it.status) for _, it in bench.site.arrivals.after()
        ),
        tuple((one.slot.label, one.slot.start) for one in booked),
        tries[-1].reference in [str(one.id) for one in booked],
    )


@pytest.fixture
def benches(
    name: str,
    filled: bool,
    tmp_path: Path,
    shared_browser: SharedBrowser,
    lasting_benches: Callable[[Mode], LastingBenches],
) -> Iterator[list[Bench]]:
    """A site of its own for each mode, where one signs in by hand once for each way there is to do so."""
    profile = practice_profile(name)
    with ExitStack() as stack:

        def made(mode: Mode) -> Bench:
            site = stack.enter_context(running_practice_site(site_for(profile)))
            bench = Bench(site, at(site, profile), tmp_path, mode, shared_browser)
            # Who presses at the opening has nothing to do with it.
            if mode is Mode.ARMED and (name, filled) in BY_HAND:
                return bench
            here = bench.run(lasting_benches(mode).signed_in.at(bench))
            stack.callback(lambda: here.run(here.put_back()))
            return here

        yield [made(mode) for mode in Mode]


@pytest.mark.parametrize(
    ("name", "filled"),
    CASES,
    ids=[f"{name}{', filled in' if filled else ''}" for name, filled in CASES],
)
def test_a_profile_books_the_same_in_both_modes(benches: list[Bench], *, filled: bool) -> None:
    async def both() -> list[Course]:
        return await asyncio.gather(*(course_of(bench, filled) for bench in benches))

    armed, driver = benches[0].run(both())
    assert armed == driver
    (taken, first_outcome, _), (booked, last_outcome, _) = armed.tried
    assert first_outcome is (Outcome.TAKEN if filled else Outcome.OPTION_DISABLED)
    assert last_outcome is Outcome.BOOKED
    assert [place for place, _ in armed.held] == [booked] != [taken]
    assert [one[0] for one in armed.recorded] == ["user1"] * (2 if filled else 1)
    assert armed.is_reference_true
