"""How a run ended: a table for people, a document for machines."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sniper.coordinator import RunResult
from sniper.core.outcomes import Proof
from sniper.core.plan import Held, Standing
from sniper.core.slots import Slot
from sniper.execution import Prepared, record_folder
from sniper.telling import describe_dry_run, describe_verdict

_STYLES = {
    Standing.REACHED: "bold green",
    Standing.FALLBACK: "bold yellow",
    Standing.MISSED: "bold red",
}


def print_summary(console: Console, prepared: Prepared, result: RunResult) -> None:
    """The bookings with reference and proof, how the goal stands, and where the record is."""
    rehearsal = prepared.profile.practice is not None
    if result.held or result.unproven:
        title = "Bookings (REHEARSAL)" if rehearsal else "Bookings"
        table = Table(title=title, title_justify="left", title_style="bold")
        for name in ("time", "place", "account", "reference", "proof", ""):
            table.add_column(name)
        for booking in (*result.held, *result.unproven):
            proof, remark = _proof(booking, result)
            table.add_row(
                f"{booking.slot.start:%a %d %b %H:%M}",
                booking.slot.place,
                booking.account,
                booking.reference,
                proof,
                remark,
            )
        console.print(table)
    console.print(_verdict(result))
    if result.left_to_do:
        console.print(Text.assemble(("→ left to do: ", "bold yellow"), result.left_to_do))
    for problem in result.problems:
        console.print(Text.assemble(("! ", "red"), problem))
    folder = record_folder(result.run_id)
    kept = f"; pictures in {folder}" if folder.is_dir() and any(folder.iterdir()) else ""
    how = f"How it went: sniper runs show {result.run_id} (--html FILE draws it){kept}"
    console.print(Text(how, style="dim"))


def as_json(prepared: Prepared, result: RunResult) -> dict[str, Any]:
    """The same for machines. Starts carry their offset; durations are in milliseconds."""
    return {
        "run": result.run_id,
        "continues": result.continues,
        "site": prepared.profile.name,
        "rehearsal": prepared.profile.practice is not None,
        "dry_run": not result.pressed,
        "standing": result.verdict.standing.value,
        "exit_code": result.exit_code,
        "bookings": [
            {
                **_slot(booking.slot),
                "account": booking.account,
                "reference": booking.reference,
                "proof": result.proof_of(booking).value,
                "in_streak": booking in result.verdict.streak,
                "by_this_run": booking.by_us,
            }
            for booking in (*result.held, *result.unproven)
        ],
        "attempts": [
            {
                "account": one.attempt.account,
                "role": one.attempt.role.value,
                "chain": [_slot(slot) for slot in one.attempt.chain],
                "tries": [
                    {
                        **_slot(t.slot),
                        "outcome": t.outcome.value,
                        "message": t.message,
                        "reference": t.reference,
                        "took_ms": round(t.took.total_seconds() * 1000),
                        "evidence": t.evidence,
                    }
                    for t in one.tries
                ],
            }
            for one in result.attempts
        ],
        "unverified_because": result.unverified_because,
        "left_to_do": result.left_to_do,
        "problems": list(result.problems),
        "record": str(record_folder(result.run_id)),
    }


def _proof(booking: Held, result: RunResult) -> tuple[Text, str]:
    match result.proof_of(booking):
        case Proof.UNVERIFIED:
            remark = f"by the site's word: {why}" if (why := result.unverified_because) else None
            return Text("UNVERIFIED", style="bold yellow"), remark or "look at the site yourself"
        case Proof.DOUBLED:
            return Text("DOUBLED", style="bold red"), "others have it as well: ask the site"
    remark = "" if booking.by_us else "held before"
    if booking not in result.verdict.streak:
        remark = "beyond the goal"
    return Text("CONFIRMED", style="green"), remark


def _verdict(result: RunResult) -> Text:
    if not result.pressed:
        ready = result.exit_code == 0
        return Text(describe_dry_run(ready=ready), style="green" if ready else "bold red")
    told = describe_verdict(result.verdict, doubled=bool(result.doubled))
    return Text(told, style=_STYLES[result.verdict.standing])


def _slot(slot: Slot) -> dict[str, Any]:
    return {
        "location": slot.location,
        "sub_location": slot.sub_location,
        "start": slot.start.isoformat(),
    }
