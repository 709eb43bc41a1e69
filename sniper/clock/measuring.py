"""Measuring a site's clock: a few requests, each sent so that it tells the most."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from sniper.clock.bracket import MEND_OURS, SURELY_TICKED, Bracket, ClockNonsenseError, Reading, next_probe
from sniper.clock.clock import Clock
from sniper.clock.leaps import Leaps, Leapt
from sniper.clock.likely import likely_offset
from sniper.clock.site import SiteClock
from sniper.errors import EnvironmentProblem

Probe = Callable[[], Awaitable[Reading]]
_GOOD_ENOUGH = timedelta(milliseconds=4)
_PUNCTUAL = timedelta(milliseconds=2)
_TICKS_LET_PASS = 3
_LEAST_PROBES = 2
_LOST_IN_A_ROW = 3


async def measure(
    probe: Probe,
    local: Clock,
    probes: int,
    *,
    leaps: Leaps | None = None,
    progress: Callable[[SiteClock], None] | None = None,
) -> SiteClock:
    """Measure the site's clock.

    Where answers contradict each other, it is tried once more with the requests that are left. A request that
    is lost is one request less.

    Args:
        probe: Asks the site once.
        local: The clock the probe's readings are taken with.
        probes: The most requests to send; fewer when the bound is below 4 ms.
        leaps: Of the local clock: readings from before and after one are not put together.
        progress: Called after each reading with what is known by then.

    Raises:
        EnvironmentProblem: The site does not answer, or its answers contradict each other, twice.
    """
    asking = _Asking(probe, probes)
    try:
        return await _narrow(asking, local, leaps, progress)
    except ClockNonsenseError as error:
        if asking.left < _LEAST_PROBES:
            raise _unreadable(error) from error
    try:
        return await _narrow(asking, local, leaps, progress)
    except ClockNonsenseError as error:
        raise _unreadable(error) from error


def _unreadable(error: ClockNonsenseError) -> EnvironmentProblem:
    return EnvironmentProblem(f"the site's clock cannot be read: {error}", mend=error.mend)


class _Asking:
    """Asks, and counts: no request more than may be."""

    def __init__(self, probe: Probe, probes: int) -> None:
        self._probe = probe
        self._lost: list[EnvironmentProblem] = []
        self.spent = 0
        self.left = probes

    async def once(self) -> Reading:
        """Ask once.

        Raises:
            EnvironmentProblem: No answer came.
        """
        self.spent += 1
        self.left -= 1
        return await self._probe()

    async def once_or_lost(self) -> Reading | None:
        """Ask once; None where no answer came.

        Raises:
            EnvironmentProblem: It is the third in a row.
        """
        try:
            reading = await self.once()
        except EnvironmentProblem as error:
            self._lost.append(error)
            if len(self._lost) == _LOST_IN_A_ROW:
                raise
            return None
        self._lost.clear()
        return reading

    def need_answer(self) -> None:
        """All are spent, and something is still to be found out.

        Raises:
            EnvironmentProblem: The last one was lost.
        """
        if self._lost:
            raise self._lost[-1]


async def _narrow(
    asking: _Asking,
    local: Clock,
    leaps: Leaps | None,
    progress: Callable[[SiteClock], None] | None,
) -> SiteClock:
    before = _leapt(leaps)
    readings = [await asking.once()]
    bracket = Bracket.around(readings[0])
    while True:
        if _leapt(leaps) != before:
            raise ClockNonsenseError(
                "our own clock was set, or this machine slept, while we measured", MEND_OURS
            )
        known = SiteClock(
            local,
            bracket,
            offset=likely_offset(bracket, readings),
            round_trip=min(reading.round_trip for reading in readings),
            probes=asking.spent,
            leaps=leaps,
        )
        if progress:
            progress(known)
        good_enough = known.bound <= _GOOD_ENOUGH
        ticks = readings[-1].date != readings[0].date
        if good_enough and ticks:
            return known
        if not asking.left:
            if not ticks:
                asking.need_answer()
            return known
        if not ticks and (good_enough or asking.left == 1):
            # So far all this may be one kept answer, asked for ever closer to the tick it never made.
            await local.sleep_until(readings[0].received + SURELY_TICKED)
        else:
            await _sleep_until_tick(local, known)
        reading = await asking.once_or_lost()
        if reading is None:
            continue
        for earlier in readings:
            reading.check_after(earlier)
        bracket = bracket.narrowed(Bracket.around(reading))
        readings.append(reading)


def _leapt(leaps: Leaps | None) -> Leapt:
    """All leaps up to now: others look as well, so that one's own look may have nothing to tell."""
    if leaps is None:
        return Leapt()
    leaps.look()
    return leaps.leapt


async def _sleep_until_tick(local: Clock, known: SiteClock) -> None:
    """Return when a request has to leave so that it is answered at the expected tick.

    A busy machine wakes us late, and a request that misses the tick by as much as is still in doubt tells
    nothing: there is another tick in a second, so rather wait for that one.
    """
    punctual = max(_PUNCTUAL, known.bound / 8)
    for _ in range(_TICKS_LET_PASS + 1):
        at = next_probe(local.now(), known.offset, known.one_way)
        await local.sleep_until(at)
        if local.now() - at <= punctual:
            return
