"""What is counted of runs that were played, and how it is told."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from sniper.cli.played import as_json, print_played
from sniper.cli.tables import jsonable
from sniper.core.plan import Standing
from sniper.core.policy import StrategyName
from sniper.core.verdicts import Reason
from sniper.dress_rehearsal.casting import Play
from sniper.dress_rehearsal.played import Part, Played, Totals, first_requests
from sniper.waterfall import WaveView, waves_of
from tests.dress_rehearsal.examples import PART, asked, played, store_in
from tests.waterfall.records import MS, a_run, a_run_at_open_slots


@pytest.fixture(scope="module")
def lost(tmp_path_factory: pytest.TempPathFactory) -> tuple[WaveView, ...]:
    """Ann lost X1 A and won X1 B, bob was late for X1 A, cleo has told nothing."""
    with store_in(tmp_path_factory.mktemp("run")) as store:
        return waves_of(store.run(a_run(store, rehearsal=True)))


def shown(play: Play, runs: list[Played], *, kept: bool = False, width: int = 100) -> str:
    """What is printed of them."""
    out = StringIO()
    print_played(Console(file=out, width=width, highlight=False), play, runs, kept=kept)
    lines = [line.rstrip() for line in out.getvalue().splitlines()]
    assert max(len(line) for line in lines) <= width
    return "\n".join(lines)


# -- when requests arrived


def test_of_each_account_that_sent_one_the_first_request_at_the_opening_counts(
    lost: tuple[WaveView, ...],
) -> None:
    requests = [
        asked("bob", 235),
        asked("ann", 261, "X1 B"),
        # One that a fault refused tells of no slot.
        asked("ann", 15, None),
        asked("rival-1@2026-11-21T12:00Z", 1),
        asked(None, 2),
    ]
    assert sorted(first_requests(lost, requests)) == [15 * MS, 235 * MS]


def test_a_request_that_was_early_is_less_than_nothing_and_what_is_far_away_belongs_elsewhere(
    lost: tuple[WaveView, ...],
) -> None:
    hour = 3_600_000
    requests = [asked("ann", -3), asked("ann", 260), asked("bob", -hour), asked("bob", hour)]
    assert first_requests(lost, requests) == (-3 * MS,)


def test_who_sent_nothing_in_a_wave_is_not_late_by_what_they_sent_in_the_next(
    lost: tuple[WaveView, ...],
) -> None:
    assert first_requests(lost, [asked("cleo", 9_000)]) == ()


def test_slots_that_were_open_already_are_no_race(tmp_path: Path) -> None:
    with store_in(tmp_path) as store:
        waves = waves_of(store.run(a_run_at_open_slots(store)))
    assert first_requests(waves, [asked("ann", 500)]) == ()


# -- totals


def test_a_run_that_failed_is_never_counted_as_won(lost: tuple[WaveView, ...]) -> None:
    runs = [
        played(Standing.REACHED, 10, 20),
        played(Standing.FALLBACK, 30, waves=lost),
        played(Standing.MISSED, waves=lost),
        played(None, 40),
    ]
    totals = Totals.of(runs)
    assert (totals.runs, totals.won, totals.fallback, totals.nothing, totals.failed) == (4, 1, 1, 1, 1)
    assert (totals.late(0.5), totals.late(0.95)) == (20 * MS, 40 * MS)
    assert totals.losses == {Reason.TAKEN: 2}


@given(
    st.lists(
        st.tuples(st.sampled_from([*Standing, None]), st.lists(st.integers(-5, 500), max_size=4)), max_size=9
    )
)
def test_every_run_is_counted_once_and_p95_is_never_before_p50(
    ends: list[tuple[Standing | None, list[int]]],
) -> None:
    totals = Totals.of([played(standing, *late) for standing, late in ends])
    assert totals.won + totals.fallback + totals.nothing + totals.failed == totals.runs == len(ends)
    assert len(totals.arrivals) == sum(len(late) for _, late in ends)
    half, most = totals.late(0.5), totals.late(0.95)
    assert (half is None) == (most is None) == (not totals.arrivals)
    if half is not None and most is not None:
        assert half <= most <= max(totals.arrivals)


# -- in words


def test_what_is_shown_is_marked_and_says_what_was_won_and_why_the_rest_was_not(
    play: Play, lost: tuple[WaveView, ...]
) -> None:
    told = shown(play, [played(Standing.REACHED, 12, 31), played(Standing.MISSED, waves=lost, run_id=1)])
    assert "2 real runs  REHEARSAL" in told
    assert "user1 stands in for ann.real, user2 for bob.real." in told
    assert re.search(r"1 +rivals after 800 ms +goal +X1 13:00 +12 ms … 31 ms +40.0 s", told)
    assert "Won 1 of 2 (X1 1); nothing in 1." in told
    assert "12 ms after the opening (p50), 95 % of them within 31 ms (p95); 2 in all" in told
    assert "Slots lost: taken before us 1." in told
    # The one that came nearest, in the words of `sniper runs show`.
    (line,) = [line for line in told.splitlines() if line.startswith("  X1 A 13:00")]
    assert "ann: taken before us; the request left 14 ms after the opening" in line
    assert "13:00       is ours all the same: ann got X1 B." in told
    assert "runs show" not in told


def test_a_run_that_failed_is_told_as_such(play: Play) -> None:
    told = shown(play, [played(None)])
    assert "Won 0 of 1; failed 1." in told
    assert "  failed: exit code 3: no browser" in told


def test_records_that_are_kept_are_told_with_the_command_that_shows_them(
    play: Play, lost: tuple[WaveView, ...]
) -> None:
    told = shown(play, [played(Standing.MISSED, waves=lost, run_id=1)], kept=True)
    assert "SNIPER_STATE_DIR='/kept here/run-1' sniper runs show 1" in told


def test_several_strategies_are_counted_apart(play: Play) -> None:
    spam = Part(2, StrategyName.SPAM, PART.difficulty, timedelta(0))
    other = Played(spam, timedelta(seconds=50), Path("run-2"), standing=Standing.MISSED)
    told = shown(play, [played(Standing.REACHED, 12), other])
    assert "optimal: Won 1 of 1 (X1 1)." in told
    assert "spam: Won 0 of 1; nothing in 1." in told
    document = as_json(play, [played(Standing.REACHED, 12), other], 1, kept=False, finished=True)
    assert [(one["strategy"], one["won"]) for one in document["strategies"]] == [("optimal", 1), ("spam", 0)]


def test_machines_are_told_the_same(play: Play, lost: tuple[WaveView, ...]) -> None:
    runs = [played(Standing.REACHED, 12.5), played(Standing.FALLBACK, waves=lost, run_id=1), played(None)]
    document = json.loads(json.dumps(jsonable(as_json(play, runs, 7, kept=True, finished=False))))
    assert (document["rehearsal"], document["seed"], document["finished"]) == (True, 7, False)
    (totals,) = document["strategies"]
    assert totals["won_at"] == {"X1": 1}
    assert totals["asked_ms"] == {"n": 1, "p50": 12.5, "p95": 12.5}
    assert document["stand_ins"] == {"user1": "ann.real", "user2": "bob.real"}
    assert totals["lost"] == {"taken before us": 1}
    first, second, third = document["runs"]
    assert (first["standing"], first["asked_ms"], first["streak"][0]["sub_location"]) == (
        "reached",
        [12.5],
        "X1 B",
    )
    assert [(one["slot"]["sub_location"], one["reason"]) for one in second["lost"]] == [
        ("X1 A", "taken before us")
    ]
    assert second["show"] == "SNIPER_STATE_DIR='/kept here/run-1' sniper runs show 1"
    assert (third["standing"], third["failure"]) == (None, "exit code 3: no browser")
