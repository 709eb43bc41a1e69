"""What a command loads: people wait for it, and a machine that books has better to do."""

from __future__ import annotations

import subprocess
import sys

import pytest

from sniper.cli import cli

FOR_FEW_RUNS = {
    *("alembic", "apprise", "apscheduler", "fastapi", "icalendar", "jinja2", "lark"),
    *("recurring_ical_events", "uvicorn", "wakepy"),
}
FOR_A_RUN = {"asyncio", "httpx", "playwright", "pydantic", "rich", "sqlalchemy"}


def loaded_by(*arguments: str) -> set[str]:
    """The packages that `sniper` has loaded when it has answered."""
    program = (
        "import atexit, sys; from sniper.cli import main; sys.argv[0] = 'sniper';"
        "atexit.register(lambda: sys.stderr.write(' '.join(sys.modules))); main()"
    )
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True, timeout=300
    )
    assert "Usage: sniper" in done.stdout
    return {name.split(".")[0] for name in done.stderr.split()}


def test_the_list_of_all_commands_loads_none_of_them() -> None:
    assert not loaded_by("--help") & (FOR_A_RUN | FOR_FEW_RUNS)


def test_a_run_loads_what_few_runs_need_when_it_needs_it() -> None:
    loaded = loaded_by("run", "--help")
    assert "playwright" in loaded
    assert not loaded & FOR_FEW_RUNS


@pytest.mark.parametrize("columns", [80, 100])
def test_the_list_of_all_commands_cuts_nothing_off(columns: int) -> None:
    context = cli.make_context("sniper", [], resilient_parsing=True, terminal_width=columns)
    told = cli.get_help(context)
    _, _, commands = told.partition("Commands:\n")
    lines = commands.splitlines()
    assert [line.split()[0] for line in lines] == sorted(cli.list_commands(context))
    assert all(line.endswith(".") and not line.endswith("...") for line in lines)
