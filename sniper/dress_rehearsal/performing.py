"""Plays all runs of a dress rehearsal, one after the other."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import product
from pathlib import Path
from random import Random
from typing import Protocol

from sniper.core.policy import StrategyName
from sniper.dress_rehearsal.casting import Play
from sniper.dress_rehearsal.difficulties import Difficulty
from sniper.dress_rehearsal.folder import RunFolder
from sniper.dress_rehearsal.played import Part, Played
from sniper.dress_rehearsal.playing import play_one
from sniper.errors import EnvironmentProblem


class Audience(Protocol):
    """Who is told how it goes."""

    def begin(self, part: Part) -> None:
        """This run begins."""
        ...

    def hear(self, line: str) -> None:
        """It tells this."""
        ...

    def end(self, played: Played) -> None:
        """That came of it."""
        ...


def programme(
    strategies: Sequence[StrategyName], difficulties: Sequence[Difficulty], runs: int, seed: int
) -> tuple[Part, ...]:
    """So many runs of each strategy: one difficulty after the other, each met by all strategies alike."""
    random = Random(seed)  # noqa: S311 - a simulation
    skews = [timedelta(milliseconds=random.randrange(1000)) for _ in range(runs)]
    return tuple(
        Part(number, strategy, difficulties[index % len(difficulties)], skews[index])
        for number, (index, strategy) in enumerate(product(range(runs), strategies), 1)
    )


async def perform(
    play: Play, parts: Iterable[Part], folder: Path, audience: Audience, *, keeps: bool = False
) -> None:
    """Play the runs. What goes wrong with one of them is told of it, and the others go on.

    Args:
        folder: Is there, and gets a folder for each run.
        keeps: Does it stay?

    Raises:
        InputError: The practice site cannot play this.
        EnvironmentProblem: Already the first run could not be begun.
    """
    began = False
    for part in parts:
        audience.begin(part)
        of_its_own = RunFolder(folder / f"run-{part.number}")
        since = time.monotonic()
        try:
            played = await play_one(play, part, of_its_own, audience.hear, keeps=keeps)
        except EnvironmentProblem as error:
            if not began:
                raise
            took = timedelta(seconds=time.monotonic() - since)
            played = Played(part, took, of_its_own.path, failure=str(error))
        began = True
        audience.end(played)
