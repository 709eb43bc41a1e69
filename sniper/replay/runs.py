"""The recording of a run as fixtures: one for each time an account fired."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from sniper.core.outcomes import Outcome
from sniper.documents import read_json, validated
from sniper.errors import InputError
from sniper.replay.case import NOT_PLAYED, Case, CaseSlot, Expected, HarPart
from sniper.replay.library import Fixture
from sniper.sites.profile import Profile

RECORDING = "recording.json"
# What a page never came to press at, or only for a look.
_NEVER_FIRED = (Outcome.NOT_PARKED, Outcome.NOT_PRESSED)
_PARKED = "parked"
_MISREAD = timedelta(milliseconds=20)
"""By how much the page's clock may have been misread against the browser's. The last that is asked for before
the press is asked for a second before it."""


class _Part(BaseModel):
    """Of a recording that others write; what is not needed here is passed over."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class _Try(_Part):
    slot: CaseSlot
    outcome: Outcome
    at: datetime
    reference: str | None = None
    message: str = ""


class _Step(_Part):
    step: str
    at: datetime
    recorded_at: datetime
    presses: int = 0
    chain: tuple[CaseSlot, ...] = ()
    tries: tuple[_Try, ...] = ()


class _Account(_Part):
    account: str
    steps: tuple[_Step, ...] = ()
    har: str | None = None
    local_storage: dict[str, Any] = Field(default_factory=dict)


class _Recording(_Part):
    run: int
    site: str
    presses: bool = True
    accounts: tuple[_Account, ...] = ()
    profile: Profile


def recorded(folder: Path) -> tuple[list[Fixture], Profile]:
    """What was recorded of a run, and the profile it used. The first to fire comes first.

    Args:
        folder: The run's.

    Raises:
        InputError: The run was not recorded, pressed nothing, or its recording is none.
    """
    path = folder / RECORDING
    if not path.is_file():
        raise InputError(
            f"{folder}: the run was not recorded", mend="Only what was recorded can be played again."
        )
    recording = validated(_Recording, read_json(path))
    if not recording.presses:
        raise InputError(f"{path}: a dry run presses nothing", mend="Take a run that was to book.")
    found = sorted(_fixtures(recording, folder), key=lambda one: one.case.now)
    if not found:
        raise InputError(
            f"{path}: nobody fired in this run, or nothing was heard of the site",
            mend="Take a run in which something was pressed.",
        )
    return found, recording.profile


def _fixtures(recording: _Recording, folder: Path) -> Iterator[Fixture]:
    for account in recording.accounts:
        if account.har is None:
            continue
        fired = [
            (index, tries) for index, step in enumerate(account.steps) if (tries := _of_the_site(step.tries))
        ]
        for number, (index, tries) in enumerate(fired, 1):
            step, before = account.steps[index], account.steps[:index]
            name = account.account if len(fired) == 1 else f"{account.account}-{number}"
            shows = ", ".join(f"{one.slot.place} {one.outcome.meaning}" for one in tries)
            case = Case(
                profile=recording.site,
                shows=f"{shows}.",
                made=f"from run {recording.run}",
                now=tries[0].at,
                chain=step.chain,
                presses=step.presses if _ran_out(step, tries[-1]) else None,
                local_storage=account.local_storage,
                har=account.har,
                har_part=_part(step, before, tries[0]),
                expect=tuple(_expected(one) for one in tries),
            )
            yield Fixture(f"run-{recording.run}/{name}", folder / account.account, case)


def _of_the_site(tries: tuple[_Try, ...]) -> tuple[_Try, ...]:
    """What the site said, until the run ended it or passed a slot over; nothing where it said nothing."""
    if not tries or tries[0].outcome in (*_NEVER_FIRED, *NOT_PLAYED):
        return ()
    ended = next((n for n, one in enumerate(tries, 1) if one.outcome in NOT_PLAYED), len(tries))
    return tries[:ended]


def _ran_out(step: _Step, last: _Try) -> bool:
    """Would it have gone on, had it been let press once more? By how quick the machine was, say."""
    follows = last.outcome.handling
    return follows.try_again or (follows.next_target and len(step.tries) < len(step.chain))


def _part(step: _Step, before: Sequence[_Step], first: _Try) -> HarPart:
    """The part of the HAR from where the page was parked to where the press was over."""
    # The site's clock may have been measured anew since, or have leapt: by how far it was ahead then.
    ahead = step.at - step.recorded_at
    begins = next((one.recorded_at for one in reversed(before) if one.step != _PARKED), None)
    pressed = min(first.at - ahead - _MISREAD, step.recorded_at)
    return HarPart(begins=begins, pressed=max(pressed, begins or pressed), ends=step.recorded_at)


def _expected(one: _Try) -> Expected:
    # How often it was tried is a matter of milliseconds, and what the run says of it not the site's.
    said = one.message and "(tried" not in one.message and one.outcome not in NOT_PLAYED
    return Expected(
        place=one.slot.place,
        outcome=one.outcome,
        reference=one.reference,
        message=one.message if said else None,
    )
