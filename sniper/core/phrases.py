"""Schedules in words, English or German: "every other Friday at 10:00 starting 2027-01-08".

They are read strictly: every word counts, and what can be understood in two ways is refused, with the words
that cannot. Libraries that guess were tried; they guess wrong without saying so (docs/schedules.md), and
nobody wants a booking on a wrong day.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, time
from difflib import get_close_matches
from functools import lru_cache

from lark import Lark, Token, Tree, UnexpectedInput, UnexpectedToken

from sniper.core.phrase_grammar import EXAMPLES, GRAMMAR
from sniper.core.recurrence import Recurrence, first_day
from sniper.core.rules import WEEKDAY_NAMES, WEEKDAYS

_WEEKDAY = {
    prefix: day
    for day, prefixes in zip(
        WEEKDAYS,
        (("mo",), ("tu", "di"), ("we", "mi"), ("th", "do"), ("fr",), ("sa",), ("su", "so")),
        strict=True,
    )
    for prefix in prefixes
}
_ORDINAL = {"fir": 1, "sec": 2, "thi": 3, "fou": 4, "las": -1}
_ORDINAL |= {"ers": 1, "zwe": 2, "dri": 3, "vie": 4, "let": -1}
_NUMBER = {"two": 2, "zwei": 2, "three": 3, "drei": 3, "four": 4, "vier": 4}
_MONTHS = ("jan", "feb", "m[aä]?r", "apr", "ma[yi]", "jun", "jul", "aug", "sep", "o[ck]t", "nov", "de[cz]")
_CLAUSES = {
    "at": "the hour",
    "starting": "the start",
    "until": "the end",
    "times": "the number of times",
    "without": "the exception",
}
_DATES = ("ISO", "DOTTED", "WRITTEN", "SLASHED")
_PLAIN = (
    *("every", "other", "day", "days", "week", "weeks", "month", "weekdays", "weekends", "daily", "weekly"),
    *("monthly", "fortnightly", "first", "second", "third", "fourth", "last", "starting", "until", "except"),
    *("times", "noon"),
)
_KNOWN = {word.lower(): word for word in (*WEEKDAY_NAMES, *(f"{name}s" for name in WEEKDAY_NAMES), *_PLAIN)}
"""What may have been meant by a word that is none, by how it is written small."""


def read(text: str) -> Recurrence:
    """The schedule that these words name.

    Raises:
        ValueError: They name none, or none for certain; what it says tells where, and which words do.
    """
    text = unicodedata.normalize("NFC", text).strip()
    try:
        tree = _parser().parse(text)
    except UnexpectedInput as error:
        raise ValueError(_not_read(text, error)) from None
    try:
        return _recurrence([part for part in tree.children if isinstance(part, Tree)])
    except ValueError as error:
        raise ValueError(f"{text!r}: {error}") from None


@lru_cache
def _parser() -> Lark:
    return Lark(GRAMMAR, parser="lalr", propagate_positions=True)


def _recurrence(parts: list[Tree[Token]]) -> Recurrence:
    said: dict[str, Tree[Token]] = {}
    for part in parts:
        kind = _CLAUSES.get(str(part.data), "the day")
        if kind in said:
            raise ValueError(f"{kind} is said twice, by {_words(said[kind])!r} and by {_words(part)!r}")
        said[kind] = part
    if "the day" not in said:
        raise ValueError(f"it names no day; write {EXAMPLES[0]!r}, say")
    dates = {kind: [_date(token) for token in _of(tree, *_DATES)] for kind, tree in said.items()}
    at = _time(said["the hour"]) if "the hour" in said else None
    start = dates["the start"][0] if "the start" in said else None
    if said["the day"].data == "day":
        if start is not None:
            raise ValueError("a start is for what comes again, and this is one day")
        start, rule = dates["the day"][0], None
    else:
        rule = _rule(said["the day"])
        start = start and (first_day(rule, start) or start)
    times = _of(said["the number of times"], "NUMBER") if "the number of times" in said else []
    try:
        return Recurrence(
            start,
            rule,
            at,
            until=dates["the end"][0] if "the end" in said else None,
            count=_number(times[0]) if times else None,
            excluded=tuple(sorted(set(dates.get("the exception", ())))),
        )
    except ValueError as error:
        if start is None:
            raise ValueError(f"{error}; add 'starting 2027-01-08', say") from None
        raise


def _rule(pattern: Tree[Token]) -> str:
    days = sorted(
        {_WEEKDAY[token[:2].lower()] for token in _of(pattern, "WEEKDAY", "PLURAL")}, key=WEEKDAYS.index
    )
    apart = _apart(pattern)
    match str(pattern.data):
        case "one_weekday":
            name = WEEKDAY_NAMES[WEEKDAYS.index(days[0])]
            raise ValueError(f"one {name}, or every one? Write 'every {name}', or the date: 2027-01-08")
        case "biweekly":
            raise ValueError("twice a week, or every other one? Write 'every other week on Friday', say")
        case "relative":
            raise ValueError(f"{_words(pattern)!r} depends on when it is read; write the date: 2027-01-08")
        case "workdays":
            days = list(WEEKDAYS[:5])
        case "weekends":
            days = list(WEEKDAYS[5:])
        case "daily" | "daily_apart":
            return f"FREQ=DAILY{apart}"
        case "numbered":
            return f"FREQ=MONTHLY;{_numbered(pattern, days)}"
    return f"FREQ=WEEKLY{apart};BYDAY={','.join(days)}"


def _apart(pattern: Tree[Token]) -> str:
    """How many weeks or days lie between, as a part of a rule."""
    if _of(pattern, "OTHER", "FORTNIGHTLY"):
        return ";INTERVAL=2"
    numbers = _of(pattern, "NUMBER")
    if not numbers or (number := _number(numbers[0])) == 1:
        return ""
    return f";INTERVAL={number}"


def _numbered(pattern: Tree[Token], days: list[str]) -> str:
    """The first Monday of the month, or the 15th."""
    tokens = _of(pattern, "ORDINAL", "NTH")
    numbers = sorted({_ordinal(token) for token in tokens}, key=lambda number: (number < 0, number))
    of_months = _of(pattern, "MONTH", "MONTHLY")
    if not days:
        if not of_months:
            raise ValueError(f"the {tokens[0]} of what? Write 'every month on the {tokens[0]}', say")
        if not all(number in range(-1, 32) for number in numbers):
            raise ValueError(f"no month has a day {max(numbers)}")
        return f"BYMONTHDAY={','.join(map(str, numbers))}"
    if not all(number in range(-1, 5) for number in numbers):
        raise ValueError("not every month has a fifth of each weekday; write first to fourth, or last")
    if not of_months and not {1, -1}.issuperset(numbers):
        day = WEEKDAY_NAMES[WEEKDAYS.index(days[0])]
        apart = f"other {day}" if numbers[0] == 2 else f"{numbers[0]} weeks on {day}"
        raise ValueError(f"of the weeks, or of the month? Write 'every {apart}', or add 'of the month'")
    return f"BYDAY={','.join(f'{number}{day}' for number in numbers for day in days)}"


def _ordinal(token: Token) -> int:
    """1 for the first, -1 for the last."""
    return _ORDINAL.get(token[:3].lower()) or int(token[:-2])


def _number(token: Token) -> int:
    number = _NUMBER.get(token.lower()) or int(token)
    if number == 0:
        raise ValueError("none at all is too few")
    return number


def _time(clause: Tree[Token]) -> time:
    (token,) = _of(clause, "CLOCK", "HOUR", "NOON", "NUMBER")
    if token.type == "NOON":
        return time(12)
    found = re.match(r"(\d{1,2})(?:[:.](\d\d))?\s*([ap]m)?", token.lower())
    hour, minute, half = (int(found[1]), int(found[2] or 0), found[3]) if found else (24, 0, None)
    if half and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half == "pm" else 0)
    elif half:
        hour = 24
    if hour > 23 or minute > 59:
        raise ValueError(f"{token} is no time of day; write it as 10:00, or 10am")
    return time(hour, minute)


def _date(token: Token) -> date:
    if token.type == "SLASHED":
        raise ValueError(f"{token}: is the day or the month first? Write 2027-01-08")
    try:
        if token.type == "ISO":
            return date.fromisoformat(token)
        if token.type == "DOTTED":
            day, month, year = (int(part) for part in token.split("."))
            return date(year, month, day)
        *_, year = (int(number) for number in re.findall(r"\d+", token))
        day = int(re.findall(r"\d+", token)[0])
        name = re.findall(r"[a-zä]{3,}", token.lower())[0]
        month = next(index for index, one in enumerate(_MONTHS, 1) if re.match(one, name))
        return date(year, month, day)
    except ValueError:
        raise ValueError(f"there is no day {token}") from None


def _of(tree: Tree[Token], *kinds: str) -> list[Token]:
    """The tokens of these kinds, in order."""
    return [token for token in tree.scan_values(lambda one: isinstance(one, Token)) if token.type in kinds]


def _words(tree: Tree[Token]) -> str:
    return " ".join(str(token) for token in tree.scan_values(lambda one: isinstance(one, Token)))


def _not_read(text: str, error: UnexpectedInput) -> str:
    """Where reading ended, and what might have been meant."""
    ended = isinstance(error, UnexpectedToken) and error.token.type == "$END"
    at = len(text) if ended else error.pos_in_stream or 0
    rest = text[at:]
    if not rest:
        where = "it ends too early"
    else:
        word = re.split(r"[\s,]", rest)[0].lower()
        near = [] if word in _KNOWN else get_close_matches(word, _KNOWN, n=1, cutoff=0.7)
        hint = f" (did you mean {_KNOWN[near[0]]!r}?)" if near else ""
        where = f"from {rest!r} on{hint}" if at else f"at all{hint}"
    return f"{text!r} cannot be read, {where}; what can be: {', '.join(map(repr, EXAMPLES[:3]))}"
