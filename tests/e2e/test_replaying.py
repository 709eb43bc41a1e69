"""A run that was recorded is played again as its user does it, and becomes a fixture."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from sniper.sites.library import find_profile
from tests.e2e.conftest import Club

# What is booked is not understood by it any more.
LOST = """\
name: lost
title: Would have lost
extends: here
outcomes:
  - {is: signed_out, response: {url: /participations, status: 201}}
  - {is: taken, response: {url: /participations, status: 409}, message: $.message}
"""


def patient(folder: Path) -> None:
    """However slow this machine is, no step of the profile gives up."""
    bundled = find_profile("tudelft-x", folder).read_text(encoding="utf-8")
    fire = "fire:" + bundled.partition("\nfire:")[2].partition("\nreset:")[0]
    for short in ("1s", "5s"):
        fire = fire.replace(f"timeout: {short}", "timeout: 60s")
    profile = folder / "profiles" / "here.yaml"
    profile.write_text(f"{profile.read_text(encoding='utf-8')}answer_within: 60s\n{fire}\n", encoding="utf-8")


def came_to(replayed: Any) -> dict[str, list[str]]:
    """The outcomes of each."""
    return {
        one["fixture"]: [slot["found"]["outcome"] for slot in one["slots"] if slot["found"]]
        for one in replayed
    }


def test_a_recorded_run_comes_to_the_same_in_both_modes_and_not_by_a_profile_that_would_have_lost(
    club: Callable[..., Club],
) -> None:
    # By the time they fire, a rival has the first slot; who of them is slower is told to stand down.
    here = club(rivals=1, rival_delay=timedelta(0))
    patient(here.folder)
    here.write(accounts=2, consecutive_hours=1, planning={"strategy": "spam"})
    here.signed_in(2)
    run = here.asked("run", "--record", "--json")
    assert (run.exit_code, run.data["standing"]) == (0, "reached"), run.stderr
    tried = [one["outcome"] for attempt in run.data["attempts"] for one in attempt["tries"]]
    of_the_site = sorted(outcome for outcome in tried if outcome not in ("stood_down", "not_parked"))
    for mode in ("armed", "driver"):
        again = here.asked("replay", "1", "--engine", mode, "--json")
        assert again.exit_code == 0, again.stdout
        found = came_to(again.data)
        assert sorted(outcome for outcomes in found.values() for outcome in outcomes) == of_the_site

    winner = next(name for name, outcomes in found.items() if outcomes[-1] == "booked")
    which = winner.removeprefix("run-")
    (here.folder / "lost.yaml").write_text(LOST, encoding="utf-8")
    lost = here.asked("replay", which, "--profile", "lost.yaml")
    assert lost.exit_code == 1
    assert "outcome: expected booked, found signed_out" in " ".join(lost.stdout.split())

    made = here.asked("fixtures", "add", which, "--as", "from-a-run")
    assert made.exit_code == 0, made.stdout
    whole = here.folder / "state" / "runs" / which / "network.har"
    kept = here.folder / "fixtures" / "here" / "from-a-run" / "network.har"
    assert 0 < kept.stat().st_size < whole.stat().st_size
    (listed,) = here.asked("fixtures", "list", "here", "--json").data
    assert listed["outcomes"] == found[winner]
    twice = here.asked("fixtures", "add", which, "--as", "from-a-run")
    assert twice.exit_code == 2
    assert "is there already" in twice.stderr
