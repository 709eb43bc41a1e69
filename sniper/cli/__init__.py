"""The command line. Data goes to stdout, progress and complaints to stderr."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from sniper import __version__
from sniper.cli.exit_codes import INTERRUPTED
from sniper.errors import SniperError

_COMMANDS = {
    "accounts": "sniper.cli.accounts:accounts",
    "bookings": "sniper.cli.bookings:bookings",
    "check": "sniper.cli.check:check",
    "clock": "sniper.cli.clock:clock",
    "db": "sniper.cli.db:db",
    "doctor": "sniper.cli.setup:doctor",
    "insights": "sniper.cli.insights:insights_command",
    "notify": "sniper.cli.notify:notify",
    "plan": "sniper.cli.plan:plan",
    "practice": "sniper.cli.practice:practice",
    "profile": "sniper.cli.profile:profile",
    "rehearse": "sniper.cli.rehearse:rehearse",
    "run": "sniper.cli.run:run",
    "runs": "sniper.cli.runs:runs",
    "schedule": "sniper.cli.schedule:schedule",
    "secrets": "sniper.cli.secrets:secrets",
    "serve": "sniper.cli.serve:serve",
    "setup": "sniper.cli.setup:setup",
    "watch": "sniper.cli.watch:watch_command",
}


class _Commands(click.Group):
    """Imports a command's module when it is used: `--help` needs neither a browser nor a database."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        module, name = _COMMANDS[cmd_name].split(":")
        command = getattr(import_module(module), name)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="sniper")
def cli() -> None:
    """Books slots that open at an exact instant, through the real site UI.

    \b
    Exit codes: 0 goal reached or accepted fallback · 1 not reached · 2 bad input ·
    3 this machine lacks something · 130 interrupted
    """


def main() -> None:
    """The console script: one clear message for what a person can mend, a traceback only for a bug."""
    try:
        sys.exit(cli.main(standalone_mode=False) or 0)
    except SniperError as error:
        click.echo(click.style("error: ", fg="red", bold=True) + error.explain(), err=True)
        sys.exit(error.exit_code)
    except click.Abort:
        click.echo("interrupted", err=True)
        sys.exit(INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
