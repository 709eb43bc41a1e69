"""The browser engine against a real practice site, without a coordinator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext

from sniper.engine.browser import page_clock
from sniper.engine.browser.firing import Mode
from sniper.engine.browser.inpage import script
from sniper.engine.browser.pool import BrowserPool
from sniper.practice.server import running_practice_site
from sniper.practice.settings import PracticeSettings
from tests.aio import LastingLoop
from tests.engine.benches import OPEN, Bench, SharedBrowser, at, practice_profile
from tests.engine.both_modes import BothModes
from tests.engine.ground import Ground, Way
from tests.engine.lasting import LastingBenches, ParkedBench, SignedInBench
from tests.engine.stage import SITE, UNANSWERED, Stage, Told


@pytest.fixture(params=Mode)
def mode(request: pytest.FixtureRequest) -> Mode:
    """Both ways to fire have to agree."""
    chosen: Mode = request.param
    return chosen


@pytest.fixture(scope="package", autouse=True)
def _few_readings() -> Iterator[None]:
    """No test here needs a page's clock to the millisecond, and every reading wakes four processes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(page_clock, "_READINGS", 3)
        yield


@pytest.fixture(scope="session")
def shared_browser() -> Iterator[SharedBrowser]:
    """Started once: a browser takes longer to start than most tests take to do what they do in it."""
    with LastingLoop.running() as loop:
        pool = loop.run(BrowserPool().__aenter__())
        try:
            yield SharedBrowser(loop, pool)
        finally:
            loop.run(pool.__aexit__(None, None, None))


@pytest.fixture(scope="module")
def both(shared_browser: SharedBrowser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BothModes]:
    """Small pages on which both modes fire."""
    built = shared_browser.loop.run(BothModes.built(shared_browser.pool, tmp_path_factory.mktemp("pictures")))
    yield built
    shared_browser.loop.run(built.cleared())


@pytest.fixture(scope="module")
def ground(shared_browser: SharedBrowser) -> Iterator[Ground]:
    """Small pages for steps."""
    built = shared_browser.loop.run(Ground.built(shared_browser))
    yield built
    shared_browser.loop.run(built.cleared())


@pytest.fixture(params=Way)
def way(request: pytest.FixtureRequest) -> Way:
    """Both ways to act on elements have to agree."""
    chosen: Way = request.param
    return chosen


@pytest.fixture
def bench(tmp_path: Path, mode: Mode, shared_browser: SharedBrowser) -> Iterator[Callable[..., Bench]]:
    """Makes a bench with a practice site set up as the test wants it."""
    with ExitStack() as stack:

        def make(start: datetime = OPEN, **settings: Any) -> Bench:
            site = stack.enter_context(running_practice_site(PracticeSettings(start=start, **settings)))
            return Bench(site, at(site, practice_profile()), tmp_path, mode, shared_browser)

        yield make


@pytest.fixture(scope="session")
def lasting_benches(
    shared_browser: SharedBrowser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Mode], LastingBenches]]:
    """Those of each mode, made when a test wants them, with the site they are on."""
    with ExitStack() as stack:

        @cache
        def of(mode: Mode) -> LastingBenches:
            site = stack.enter_context(running_practice_site(PracticeSettings(start=OPEN)))
            folder = tmp_path_factory.mktemp("parking")
            here = Bench(site, at(site, practice_profile()), folder, mode, shared_browser)
            made = here.run(LastingBenches.of(here))
            stack.callback(lambda: here.run(made.parked.page.context.close()))
            return made

        yield of


@pytest.fixture
def parked(
    lasting_benches: Callable[[Mode], LastingBenches], mode: Mode, tmp_path: Path
) -> Iterator[ParkedBench]:
    """For a test that leaves nothing behind but bookings and dialogs: it turns no clock, signs nobody out."""
    here = lasting_benches(mode).parked
    here.folder = tmp_path
    here.run(here.parked())
    yield here
    here.run(here.put_back())


@pytest.fixture
def signed_in(
    lasting_benches: Callable[[Mode], LastingBenches], mode: Mode, tmp_path: Path
) -> Iterator[SignedInBench]:
    """As `parked`, for a test that takes the page elsewhere."""
    here = lasting_benches(mode).signed_in
    here.folder = tmp_path
    yield here
    here.run(here.put_back())


@pytest.fixture
def visit(
    lasting_benches: Callable[[Mode], LastingBenches], mode: Mode, bench: Callable[..., Bench]
) -> Iterator[Callable[..., SignedInBench]]:
    """As `bench`, for a test that is not about pages nor signing in: the page lasts, the site does not."""
    lasting = lasting_benches(mode).signed_in
    made: list[SignedInBench] = []

    def make(start: datetime = OPEN, **settings: Any) -> SignedInBench:
        here = lasting.run(lasting.at(bench(start, **settings)))
        made.append(here)
        return here

    yield make
    for here in made:
        here.run(here.put_back())


@pytest.fixture(scope="module")
def stage_context(browser: Browser) -> Iterator[tuple[BrowserContext, Told]]:
    """A context whose pages have the scripts in them, for all stages of a module."""
    told = Told()
    made = browser.new_context()
    made.expose_binding("sniperReport", lambda _source, report: told.heard(report))
    made.add_init_script(UNANSWERED)
    made.add_init_script(script())
    yield made, told
    made.close()


@pytest.fixture
def stage(stage_context: tuple[BrowserContext, Told]) -> Iterator[Stage]:
    """A page of the test's own."""
    context, told = stage_context
    told.clear()
    page = context.new_page()
    on = Stage(page, told)
    page.route(f"{SITE}/**", on.serve)
    yield on
    page.close()
