"""What is asked for when a run is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from sniper.config.planning import Overrides
from sniper.core.unwanted import GiveBack
from sniper.engine.browser.firing import Mode
from sniper.engine.browser.pool import CONTEXTS_PER_BROWSER


@dataclass(frozen=True, slots=True)
class Watching:
    """How a run is looked at, while it goes on and afterwards.

    Attributes:
        record: Keep a trace, the requests and the console of every account, and what shows each step.
        film: Film the pages as well.
        slow_motion: How long Playwright waits before each thing it does.
        pauses: Each page waits before it fires until a person lets it go on.
    """

    record: bool = False
    film: bool = False
    slow_motion: timedelta = timedelta(0)
    pauses: bool = False


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What was asked for on the command line.

    Attributes:
        site: A profile instead of the one the file names.
        press: False for a dry run.
        engine: Who presses at the opening; where nothing is said, the pages themselves, but not when watched.
        contexts_per_browser: How many accounts share a browser process.
        fresh_sign_in: Pass over the sign-ins that earlier runs have kept.
        give_back: What becomes of hours that nobody wants when the goal is missed; as the file says, if None.
        schedule: The schedule of the file to go for, by its name.
        busy: A calendar instead of the one the file names.
        resume: Go on with the last run that did not come to its end; there has to be one.
        planning: What is said of the strategy instead of what the file says.
        day: The day, where it is known beforehand: one of a schedule that is due.
        failed_before: How the last try for it ended, where it is tried again.
        watching: How the run is looked at, while it goes on and afterwards.
    """

    bookings: Path
    site: str | None = None
    headed: bool = False
    press: bool = True
    engine: Mode | None = None
    contexts_per_browser: int = CONTEXTS_PER_BROWSER
    fresh_sign_in: bool = False
    give_back: GiveBack | None = None
    resume: bool = False
    schedule: str | None = None
    busy: str | None = None
    planning: Overrides = field(default_factory=Overrides)
    day: date | None = None
    failed_before: str | None = None
    watching: Watching = field(default_factory=Watching)

    @property
    def mode(self) -> Mode:
        """Who presses at the opening."""
        return self.engine or (Mode.DRIVER if self.headed else Mode.ARMED)
