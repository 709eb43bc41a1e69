"""Where in a profile a step may take a slot away from others without booking it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sniper.documents import KeyPath, misplaced
from sniper.sites.steps import ClickStep, Step, every_step

if TYPE_CHECKING:
    from sniper.sites.profile import Profile


def check_holding(profile: Profile) -> None:
    """A slot is held where dry runs and checks end before it.

    Raises:
        PydanticCustomError: Another step says that it holds one.
    """
    for path, steps in _done_in_dry_runs(profile):
        for at, step in every_step(path, steps):
            if isinstance(step, ClickStep) and step.click.holds:
                raise misplaced(
                    (*at, "click", "holds"),
                    "only a step of fire or fill_ahead.fire may hold a slot: nowhere else does a dry run end "
                    "before it",
                )


def _done_in_dry_runs(profile: Profile) -> Iterator[tuple[KeyPath, tuple[Step, ...]]]:
    """Every list of steps but those that fire."""
    for name in ("sign_in", "arm", "reset"):
        yield (name,), getattr(profile, name)
    for index, one in enumerate(profile.rehearse):
        yield ("rehearse", index, "steps"), one.steps
    if profile.fill_ahead:
        yield ("fill_ahead", "arm"), profile.fill_ahead.arm
    for name in ("my_bookings", "slot_owners", "cancel"):
        if part := getattr(profile, name):
            yield (name, "steps"), part.steps
