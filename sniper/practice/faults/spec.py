"""A fault as people write it: `rate-limited=30s,accounts=user1+user2,first=2`. See docs/practice-site.md."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, TypeVar

import durationpy

Choice = TypeVar("Choice", bound=StrEnum)

_NOTHING = timedelta(0)
_LONGEST = timedelta(days=1)


class Requests(StrEnum):
    """Which requests a fault is about."""

    BOOKING = "booking"
    """The press that books."""
    LIST = "list"
    """The list of slots."""
    OWN = "own"
    """One's own bookings: to read them, and to give one back."""
    API = "api"
    """All of these, and whatever else is below `/api`."""
    PAGES = "pages"
    """Pages and their files, those of the sign-in included."""
    ALL = "all"

    def includes(self, method: str, path: str) -> bool:
        """Is it one of them?"""
        is_api = path.startswith("/api/")
        own = path == "/api/participations" or path.startswith("/api/participations/")
        match self:
            case Requests.BOOKING:
                return method == "POST" and path == "/api/participations"
            case Requests.LIST:
                return path == "/api/bookable-slots"
            case Requests.OWN:
                return own and method != "POST"
            case Requests.API:
                return is_api
            case Requests.PAGES:
                return not is_api
            case Requests.ALL:
                return True


class Answers(StrEnum):
    """Which form of `Retry-After` is given."""

    SECONDS = "seconds"
    DATE = "date"


class Gone(StrEnum):
    """What becomes of a request while the network is gone."""

    RESET = "reset"
    """Its connection is reset."""
    SILENT = "silent"
    """Nobody answers; when the network is back, its connection is reset."""


class Kind(StrEnum):
    """Every fault, by the name it is chosen by."""

    LATENCY = "latency"
    SLOW = "slow"
    QUEUE = "queue"
    RATE_LIMITED = "rate-limited"
    ERROR = "error"
    RESET = "reset"
    CAPTCHA = "captcha"
    BAN = "ban"
    NETWORK = "network"
    LATE = "late"
    SIGNED_OUT = "signed-out"
    REDRAW = "redraw"

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys it takes."""
        match self:
            case Kind.LATE | Kind.REDRAW:
                return ()
            case Kind.SIGNED_OUT:
                return ("accounts",)
        return (*_OWN_KEYS.get(self, ()), *_SCOPE)

    @property
    def refuses(self) -> bool:
        """Is a request that it strikes not answered by the site itself?"""
        return self not in (Kind.LATENCY, Kind.SLOW)

    @property
    def usual_requests(self) -> Requests:
        """What it is about, unless told."""
        match self:
            case Kind.QUEUE | Kind.RATE_LIMITED | Kind.ERROR | Kind.RESET:
                return Requests.BOOKING
            case Kind.BAN | Kind.LATENCY | Kind.SLOW:
                return Requests.API
        return Requests.ALL


_SCOPE = ("accounts", "requests", "first", "chance", "seed", "at", "for")
_OWN_KEYS = {
    Kind.LATENCY: ("jitter",),
    Kind.SLOW: ("jitter",),
    Kind.RATE_LIMITED: ("as",),
    Kind.ERROR: ("after",),
    Kind.RESET: ("after",),
}
_VALUES = {
    Kind.LATENCY: "duration",
    Kind.SLOW: "duration",
    Kind.RATE_LIMITED: "duration",
    Kind.ERROR: "status",
    Kind.NETWORK: "gone",
    Kind.LATE: "duration",
    Kind.REDRAW: "duration",
}
_EXAMPLES = {"duration": "30s or 250ms", "status": "500 or 503", "gone": "reset or silent"}


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong, and for whom.

    Attributes:
        text: As it was written.
        duration: Of latency, a slow answer, a pause that is asked for, a late opening, or between redraws.
        status: Of an error.
        gone: How the network is gone.
        jitter: Up to so much more, at random.
        after: The site does what it is asked, and only then it goes wrong.
        answers: The form of `Retry-After`.
        accounts: Only these; all where there are none.
        first: Only so many requests.
        chance: How likely a request is struck, by a generator that `seed` sets up.
        at_opening: From the next opening on.
        lasts: For so long, by the venue's clock.
    """

    text: str
    kind: Kind
    requests: Requests
    duration: timedelta | None = None
    status: int | None = None
    gone: Gone | None = None
    jitter: timedelta = _NOTHING
    after: bool = False
    answers: Answers = Answers.SECONDS
    accounts: frozenset[str] = frozenset()
    first: int | None = None
    chance: float = 1
    seed: int = 0
    at_opening: bool = False
    lasts: timedelta | None = None

    def __str__(self) -> str:
        return self.text


def parse(text: str) -> Fault:
    """Read a fault.

    Raises:
        ValueError: It is none; the message says what would be.
    """
    head, *parts = [part.strip() for part in text.split(",")]
    name, has_value, value = head.partition("=")
    kind = next((kind for kind in Kind if kind == name), None)
    if kind is None:
        raise ValueError(f"there is no fault {name!r}; {_or_near(name, Kind)}")
    found: dict[str, Any] = _value(kind, value if has_value else None)
    seen: set[str] = set()
    for part in parts:
        key, has_value, value = part.partition("=")
        if key not in kind.keys:
            known = _or_near(key, kind.keys) if kind.keys else "it takes none"
            raise ValueError(f"{name} takes no {key!r}; {known}")
        if key in seen:
            raise ValueError(f"{name} has {key!r} twice; keep one of the two")
        seen.add(key)
        if bool(has_value) is (key == "after"):
            raise ValueError(f"{name}: write {'after' if key == 'after' else f'{key}=…'} for {part!r}")
        try:
            found |= _KEYS[key](value)
        except ValueError as error:
            raise ValueError(f"{name}: {key}={value}: {error}") from None
    usual = kind.usual_requests
    if "accounts" in seen and usual is Requests.ALL:
        usual = Requests.API  # Of a page nobody knows who asks for it.
    fault = Fault(text, kind, **{"requests": usual, **found})
    _check(fault, seen)
    return fault


def check_accounts(faults: Iterable[Fault], known: Iterable[str]) -> None:
    """Are all accounts that are named among those that may sign in?

    Raises:
        ValueError: One is not.
    """
    names = list(known)
    for fault in faults:
        for name in sorted(fault.accounts.difference(names)):
            raise ValueError(f"{fault}: there is no account {name!r}; {_or_near(name, names)}")


def _check(fault: Fault, given: set[str]) -> None:
    name = fault.kind
    if fault.accounts and fault.requests in (Requests.LIST, Requests.PAGES, Requests.ALL):
        raise ValueError(
            f"{name}: of pages and of the list nobody knows who asks; "
            "with accounts, requests is booking, own or api"
        )
    if "seed" in given and fault.chance == 1:
        raise ValueError(f"{name}: seed goes with chance")


def _value(kind: Kind, text: str | None) -> dict[str, Any]:
    what = _VALUES.get(kind)
    if what is None:
        if text is not None:
            raise ValueError(f"{kind} takes no value")
        return {}
    if text is None and kind is Kind.RATE_LIMITED:
        return {}  # It does not say for how long.
    if not text:
        raise ValueError(f"{kind} needs a value: {kind}={_EXAMPLES[what]}")
    try:
        match what:
            case "duration":
                return {"duration": _duration(text)}
            case "status":
                return {"status": _whole(text, 500, 599)}
            case _:
                return {"gone": _one_of(text, Gone)}
    except ValueError as error:
        raise ValueError(f"{kind}={text}: {error}") from None


def _duration(text: str) -> timedelta:
    try:
        duration = durationpy.from_str(text)
    except (durationpy.DurationError, ValueError):
        raise ValueError("is no duration; write 30s, 250ms or 1m30s") from None
    if not _NOTHING < duration <= _LONGEST:
        raise ValueError("must be more than nothing, and at most a day")
    return duration


def _whole(text: str, least: int, most: int) -> int:
    if not (text.isdecimal() and len(text) < 12 and least <= int(text) <= most):
        raise ValueError(f"is no whole number from {least} to {most}")
    return int(text)


def _chance(text: str) -> float:
    try:
        chance = float(text)
    except ValueError:
        chance = 0
    if not 0 < chance <= 1:
        raise ValueError("is no chance; write a number above 0, up to 1")
    return chance


def _names(text: str) -> frozenset[str]:
    names = frozenset(name.strip() for name in text.split("+"))
    if not all(names):
        raise ValueError("names nobody; write user1+user2")
    return names


def _one_of(text: str, choices: type[Choice]) -> Choice:
    try:
        return choices(text)
    except ValueError:
        raise ValueError(f"is none of {', '.join(choices)}") from None


class _At(StrEnum):
    OPENING = "opening"


_KEYS: dict[str, Callable[[str], dict[str, Any]]] = {
    "accounts": lambda text: {"accounts": _names(text)},
    "requests": lambda text: {"requests": _one_of(text, Requests)},
    "first": lambda text: {"first": _whole(text, 1, 1_000_000)},
    "chance": lambda text: {"chance": _chance(text)},
    "seed": lambda text: {"seed": _whole(text, 0, 2**32)},
    "at": lambda text: {"at_opening": _one_of(text, _At) is _At.OPENING},
    "for": lambda text: {"lasts": _duration(text)},
    "jitter": lambda text: {"jitter": _duration(text)},
    "as": lambda text: {"answers": _one_of(text, Answers)},
    "after": lambda _: {"after": True},
}


def _or_near(word: str, known: Iterable[str]) -> str:
    words = [str(word) for word in known]
    near = get_close_matches(word, words, n=1, cutoff=0.5)
    return f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(words)}"
