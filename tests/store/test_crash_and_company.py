"""A process that is killed forgets nothing it has written; several at once do not get in each other's way."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sniper.core.outcomes import Outcome
from sniper.core.plan import Standing
from sniper.store import RunState, Store
from sniper.store.processes import is_gone, this_host
from tests.store.examples import GOAL_JSON, JOB, NOW, WAVE, begin, slot, tried

ROOT = Path(__file__).parents[2]


def start(code: str, url: str) -> subprocess.Popen[str]:
    """Run some Python in a process of its own."""
    prelude = "import os, signal, sys\nfrom sniper.store import *\nfrom tests.store.examples import *\n"
    return subprocess.Popen(  # noqa: S603 (our own code)
        [sys.executable, "-c", prelude + code, url], cwd=ROOT, text=True, stdout=subprocess.PIPE
    )


@pytest.mark.parametrize("end", ["os._exit(0)", "os.kill(os.getpid(), signal.SIGKILL)"])
def test_attempts_of_a_killed_process_are_open_and_found(url: str, end: str) -> None:
    process = start(f"begin(Store.open(sys.argv[1]), job=JOB); {end}", url)
    process.communicate(timeout=300)
    with Store.open(url) as store:
        ours = store.start_run("tudelft-x", GOAL_JSON, rehearsal=False, now=NOW, job=JOB)
        (run,) = store.superseded_by(ours)
        assert (run.state, run.pid) == (RunState.RUNNING, process.pid)
        open_still = store.open_attempts_of(run.id)
        assert [one.chain for one in open_still] == [attempt.chain for attempt in WAVE.attempts]
        for one in open_still:
            store.close_attempt(one.id, [tried(slot("X1 A", 13), Outcome.UNKNOWN)], now=NOW)
        store.finish_run(run.id, RunState.CRASHED, Standing.MISSED, None, now=NOW)
        assert store.superseded_by(ours) == []


def test_attempts_are_all_written_or_none(store: Store) -> None:
    begun = begin(store)
    broken = (*WAVE.attempts, WAVE.attempts[0].__class__("dora", (slot("X1 A", 13),), "no role"))  # type: ignore[arg-type]
    with pytest.raises(LookupError):
        store.open_attempts(begun.wave_id, broken, now=NOW)
    assert len(store.open_attempts_of(begun.run_id)) == 3


def test_processes_that_find_no_database_make_it_together(url: str) -> None:
    processes = [start("Store.open(sys.argv[1]).close()", url) for _ in range(4)]
    for process in processes:
        process.communicate(timeout=300)
    assert [process.returncode for process in processes] == [0] * 4


def test_two_processes_write_at_once(url: str) -> None:
    code = """
store = Store.open(sys.argv[1])
for _ in range(30):
    begun = begin(store)
    for number in begun.ids.values():
        store.close_attempt(number, [tried(slot("X1 A", 13), Outcome.TAKEN)], now=NOW)
    store.runs(5)
"""
    processes = [start(code, url) for _ in range(2)]
    for process in processes:
        process.communicate(timeout=300)
    assert [process.returncode for process in processes] == [0, 0]
    with Store.open(url) as store:
        found = store.runs()
        assert len(found) == 60
        assert all(store.open_attempts_of(run.id) == [] for run in found)


def test_threads_share_one_store(store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        begun = list(pool.map(lambda _: begin(store), range(24)))
    assert len({one.run_id for one in begun}) == 24
    assert sum(len(store.open_attempts_of(one.run_id)) for one in begun) == 72


def test_a_process_that_nobody_has_asked_how_it_ended_is_gone() -> None:
    process = subprocess.Popen([sys.executable, "-c", "print()"], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.read()  # Its end comes when it ends; it is not waited for.
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert is_gone(this_host(), process.pid)
    process.communicate()


def test_only_a_process_of_this_machine_can_be_known_to_be_gone() -> None:
    process = subprocess.Popen([sys.executable, "-c", "pass"])
    process.wait()
    assert is_gone(this_host(), process.pid)
    assert not is_gone("another machine", process.pid)
    assert not is_gone(this_host(), 1)
