"""Ways to estimate how far a site's clock is from ours."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from sniper.clock.bracket import Reading
from sniper.clock.clock import Clock
from sniper.clock.measuring import Probe, measure

PROBES = 12
_SECOND = timedelta(seconds=1)
_HTPDATE_WITHIN = 30.0
_ASKED = re.compile(r"^\S+ +\d+, .* => -?\d+$", re.MULTILINE)
_OFFSET = re.compile(r"^Offset (-?\d+(?:\.\d+)?) seconds?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Estimate:
    """Site time minus ours, and what it took.

    Attributes:
        bound: What the estimator itself says it may be wrong by; None if it does not say.
    """

    offset: timedelta
    probes: int
    bound: timedelta | None = None


async def sniper(probe: Probe, local: Clock) -> Estimate:
    """Ours: brackets the edges of the Date header."""
    clock = await measure(probe, local, PROBES)
    return Estimate(clock.offset, clock.probes, clock.bound)


def naive(reading: Reading) -> Estimate:
    """The Date as it stands, minus the middle between question and answer."""
    return Estimate(reading.date - _middle(reading), 1)


def centred(reading: Reading) -> Estimate:
    """The same with half a second more: the Date was rounded down, by that much on average."""
    return Estimate(reading.date + _SECOND / 2 - _middle(reading), 1)


def _middle(reading: Reading) -> datetime:
    return reading.sent + reading.round_trip / 2


async def htpdate(command: str, url: str) -> Estimate | None:
    """Debian's htpdate, which only asks (-q); None when its answer is not understood."""
    process = await asyncio.create_subprocess_exec(
        *(command, "-q", "-n", "-d", url),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        said = (await asyncio.wait_for(process.communicate(), _HTPDATE_WITHIN))[0].decode(errors="replace")
    except TimeoutError:
        process.kill()
        await process.wait()
        return None
    return understood(said)


def understood(said: str) -> Estimate | None:
    """What htpdate found, from what it prints."""
    found = _OFFSET.search(said)
    if found is None:
        return None
    return Estimate(timedelta(seconds=float(found[1])), len(_ASKED.findall(said)))
