"""Plays fixtures one after the other, each on a page of its time zone and language."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager

from playwright.async_api import Error as PlaywrightError

from sniper.engine.browser.firing import Mode
from sniper.engine.browser.pool import BrowserPool
from sniper.errors import EnvironmentProblem
from sniper.replay.library import Fixture
from sniper.replay.playing import Replayed, Stage
from sniper.replay.selectors import Meetings
from sniper.sites.profile import Profile


async def play_all(
    fixtures: Iterable[tuple[Fixture, Profile]],
    mode: Mode,
    pool: BrowserPool,
    begin: Callable[[str], None] = lambda _: None,
    meetings: Meetings | None = None,
) -> list[Replayed]:
    """Play fixtures, each by its profile; `begin` is told each one's name before it is played,
    `meetings` what of its profile is met: where they are given, all have one profile.

    Raises:
        InputError: A case does not fit its profile.
        EnvironmentProblem: The browser went away.
    """
    found = []
    async with _stages(pool, mode) as stage_of:
        for fixture, profile in fixtures:
            begin(fixture.name)
            try:
                stage = await stage_of(profile)
                found.append(await stage.play(fixture, profile, meetings))
            except PlaywrightError as error:
                raise EnvironmentProblem(
                    f"{fixture.name}: {error.message.splitlines()[0]}",
                    mend="Play it again; `sniper doctor` looks at the browser.",
                ) from None
    return found


@asynccontextmanager
async def _stages(pool: BrowserPool, mode: Mode) -> AsyncIterator[_StageOf]:
    stages = _StageOf(pool, mode)
    try:
        yield stages
    finally:
        await stages.close()


class _StageOf:
    """A page for each time zone and language, opened when the first fixture wants it."""

    def __init__(self, pool: BrowserPool, mode: Mode) -> None:
        self._pool = pool
        self._mode = mode
        self._stages: dict[tuple[str, str], Stage] = {}

    async def __call__(self, profile: Profile) -> Stage:
        """That of a profile."""
        key = str(profile.timezone), profile.locale
        if key not in self._stages:
            self._stages[key] = await Stage.opened(self._pool, profile, self._mode)
        return self._stages[key]

    async def close(self) -> None:
        """Close all."""
        for stage in self._stages.values():
            await stage.close()
