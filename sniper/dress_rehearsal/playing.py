"""Plays one run: a practice site and a `sniper run` of its own, each a process, and what came of them."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TextIO

import httpx

from sniper.child_processes import ask_to_end, kill, started
from sniper.core.plan import Standing
from sniper.dress_rehearsal.casting import Play
from sniper.dress_rehearsal.folder import RunFolder
from sniper.dress_rehearsal.played import Part, Played, first_requests, streak_of
from sniper.errors import EnvironmentProblem
from sniper.rehearsal import own_practice_site
from sniper.site_client import site_client
from sniper.store import Store
from sniper.store.database import file_in
from sniper.waterfall import waves_of

SAID = "said.txt"
"""In the folder of a run: what it told."""
SILENT_FOR = timedelta(minutes=5)
"""A run that tells nothing for so long hangs."""
_ENDS_WITHIN = 40.0
"""Longer than a run that is interrupted needs to read its bookings back and to close its browsers."""
_HEARD_WITHIN = 5.0
"""So soon after its end all that a process has told is read, unless something else keeps its pipes open."""
_LONGEST_LINE = 1 << 20


@dataclass(frozen=True, slots=True)
class _Ended:
    """How a process ended: `silent` if it was ended for telling nothing."""

    exit_code: int
    printed: str
    silent: bool


async def play_one(
    play: Play,
    part: Part,
    folder: RunFolder,
    hear: Callable[[str], None],
    *,
    keeps: bool = False,
    silent_for: timedelta = SILENT_FOR,
) -> Played:
    """Play one run to its end. Who cancels it waits until all that was started has ended in good order.

    Args:
        folder: Not there yet, or empty.
        keeps: Does the folder stay? Else nothing is told of pictures in it.
        hear: Called with every line that the run tells.
        silent_for: A run that tells nothing for so long is ended, and has failed.

    Raises:
        InputError: The practice site does not take the options, or has not what the goal names.
        EnvironmentProblem: The practice site cannot be started, or the folder cannot be written.
    """
    begun = time.monotonic()
    options = play.options(part.difficulty.options, part.skew)
    slots_that_day = f"slots?date={play.goal.target_date}"
    async with own_practice_site(options) as facts, site_client(facts["url"]) as site:
        play.check_offered((await _asked(site, facts["url"], slots_that_day))["slots"])
        bookings = play.bookings_for(facts["accounts"], part.strategy)
        with _prepared(folder, play.profile_at(facts["url"], options), bookings) as said:
            ended = await _carried_out(folder, play.hidden, said, hear, silent_for)
        requests = (await _asked(site, facts["url"], "requests"))["requests"]
        slots = (await _asked(site, facts["url"], slots_that_day))["slots"]
    took = timedelta(seconds=time.monotonic() - begun)
    stand_ins = tuple(one["username"] for one in facts["accounts"])
    played = Played(part, took, folder.path, stand_ins)
    return _judged(_with_record(played, folder, requests, keeps=keeps), ended, slots, folder)


async def _asked(site: httpx.AsyncClient, url: str, what: str) -> Any:
    """What the practice site tells those who rehearse."""
    try:
        answer = await site.get(f"{url}/practice/{what}")
        answer.raise_for_status()
    except httpx.HTTPError as error:
        raise EnvironmentProblem(
            f"the practice site does not answer: {error or type(error).__name__}"
        ) from error
    return answer.json()


def _prepared(folder: RunFolder, profile: Mapping[str, Any], bookings: Mapping[str, Any]) -> TextIO:
    """Where the run's words go, when all that it is given is written."""
    try:
        folder.write(profile, bookings)
        return (folder.path / SAID).open("w", encoding="utf-8")
    except OSError as error:
        raise EnvironmentProblem(
            f"the folder of a run cannot be written: {error}", mend="Make room there, or name another one."
        ) from error


# -- the process


async def _carried_out(
    folder: RunFolder,
    hidden: frozenset[str],
    said: TextIO,
    hear: Callable[[str], None],
    silent_for: timedelta,
) -> _Ended:
    process = await started(
        *folder.command("--json"),
        env=folder.environment(hidden),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=_LONGEST_LINE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    printing = asyncio.create_task(process.stdout.read())
    listening = asyncio.create_task(_listen(process.stderr, said, hear, silent_for))
    ends_by_itself = False
    try:
        # It is still heard while it ends: who cannot get rid of their words does not end.
        ends_by_itself = await asyncio.shield(listening)
    finally:
        await _end(process, {printing, listening}, tell=not ends_by_itself)
    printed = "" if printing.cancelled() else printing.result().decode()
    return _Ended(process.returncode or 0, printed, silent=not ends_by_itself)


async def _listen(
    stream: asyncio.StreamReader, said: TextIO, hear: Callable[[str], None], silent_for: timedelta
) -> bool:
    """Whether it was heard to its end; False if it fell silent."""
    while True:
        try:
            async with asyncio.timeout(silent_for.total_seconds()):
                line = (await stream.readline()).decode(errors="replace")
        except TimeoutError:
            return False
        if not line:
            return True
        said.write(line)
        hear(line.rstrip())


async def _end(process: asyncio.subprocess.Process, ears: set[asyncio.Task[Any]], *, tell: bool) -> None:
    """Wait until it has ended. If it does not in time, or nobody wants to wait any more, it is killed."""
    try:
        if tell:
            ask_to_end(process)
        await asyncio.wait_for(process.wait(), _ENDS_WITHIN)
    except TimeoutError:
        pass
    finally:
        if process.returncode is None:
            # With Playwright's driver; the browsers end when that is gone.
            kill(process)
            await process.wait()
        _, deaf = await asyncio.wait(ears, timeout=_HEARD_WITHIN)
        for ear in deaf:
            ear.cancel()


# -- what came of it


def _with_record(
    played: Played, folder: RunFolder, requests: Sequence[Mapping[str, Any]], *, keeps: bool
) -> Played:
    if not folder.database.is_file():
        return played
    with Store.open(file_in(folder.path)) as store:
        newest = store.runs(1)
        if not newest:
            return played
        detail = store.run(newest[0].id)
    if not keeps:
        attempts = tuple(replace(one, evidence=None) for one in detail.attempts)
        detail = replace(detail, attempts=attempts)
    waves = waves_of(detail)
    return replace(played, run_id=newest[0].id, waves=waves, arrivals=first_requests(waves, requests))


def _judged(played: Played, ended: _Ended, slots: Sequence[Mapping[str, Any]], folder: RunFolder) -> Played:
    """How it stands, if it came to that: by its own word, and by what the practice site has."""
    if ended.silent:
        return replace(played, failure="it told nothing any more, and was ended")
    if ended.exit_code not in (0, 1) or not ended.printed:
        return replace(played, failure=_failure(ended.exit_code, folder.path / SAID))
    result = json.loads(ended.printed)
    streak = tuple(streak_of(result))
    owners = {
        (one["location"], one["slot"], datetime.fromisoformat(one["startDate"])): one["owners"]
        for one in slots
    }
    for account, slot in streak:
        if account not in owners.get((slot.location, slot.place, slot.instant), ()):
            return replace(played, failure=f"it tells of {slot} for {account}, which the site has not")
    return replace(played, standing=Standing(result["standing"]), streak=tuple(slot for _, slot in streak))


def _failure(exit_code: int, said: Path) -> str:
    """How a run ended that came to no result, and its last words: those of its error, if it told one."""
    how = f"exit code {exit_code}"
    if exit_code < 0:
        how = f"ended by signal {signal.Signals(-exit_code).name}"
    lines = [line.strip() for line in said.read_text(encoding="utf-8").splitlines() if line.strip()]
    errors = [index for index, line in enumerate(lines) if line.startswith("error: ")]
    words = lines[errors[-1] :] if errors else lines[-1:]
    return ": ".join((how, " ".join(words).removeprefix("error: "))).removesuffix(": ")
