"""Who follows the steps of a profile while they are carried out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sniper.engine.browser.answers import Noted, not_noted


@dataclass(frozen=True, slots=True)
class Follower:
    """Who follows the steps.

    Attributes:
        go: Asked before each act, when all is ready for it; raises `StepError` where it is not wanted.
        noted: Called for what a step asks the site and awaits, and for its answer.
    """

    go: Callable[[], None] = lambda: None
    noted: Noted = not_noted


NOBODY = Follower()
