"""`sniper check`: is all ready for a run? One table of go and no-go, with the mend for each no."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from sniper.checking import Readiness
from sniper.checking import check as look
from sniper.cli.exit_codes import INTERRUPTED
from sniper.cli.logs import log_is_on_stderr, log_options
from sniper.cli.planning import wanted_options
from sniper.cli.stopping import until_done_or_stopped
from sniper.cli.tables import console, rehearsal_mark, text
from sniper.core.findings import Finding, Judgement, Subject, is_go, noes
from sniper.events import AccountDoes, Event, Noted, to_each
from sniper.execution import Prepared, aimed, read_files
from sniper.logs import lines
from sniper.run_request import RunRequest

_STYLES = {
    Judgement.GO: "green",
    Judgement.NOT_JUDGED: "cyan",
    Judgement.WARNING: "yellow",
    Judgement.NO: "bold red",
}


@click.command()
@click.argument("bookings", type=click.Path(path_type=Path), default=Path("bookings.json"))
@click.option("--site", metavar="PROFILE", help="A profile (name or path) instead of the file's.")
@wanted_options
@click.option(
    "--fresh-sign-in", is_flag=True, help="Sign everybody in anew, which also proves their passwords."
)
@click.option("--json", "json_", is_flag=True, help="Print the findings as JSON on stdout.")
@log_options
def check(
    *,
    bookings: Path,
    site: str | None,
    schedule: str | None,
    busy: str | None,
    fresh_sign_in: bool,
    json_: bool,
) -> None:
    """Look whether all is ready to book what BOOKINGS (default: bookings.json) asks for. Books nothing.

    Every account signs in, and what it holds is read; the profile's steps are walked through as far as they
    book nothing; the site's clock is measured; and this machine is looked at. A run does the same a day, an
    hour and ten minutes before each opening.

    Exit codes: 0 go (warnings are go), 1 no-go: something has to be mended, 2 bad input, 3 no-go: this
    machine or the site is not up to it, 130 interrupted.
    """
    request = RunRequest(bookings, site, fresh_sign_in=fresh_sign_in, schedule=schedule, busy=busy)
    prepared = aimed(read_files(request))
    with _Progress(Console(stderr=True, highlight=False, quiet=log_is_on_stderr())).shown() as progress:
        readiness = asyncio.run(
            until_done_or_stopped(look(prepared, progress.begin, to_each(progress.tell, lines.write)))
        )
    if readiness is None:
        click.echo("interrupted: the browsers are closed", err=True)
        sys.exit(INTERRUPTED)
    if json_:
        click.echo(json.dumps(as_json(prepared, readiness), indent=2, ensure_ascii=False))
    else:
        _print(console(), prepared, readiness)
    sys.exit(readiness.exit_code)


class _Progress:
    """What is looked at: beside a spinner on a terminal, a line each elsewhere."""

    def __init__(self, out: Console) -> None:
        self._out = out
        self._status = out.status("") if out.is_terminal else None

    @contextmanager
    def shown(self) -> Iterator[_Progress]:
        """Within the block it can be seen."""
        if self._status is None:
            yield self
            return
        with self._status:
            yield self

    def begin(self, what: str) -> None:
        """This is looked at next."""
        self._show(f"checking {what}")

    def tell(self, event: Event) -> None:
        """What an account does is progress; what should be known stays."""
        match event:
            case AccountDoes(account, activity, detail):
                self._show(f"{account}: {activity.value}{f', {detail}' if detail else ''}")
            case Noted(said, problem=False):
                self._out.print(text(said, "yellow"))

    def _show(self, what: str) -> None:
        if self._status:
            self._status.update(text(what, "dim"))
        else:
            self._out.print(text(f"{what} …"), soft_wrap=True)


def as_json(prepared: Prepared, readiness: Readiness) -> dict[str, Any]:
    """The same for machines."""
    opens_at = readiness.opens_at
    return {
        "site": prepared.profile.name,
        "rehearsal": prepared.profile.practice is not None,
        "go": is_go(readiness.findings),
        "exit_code": readiness.exit_code,
        "opens_at": opens_at.astimezone(prepared.profile.timezone).isoformat() if opens_at else None,
        "findings": [
            {
                "subject": one.subject.value,
                "name": one.name,
                "judgement": one.judgement.value,
                "what": one.what,
                "mend": one.mend,
            }
            for one in readiness.findings
        ],
    }


def _print(out: Console, prepared: Prepared, readiness: Readiness) -> None:
    mark = rehearsal_mark(rehearsal=prepared.profile.practice is not None)
    out.print(Text.assemble((f"Before booking at {prepared.profile.title}", "bold"), "  ", mark))
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column("name", overflow="fold", max_width=24)
    table.add_column("judgement", no_wrap=True)
    table.add_column("what", overflow="fold")
    order = list(Subject)
    by_subject = sorted(readiness.findings, key=lambda one: order.index(one.subject))
    for subject, findings in groupby(by_subject, key=lambda one: one.subject):
        table.add_row()
        table.add_row(text(subject.value, "bold"))
        for one in findings:
            table.add_row(
                text(f"  {one.name}"), text(one.judgement.value, _STYLES[one.judgement]), _told(one)
            )
    out.print(table)
    out.print()
    out.print(_verdict(prepared, readiness))


def _told(one: Finding) -> Text:
    if one.mend is None:
        return text(one.what)
    return Text("\n").join([text(one.what), Text.assemble(("→ ", _STYLES[one.judgement]), text(one.mend))])


def _verdict(prepared: Prepared, readiness: Readiness) -> Text:
    wrong = noes(readiness.findings)
    if wrong:
        things = "1 thing has" if len(wrong) == 1 else f"{len(wrong)} things have"
        return text(f"NO-GO: {things} to be mended ({_names(wrong)}).", "bold red")
    doubtful = [one for one in readiness.findings if one.judgement is Judgement.WARNING]
    warned = f", with warnings ({_names(doubtful)})" if doubtful else ""
    opens_at = readiness.opens_at
    if opens_at is None:
        return text(f"GO{warned}: nothing is left to be won.", "bold yellow")
    there = opens_at.astimezone(prepared.profile.timezone)
    when = f"the first opening is on {there:%a %d %b at %H:%M:%S %Z}"
    return text(f"GO{warned}: {when}.", "bold yellow" if doubtful else "bold green")


def _names(findings: Sequence[Finding]) -> str:
    return ", ".join(one.name for one in findings)
