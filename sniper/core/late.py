"""Sites that open later than they announce: by how much, as far as it was seen, and what follows from it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sniper.core.censored import Between

_RECENT = 12
"""So many of the last openings are looked at: a site may be mended."""
_ENOUGH = 5


@dataclass(frozen=True, slots=True)
class Lateness:
    """How much later than announced the last openings came, each of them.

    Attributes:
        openings: How many.
        least: No less, if it was the same each time; else the least that any of them may have been.
        most: No more, if it was the same each time; else the most.
    """

    openings: int
    least: timedelta
    most: timedelta


def known_lateness(
    openings: Mapping[tuple[str, datetime], Between], locations: Collection[str]
) -> Lateness | None:
    """How late the site opens, if it does so each time; None where it does not, or too little was seen.

    Args:
        openings: How much later than announced each came, by location and announced instant.
        locations: Those that matter.
    """
    known = sorted(key for key in openings if key[0] in locations)
    last = [openings[key] for key in sorted(known, key=lambda key: key[1])[-_RECENT:]]
    if len(last) < _ENOUGH or any(one.low <= 0 for one in last):
        return None
    least, most = max(one.low for one in last), min(one.high for one in last)
    if least > most:
        least, most = min(one.low for one in last), max(one.high for one in last)
    return Lateness(len(last), timedelta(seconds=least), timedelta(seconds=most))


def retry_pause(
    usual: timedelta, within: timedelta, lateness: Lateness, round_trip: timedelta
) -> timedelta | None:
    """How long to wait before a slot that was too early is tried again, where the site is known to be late.

    As many tries as by the usual pause, or one less, spread such that one of them reaches the site when it
    was open by then each time. Never sooner after another than usual: a site that opens in time, for once,
    costs nothing, for the first press does not wait.

    Args:
        usual: The profile's pause, which is also the least.
        within: For how long the profile tries again at all.
        lateness: How late the site is.
        round_trip: A try takes so long, and the pause begins when it is over.

    Returns:
        None where that is not known better than the usual pause tries it, or the site is later than the
        profile tries.
    """
    leaves = lateness.most - round_trip / 2
    if lateness.most - lateness.least > usual / 2 or not usual <= leaves < within:
        return None
    tries = max(1, int(leaves / (usual + round_trip)))
    pause = leaves / tries - round_trip
    return pause if pause > usual else None
