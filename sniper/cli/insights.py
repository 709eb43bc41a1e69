"""`sniper insights`: when slots open, how soon they are gone, when they come back; and how sure that is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from math import inf, isfinite
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from sniper.charts import Row, gone_chart
from sniper.cli.tables import (
    JSON_OPTION,
    REHEARSAL,
    console,
    hint,
    print_json,
    rehearsal_mark,
    table_of,
    text,
)
from sniper.core.censored import Between, Quantile
from sniper.core.insights import SHARES, Insight, Measured, insights
from sniper.core.timeline import in_words
from sniper.errors import InputError
from sniper.files import write_whole
from sniper.store import Sightings, Store

_SECOND = timedelta(seconds=1)
_DAY = 86_400.0
_WORDS = ("late by", "gone after", "back before", "free for")
_HOUR = 3600.0


@click.command("insights")
@click.option("--site", metavar="PROFILE", help="Only this site, by the name of its profile.")
@click.option("--days", type=click.IntRange(min=1), metavar="N", help="Only slots of the last N days.")
@click.option("--hours", is_flag=True, help="Tell every hour apart.")
@click.option(
    "--plot", type=click.Path(path_type=Path), metavar="FILE", help="Draw how soon slots are gone, as SVG."
)
@JSON_OPTION
def insights_command(
    *, site: str | None, days: int | None, hours: bool, plot: Path | None, as_json: bool
) -> None:
    """Show what watching and booking have taught of a site.

    Nobody sees the instant at which something happens, only that it was not so at one look and was so at the
    next. So every number is told by its bounds: "25 s to 70 s". Beside the median stand the bounds within
    which that of all slots lies, nine times of ten; "?" is no bound, for too little was seen.

    Nothing is asked of any site.
    """
    now = datetime.now(UTC)
    with Store.open() as store:
        known = store.sites_seen()
        if site is not None and site not in known:
            seen = f"seen are: {', '.join(known)}" if known else "nothing was seen of any"
            raise InputError(f"--site: nothing was seen of {site!r}; {seen}", mend="`sniper watch` looks.")
        chosen = [site] if site is not None else list(known)
        since = None if days is None else now - timedelta(days=days)
        found = [(name, store.sightings(name, since=since)) for name in chosen]
    learned = [(name, seen, insights(seen.observations, seen.ours, seen.still_free)) for name, seen in found]
    if plot is not None:
        _draw(plot, learned)
    if as_json:
        print_json([_document(*one) for one in learned])
    elif not learned:
        hint("Nothing was seen yet. `sniper watch bookings.json` looks, and every run learns a little.")
    else:
        for name, sightings, of_it in learned:
            _print(console(), name, sightings, [one for one in of_it if hours or one.hour is None])


def _draw(plot: Path, learned: Sequence[tuple[str, Sightings, Sequence[Insight]]]) -> None:
    """Raises InputError where there is nothing to draw, or of more than one site."""
    if len(learned) != 1:
        names = ", ".join(name for name, *_ in learned)
        raise InputError(
            f"--plot draws one site, and {'there is none' if not learned else f'there are {names}'}",
            mend="Name it by --site." if learned else "`sniper watch` looks.",
        )
    ((name, seen, of_it),) = learned
    rows = [
        Row(f"{one.location} ({one.gone.n})", one.gone.durations)
        for one in of_it
        if one.hour is None and one.gone.n
    ]
    if not rows:
        raise InputError(f"--plot: nobody looked at a slot of {name} yet while it was open")
    total = sum(len(row.gone) for row in rows)
    chart = gone_chart(
        f"{name}: how soon slots are gone",
        f"{total} slots that nobody of ours tried to get; time since the announced opening, logarithmic",
        rows,
        watermark=REHEARSAL if seen.rehearsal else "",
    )
    replaced = write_whole(plot, chart)
    hint(f"Drawn in {plot}{' (which was replaced)' if replaced else ''}.")


# -- for people


def _print(out: Console, name: str, seen: Sightings, learned: Sequence[Insight]) -> None:
    mark = rehearsal_mark(rehearsal=seen.rehearsal)
    count = len(seen.observations)
    out.print(Text.assemble((name, "bold"), f": {count} observation{'' if count == 1 else 's'}  ", mark))
    table = table_of("place", "what", "n", "10 %", "median", "90 %", "of all, 90 %")
    table.columns[2].justify = "right"
    for column in table.columns[3:]:
        column.no_wrap = True
    for one in learned:
        place = one.location if one.hour is None else f"{one.location} {one.hour:%H:%M}"
        for index, (what, many, measured) in enumerate(_lines(one)):
            table.add_row(
                text(place if not index else "", "bold"), text(what), text(many), *_quantiles(measured)
            )
    out.print(table)


def _lines(one: Insight) -> Iterator[tuple[str, str, Measured]]:
    opens, gone, back, stays = _WORDS
    if one.opened.n:
        yield opens, str(one.opened.n), one.opened
    if one.gone.n:
        yield gone, str(one.gone.n), one.gone
    if one.taken:
        yield back, f"{one.came_back} of {one.taken}", one.before_start
    if one.stays.n:
        yield stays, str(one.stays.n), one.stays


def _quantiles(measured: Measured) -> list[Text]:
    found = [measured.quantile(share) for share in SHARES]
    median = measured.quantile(0.5)
    shown = [text("" if one is None else in_bounds(one.seen)) for one in found]
    return [*shown, text("" if median is None else in_bounds(median.surely), "dim")]


def in_bounds(one: Between) -> str:
    """Bounds in words: "25 s to 70 s", "up to 45 s", "over 15 min", "?" without any."""
    if not isfinite(one.low) and not isfinite(one.high):
        return "?"
    if one.low == -inf or (one.low == 0 and one.high != 0 and isfinite(one.high)):
        return f"up to {_span(one.high)}"
    if one.high == inf:
        return f"over {_span(one.low)}"
    low, high = _span(one.low), _span(one.high)
    if low == high:
        return low
    shared = low.rpartition(" ")[2] == high.rpartition(" ")[2]
    return f"{low.rpartition(' ')[0] if shared else low} to {high}"


def _span(seconds: float) -> str:
    """Long ones in one unit, as exact as they can be compared."""
    for least, unit, name in ((2, _DAY, "d"), (2, _HOUR, "h"), (2, 60.0, "min"), (10, 1.0, "s")):
        if abs(seconds) >= least * unit:
            count = seconds / unit
            return f"{count:.{0 if abs(count) >= 10 else 1}f} {name}".replace("-", "−")
    return "0 s" if seconds == 0 else in_words(seconds * _SECOND)


# -- for machines


def _document(name: str, seen: Sightings, learned: Sequence[Insight]) -> dict[str, Any]:
    return {
        "site": name,
        "rehearsal": seen.rehearsal,
        "observations": len(seen.observations),
        "insights": [
            {
                "location": one.location,
                "hour": None if one.hour is None else f"{one.hour:%H:%M}",
                "opened_after_s": _measured(one.opened),
                "gone_after_s": _measured(one.gone),
                "taken": one.taken,
                "came_back": one.came_back,
                "back_before_start_s": _measured(one.before_start),
                "stays_free_s": _measured(one.stays),
            }
            for one in learned
        ],
    }


def _measured(measured: Measured) -> dict[str, Any]:
    quantiles = [found for share in SHARES if (found := measured.quantile(share)) is not None]
    return {"n": measured.n, "quantiles": [_quantile(one) for one in quantiles]}


def _quantile(one: Quantile) -> dict[str, Any]:
    return {"share": one.share, "seen": _bounds(one.seen), "of_all": _bounds(one.surely)}


def _bounds(one: Between) -> dict[str, float | None]:
    """None is no bound."""
    low, high = (end if isfinite(end) else None for end in (one.low, one.high))
    return {"low": low, "high": high}
