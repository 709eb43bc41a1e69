"""A run that was played, as its record and the practice site tell of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from sniper.core.plan import Standing
from sniper.core.policy import StrategyName
from sniper.dress_rehearsal.difficulties import Difficulty
from sniper.dress_rehearsal.played import Part, Played
from sniper.store import Store
from sniper.store.database import file_in
from tests.store.examples import slot
from tests.waterfall.records import MS, OPENS

PART = Part(1, StrategyName.OPTIMAL, Difficulty(), timedelta(0))


def asked(account: str | None, after: float, where: str | None = "X1 A") -> dict[str, Any]:
    """A booking request so many milliseconds after the opening, as the practice site tells it."""
    return {"account": account, "arrived_at": (OPENS + after * MS).isoformat(), "slot": where}


def played(standing: Standing | None = Standing.REACHED, *late: float, **changes: Any) -> Played:
    """A run that ended so."""
    given: dict[str, Any] = {
        "standing": standing,
        "failure": "" if standing else "exit code 3: no browser",
        "streak": (slot("X1 B", 13),) if standing is Standing.REACHED else (),
        "arrivals": tuple(one * MS for one in late),
        **changes,
    }
    return Played(PART, timedelta(seconds=40), Path("/kept here/run-1"), ("user1", "user2"), **given)


@contextmanager
def store_in(folder: Path) -> Iterator[Store]:
    """The record of a run's folder."""
    with Store.open(file_in(folder)) as store:
        yield store
