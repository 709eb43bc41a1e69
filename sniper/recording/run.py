"""A run that is recorded: from the first page that is opened to what is kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sniper.clock.clock import Clock
from sniper.coordinator.task import Task
from sniper.logs import logger
from sniper.recording.keeping import Recorded, keep_scrubbed
from sniper.recording.recorder import RunRecorder
from sniper.recording.unscrubbed import folder_for_now, remove_what_is_left
from sniper.run_request import RunRequest
from sniper.sites.profile import Profile

_DRAFTS = "scrubbed"


@dataclass(frozen=True, slots=True)
class ToRecord:
    """What is recorded of a run, and of whom.

    Attributes:
        wanted: Whether anything is.
        film: Whether the pages are filmed.
    """

    recorded: Recorded
    accounts: tuple[str, ...]
    wanted: bool
    film: bool


def about_to_be(run_id: int, task: Task, request: RunRequest) -> ToRecord:
    """What is to be recorded of a run that was asked for."""
    about = Recorded(run_id, task.profile, request.mode.value, task.press)
    accounts = tuple(one.account for one in task.crew)
    return ToRecord(about, accounts, request.watching.record, request.watching.film)


@asynccontextmanager
async def recorded(
    about: ToRecord, clock: Clock, folder: Path, tell: Callable[[str], None]
) -> AsyncIterator[RunRecorder | None]:
    """Within the block a run is recorded, if that is wanted; after it, what was is scrubbed and kept.

    Args:
        about: What is recorded.
        clock: The site's.
        folder: The run's.
        tell: Called with what a person should know of it.

    Raises:
        EnvironmentProblem: There is no room for it in the state folder.
    """
    remove_what_is_left()
    if not about.wanted:
        yield None
        return
    not_names = words_of_site(about.recorded.profile)
    with folder_for_now() as unscrubbed:
        recorder = RunRecorder(unscrubbed, about.accounts, clock.now, film=about.film, not_names=not_names)
        try:
            yield recorder
        finally:
            tell("scrubbing what was recorded")
            taken, drafts = recorder.taken.values(), unscrubbed / _DRAFTS
            try:
                lost = await asyncio.to_thread(
                    keep_scrubbed, about.recorded, taken, drafts, folder, not_names
                )
            except Exception as error:  # noqa: BLE001 - what was booked counts more than its film
                logger("recording").exception("the recording is lost")
                lost = [f"it could not be scrubbed, so nothing of it is kept ({type(error).__name__})"]
            for what in lost:
                tell(f"recording: {what}")


def words_of_site(profile: Profile) -> frozenset[str]:
    """What is certainly no name of a person: those of the places that can be booked."""
    subs = (sub for location in profile.locations.values() for sub in location.sub_locations)
    return frozenset((profile.name, *profile.locations, *subs))
