"""Where a person's calendar comes from: a file, or an address, of which the last good copy is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from pydantic import SecretStr

from sniper import __version__
from sniper.calendars.busy import Calendar, NoCalendarError
from sniper.clock.probes import is_loopback
from sniper.config.accounts import reveal
from sniper.config.bookings import Bookings
from sniper.config.calendars import CalendarConfig, as_config
from sniper.documents import Document, complaint
from sniper.errors import EnvironmentProblem, InputError
from sniper.files import write_whole
from sniper.paths import state_dir
from sniper.scrubbing import KNOWN

_SCHEMES = ("http://", "https://", "webcal://")
_TIMEOUT = 10.0
_LARGEST = 20_000_000


@dataclass(frozen=True, slots=True)
class Read:
    """A calendar, if it could be read.

    Attributes:
        told: What the person should know about the reading.
    """

    calendar: Calendar | None = None
    told: tuple[str, ...] = ()


def busy_calendar(bookings: Bookings, document: Document, instead: str | None = None) -> Read:
    """The calendar that the file names, or `instead` (a path as seen from here, or an address).

    Raises:
        InputError: It is a file, and missing or no calendar; or its variable is not set.
        EnvironmentProblem: It is required, its address does not answer, and there is no copy.
    """
    now = datetime.now(UTC)
    if instead is not None:
        return read_calendar(CalendarConfig(calendar=SecretStr(instead)), Path.cwd(), now)
    if bookings.busy_calendar is None:
        return Read()
    try:
        return read_calendar(as_config(bookings.busy_calendar), document.path.resolve().parent, now)
    except InputError as error:
        raise InputError(complaint(document, ("busy_calendar",), str(error)), mend=error.mend) from None


def read_calendar(config: CalendarConfig, beside: Path, now: datetime) -> Read:
    """Read the calendar; where its address does not answer, the last good copy of it.

    Args:
        config: Which.
        beside: The folder that a path is relative to.
        now: This machine's time.

    Raises:
        InputError: It is a file, and missing or no calendar; or its variable is not set.
        EnvironmentProblem: It is required, its address does not answer, and there is no copy.
    """
    source = reveal(config.calendar)
    if not source.lower().startswith(_SCHEMES):
        return _read(_from_file(beside / Path(source).expanduser()))
    url = "https" + source[len("webcal") :] if source.lower().startswith("webcal://") else source
    address = urlsplit(url)
    KNOWN.know([url, address._replace(scheme="", netloc="").geturl()])
    name = f"the busy calendar at {address.hostname}"
    copy = state_dir() / "calendars" / f"{sha256(url.encode()).hexdigest()[:24]}.ics"
    try:
        text = _ask(url)
        calendar = Calendar(text)
    except _UnansweredError as error:
        return _from_copy(copy, f"{name} {error}", now, required=config.required)
    except NoCalendarError as error:
        return _from_copy(copy, f"{name} answers, but {error}", now, required=config.required)
    return _read(calendar, *_keep(copy, text))


def _read(calendar: Calendar, *told: str) -> Read:
    if calendar.broken:
        events = "1 event" if calendar.broken == 1 else f"{calendar.broken} events"
        told = (*told, f"{events} of the busy calendar cannot be read, and so do not count")
    return Read(calendar, told)


class _UnansweredError(Exception):
    """What its address does instead of answering; nothing in it shows the address."""


def _from_file(path: Path) -> Calendar:
    try:
        return Calendar(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such calendar", mend="Check the path.") from None
    except (NoCalendarError, UnicodeDecodeError):
        raise InputError(
            f"{path}: is no calendar in .ics form", mend="Export it anew, or name another one."
        ) from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}", mend="Check the path.") from error


def _ask(url: str) -> str:
    """What stands at an address.

    Raises:
        _UnansweredError: Nothing, or too much.
    """
    headers = {"User-Agent": f"sniper/{__version__}", "Accept": "text/calendar"}
    try:
        with (
            httpx.Client(timeout=_TIMEOUT, headers=headers, trust_env=not is_loopback(url)) as client,
            client.stream("GET", url, follow_redirects=True) as response,
        ):
            if not response.is_success:
                raise _UnansweredError(f"answers {response.status_code}")
            content = bytearray()
            for part in response.iter_bytes():
                content += part
                if len(content) > _LARGEST:
                    raise _UnansweredError("is larger than 20 MB")
    except httpx.TimeoutException:
        raise _UnansweredError("does not answer") from None
    except (httpx.HTTPError, httpx.InvalidURL, ImportError, ValueError):
        # What these say may hold the address, and who knows that can read the calendar.
        raise _UnansweredError("cannot be reached") from None
    return content.decode("utf-8-sig", errors="replace")


def _keep(copy: Path, text: str) -> tuple[str, ...]:
    """Keep a copy for when its address does not answer; says so where that fails."""
    try:
        copy.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(copy, text)
    except (OSError, InputError):
        return (f"no copy of the busy calendar could be kept in {copy.parent}",)
    return ()


def _from_copy(copy: Path, why: str, now: datetime, *, required: bool) -> Read:
    try:
        calendar = Calendar(copy.read_text(encoding="utf-8"))
        age = now - datetime.fromtimestamp(copy.stat().st_mtime, UTC)
    except (OSError, NoCalendarError, UnicodeDecodeError):
        if required:
            raise EnvironmentProblem(
                f"{why}, there is no earlier copy of it, and it is required",
                mend="Try again later, or take `required` out.",
            ) from None
        return Read(None, (f"{why}, and there is no earlier copy of it: no hour is left out for it",))
    return _read(calendar, f"{why}: going by the copy of {_told(age)} ago")


def _told(age: timedelta) -> str:
    """ "2 days", "3 hours", "5 minutes"."""
    for unit, length in (("day", timedelta(days=1)), ("hour", timedelta(hours=1))):
        if age >= length:
            count = age // length
            return f"{count} {unit}{'s' * (count > 1)}"
    minutes = max(1, age // timedelta(minutes=1))
    return f"{minutes} minute{'s' * (minutes > 1)}"
