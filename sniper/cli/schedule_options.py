"""What the options of `sniper schedule add` say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time

from sniper.config.snipe_config import PriorityConfig, TimeWindow
from sniper.core.phrase_grammar import EXAMPLES
from sniper.core.phrases import read
from sniper.core.recurrence import Recurrence
from sniper.errors import InputError
from sniper.sites.profile import Profile


def recurrence(phrase: str | None, rrule: str | None, start: str | None, at: str | None) -> Recurrence:
    """The days that words, or a rule with its start and hour, name.

    Raises:
        InputError: They name none for certain.
    """
    if (phrase is None) == (rrule is None):
        raise InputError(
            "a schedule is told by words, or by --rrule", mend=f'Give one of them: "{EXAMPLES[0]}", say.'
        )
    if phrase is not None and (start or at):
        raise InputError("--start and --at are for --rrule", mend="Say both by the words.")
    try:
        if phrase is not None:
            return read(phrase)
        return Recurrence.of_rrule(
            rrule or "", _day("--start", start) if start else None, _time("--at", at) if at else None
        )
    except ValueError as error:
        raise InputError(str(error)) from None


def limited(days: Recurrence, until: str | None, count: int | None, excepted: Sequence[str]) -> Recurrence:
    """The same with what `--until`, `--count` and `--except` say.

    Raises:
        InputError: They do not fit.
    """
    try:
        return days.limited(
            until=None if until is None else _day("--until", until),
            count=count,
            excluded=tuple(_day("--except", one) for one in excepted),
        )
    except ValueError as error:
        raise InputError(str(error)) from None


def _day(option: str, given: str) -> date:
    """One day, as words name it.

    Raises:
        InputError: They name none.
    """
    try:
        found = read(given)
    except ValueError:
        found = None
    if found is None or found.rule is not None or found.start is None or found.at is not None:
        raise InputError(f"{option}: {given!r} is no day", mend="Write it as 2027-01-08.")
    return found.start


def _time(option: str, given: str) -> time:
    try:
        return datetime.strptime(given, "%H:%M").time()  # noqa: DTZ007 (on the site's wall)
    except ValueError:
        raise InputError(
            f"{option}: {given!r} is no time of day", mend="Write it as 09:00, or 13:00."
        ) from None


def window(start: str, end: str) -> TimeWindow:
    """From a time of day to another.

    Raises:
        InputError: One is none, or they are not in order.
    """
    midnight = time() if end == "24:00" else _time("--between", end)
    try:
        return TimeWindow(start=_time("--between", start), end=midnight)
    except ValueError:
        raise InputError(
            f"--between: {end} is not after {start}", mend="Write it as --between 17:00 21:00."
        ) from None


def priorities(profile: Profile, locations: Sequence[str], subs: Sequence[str]) -> list[PriorityConfig]:
    """The locations in order, each with those of the sub-locations that are its own.

    Raises:
        InputError: A sub-location is of none of them.
    """
    known = {name: profile.locations[name].sub_locations for name in locations if name in profile.locations}
    own: dict[str, list[str]] = {location: [] for location in locations}
    for sub in subs:
        at = next((name for name, some in known.items() if sub in some), None)
        if at is None:
            there_are = ", ".join(one for some in known.values() for one in some)
            raise InputError(
                f"--sub-location: {' and '.join(own)} has no {sub!r}",
                mend=f"There are: {there_are}." if there_are else "Leave it out: there are none.",
            )
        own[at].append(sub)
    return [
        PriorityConfig(rank=rank, location=name, sub_locations=tuple(some) or None)
        for rank, (name, some) in enumerate(own.items(), 1)
    ]
