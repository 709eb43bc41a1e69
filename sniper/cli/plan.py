"""`sniper plan`: what a run would do, with what odds, and why."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from sniper.calendars.leaving_out import left_out
from sniper.cli.planning import odds_options, overrides, percent, strategy_option, wanted_options
from sniper.cli.tables import JSON_OPTION, console, hint, jsonable, print_json, rehearsal_mark, table_of, text
from sniper.cli.working import working
from sniper.core.odds import Odds
from sniper.core.plan import Attempt, Role, Wave
from sniper.core.policy import StrategyName
from sniper.core.prospects import Change, Forecast, Prospects
from sniper.plans import Outset, changes, outset

_MOST_GAINS = 5


@click.command()
@click.argument("bookings", type=click.Path(path_type=Path), default=Path("bookings.json"))
@click.option("--site", metavar="PROFILE", help="A profile (name or path) instead of the file's.")
@wanted_options
@strategy_option
@odds_options
@click.option("--explain", is_flag=True, help="Say why so many accounts, and what would raise the odds most.")
@JSON_OPTION
def plan(
    *,
    bookings: Path,
    site: str | None,
    schedule: str | None,
    busy: str | None,
    strategy: str | None,
    win: float | None,
    decay: float | None,
    account_failure: float | None,
    explain: bool,
    as_json: bool,
) -> None:
    """Show what a run of BOOKINGS (default: bookings.json) would do, and with what odds.

    The timeline is what happens if whoever leads an hour wins it; after every wave a run plans anew. Nothing
    is asked of the site, and nothing is written. The model behind the odds: docs/planning.md.
    """
    beliefs = overrides(strategy, win, decay, account_failure)
    begin = outset(bookings, site, beliefs, datetime.now(UTC), schedule, busy)
    for said in begin.told:
        hint(said)
    with working() as begin_with:
        forecast = Forecast(begin.planning.strategy, lambda what: begin_with(f"planning: {what}"))
        waves = forecast.waves(begin.terms, begin.situation)
        odds = forecast.prospects(begin.terms, begin.situation)
        why = _why(forecast, begin, waves) if explain else ()
        better = forecast.gains(changes(begin)) if explain else ()
        now = forecast.compared(begin.terms, begin.situation) if explain else odds
    if as_json:
        print_json(_document(begin, waves, odds, why, better))
        return
    out = console()
    _print_head(out, begin)
    _print_waves(out, waves)
    _print_odds(out, odds)
    if explain:
        _print_beliefs(out, begin)
        _print_why(out, why, now)
        _print_gains(out, better, now)
    _print_budget(out, begin)


def _why(forecast: Forecast, begin: Outset, waves: tuple[Wave, ...]) -> tuple[tuple[int, Prospects], ...]:
    """What fewer accounts at a time would come to, for the strategy that chooses their number."""
    if begin.planning.strategy is not StrategyName.OPTIMAL or not waves:
        return ()
    most = max(_most_at_a_location(wave) for wave in waves)
    most = min(most + 1, len(begin.situation.accounts))
    return forecast.by_accounts_in_a_wave(begin.terms, begin.situation, most)


def _most_at_a_location(wave: Wave) -> int:
    at = [attempt.target.location for attempt in wave.attempts]
    return max(at.count(location) for location in at)


def _document(
    begin: Outset,
    waves: tuple[Wave, ...],
    odds: Prospects,
    why: tuple[tuple[int, Prospects], ...],
    better: tuple[tuple[Change, Prospects], ...],
) -> dict[str, Any]:
    budget = begin.profile.budget
    document: dict[str, Any] = {
        "strategy": begin.planning.strategy.value,
        "site": begin.profile.name,
        "rehearsal": begin.profile.practice is not None,
        "clock": begin.clock,
        "target_date": begin.terms.goal.target_date.isoformat(),
        "left_out": [{"start": one.start, "what": one.what} for one in left_out(begin.terms.goal)],
        "odds": _odds(odds),
        "waves": [
            {
                "opens_at": wave.opens_at.isoformat(),
                "reason": wave.reason,
                "attempts": [
                    {
                        "account": attempt.account,
                        "role": attempt.role.value,
                        "chain": [jsonable(slot) for slot in attempt.chain],
                    }
                    for attempt in wave.attempts
                ],
            }
            for wave in waves
        ],
        "budget": {
            "requests_per_second": budget.requests_per_second,
            "attempts_per_opening": budget.attempts_per_opening,
        },
    }
    if why or better:
        document["accounts_at_a_location"] = [{"accounts": n, "odds": _odds(one)} for n, one in why]
        document["changes"] = [{"what": change.what, "odds": _odds(one)} for change, one in better]
    return document


def _odds(odds: Prospects) -> dict[str, Any]:
    document: dict[str, Any] = {"goal": odds.goal, "fallback": odds.fallback, "nothing": odds.nothing}
    if odds.simulated:
        document["simulated_runs"] = odds.simulated
    if odds.at_most:
        document["goal_at_most"] = odds.at_most[0]
    return document


def _print_head(out: Console, begin: Outset) -> None:
    goal, planning = begin.terms.goal, begin.planning
    end = "24:00" if not (goal.window_end.hour or goal.window_end.minute) else f"{goal.window_end:%H:%M}"
    where = " before ".join(priority.location for priority in goal.ranked)
    hours = f"{goal.hours} hour{'s' if goal.hours > 1 else ''} in a row" if goal.hours > 1 else "1 hour"
    out.print(
        Text.assemble(
            text(f"{begin.profile.title}, {goal.target_date:%a %d %b %Y}", "bold"),
            "  ",
            rehearsal_mark(rehearsal=begin.profile.practice is not None),
        )
    )
    out.print(text(f"{hours} between {goal.window_start:%H:%M} and {end}: {where}"))
    out.print(text(f"{planning.strategy.value}: {planning.strategy.meaning}"))
    now = begin.situation.now.astimezone(goal.zone)
    out.print(text(f"Clock: {begin.clock}, {now:%a %d %b %H:%M %Z}", "dim"))


def _print_waves(out: Console, waves: tuple[Wave, ...]) -> None:
    if not waves:
        out.print(text("\nNothing to do: the goal is reached, or nothing can be won any more.", "yellow"))
        return
    table = table_of("opens (here)", "opens (site)", "hour", "account", "as", "tries, in this order")
    for wave in waves:
        zone = wave.attempts[0].target.start.tzinfo
        opens = [f"{wave.opens_at.astimezone(where):%a %d %b %H:%M}" for where in (None, zone)]
        for index, attempt in enumerate(wave.attempts):
            table.add_row(
                text("" if index else opens[0]),
                text("" if index else opens[1]),
                text(f"{attempt.target.start:%H:%M}"),
                text(attempt.account),
                text("" if attempt.role is Role.LEAD else "backup", "dim"),
                text(_chain(attempt)),
            )
        table.add_section()
    out.print(table)
    out.print(text("If whoever leads an hour wins it; a run plans anew after every wave.", "dim"))


def _chain(attempt: Attempt) -> str:
    return " → ".join(slot.place for slot in attempt.chain)


def _print_odds(out: Console, odds: Prospects) -> None:
    table = table_of("result", "odds")
    table.columns[1].justify = "right"
    table.add_row(text("the whole goal"), text(percent(odds.goal), "bold green"))
    table.add_row(text("only the fallback"), text(percent(odds.fallback), "yellow"))
    table.add_row(text("nothing"), text(percent(odds.nothing), "red"))
    out.print(table)
    if odds.simulated:
        told = f"From {odds.simulated} simulated runs, ± {percent(odds.margin)}."
        out.print(text(told, "dim"))
    if odds.at_most:
        missed = max(0.0, odds.at_most[0] - odds.goal)
        out.print(
            text(
                "The locations were looked ahead of one by one, because there are too many courses for all"
                f" together: no plan reaches the goal with more than {percent(odds.at_most[0])}, which is"
                f" {percent(missed)} more.",
                "dim",
            )
        )


def _print_beliefs(out: Console, begin: Outset) -> None:
    odds, goal = begin.terms.odds, begin.terms.goal
    table = table_of("location", "hours", "wins who is first", "seen before")
    for priority in goal.ranked:
        believed = [(start, _belief(odds, priority.location, start)) for start in goal.starts(priority)]
        for (chance, seen), some in groupby(believed, key=lambda one: one[1]):
            starts = [f"{start:%H:%M}" for start, _ in some]
            hours = starts[0] if len(starts) == 1 else f"{starts[0]}–{starts[-1]}"
            table.add_row(text(priority.location), text(hours), text(chance), text(seen, "dim"))
    out.print(text("\nWhat is believed", "bold"))
    out.print(table)
    out.print(
        text(
            f"Each place further down a chain leaves {percent(odds.decay)} of that; an account drops out of a"
            f" wave with {percent(odds.account_failure)}. "
            + (
                "What is too much is given back, which frees its account."
                if begin.terms.can_give_back
                else "This site takes nothing back."
            ),
            "dim",
        )
    )


def _belief(odds: Odds, location: str, start: datetime) -> tuple[str, str]:
    seen = odds.history.get((location, start.time()))
    told = f"{seen.wins} won, {seen.losses} lost" if seen else "nothing"
    return percent(odds.of(location, start.time())), "set by hand" if odds.win is not None else told


def _or_less(one: Prospects) -> str:
    return "≤ " if one.at_most else ""


def _print_why(out: Console, why: tuple[tuple[int, Prospects], ...], odds: Prospects) -> None:
    if not why:
        return
    out.print(text("\nWhy so many accounts", "bold"))
    table = table_of("at a location at once", "goal", "goal or fallback", "")
    for count, one in why:
        difference = one.goal - odds.goal
        table.add_row(
            text(f"at most {count}"),
            text(_or_less(one) + percent(one.goal)),
            text(_or_less(one) + percent(one.goal + one.fallback)),
            text("" if abs(difference) < 5e-4 else f"{difference * 100:+.1f}", "dim"),
        )
    out.print(table)


def _print_gains(out: Console, better: tuple[tuple[Change, Prospects], ...], odds: Prospects) -> None:
    out.print(text("\nWhat would raise the odds", "bold"))
    helpful = [(change, one) for change, one in better if one.goal - odds.goal > max(5e-4, odds.margin)]
    if not helpful:
        out.print(text("Nothing that was tried: " + ", ".join(change.what for change, _ in better) + "."))
        return
    table = table_of("with", "goal", "goal or fallback", "more")
    for change, one in helpful[:_MOST_GAINS]:
        table.add_row(
            text(change.what),
            text(_or_less(one) + percent(one.goal)),
            text(_or_less(one) + percent(one.goal + one.fallback)),
            text(f"{(one.goal - odds.goal) * 100:+.1f}", "green"),
        )
    out.print(table)


def _print_budget(out: Console, begin: Outset) -> None:
    budget = begin.profile.budget
    out.print(
        text(
            f"\nBudget: {budget.requests_per_second:g} requests a second and account, and"
            f" {budget.attempts_per_opening} attempts at each opening and account.",
            "dim",
        )
    )
