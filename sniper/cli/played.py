"""What came of a dress rehearsal: tables for people, a document for machines."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from sniper.cli.runs import verdict_document
from sniper.cli.tables import STYLES, jsonable, rehearsal_mark, table_of, text
from sniper.cli.waterfall import losses_of
from sniper.core.plan import Standing
from sniper.core.policy import StrategyName
from sniper.core.timeline import in_words
from sniper.dress_rehearsal.casting import Play
from sniper.dress_rehearsal.played import Played, Totals
from sniper.paths import STATE_DIR_VARIABLE

_RESULTS = {Standing.REACHED: "goal", Standing.FALLBACK: "fallback", Standing.MISSED: "nothing"}


def result_of(played: Played) -> Text:
    """How a run ended, in a word."""
    if played.standing is None:
        return text("failed", "bold red")
    return text(_RESULTS[played.standing], STYLES[played.standing])


def print_played(out: Console, play: Play, played: Sequence[Played], *, kept: bool) -> None:
    """A row for each run, what they come to together, and why slots were lost."""
    _print_head(out, play, _stand_ins(play, played), len(played))
    strategies = tuple(dict.fromkeys(one.part.strategy for one in played))
    _print_runs(out, played, by_strategy=len(strategies) > 1)
    for strategy in strategies:
        totals = Totals.of([one for one in played if one.part.strategy is strategy])
        _print_totals(out, totals, strategy if len(strategies) > 1 else None)
    for one in played:
        _print_what_went_wrong(out, one, kept=kept)
    last = played[-1]
    if kept and last.run_id is not None:
        out.print()
        out.print(text(f"Every run's record is kept, this one's of the last: {_command(last)}", "dim"))


def _stand_ins(play: Play, played: Sequence[Played]) -> dict[str, str]:
    """Who stood in for whom: a run whose practice site did not start does not know."""
    names = next((one.stand_ins for one in played if one.stand_ins), ())
    return dict(zip(names, play.crew, strict=False))


def _print_head(out: Console, play: Play, stand_ins: Mapping[str, str], runs: int) -> None:
    goal = play.goal
    several = "1 real run" if runs == 1 else f"{runs} real runs"
    title = f"{play.profile.title}, {goal.target_date:%a %d %b %Y}: {several}"
    out.print(Text.assemble(text(title, "bold"), "  ", rehearsal_mark(rehearsal=True)))
    begins = play.begins_at.astimezone(play.profile.timezone)
    others = [f"{one} for {account}" for one, account in stand_ins.items() if one != account]
    roles = f"; {', '.join(others).replace(' for', ' stands in for', 1)}" if others else ""
    out.print(text(f"The site's clock begins on {begins:%a %d %b at %H:%M}{roles}.", "dim"))


def _print_runs(out: Console, played: Sequence[Played], *, by_strategy: bool) -> None:
    names = ["run", "difficulty", *(["strategy"] if by_strategy else []), "result", "hours", "asked", "took"]
    table = table_of(*names)
    for column in (table.columns[0], *table.columns[-2:]):
        column.justify = "right"
    for one in played:
        table.add_row(
            text(one.part.number),
            text(one.part.difficulty.name),
            *([text(one.part.strategy.value)] if by_strategy else []),
            result_of(one),
            text(_hours(one)),
            text(_asked(one)),
            text(in_words(one.took)),
        )
    out.print(table)
    if any(one.arrivals for one in played):
        what = "when each account's first request at an opening reached the site, by the site: from … to"
        out.print(text(f"asked: {what}", "dim"))


def _hours(played: Played) -> str:
    streak = played.streak
    if not streak:
        return ""
    return f"{streak[0].location} {', '.join(f'{slot.start:%H:%M}' for slot in streak)}"


def _asked(played: Played) -> str:
    if not played.arrivals:
        return ""
    first, last = in_words(min(played.arrivals)), in_words(max(played.arrivals))
    return first if len(played.arrivals) == 1 else f"{first} … {last}"


def _print_totals(out: Console, totals: Totals, strategy: StrategyName | None) -> None:
    rest = ", ".join(
        f"{what} {count}"
        for count, what in (
            (totals.fallback, "only the fallback in"),
            (totals.nothing, "nothing in"),
            (totals.failed, "failed"),
        )
        if count
    )
    of = "" if strategy is None else f"{strategy.value}: "
    style = "bold green" if totals.won == totals.runs else "bold yellow" if totals.won else "bold red"
    out.print()
    won = text(f"{of}Won {totals.won} of {totals.runs}", style)
    places = ", ".join(f"{place} {count}" for place, count in totals.places.most_common())
    out.print(Text.assemble(won, f" ({places})" if places else "", f"; {rest}." if rest else "."))
    half, most = totals.late(0.5), totals.late(0.95)
    if half is not None and most is not None:
        count = len(totals.arrivals)
        out.print(
            text(
                f"Requests reached the site {in_words(half)} after the opening (p50), 95 % of them within "
                f"{in_words(most)} (p95); {count} in all."
            )
        )
    if totals.losses:
        reasons = ", ".join(f"{reason.value} {count}" for reason, count in totals.losses.most_common())
        out.print(text(f"Slots lost: {reasons}."))


def _print_what_went_wrong(out: Console, played: Played, *, kept: bool) -> None:
    if not played.losses and not played.failure:
        return
    out.print()
    head = text(f"Run {played.part.number}, {played.part.difficulty.name}", "bold")
    if kept and played.run_id is not None:
        head = Text.assemble(head, text(f"  {_command(played)}", "dim"))
    out.print(head)
    if played.failure:
        out.print(Padding(text(f"failed: {played.failure}", "red"), (0, 0, 0, 2)))
    out.print(Padding(losses_of(played.waves, nearest_only=True), (0, 0, 0, 2)))


def _command(played: Played) -> str:
    return f"{STATE_DIR_VARIABLE}={shlex.quote(str(played.folder))} sniper runs show {played.run_id}"


def as_json(play: Play, played: Sequence[Played], seed: int, *, kept: bool, finished: bool) -> dict[str, Any]:
    """The same for machines. Lateness in milliseconds after the opening, by the site's clock."""
    strategies = dict.fromkeys(one.part.strategy for one in played)
    return {
        "rehearsal": True,
        "site": play.profile.name,
        "target_date": play.goal.target_date.isoformat(),
        "begins_at": play.begins_at.astimezone(play.profile.timezone).isoformat(),
        "stand_ins": _stand_ins(play, played),
        "seed": seed,
        "finished": finished,
        "strategies": [
            _totals(strategy, Totals.of([one for one in played if one.part.strategy is strategy]))
            for strategy in strategies
        ],
        "runs": [_run(one, kept=kept) for one in played],
    }


def _totals(strategy: StrategyName, totals: Totals) -> dict[str, Any]:
    return {
        "strategy": strategy.value,
        "runs": totals.runs,
        "won": totals.won,
        "won_at": dict(totals.places),
        "fallback": totals.fallback,
        "nothing": totals.nothing,
        "failed": totals.failed,
        "asked_ms": {"n": len(totals.arrivals), "p50": _ms(totals.late(0.5)), "p95": _ms(totals.late(0.95))},
        "lost": {reason.value: count for reason, count in totals.losses.most_common()},
    }


def _run(played: Played, *, kept: bool) -> dict[str, Any]:
    part = played.part
    return {
        "run": part.number,
        "strategy": part.strategy.value,
        "difficulty": part.difficulty.name,
        "options": part.difficulty.options,
        "skew_ms": _ms(part.skew),
        "standing": played.standing.value if played.standing else None,
        "failure": played.failure or None,
        "streak": jsonable(played.streak),
        "asked_ms": [_ms(late) for late in played.arrivals],
        "took_ms": _ms(played.took),
        "lost": [verdict_document(wave, one) for wave in played.waves for one in wave.losses],
        "show": _command(played) if kept and played.run_id is not None else None,
    }


def _ms(duration: timedelta | None) -> float | None:
    return None if duration is None else round(duration / timedelta(milliseconds=1), 3)
