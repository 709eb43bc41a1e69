"""`sniper clock`: what time it is at a site, how sure that is, and how far away the site is."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, timedelta, tzinfo
from pathlib import Path
from typing import Any

import click
import httpx
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from sniper.cli.live import describe_span
from sniper.cli.stopping import until_done_or_stopped
from sniper.clock.clock import SystemClock
from sniper.clock.keeper import ClockKeeper
from sniper.clock.measuring import measure
from sniper.clock.site import SiteClock
from sniper.errors import EnvironmentProblem, InputError
from sniper.site_client import HIGHEST_PORT, clock_probe, site_client
from sniper.sites.library import find_profile, load_profile
from sniper.sites.site_clock import SiteClockSource

_AGAIN_AFTER = timedelta(minutes=1)
_REDRAWS_PER_SECOND = 10
_ONE_SECOND = timedelta(seconds=1)
_ONE_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Site:
    """What is asked, and in which zone its time is told."""

    url: str
    zone: tzinfo = UTC
    clock: SiteClockSource = field(default_factory=SiteClockSource)


@click.command()
@click.argument("site", metavar="URL_OR_PROFILE")
@click.option("--once", is_flag=True, help="Measure once, print it and end.")
@click.option("--json", "json_", is_flag=True, help="Measure once and print it as JSON.")
def clock(*, site: str, once: bool, json_: bool) -> None:
    """Show a site's clock: how far it is from this machine's, and how sure that is.

    On a terminal it ticks, and is measured again every minute, until Ctrl-C. Where the output goes elsewhere,
    it is measured once. A measurement takes up to twelve requests in about as many seconds.

    Exit codes: 0 measured, 2 no such profile or no such address, 3 the site does not tell its time.
    """
    asked = find_site(site)
    console = Console(highlight=False)
    if json_ or once or not console.is_terminal:
        measured = asyncio.run(_measured(asked))
        if json_:
            click.echo(json.dumps(as_json(asked, measured), indent=2, ensure_ascii=False))
        else:
            console.print(facts(asked, measured))
        return
    # Ctrl-C is the way out of a clock, not an interruption; however it ends, the terminal is left in order.
    asyncio.run(until_done_or_stopped(_show(asked, console)))


def find_site(named: str) -> Site:
    """The site meant by an address or by the name or path of a profile.

    Raises:
        InputError: There is none.
    """
    if "://" in named:
        try:
            url = httpx.URL(named)
            host = url.host
        except (httpx.InvalidURL, UnicodeError) as error:
            raise InputError(f"{named!r} is no address: {error}") from None
        if url.scheme not in ("http", "https") or not host:
            raise InputError(f"{named!r} is no address of the web", mend="Write https://site.example/, say.")
        if url.port is not None and not 0 < url.port <= HIGHEST_PORT:
            raise InputError(f"{named!r} is no address: ports go from 1 to {HIGHEST_PORT}")
        return Site(named)
    try:
        profile = load_profile(find_profile(named, Path.cwd()))
    except InputError as error:
        hint = "An address begins with http:// or https://."
        raise InputError(str(error), mend=f"{error.mend}\n{hint}" if error.mend else hint) from None
    return Site(profile.url + profile.clock.path, profile.timezone, profile.clock)


async def _measured(site: Site) -> SiteClock:
    local = SystemClock()
    async with site_client(site.url) as client:
        probe = clock_probe(client, site.url, site.clock, local)
        return await measure(probe, local, site.clock.probes, leaps=local.leaps)


async def _show(site: Site, console: Console) -> None:
    """Measure and show, again and again. A later measurement that fails is told, and the last one stays.

    Raises:
        EnvironmentProblem: The first measurement fails.
    """
    face = ClockFace(site)
    local = SystemClock()
    async with site_client(site.url) as client:
        probe = clock_probe(client, site.url, site.clock, local)

        async def remeasure(progress: Callable[[SiteClock], None] | None = None) -> None:
            measured = await measure(probe, local, site.clock.probes, leaps=local.leaps, progress=progress)
            face.show(measured, done=True)

        with Live(
            console=console,
            get_renderable=face.render,
            refresh_per_second=_REDRAWS_PER_SECOND,
            transient=True,
        ):
            await remeasure(face.show)
            assert face.clock is not None
            keeper = ClockKeeper(face.clock, remeasure, face.complain, local.leaps)
            async with keeper.watching():
                while True:
                    await local.sleep_until(local.now() + _AGAIN_AFTER)
                    await keeper.measure_again()


class ClockFace:
    """What is shown while the clock ticks."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._measured_at = SystemClock().now()
        self._measuring = True
        self._complaint = ""
        self.clock: SiteClock | None = None

    def show(self, clock: SiteClock, *, done: bool = False) -> None:
        """From now on this is the time."""
        if self.clock is None:
            self.clock = clock
        else:
            self.clock.adopt(clock)
        self._measured_at, self._measuring, self._complaint = clock.local_now(), not done, ""

    def complain(self, error: EnvironmentProblem) -> None:
        """It could not be measured again."""
        self._complaint = str(error)

    def render(self) -> RenderableType:
        """The clock as it is now."""
        title = Text(self._site.url, style="dim")
        if self.clock is None:
            return Panel(Text("asking the site for its time …", style="dim"), title=title, title_align="left")
        now = self.clock.now().astimezone(self._site.zone)
        big = Text.assemble((f"{now:%a %d %b %Y  }", ""), (f"{now:%H:%M:%S.%f}"[:-5], "bold"), f" {now:%Z}")
        big.append(f"  ± {_ms(self.clock.bound)} ms", "bold yellow" if self._measuring else "bold green")
        ago = (self.clock.local_now() - self._measured_at).total_seconds()
        if self._measuring:
            state = Text(f"measuring, {_probes(self.clock)} so far …", style="yellow")
        else:
            state = Text(f"measured {ago:.0f} s ago with {_probes(self.clock)}; Ctrl-C ends", style="dim")
        lines: list[RenderableType] = [big, _facts(self.clock), state]
        if self._complaint:
            lines.append(Text(f"not measured again, by the last reading: {self._complaint}", style="red"))
        return Panel(Group(*lines), title=title, title_align="left", border_style="green")


def facts(site: Site, clock: SiteClock) -> RenderableType:
    """One measurement, for people."""
    now = clock.now().astimezone(site.zone)
    grid = _facts(clock)
    grid.add_row("measured with", f"{_probes(clock)} of {site.url}")
    return Group(
        Text(f"{now:%a %d %b %Y  %H:%M:%S.%f}"[:-3] + f" {now:%Z}  ± {_ms(clock.bound)} ms", "bold"), grid
    )


def as_json(site: Site, clock: SiteClock) -> dict[str, Any]:
    """One measurement, for machines."""
    return {
        "url": site.url,
        "offset_ms": _to_ms(clock.offset),
        "bound_ms": _to_ms(clock.bound),
        "round_trip_ms": _to_ms(clock.round_trip),
        "probes": clock.probes,
        "site_time": clock.now().astimezone(site.zone).isoformat(timespec="milliseconds"),
        "source": site.clock.source.value,
    }


def describe_difference(clock: SiteClock) -> str:
    """Which clock is ahead, and by how much; nothing is said of what lies within the bound."""
    away = abs(clock.offset)
    if away < _ONE_SECOND:
        exact = f"{away / timedelta(milliseconds=1):.1f} ms"
    else:
        exact = f"{away / _ONE_SECOND:.3f} s" if away < _ONE_MINUTE else describe_span(away, tenths=True)
    which = "ahead of" if clock.offset > timedelta(0) else "behind"
    if away <= clock.bound:
        return f"the same as ours, as far as can be told ({exact} {which} it)"
    return f"{exact} {which} ours"


def _facts(clock: SiteClock) -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row("site's clock", describe_difference(clock))
    grid.add_row("round trip", f"{_to_ms(clock.round_trip):.1f} ms, one way {_to_ms(clock.one_way):.1f} ms")
    return grid


def _probes(clock: SiteClock) -> str:
    return f"{clock.probes} request{'' if clock.probes == 1 else 's'}"


def _to_ms(duration: timedelta) -> float:
    return round(duration / timedelta(milliseconds=1), 3)


def _ms(duration: timedelta) -> str:
    ms = duration / timedelta(milliseconds=1)
    return f"{ms:.1f}" if ms < 10 else f"{ms:.0f}"
