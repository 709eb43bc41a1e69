"""The recording of a run as fixtures: one for each time an account fired."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from sniper.core.outcomes import Outcome
from sniper.documents import read_json, validated
from sniper.errors import InputError
from sniper.replay.case import Case, CaseSlot, Expected
from sniper.replay.library import Fixture
from sniper.sites.profile import Profile

RECORDING = "recording.json"
# What came of the course of the run, not of the site.
_NOT_THE_SITES = (Outcome.STOOD_DOWN, Outcome.INTERRUPTED, Outcome.NOT_PARKED, Outcome.NOT_PRESSED)


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
        fired = [tries for step in account.steps if (tries := _of_the_site(step))]
        if account.har is None:
            continue
        for number, tries in enumerate(fired, 1):
            name = account.account if len(fired) == 1 else f"{account.account}-{number}"
            case = Case(
                profile=recording.site,
                shows=", ".join(f"{_place(one)} {one.outcome.meaning}" for one in tries).capitalize() + ".",
                made=f"from run {recording.run}",
                now=tries[0].at,
                chain=tuple(dict.fromkeys(one.slot for one in tries)),
                local_storage=account.local_storage,
                har=account.har,
                expect=tuple(_expected(one) for one in tries),
            )
            yield Fixture(f"run-{recording.run}/{name}", folder / account.account, case)


def _of_the_site(step: _Step) -> list[_Try]:
    return [one for one in step.tries if one.outcome not in _NOT_THE_SITES]


def _expected(one: _Try) -> Expected:
    # How often it was tried is a matter of milliseconds.
    message = one.message if one.message and "(tried" not in one.message else None
    return Expected(place=_place(one), outcome=one.outcome, reference=one.reference, message=message)


def _place(one: _Try) -> str:
    return one.slot.sub_location or one.slot.location
