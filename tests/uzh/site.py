"""An imitation of the site, on a free port of this machine: what its profile meets beside the form."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from secrets import token_hex
from typing import Any
from zoneinfo import ZoneInfo

from sniper.replay.library import bundled_fixtures
from sniper.totp import OneTimeCodes
from tests.local_http import listening
from tests.php_site import PhpPages

ZONE = ZoneInfo("Europe/Zurich")
SEED = "JBSWY3DPEHPK3PXP"
_FORM = bundled_fixtures() / "uzh/_pages/reservation.html"
_HIDDEN = '<input type="hidden" id="csrf_token" name="CSRF_TOKEN" value="of the form=">'
_INSIDE = (
    '<!doctype html><nav><ul hidden><li id="navSignOut"><a href="logout.php">Abmelden</a></li></ul></nav>'
    "<h1>Booked-UB</h1>"
)
_SIGN_IN = """<!doctype html><body class="body-unauthenticated">
<form name="login" id="login" method="post" action="/ub/Web/index.php">{said}
  <input type="text" id="email" name="email"><input type="password" id="password" name="password">
  <button type="submit" name="login" value="submit">Anmelden</button>
</form>"""
_CODE = (
    _INSIDE
    + """
<form id="confirm-form"><div id="validationErrors" hidden>Der Passcode ist falsch.</div>
  <input type="text" id="passcode" name="OTP"><button type="submit" id="confirm-button">Bestätigen</button>
</form>
<script>
  const form = document.getElementById("confirm-form");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const how = { method: "POST", body: new FormData(form) };
    const answer = await fetch("confirm-account.php?action=Confirm", how);
    const { success, resumeUrl } = await answer.json();
    if (success) location.href = `../${resumeUrl}`;
    else document.getElementById("validationErrors").hidden = false;
  });
</script>"""
)
_EXISTING = (
    _INSIDE
    + """<div id="react-root"></div>
<script>
  const referenceNumber = new URLSearchParams(location.search).get("rn");
  const root = document.getElementById("react-root");
  const ask = (api, more) => fetch(`../api/reservation.php?api=${api}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Csrf-Token": "of the page=" },
    body: JSON.stringify({ referenceNumber, ...more }),
  });
  ask("attributes").then(() => {
    root.innerHTML = `<div class="reservation-buttons"><a class="btn btn-light">Schliessen</a>
      <button type="button" class="btn btn-danger">Löschen</button>
      <button type="button" class="btn btn-primary">Ändern</button></div>`;
    root.querySelector(".btn-danger").addEventListener("click", () => {
      root.insertAdjacentHTML("beforeend", `<div class="booked-modal reservation-delete-modal">
        <button type="button" class="btn btn-light">Abbrechen</button>
        <button type="button" class="btn btn-danger">Löschen</button></div>`);
      const last = root.querySelector(".reservation-delete-modal .btn-danger");
      last.addEventListener("click", () => ask("delete", { scope: "full" }));
    });
  });
</script>"""
)


@dataclass
class Seat:
    """What somebody has reserved."""

    reference: str
    owner: str
    resource: int
    begins: datetime
    ends: datetime


@dataclass
class BookedUB:
    """The site.

    Attributes:
        known: Who need not tell a code, as long as the cookie of an earlier one holds.
        sessions: Who is signed in, by the cookie.
        waiting: Who has to tell a code yet, by the cookie.
        codes: Who has told one.
    """

    known: set[str]
    url: str = ""
    sessions: dict[str, str] = field(default_factory=dict)
    waiting: dict[str, str] = field(default_factory=dict)
    codes: list[str] = field(default_factory=list)
    seats: list[Seat] = field(default_factory=list)


@contextmanager
def running(known: set[str]) -> Iterator[BookedUB]:
    """The site, below the path it has."""
    site = BookedUB(known)
    with listening(type("Handler", (_Handler,), {"site": site})) as url:
        site.url = f"{url}/ub/Web"
        yield site


class _Handler(PhpPages):
    folder = "/ub/Web"
    site: BookedUB

    def get(self, path: str, query: dict[str, str]) -> None:
        if path == "index.php":
            self.html(_SIGN_IN.format(said=""))
        elif path == "favicon.png":
            self.answer(200, "", "image/png")
        elif self.cookie in self.site.waiting:
            self.html(_CODE) if path.startswith("auth/") else self.go("auth/confirm-account.php")
        elif self._owner is None:
            self.go("index.php")
        elif path == "schedule.php":
            self.html(f'{_INSIDE}<div id="page-schedule"></div>')
        elif path == "profile.php":
            self.html(f"{_INSIDE}<form id='form-profile'>{_HIDDEN}</form>")
        elif path == "reservation":
            self.html(_EXISTING if "rn" in query else _FORM.read_text(encoding="utf-8"))
        else:
            self.html("<h1>404</h1>", 404)

    def post(self, path: str, query: dict[str, str], text: str, fields: dict[str, str]) -> None:
        if path == "index.php":
            self._sign_in(fields)
        elif path == "auth/confirm-account.php":
            self._confirm(fields["OTP"])
        elif self._owner is None:
            self.json({"Unauthorized": True}, 401)
        elif path == "schedule.php" and query.get("dr") == "reservations":
            self._list(fields)
        elif path == "api/reservation.php" and query.get("action") == "create":
            self._create(json.loads(fields["request"])["reservation"])
        elif path == "api/reservation.php" and query.get("api") == "delete":
            reference = json.loads(text)["referenceNumber"]
            ours = [one for one in self.site.seats if (one.reference, one.owner) == (reference, self._owner)]
            self.site.seats = [one for one in self.site.seats if one not in ours]
            self._tell(reference, [] if ours else ["?"])
        elif path == "api/reservation.php":
            self.json({"success": True, "data": {"attributes": [], "attributeValues": []}, "error": None})
        else:
            self.html("<h1>404</h1>", 404)

    def _sign_in(self, fields: dict[str, str]) -> None:
        owner, cookie = fields["email"], token_hex(16)
        if fields["password"] != f"secret of {owner}":
            self.html(_SIGN_IN.format(said='<div id="loginError">Falsch.</div>'))
            return
        (self.site.sessions if owner in self.site.known else self.site.waiting)[cookie] = owner
        self.go("schedule.php", cookie)

    def _confirm(self, code: str) -> None:
        owner = self.site.waiting[self.cookie]
        if not OneTimeCodes(SEED).verify(code, valid_window=2):
            self.json({"success": False})
            return
        self.site.codes.append(owner)
        self.site.sessions[self.cookie] = self.site.waiting.pop(self.cookie)
        self.json({"resumeUrl": "schedule.php", "success": True})

    def _list(self, fields: dict[str, str]) -> None:
        first, last = (date.fromisoformat(fields[key]) for key in ("beginDate", "endDate"))
        assert fields["CSRF_TOKEN"] in _HIDDEN
        self.json(
            [
                {
                    "ReferenceNumber": one.reference,
                    "ResourceId": one.resource,
                    "StartDate": int(one.begins.timestamp()),
                    "EndDate": int(one.ends.timestamp()),
                    "IsReservation": True,
                    "IsOwner": one.owner == self._owner,
                }
                for one in self.site.seats
                if first <= one.begins.date() <= last and fields["scheduleId"] == "8"
            ]
        )

    def _create(self, asked: dict[str, Any]) -> None:
        assert asked["termsAcceptedDate"]
        assert asked["attributeValues"] == [{"id": "1", "value": "WWF"}]
        begins, ends = (datetime.fromisoformat(asked[key]).astimezone(ZONE) for key in ("start", "end"))
        resource, owner = int(asked["resourceIds"][0]), str(self._owner)
        then = [one for one in self.site.seats if one.begins < ends and begins < one.ends]
        if any(one.owner == owner for one in then):
            self._tell(None, ["Es ist nur eine Reservierung zur selben Zeit möglich.\n"])
        elif any(one.resource == resource for one in then):
            self._tell(None, ["Es gibt in Konflikt stehende Reservierungen an folgenden Tagen:\n"])
        else:
            self.site.seats.append(Seat(token_hex(4).upper(), owner, resource, begins, ends))
            self._tell(self.site.seats[-1].reference, [])

    def _tell(self, reference: str | None, errors: list[str]) -> None:
        data = {"referenceNumber": reference, "success": not errors, "canBeRetried": False, "errors": errors}
        self.json({"success": True, "data": data, "error": None})

    @property
    def _owner(self) -> str | None:
        return self.site.sessions.get(self.cookie)
