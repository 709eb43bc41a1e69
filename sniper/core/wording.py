"""What a schedule's rule says, in words that `sniper.core.phrases` reads as the same one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sniper.core.recurrence import Recurrence
from sniper.core.rules import WEEKDAY_NAMES, WEEKDAYS

_ORDINALS = {"1": "first", "2": "second", "3": "third", "4": "fourth", "-1": "last"}
_ENDINGS = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}


def in_words(recurrence: Recurrence) -> str:
    """The schedule in words; a rule that has none here as it is."""
    if recurrence.rule is None:
        words = [f"{recurrence.start}"]
    else:
        words = [_rule(recurrence.rule) or f"by the rule {recurrence.rule}"]
    if recurrence.at is not None:
        words.append(f"at {recurrence.at:%H:%M}")
    if recurrence.rule is not None and recurrence.start is not None:
        words.append(f"starting {recurrence.start}")
    if recurrence.until is not None:
        words.append(f"until {recurrence.until}")
    if recurrence.count is not None:
        words.append(f"{recurrence.count} times")
    if recurrence.excluded:
        words.append(f"except {_and([str(day) for day in recurrence.excluded])}")
    return " ".join(words)


def _rule(rule: str) -> str | None:
    parts = dict(part.split("=") for part in rule.split(";"))
    apart = int(parts.get("INTERVAL", "1"))
    days = parts.get("BYDAY", "").split(",")
    match parts["FREQ"], parts.keys() - {"FREQ", "INTERVAL"}:
        case "DAILY", by if not by:
            return "every day" if apart == 1 else f"every {_other(apart, 'day')}"
        case "WEEKLY", by if by == {"BYDAY"}:
            if apart > 1:
                return f"every {_other(apart, 'week')} on {_names(days)}"
            return "every weekday" if days == list(WEEKDAYS[:5]) else f"every {_names(days)}"
        case "MONTHLY", by if by == {"BYDAY"} and apart == 1:
            return _numbered(days)
        case "MONTHLY", by if by == {"BYMONTHDAY"} and apart == 1:
            return _dates([int(number) for number in parts["BYMONTHDAY"].split(",")])
    return None


def _numbered(days: Sequence[str]) -> str | None:
    split = [re.fullmatch(r"\+?(-?\d)([A-Z]{2})", day) for day in days]
    numbers = list(dict.fromkeys(one[1] for one in split if one))
    named = list(dict.fromkeys(one[2] for one in split if one))
    # "first and third Monday and Friday" is all four; anything else has no words.
    if {f"{n}{d}" for n in numbers for d in named} != set(days) or not _ORDINALS.keys() >= set(numbers):
        return None
    return f"every {_and([_ORDINALS[number] for number in numbers])} {_names(named)} of the month"


def _dates(numbers: Sequence[int]) -> str | None:
    if min(numbers) < -1:
        return None
    return "every month on the " + _and(
        ["last" if number == -1 else f"{number}{_ENDINGS.get(number, 'th')}" for number in numbers]
    )


def _names(days: Sequence[str]) -> str:
    return _and([WEEKDAY_NAMES[WEEKDAYS.index(day)] for day in days])


def _other(apart: int, what: str) -> str:
    return f"other {what}" if apart == 2 else f"{apart} {what}s"


def _and(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else words[0]
