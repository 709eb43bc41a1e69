"""How accounts are shown to people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sniper.cli.planning import percent
from sniper.cli.tables import jsonable, table_of, text
from sniper.core.timeline import in_words
from sniper.core.track_record import Room, Tally
from sniper.store.records import AccountRecord, SecretKind

SHORT = {SecretKind.PASSWORD: "password", SecretKind.TOTP_SECRET: "seed", SecretKind.TOKEN: "token"}
"""What is stored, in a word."""


def account_table(found: Sequence[AccountRecord], now: datetime) -> Table:
    """Accounts with what is stored of each, and until when it is signed in."""
    table = table_of("account", "site", "runs", "stored", "signed in")
    for one in found:
        table.add_row(text(one.account), text(one.site), _takes_part(one), _stored(one), _signed_in(one, now))
    return table


def print_account(
    out: Console,
    account: AccountRecord,
    tallies: Sequence[Tally],
    day: date | None,
    room: Sequence[Room],
    now: datetime,
) -> None:
    """One account: what is stored, what became of its attempts, and what it can book on a day."""
    out.print(text(f"{account.account} at {account.site}", "bold"))
    for name, value in (
        ("runs", _takes_part(account)),
        ("stored", _stored(account)),
        ("signed in", _signed_in(account, now)),
    ):
        out.print(Text.assemble(f"  {name:<10} ", value))
    out.print()
    out.print(_tally_table(tallies))
    if day is not None:
        out.print(text(f"What it can still book on {day:%a %d %b %Y}", "bold"))
        out.print(_room_table(room))


def account_document(
    account: AccountRecord, tallies: Sequence[Tally], day: date | None, room: Sequence[Room]
) -> dict[str, Any]:
    """The same for machines; `room` is there only where a day was asked for."""
    document = {
        **jsonable(account),
        "statistics": [
            {
                "days": one.within.days if one.within else None,
                "bookings": one.bookings,
                "not_kept": one.not_kept,
                "attempts": one.attempts,
                "won": one.won,
                "success_rate": one.success_rate,
                "median_answer_ms": jsonable(one.median_answer),
            }
            for one in tallies
        ],
    }
    if day is None:
        return document
    limits = [{**jsonable(replace(one, limit=None)), "limit": str(one.limit or "") or None} for one in room]
    return {**document, "on": day.isoformat(), "room": limits}


def listed(kinds: Sequence[SecretKind]) -> str:
    """Kinds of secrets, for people."""
    return ", ".join(SHORT[kind] for kind in kinds)


def ends(expires_at: datetime | None, now: datetime) -> str:
    """Until when a sign-in lasts, in this machine's time zone."""
    if expires_at is None:
        return "until when is not known"
    there = f"{expires_at.astimezone():%a %d %b %Y %H:%M}"
    return f"until {there} (here)" if expires_at > now else f"ended {there} (here)"


def _takes_part(account: AccountRecord) -> Text:
    return text("takes part") if account.active else text("disabled", "yellow")


def _stored(account: AccountRecord) -> Text:
    return text(listed(account.secrets)) if account.secrets else text("nothing", "dim")


def _signed_in(account: AccountRecord, now: datetime) -> Text:
    kept = account.sign_in
    if kept is None:
        return text("no sign-in is kept", "dim")
    ended = kept.expires_at is not None and kept.expires_at <= now
    told = f"{ends(kept.expires_at, now)}, kept {kept.kept_at.astimezone():%a %d %b %H:%M}"
    return text(told, "yellow" if ended else "")


def _tally_table(tallies: Sequence[Tally]) -> Table:
    table = table_of("made in", "bookings", "given back", "attempts", "won", "success", "opening to answer")
    for one in tallies:
        table.add_row(
            text(f"the last {one.within.days} days" if one.within else "all"),
            text(one.bookings),
            text(one.not_kept),
            text(one.attempts),
            text(one.won),
            text("" if one.success_rate is None else percent(one.success_rate)),
            text("" if one.median_answer is None else in_words(one.median_answer)),
        )
    return table


def _room_table(room: Sequence[Room]) -> Table:
    table = table_of("location", "bookings", "")
    for one in room:
        hours = ", ".join(f"{start:%H:%M}" for start in one.full_at)
        why = f"not at {hours}" if hours else str(one.limit) if one.limit else ""
        table.add_row(text(one.location), text(one.bookings), text(why, "dim"))
    return table
