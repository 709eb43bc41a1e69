"""The venue's clock: it may start at any time, be skewed against this machine, and jump forward.

One sign convention: what is ahead of this machine is positive.
"""

import math
import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

# Machines sleep and their clocks step, so a long wait is cut into pieces and looks again.
_LONGEST_WAIT = timedelta(seconds=1)
_ONE_SECOND = timedelta(seconds=1)
_TIME_OF_DAY = re.compile(r"\d\d:\d\d(:\d\d)?")


class ClockError(ValueError):
    """The clock cannot be set like this; the message says why."""


class TimeSource(Protocol):
    """Where real time comes from; tests put a simulated one in its place."""

    def now(self) -> datetime:
        """This machine's time, aware, in UTC."""
        ...

    def attach(self, condition: threading.Condition) -> None:
        """Notify this condition whenever time makes a leap that no waiter could have timed."""
        ...

    def wait(self, condition: threading.Condition, duration: timedelta) -> None:
        """Wait on the condition, which the caller holds, for at most this long."""
        ...


class MachineTime:
    """This machine's own clock."""

    def now(self) -> datetime:
        """This machine's time, in UTC."""
        return datetime.now(UTC)

    def attach(self, condition: threading.Condition) -> None:
        """Nothing to do: waits here have a time limit of their own."""

    def wait(self, condition: threading.Condition, duration: timedelta) -> None:
        """Wait on the condition, for at most this long or a second, whichever is shorter."""
        condition.wait(min(duration, _LONGEST_WAIT).total_seconds())


class SimulatedTime:
    """A machine clock that stands still until it is told to advance."""

    def __init__(self, now: datetime) -> None:
        self._now = now.astimezone(UTC)
        self._conditions: list[threading.Condition] = []

    def now(self) -> datetime:
        """The simulated time, in UTC."""
        return self._now

    def attach(self, condition: threading.Condition) -> None:
        """Notify this condition with every advance."""
        self._conditions.append(condition)

    def wait(self, condition: threading.Condition, duration: timedelta) -> None:
        """Wait until somebody advances the time (or notifies the condition), however long that takes."""
        if duration > timedelta():
            condition.wait()

    def advance(self, duration: timedelta) -> None:
        """Let this much time pass at once, and wake everybody who waits."""
        self._now += duration
        for condition in self._conditions:
            with condition:
                condition.notify_all()


class VenueClock:
    """The time the venue goes by. Safe to use from several threads."""

    def __init__(
        self,
        source: TimeSource | None = None,
        *,
        start: datetime | None = None,
        skew: timedelta = timedelta(),
    ) -> None:
        """Start at `start` (aware; default: this machine's time), ahead of it by `skew`.

        With a start, the fraction of the second stays this machine's own, so that `skew` alone decides where
        the venue's second ticks against the machine's.
        """
        self._source = source or MachineTime()
        self._moved = threading.Condition()
        self._source.attach(self._moved)
        self._offset = skew
        if start is not None:
            self._offset += start.astimezone(UTC) - self._source.now().replace(microsecond=0)

    def now(self) -> datetime:
        """The venue's time, aware, in UTC."""
        return self._source.now() + self._offset

    @property
    def ahead(self) -> timedelta:
        """How far the venue is ahead of this machine; negative when it is behind."""
        return self._offset

    def machine_now(self) -> datetime:
        """This machine's real time, aware, in UTC: what authenticator apps go by."""
        return self._source.now()

    def jump(self, duration: timedelta) -> timedelta:
        """Go forward by this, rounded down to whole seconds; returns how far that was.

        Whole seconds, because a client that has measured where the venue's second ticks must not have to do
        it again; rounded down, so as never to overshoot the target. Raises ClockError when it would go
        backward.
        """
        with self._moved:
            return self._jump(duration)

    def jump_to(self, target: datetime, *, exactly: bool = False) -> timedelta:
        """Go forward to this aware instant, or to less than a second before it; returns how far that was.

        `exactly` goes right there, whatever becomes of the phase of the second. Raises ClockError when the
        instant has passed already.
        """
        with self._moved:
            return self._jump(target - self.now(), exactly=exactly)

    def _jump(self, duration: timedelta, *, exactly: bool = False) -> timedelta:
        if duration < timedelta():
            raise ClockError("The clock only goes forward.")
        if not exactly:
            duration = timedelta(seconds=math.floor(duration / _ONE_SECOND))
        self._offset += duration
        self._moved.notify_all()
        return duration

    def wake(self) -> None:
        """Let everybody who waits look again whether to go on waiting."""
        with self._moved:
            self._moved.notify_all()

    def wait_until(self, instant: datetime, *, unless: Callable[[], bool]) -> bool:
        """Block until the venue's clock shows this aware instant; a jump shortens the wait.

        Returns False when `unless()` became true first (call `wake` to have it looked at).
        """
        with self._moved:
            while not unless():
                remaining = instant - self.now()
                if remaining <= timedelta():
                    return True
                self._source.wait(self._moved, remaining)
        return False


def parse_start(text: str, *, timezone: ZoneInfo, now: datetime) -> datetime:
    """A start of the clock as a person types it: `HH:MM[:SS]` (today), or an ISO 8601 date and time.

    Without an offset it is local in `timezone`; `now` (aware) says which day is today. A time that the autumn
    change repeats is the first of the two. Raises ClockError when it is not a time, or one that the spring
    change skips.
    """
    text = text.strip()
    if _TIME_OF_DAY.fullmatch(text):
        text = f"{now.astimezone(timezone).date().isoformat()}T{text}"
    try:
        start = datetime.fromisoformat(text)
    except ValueError as error:
        raise ClockError(
            f"{text!r} is not a time: write 12:59, 12:59:50 or 2026-11-21T12:59:50 (local time of the venue)."
        ) from error
    if start.tzinfo is not None:
        return start.astimezone(UTC)
    instant = start.replace(tzinfo=timezone).astimezone(UTC)
    if instant.astimezone(timezone).replace(tzinfo=None) != start:
        raise ClockError(f"{text!r} does not exist in {timezone.key}: the change to summer time skips it.")
    return instant
