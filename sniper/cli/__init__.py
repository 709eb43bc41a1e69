"""The command line. Data goes to stdout, progress and complaints to stderr."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module

import click

from sniper import __version__
from sniper.cli.exit_codes import INTERRUPTED
from sniper.errors import SniperError

_COMMANDS: Mapping[str, tuple[str, str]] = {
    "accounts": ("sniper.cli.accounts:accounts", "Store accounts, so that no password stands in a file."),
    "bookings": ("sniper.cli.bookings:bookings", "What the accounts hold; give a booking back."),
    "check": ("sniper.cli.check:check", "Look whether all is ready to book what a file asks for."),
    "clock": ("sniper.cli.clock:clock", "Show a site's clock: how far it is from this machine's."),
    "db": ("sniper.cli.db:db", "The database of the record: copies and upkeep."),
    "doctor": ("sniper.cli.setup:doctor", "Look at everything a run needs on this machine."),
    "fixtures": ("sniper.cli.fixtures:fixtures", "The saved cases that profiles are tried against."),
    "insights": (
        "sniper.cli.insights:insights_command",
        "Show what watching and booking have taught.",
    ),
    "notify": ("sniper.cli.notify:notify", "Who is told of runs; send a message to try it."),
    "plan": ("sniper.cli.plan:plan", "Show what a run would do, and what is likely to come of it."),
    "practice": (
        "sniper.cli.practice:practice",
        "Run the practice site: a real booking site, here.",
    ),
    "profile": ("sniper.cli.profile:profile", "List, show, check and draft the profiles of sites."),
    "rehearse": ("sniper.cli.rehearse:rehearse", "Play runs by chance, or in real browsers, before the day."),
    "replay": ("sniper.cli.replay:replay", "Play saved cases again, without the network."),
    "run": ("sniper.cli.run:run", "Book what a file asks for: the main job."),
    "runs": ("sniper.cli.runs:runs", "The record of every run."),
    "schedule": ("sniper.cli.schedule:schedule", "What is wanted again and again, or on days of its own."),
    "secrets": ("sniper.cli.secrets:secrets", "The key that passwords, seeds and tokens are sealed with."),
    "serve": ("sniper.cli.serve:serve", "Book every day of every schedule, for as long as it runs."),
    "setup": ("sniper.cli.setup:setup", "Get what a run needs: a browser, and the practice site."),
    "watch": ("sniper.cli.watch:watch_command", "Watch for slots that can be had, and book them if told to."),
}
"""Where each is, and what the list of all says of it."""


class _Commands(click.Group):
    """Imports a command's module when it is used: the list of all needs none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in _COMMANDS:
            return None
        module, name = _COMMANDS[cmd_name][0].split(":")
        command = getattr(import_module(module), name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, _COMMANDS[name][1]) for name in self.list_commands(ctx)])


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
