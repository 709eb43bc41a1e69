"""What is left for people to do about what a run has booked, where the site wants something."""

from __future__ import annotations

from sniper.coordinator.context import Context
from sniper.core.slots import Slot
from sniper.events import LeftToDo


class WhatIsLeftToDo:
    """Told once of each booking that is ours and stays."""

    def __init__(self, run: Context) -> None:
        self._run = run
        self._told: set[tuple[str, Slot]] = set()

    def tell(self) -> None:
        """Now that what is too much is given back."""
        what = self._run.task.profile.left_to_do
        if what is None:
            return
        for booking in self._run.situation().held:
            key = booking.account, booking.slot
            if booking.by_us and key not in self._told and self._run.task.goal.priority_of(booking.slot):
                self._told.add(key)
                self._run.tell(LeftToDo(booking, what))
