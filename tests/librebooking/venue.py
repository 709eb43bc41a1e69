"""The rules of the imitation, checked in the order of the real one, which tells the first that is broken."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from secrets import token_hex
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Berlin")
RESOURCES = {1: "Platz 1", 2: "Platz 2"}
TEXTS = {
    "en": {
        "created": "Your reservation was successfully created!",
        "number": "Your reference number is {}",
        "failed": "Your reservation could not be made",
        "past": "The start date and time cannot be in the past.",
        "early": "This reservation cannot be made this far in the future. "
        "The latest date and time that can be reserved is {:%-m/%-d/%Y %-I:%M:%S %p}.",
        "quota": "You are limited to {}.00 reservations per day.",
        "grid": "The requested start time is not valid.",
        "taken": "There are conflicting reservations on the following dates:",
        "removed": "Your reservation was removed",
        "login": "We could not match your username or password",
    },
    "de": {
        "created": "Ihre Reservierung wurde erfolgreich angelegt!",
        "number": "Ihre Referenznummer ist {}",
        "failed": "Ihre Reservierung konnte nicht angelegt werden",
        "past": "Der Startzeitpunkt darf nicht in der Vergangenheit liegen",
        "early": "Die Reservierung liegt zu weit in der Zukunft. "
        "Der sp&auml;teste Zeitpunkt ist {:%d/%m/%Y %H:%M:%S}.",
        "quota": "Kontingentgrenze überschritten.",
        "grid": "Die angeforderte Startzeit ist nicht gültig.",
        "taken": "Es gibt in Konflikt stehende Reservierungen an folgenden Tagen:",
        "removed": "Ihre Reservierung wurde erfolgreich gelöscht",
        "login": "Benutzername oder Passwort falsch",
    },
}


@dataclass(frozen=True)
class Reservation:
    """One row."""

    id: int
    reference: str
    owner: str
    resource: int
    begins: datetime
    ends: datetime


class RefusedError(Exception):
    """What is said instead."""


@dataclass
class Venue:
    """What is reserved, and who may reserve.

    Attributes:
        notice: How far ahead the end of a reservation may be.
        per_day: How many an account may have on one day.
        looks_for: How long it takes from looking for conflicts to writing down what is reserved.
    """

    languages: dict[str, str]
    notice: timedelta = timedelta(days=14)
    per_day: int = 5
    looks_for: float = 0.0
    rows: list[Reservation] = field(default_factory=list)
    saves: list[tuple[str, datetime]] = field(default_factory=list)
    _ids: count[int] = field(default_factory=lambda: count(11))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def reserve(self, owner: str, resource: int, begins: datetime, ends: datetime) -> Reservation:
        """Have a resource, or be told the first thing that is wrong. Others look while one is looked at."""
        says = TEXTS[self.languages[owner]]
        now = datetime.now(ZONE)
        self.saves.append((owner, now))
        if begins.astimezone(UTC) < now:
            raise RefusedError(says["past"])
        latest = now + self.notice
        if ends.astimezone(UTC) > latest.astimezone(UTC):
            raise RefusedError(says["early"].format(latest))
        if self._on_day(owner, begins) >= self.per_day:
            raise RefusedError(says["quota"].format(self.per_day))
        if begins.minute or ends.minute:
            raise RefusedError(says["grid"])
        if any(
            one.resource == resource and one.begins < ends and begins < one.ends for one in tuple(self.rows)
        ):
            raise RefusedError(f"{says['taken']}<br/>{begins:%d/%m/%Y}")
        time.sleep(self.looks_for)
        with self._lock:
            row = Reservation(next(self._ids), token_hex(11), owner, resource, begins, ends)
            self.rows.append(row)
        return row

    def remove(self, owner: str, reference: str) -> bool:
        """Give one back; False where it is not the owner's."""
        with self._lock:
            found = [one for one in self.rows if (one.owner, one.reference) == (owner, reference)]
            self.rows = [one for one in self.rows if one not in found]
        return bool(found)

    def _on_day(self, owner: str, day: datetime) -> int:
        return sum(one.owner == owner and one.begins.date() == day.date() for one in tuple(self.rows))
