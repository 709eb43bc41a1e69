"""The imitation over HTTP, on a free port of this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any

from tests.librebooking import pages
from tests.librebooking.venue import TEXTS, ZONE, RefusedError, Venue
from tests.local_http import listening
from tests.php_site import PhpPages


@dataclass
class LibreBooking:
    """The site.

    Attributes:
        sessions: Who is signed in, by the cookie; and the token of each, good for all its forms.
        answers: Statuses with which the next requests to save are answered instead of what is right.
    """

    venue: Venue
    url: str = ""
    sessions: dict[str, str] = field(default_factory=dict)
    answers: list[int] = field(default_factory=list)

    def sign_out_everybody(self) -> None:
        """As after half an hour without use."""
        self.sessions.clear()

    def change_tokens(self) -> None:
        """As after signing in anew elsewhere: whoever is signed in stays so, with forms that are not good."""
        self.sessions = {cookie: owner + "!" for cookie, owner in self.sessions.items()}


@contextmanager
def running(venue: Venue) -> Iterator[LibreBooking]:
    """The site, below a path as many have it."""
    site = LibreBooking(venue)
    with listening(type("Handler", (_Handler,), {"site": site})) as url:
        site.url = f"{url}/Web"
        yield site


class _Handler(PhpPages):
    folder = "/Web"
    site: LibreBooking

    def get(self, path: str, query: dict[str, str]) -> None:
        if path == "index.php":
            self.html(pages.sign_in(None))
        elif path == "favicon.ico":
            self.answer(200, "", "image/x-icon")
        elif path.startswith("ajax/"):
            self.html("<h1>404</h1>", 404)
        elif self._owner is None:
            self.go(f"index.php?redirect={path}")
        elif path == "dashboard.php":
            self.html(pages.dashboard([one for one in self.site.venue.rows if one.owner == self._owner]))
        elif path == "schedule.php":
            self.html(pages.schedule(self._token))
        elif path == "reservation.php":
            begins, ends = (datetime.fromisoformat(query[key]) for key in ("sd", "ed"))
            self.html(pages.form(int(query["rid"]), begins, ends, self._token))
        else:
            self.html("<h1>404</h1>", 404)

    def post(self, path: str, query: dict[str, str], _text: str, fields: dict[str, str]) -> None:
        if path == "index.php":
            self._sign_in(fields)
        elif path == "ajax/reservation_save.php" and self.site.answers:
            self.html("…", self.site.answers.pop(0))
        elif self._owner is None:
            self.go("ajax/index.php")
        elif fields.get("CSRF_TOKEN") != self._token:
            self.html("Insecure request", 500)
        elif path == "ajax/reservation_save.php":
            self._save(fields)
        elif path == "ajax/reservation_delete.php":
            removed = self.site.venue.remove(self._owner, fields["referenceNumber"])
            self.html(pages.removed(self._says) if removed else pages.refused(self._says, "?"))
        elif path == "schedule.php" and query.get("dr") == "reservations":
            self._list(fields)
        else:
            self.html("<h1>404</h1>", 404)

    def _sign_in(self, fields: dict[str, str]) -> None:
        venue = self.site.venue
        owner = fields.get("email", "")
        if owner not in venue.languages or fields.get("password") != f"secret of {owner}":
            self.html(pages.sign_in(TEXTS["de"]["login"]))
            return
        cookie = token_hex(16)
        self.site.sessions[cookie] = owner
        self.go("dashboard.php", cookie)

    def _save(self, fields: dict[str, str]) -> None:
        begins, ends = (
            datetime.fromisoformat(f"{fields[f'{end}Date']} {fields[f'{end}Period']}").replace(tzinfo=ZONE)
            for end in ("begin", "end")
        )
        try:
            row = self.site.venue.reserve(str(self._owner), int(fields["resourceId"]), begins, ends)
        except RefusedError as refusal:
            self.html(pages.refused(self._says, str(refusal)))
        else:
            self.html(pages.created(self._says, row))

    def _list(self, fields: dict[str, str]) -> None:
        first, last = (datetime.fromisoformat(fields[key]).date() for key in ("beginDate", "endDate"))
        assert fields["scheduleId"] == "1"
        rows: list[dict[str, Any]] = [
            {
                "Id": row.id,
                "ReferenceNumber": row.reference,
                "ResourceId": str(row.resource) if row.id % 2 else row.resource,
                "StartDate": int(row.begins.timestamp()),
                "EndDate": int(row.ends.timestamp()),
                "IsReservation": True,
                "IsOwner": row.owner == self._owner,
            }
            for row in self.site.venue.rows
            if first <= row.begins.date() < last
        ]
        # What nobody has reserved: hours that are closed.
        closed: dict[str, Any] = {
            "Id": 1,
            "ReferenceNumber": "",
            "IsReservation": False,
            "IsOwner": False,
            "ResourceId": 1,
        }
        day = datetime.combine(first, datetime.min.time(), ZONE)
        ends = day + timedelta(days=1)
        rows.append({**closed, "StartDate": int(day.timestamp()), "EndDate": int(ends.timestamp())})
        self.json(rows)

    @property
    def _owner(self) -> str | None:
        owner = self.site.sessions.get(self.cookie)
        return owner and owner.rstrip("!")

    @property
    def _token(self) -> str:
        return self.cookie[::-1] + "!" * self.site.sessions[self.cookie].count("!")

    @property
    def _says(self) -> dict[str, str]:
        return TEXTS[self.site.venue.languages[str(self._owner)]]
