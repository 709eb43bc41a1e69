"""Who hears of a run: the terminal, the log, and the people that bookings.json names."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sniper.clock.site import SiteClock
from sniper.config.bookings import Bookings
from sniper.config.notifications import channels
from sniper.coordinator.task import RunResult
from sniper.engine.browser.printing import draw
from sniper.errors import SniperError
from sniper.events import RunBroken, RunEnded, Tell, to_each
from sniper.logs import about, lines, logger
from sniper.notify.messages import Scene
from sniper.notify.notifier import Notifier
from sniper.sites.profile import Profile
from sniper.store.repository import Store
from sniper.waterfall import PAGE_WIDTH, page_of, waves_of

_LOG = logger("run")


@dataclass(frozen=True, slots=True)
class Audience:
    """All who listen."""

    tell: Tell
    _notifier: Notifier
    _hidden: frozenset[str]

    def go_by(self, clock: SiteClock) -> None:
        """From now on people are told times on the site's clock."""
        self._notifier.go_by(clock)

    async def hear_the_end(self, result: RunResult, folder: Path) -> None:
        """Tell how the run ended, with a picture of its course where somebody gets one.

        Args:
            result: How it ended.
            folder: Where its pictures are kept.
        """
        bookings = tuple((one, result.proof_of(one)) for one in (*result.held, *result.unproven))
        verdict, code = result.verdict, result.exit_code
        ended = RunEnded(
            result.run_id,
            result.pressed,
            verdict,
            bookings,
            result.problems,
            code,
            left_to_do=result.left_to_do,
        )
        if self._notifier.wants_pictures:
            ended = replace(ended, picture=await self._drawn(result.run_id, folder / "timeline.png"))
        self.tell(ended)

    async def _drawn(self, run_id: int, path: Path) -> Path | None:
        try:
            with Store.open() as store:
                detail = store.run(run_id)
            await draw(page_of(detail, waves_of(detail)), path, width=PAGE_WIDTH, hidden=self._hidden)
        except SniperError as error:
            _LOG.warning("the course of the run could not be drawn", why=error.explain())
            return None
        except asyncio.CancelledError:
            return None  # Who does not want to wait for it is told without: the run has come to its end.
        return path


@asynccontextmanager
async def told(
    profile: Profile, bookings: Bookings, terminal: Tell, known: str | None = None
) -> AsyncIterator[Audience]:
    """Within the block all of them listen; whatever ends it early is told.

    Args:
        profile: The site.
        bookings: Whom it names.
        terminal: Hears everything, too.
        known: How the last try ended, where this is another: people are not told the same again.

    Raises:
        InputError: An environment variable that the URL of a channel should stand in has gone.
    """
    scene = Scene(profile.title, profile.practice is not None, profile.timezone)
    with about(site=profile.name):
        async with Notifier(channels(bookings.notifications), scene, terminal) as notifier:
            tell = to_each(terminal, lines.write, notifier.tell)
            try:
                yield Audience(tell, notifier, bookings.secret_variables)
            except SniperError as error:
                if str(error) != known:
                    tell(RunBroken(error.explain()))
                raise
            except Exception as error:
                _LOG.exception("the run broke off by a mistake of ours")
                tell(
                    RunBroken(f"{type(error).__name__}: a mistake of sniper's own; its log has the details.")
                )
                raise
            except BaseException:
                tell(RunBroken("By Ctrl-C, a signal to end, or a terminal that was closed.", stopped=True))
                raise
