"""Checks of this machine."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sniper.awake import Wakefulness
from sniper.core.findings import Finding, Judgement, Subject
from sniper.core.readiness import judge_disk
from sniper.errors import EnvironmentProblem
from sniper.paths import STATE_DIR_VARIABLE, state_dir
from sniper.setup import doctor

_MEGABYTE = 1_000_000
# A picture and the HTML of a page that was not understood take up to a megabyte, and an account may leave a
# few; the record of a run takes less than one, and SQLite wants as much again while it writes.
_KEPT = 50 * _MEGABYTE
_KEPT_EACH = 5 * _MEGABYTE
# What the browsers keep of pages while they run: a folder each, which goes with them.
_PASSING = 200 * _MEGABYTE
_PASSING_EACH = 20 * _MEGABYTE
MAY_SLEEP = "this machine may fall asleep while a run waits: nothing here can be asked to keep it awake"
_JUDGED = {
    doctor.Health.OK: Judgement.GO,
    doctor.Health.WARNING: Judgement.WARNING,
    doctor.Health.PROBLEM: Judgement.NO,
}


@dataclass(frozen=True, slots=True)
class DoctorsCheck:
    """One of what `sniper doctor` looks at."""

    name: str
    check: Callable[[], doctor.Finding]
    subject: Subject = Subject.MACHINE

    async def look(self) -> Sequence[Finding]:
        """See `Check.look`."""
        found = await asyncio.to_thread(self.check)
        return [Finding(self.subject, self.name, _JUDGED[found.health], found.found, found.mend)]


@dataclass(frozen=True, slots=True)
class Room:
    """There is room in a folder for what is written there. `needed` is in bytes."""

    name: str
    folder: Path
    needed: int
    why: str
    mend: str
    free: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free
    subject: Subject = Subject.MACHINE

    async def look(self) -> Sequence[Finding]:
        """See `Check.look`."""
        try:
            free = self.free(self.folder)
        except OSError as error:
            raise EnvironmentProblem(f"{self.folder} cannot be looked at: {error}", mend=self.mend) from error
        return [judge_disk(self.name, str(self.folder), free, self.needed, self.why, self.mend)]


def room_for(accounts: int) -> tuple[Room, Room]:
    """What a run with so many accounts needs, in the state folder and for its browsers."""
    return (
        Room(
            "disk",
            state_dir(),
            _KEPT + _KEPT_EACH * accounts,
            "for the record, and for pictures of pages that are not understood",
            f"Make room, or name another folder by {STATE_DIR_VARIABLE}.",
        ),
        Room(
            "disk, passing",
            Path(tempfile.gettempdir()),
            _PASSING + _PASSING_EACH * accounts,
            "for what browsers keep of pages while they run",
            "Make room, or name another folder by TMPDIR.",
        ),
    )


@dataclass(frozen=True, slots=True)
class StaysAwake:
    """The machine does not fall asleep while a run waits."""

    wakefulness: Wakefulness
    name: str = "sleep"
    subject: Subject = Subject.MACHINE

    async def look(self) -> Sequence[Finding]:
        """See `Check.look`."""
        by = self.wakefulness.kept_by
        if by is not None:
            said = f"a run keeps this machine awake, through {by}; a closed lid may still send it to sleep"
            return [Finding(self.subject, self.name, Judgement.GO, said)]
        if not self.wakefulness.can_sleep:
            return [Finding(self.subject, self.name, Judgement.GO, "this machine has no way to fall asleep")]
        return [
            Finding(
                self.subject,
                self.name,
                Judgement.WARNING,
                MAY_SLEEP,
                "Switch automatic sleep off; on a server, `sudo systemctl mask sleep.target suspend.target`.",
            )
        ]
