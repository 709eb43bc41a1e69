"""What the benchmarks measure with."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from random import Random

import click
import pytest

from benchmarks import recording
from benchmarks.clock import summary
from benchmarks.clock_estimators import Estimate, understood
from benchmarks.memory import can_be_measured, descendants, program, proportional_size
from benchmarks.networks import NETWORKS
from benchmarks.options import NewFile, Numbers
from benchmarks.planning import cells, row, timing
from benchmarks.release import Times


def test_numbers_are_separated_by_commas() -> None:
    assert Numbers().convert("1, 8,32", None, None) == [1, 8, 32]


@pytest.mark.parametrize("text", ["", "0", "1,-2", "eight", "1,,2"])
def test_what_is_no_number_from_1_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter):
        Numbers().convert(text, None, None)


def test_where_the_table_goes_is_known_to_be_there_before_anything_is_measured(tmp_path: Path) -> None:
    assert NewFile().convert(str(tmp_path / "table.json"), None, None) == tmp_path / "table.json"
    with pytest.raises(click.BadParameter, match=f"there is no folder {tmp_path}/none; make it first"):
        NewFile().convert(str(tmp_path / "none" / "table.json"), None, None)


@pytest.mark.skipif(not can_be_measured(), reason="only Linux tells it")
def test_the_memory_of_what_we_started_is_known_until_it_ends() -> None:
    before = descendants()
    with subprocess.Popen(
        [sys.executable, "-c", "print(flush=True); input()"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as started:
        assert started.stdin is not None
        assert started.stdout is not None
        started.stdout.readline()
        assert started.pid in descendants() - before
        assert program(started.pid).startswith("python")
        assert proportional_size(started.pid) > 1024 * 1024
        started.stdin.close()
        started.wait()
    assert started.pid not in descendants()
    assert proportional_size(started.pid) == 0


@pytest.mark.parametrize("name", NETWORKS)
def test_no_network_answers_before_it_was_asked_and_all_are_about_30_ms_away(name: str) -> None:
    random = Random(1)  # noqa: S311 - a simulation
    ways = [NETWORKS[name](random) for _ in range(500)]
    assert all(there > 0 and back > 0 for there, back in ways)
    median = sorted(there + back for there, back in ways)[250]
    assert 25 < median < 35


def test_a_trial_whose_measurement_is_refused_is_counted_and_not_left_out() -> None:
    ms = timedelta(milliseconds=1)
    row = summary([(5 * ms, Estimate(7 * ms, 12)), (5 * ms, None), (5 * ms, Estimate(1 * ms, 9))])
    assert row == {"p50_ms": 2.0, "p95_ms": 4.0, "probes": 12, "refused": 1}
    assert summary([(5 * ms, None)]) == {"p50_ms": None, "p95_ms": None, "probes": None, "refused": 1}


def test_what_htpdate_prints_is_understood() -> None:
    said = "127.0.0.1            80, 21 Nov 2026 12:00:07 GMT (0.031) => -1\nOffset -1.250 seconds\n"
    assert understood(said) == Estimate(timedelta(seconds=-1.25), 1)
    assert understood("No suitable server found") is None


@pytest.mark.parametrize("given_back", [False, True])
@pytest.mark.parametrize("accounts", [3, 4])
def test_the_table_of_plans_is_what_is_found_and_the_best_there_is(accounts: int, given_back: bool) -> None:
    found = row(accounts, 0.5, given_back=given_back, runs=1)
    assert found.optimal == pytest.approx(found.exhaustive, abs=1e-9)
    page = (Path(__file__).parents[1] / "docs" / "planning.md").read_text(encoding="utf-8")
    assert f"| {' | '.join(cells(found)[:5])} |" in page


def test_what_recording_costs_is_the_ratio_of_the_medians_and_who_is_missing_counts() -> None:
    without, recorded = Times([10, 20, 90], missing=1), Times([25, 30, 31], missing=2)
    found = recording.row("strict", 3, without, recorded)
    assert (found["p50_ms"], found["recorded_p50_ms"], found["ratio"]) == (20, 30, 1.5)
    assert (found["n"], found["missing"]) == (3, 3)
    assert recording.row("strict", 3, without, Times())["ratio"] is None


def test_the_time_of_a_large_plan_is_that_of_one_that_remembers_nothing() -> None:
    found = timing(2, 0, given_back=True, times=1)
    assert found.ms > 0
    assert (found.states, found.lotteries) == (15, 32)
