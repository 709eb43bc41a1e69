"""What `check`, `plan`, `rehearse`, `run` and `watch` share: options that say what is wanted, and how."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from sniper.config.planning import Overrides
from sniper.core.policy import StrategyName

Command = TypeVar("Command", bound=Callable[..., Any])

_PROBABILITY = click.FloatRange(0, 1)

strategy_option = click.option(
    "--strategy",
    type=click.Choice([name.value for name in StrategyName]),
    help="How the goal is pursued, instead of what the file says.",
)


def wanted_options(command: Command) -> Command:
    """`--schedule` and `--busy`."""
    command = click.option(
        "--busy",
        metavar="FILE_OR_URL",
        help="An .ics calendar instead of the file's: hours at which it shows you busy are left out.",
    )(command)
    return click.option(
        "--schedule", metavar="NAME", help="Go for the next day of this schedule of the file."
    )(command)


def odds_options(command: Command) -> Command:
    """`--win`, `--decay` and `--account-failure`."""
    for name, told in (
        ("--account-failure", "How often an account drops out of a wave, from 0 to 1."),
        ("--decay", "What each place further down a chain leaves of the probability to win, from 0 to 1."),
        ("--win", "How often who begins with a slot wins it, from 0 to 1; else by what earlier runs saw."),
    ):
        command = click.option(name, type=_PROBABILITY, metavar="P", help=told)(command)
    return command


def overrides(
    strategy: str | None, win: float | None, decay: float | None, account_failure: float | None
) -> Overrides:
    """What the command line says of the planning."""
    return Overrides(StrategyName(strategy) if strategy else None, win, decay, account_failure)


def percent(share: float) -> str:
    """ "62.5 %"; what is not quite all or nothing is not rounded to it."""
    if 0 < share < 5e-4:
        return "< 0.1 %"
    if 1 - 5e-4 < share < 1:
        return "> 99.9 %"
    return f"{share:.1%}".replace("%", " %")
