"""The imitation's pages: what the profile looks at, and scripts that do what the real ones do with it."""

from __future__ import annotations

from datetime import datetime
from html import escape

from tests.librebooking.venue import RESOURCES, Reservation

_MENU = "<a id=menu href='#'>Konto</a><ul hidden><li><a href='logout.php'>Abmelden</a></ul>"


def _page(body: str) -> str:
    return f"<!doctype html><meta charset=utf-8><body>{body}"


def sign_in(refused: str | None) -> str:
    """The form, with what is said of an attempt."""
    error = f"<div id=loginError>{refused}</div>" if refused else ""
    return _page(f"""{error}<form method=post action=index.php>
        <input id=email name=email><input id=password name=password type=password>
        <input type=hidden name=captcha><input type=hidden name=resume>
        <button type=submit name=login value=submit>OK</button></form>""")


def dashboard(rows: list[Reservation]) -> str:
    """One's own."""
    return _page(
        _MENU + "".join(f"<div class=reservation id={row.reference}>{row.begins}</div>" for row in rows)
    )


def schedule(token: str) -> str:
    """Cells that stay as they are; what is reserved is asked for by the page, for a week of its own."""
    cells = "".join(f"<td class='reservable slot' ref='20300101100000{rid}'>&nbsp;</td>" for rid in RESOURCES)
    return _page(f"""{_MENU}<div id=loading-schedule>…</div><table class=reservations><tr>{cells}</table>
        <input type=hidden id=csrf_token name=CSRF_TOKEN value={token}>
        <script>addEventListener("load", () => {{
          const xhr = new XMLHttpRequest();
          xhr.open("POST", "schedule.php?dr=reservations");
          xhr.onload = () => document.getElementById("loading-schedule").classList.add("d-none");
          xhr.send(new URLSearchParams({{beginDate: "2030-01-01", endDate: "2030-01-07", scheduleId: "1",
            CSRF_TOKEN: csrf_token.value}}));
        }})</script>""")


def _periods(name: str, field: str, at: datetime) -> str:
    """Every whole hour; one that is not among them is not chosen, and the first one is shown."""
    chosen = None if at.minute else at.hour
    options = "".join(
        f"<option value='{hour:02}:00:00'{' selected' * (hour == chosen)}>{hour}:00</option>"
        for hour in range(24)
    )
    return f"<select id={name} name={field}>{options}</select>"


def form(resource: int, begins: datetime, ends: datetime, token: str) -> str:
    """The form of a slot. Its answer is laid over it; without one it spins for ever."""
    return _page(f"""{_MENU}<div id=page-reservation><form id=form-reservation enctype=multipart/form-data>
        <button type=button class="btn btn-success save create btnCreate">Create</button>
        <input id=userId type=hidden name=userId value=7>
        <input type=hidden name=beginDate value={begins:%Y-%m-%d}>
        {_periods("BeginPeriod", "beginPeriod", begins)}
        <input type=hidden name=endDate value={ends:%Y-%m-%d}>{_periods("EndPeriod", "endPeriod", ends)}
        <input type=hidden name=scheduleId value=1><input type=hidden name=repeatOptions value=none>
        <input id=primaryResourceId type=hidden name=resourceId value={resource}>
        <input type=hidden name=reservationAction value=create>
        <input type=hidden name=seriesUpdateScope value=full><input name=reservationTitle>
        <input type=hidden id=csrf_token name=CSRF_TOKEN value={token}>
        <button type=button class="btn btn-success save create btnCreate">Create</button>
        </form></div>
        <style>#wait {{position: fixed; inset: 0; background: #fffc; transition: opacity .8s}}</style>
        <script>for (const button of document.querySelectorAll(".btnCreate")) button.onclick = () => {{
          const wait = document.body.appendChild(document.createElement("div"));
          wait.id = "wait";
          wait.innerHTML = "<div id=creating>…</div><div id=result></div>";
          const xhr = new XMLHttpRequest();
          xhr.open("POST", "ajax/reservation_save.php");
          xhr.onload = () => {{
            if (xhr.status !== 200) return;
            document.getElementById("creating").remove();
            document.getElementById("result").innerHTML = xhr.responseText;
          }};
          xhr.send(new FormData(document.getElementById("form-reservation")));
        }};</script>""")


def created(says: dict[str, str], row: Reservation) -> str:
    """The answer to a reservation that was made."""
    return f"""<div id="reservation-created" class="reservationResponseMessage">
        <div id="created-message" class="reservation-message">{says["created"]}</div>
        <div id="reference-number">{says["number"].format(row.reference)}</div>
        <input type="button" id="btnSaveSuccessful" value="OK"></div>"""


def refused(says: dict[str, str], why: str) -> str:
    """The answer to one that was not."""
    return f"""<div id="reservation-failed" class="reservationResponseMessage">
        <div id="reservation-response-image"><span class="fa fa-warning error"></span></div>
        <div id="failed-message" class="reservation-message">{says["failed"]}</div>
        <div class="error"><div>{why}</div></div>
        <div><button id="btnSaveFailed" class="btn btn-warning">OK</button></div></div>"""


def removed(says: dict[str, str]) -> str:
    """The answer to one that was given back."""
    return f'<div><div id="deleted-message" class="reservation-message">{escape(says["removed"])}</div></div>'
