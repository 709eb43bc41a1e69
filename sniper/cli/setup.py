"""`sniper setup` and `sniper doctor`: get what a run needs, and say how it is."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sniper.errors import EnvironmentProblem
from sniper.setup import frontend, process

if TYPE_CHECKING:
    from sniper.setup.doctor import Finding

T = TypeVar("T")

UNHEALTHY = EnvironmentProblem.exit_code
_STYLES = {"ok": "green", "warning": "yellow", "problem": "bold red"}


@click.command()
@click.option("--browser/--no-browser", default=True, help="Find or install a browser.", show_default=True)
@click.option(
    "--front-end/--no-front-end", default=True, help="Build the practice site's front end.", show_default=True
)
@click.option(
    "--if-needed", is_flag=True, help="Believe a browser that has started before, instead of trying it."
)
def setup(*, browser: bool, front_end: bool, if_needed: bool) -> None:
    """Get what a run needs: a browser that starts, and the practice site's front end.

    The browser is SNIPER_BROWSER if that is set; else Playwright's own Chromium, downloaded if it can be;
    else a Chromium, Chrome or Edge that is installed; else Debian's chromium package. What is there stays.
    """
    console = _console()
    if browser:
        from sniper.setup import install

        found = _step(console, "Browser", lambda say: install.ensure_browser(if_needed=if_needed, say=say))
        _done(console, "Browser", found.describe())
    if front_end:
        begin = time.monotonic()
        built = _step(console, "Front end", lambda say: frontend.build(say=say))
        _done(console, "Front end", f"built in {time.monotonic() - begin:.0f} s" if built else "up to date")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.pass_context
def doctor(ctx: click.Context, *, as_json: bool) -> None:
    """Look at everything a run needs on this machine, and say how to mend what is wrong.

    Exits with 3 if there is a problem; warnings are not problems.
    """
    from sniper.setup import doctor as surgery

    console = _console()
    with console.status("Looking at this machine…"):
        findings = surgery.examine(("Database", _check_store))
    if as_json:
        click.echo(json.dumps(surgery.as_data(findings), indent=2))
    else:
        _print_findings(findings)
    if any(finding.health is surgery.Health.PROBLEM for finding in findings):
        ctx.exit(UNHEALTHY)


def _check_store() -> Finding:
    from sniper.setup.doctor import Finding, Health
    from sniper.store.repository import Store

    with Store.open() as store:
        newest = store.runs(limit=1)
        last = f"last run {newest[0].id}" if newest else "no runs yet"
        return Finding("Database", Health.OK, f"{store.place}, {last}")


def _print_findings(findings: list[Finding]) -> None:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column("name", no_wrap=True)
    table.add_column("health", no_wrap=True)
    table.add_column("found", overflow="fold")
    for finding in findings:
        style = _STYLES[finding.health]
        found = escape(finding.found)
        if finding.mend:
            found += f"\n[{style}]→[/{style}] {escape(finding.mend)}"
        table.add_row(finding.name, f"[{style}]{finding.health}[/{style}]", found)
    Console(highlight=False).print(table)


def _console() -> Console:
    return Console(stderr=True, highlight=False)


def _step(console: Console, title: str, work: Callable[[process.Say], T]) -> T:
    """Show the last line of what `work` says beside a spinner; without a terminal, only the first one."""
    if not console.is_terminal:
        said: list[str] = []

        def say_first(line: str) -> None:
            if not said:
                console.print(f"  {title:<10} {escape(line)} …", soft_wrap=True)
            said.append(line)

        return work(say_first)
    with console.status(title) as status:
        return work(lambda line: status.update(f"{title}: [dim]{escape(line[: console.width - 20])}[/dim]"))


def _done(console: Console, title: str, found: str) -> None:
    console.print(f"[green]✓[/green] {title:<10} {escape(found)}", soft_wrap=True)
