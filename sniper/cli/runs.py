"""`sniper runs`: the record of every run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from sniper.cli.recordings import export, open_index, prune, run_detail, trace
from sniper.cli.tables import (
    JSON_OPTION,
    booking_table,
    console,
    hint,
    jsonable,
    print_json,
    rehearsal_mark,
    table_of,
    text,
    word,
)
from sniper.cli.waterfall import print_legend, print_wave
from sniper.core.verdicts import SlotVerdict
from sniper.files import write_whole
from sniper.store import LogAction, LogRecord, RunDetail, RunRecord, Store
from sniper.waterfall import WaveView, page_of, waves_of


@click.group()
def runs() -> None:
    """The record of every run."""


@runs.command("list")
@click.option(
    "--limit", type=click.IntRange(min=1), default=20, show_default=True, help="The newest so many."
)
@JSON_OPTION
def list_runs(*, limit: int, as_json: bool) -> None:
    """List the newest runs and how they ended."""
    with Store.open() as store:
        found = store.runs(limit)
    if as_json:
        print_json(found)
    elif found:
        console().print(_run_table(found))
    else:
        hint("No runs yet. `sniper run bookings.json` is one.")


@runs.command("show")
@click.argument("run_id", metavar="ID", type=click.IntRange(min=1))
@click.option(
    "--open", "open_", is_flag=True, help="Show it in your browser, with what was kept of the pages."
)
@click.option("--html", type=click.Path(path_type=Path), metavar="FILE", help="Write a picture of it there.")
@JSON_OPTION
def show_run(*, run_id: int, open_: bool, html: Path | None, as_json: bool) -> None:
    """Show how a run went: who did what when, what was booked, and why a slot was lost.

    Times are counted from the opening, on the site's clock. With --html the same is written as a page that
    any browser shows; with --open it is drawn beside the pictures, traces and requests that were kept of the
    run, and shown.
    """
    detail = run_detail(run_id)
    waves = waves_of(detail)
    if open_:
        (hint if as_json else click.echo)(str(open_index(detail)))
    if html is not None:
        replaced = write_whole(html, page_of(detail, waves))
        hint(f"Run {run_id} is drawn in {html}{' (which was replaced)' if replaced else ''}.")
    if as_json:
        document = jsonable(detail)
        verdicts = [verdict_document(wave, one) for wave in waves for one in wave.verdicts]
        print_json({**document, "verdicts": verdicts})
    elif html is None and not open_:
        _print_run(detail, waves)


for _command in (trace, export, prune):
    runs.add_command(_command)


def _run_table(found: Iterable[RunRecord]) -> Table:
    table = table_of("run", "started (here)", "site", "for", "state", "goal", "exit", "took", "")
    for run in found:
        table.add_row(
            text(run.id),
            text(f"{run.started_at.astimezone():%a %d %b %Y %H:%M:%S}"),
            text(run.site),
            text(run.goal.get("target_date")),
            word(run.state),
            word(run.standing),
            text(run.exit_code),
            text(_duration(run)),
            rehearsal_mark(rehearsal=run.rehearsal),
        )
    return table


def _print_run(detail: RunDetail, waves: Sequence[WaveView]) -> None:
    out = console()
    out.print(_heading(detail.run))
    if not detail.waves:
        hint("Nothing was planned in this run.")
    if any(wave.falls.rows for wave in waves):
        print_legend(out)
    for wave in waves:
        print_wave(out, wave, rehearsal=detail.run.rehearsal)
    out.print()
    for line in detail.log:
        if line.action is LogAction.CANCEL:
            out.print(text(_given_back(line)))
    if detail.bookings:
        out.print(booking_table(detail.bookings, of_one_run=True))
    else:
        out.print(text("This run booked nothing."))


def _heading(run: RunRecord) -> Text:
    parts = [f"Run {run.id} at {run.site}", f"for {run.goal.get('target_date', '?')}: {run.state.value}"]
    head = Text.assemble(text(" ".join(parts), "bold"))
    if run.standing:
        head.append(", goal ").append(word(run.standing))
    if run.exit_code is not None:
        head.append(f", exit code {run.exit_code}")
    if run.continues is not None:
        head.append(f", goes on with run {run.continues}")
    head.append(f"; begun {run.started_at.astimezone():%a %d %b %Y %H:%M:%S} (here)")
    if took := _duration(run):
        head.append(f", took {took}")
    return head.append("  ").append(rehearsal_mark(rehearsal=run.rehearsal))


def _given_back(line: LogRecord) -> str:
    what = f"{line.account}: {line.slot}"
    return f"{what} could not be given back: {line.error}" if line.error else f"{what} was given back."


def _duration(run: RunRecord) -> str | None:
    if run.finished_at is None:
        return None
    return str(timedelta(seconds=round((run.finished_at - run.started_at).total_seconds())))


def verdict_document(wave: WaveView, verdict: SlotVerdict) -> dict[str, Any]:
    """What became of a slot, for machines."""
    return {
        "wave": wave.record.number,
        "slot": jsonable(verdict.slot),
        "lost": verdict.reason.is_loss,
        "reason": verdict.reason.value,
        "told": verdict.told,
        "got_by": verdict.ours,
        "tries": [
            {
                "account": one.account,
                "outcome": one.result.outcome.value,
                "reason": one.reason.value,
                "message": one.result.message,
                "evidence": one.result.evidence,
                **jsonable(one.measures),
            }
            for one in verdict.tries
        ],
    }
