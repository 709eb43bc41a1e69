"""People are told of a run, and its log is kept: end to end, with a service that takes what is posted."""

from __future__ import annotations

import json
import os
import signal
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Club
from tests.notify.service import TOKEN, Service, running_service

NewClub = Callable[..., Club]


@pytest.fixture
def service() -> Iterator[Service]:
    with running_service() as running:
        yield running


def told_through(here: Club, *channels: dict[str, Any]) -> None:
    path = here.folder / "bookings.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"notifications": channels}))


def size_of(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def everything_in(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in folder.rglob("*"):
        if path.is_file() and path.name != "bookings.json":
            yield str(path), path.read_bytes()


def test_people_are_told_of_a_rehearsal_with_its_picture_whatever_a_service_does(
    club: NewClub, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = club()
    here.write(accounts=1, consecutive_hours=1)
    here.signed_in(1)
    monkeypatch.setenv("CLUB_URL", service.url("all", retry=0))
    with running_service() as refusing:
        refusing.refuses_without = "Goal reached"
        told_through(
            here,
            {"url": {"env": "CLUB_URL"}, "level": "every attempt", "name": "the club"},
            {"url": refusing.url("refusing"), "name": "moody"},
        )
        run = here.sniper("run", "--json", "--log-format", "json")
    assert run.exit_code == 0, run.stderr
    assert run.booked == {"X1 A 13:00": "user1"}
    assert run.stderr.count("notifications by moody fail") == 1
    (late,) = refusing.posted
    assert "the run has started" in late["message"], "what was refused goes out later"

    said = "\n".join(one["title"] + "\n" + one["message"] for one in service.posted)
    for words in (
        "the run has started",
        "booked (",
        "user1 has X1 A",
        "Goal reached: 1 hour at X1 from 13:00",
    ):
        assert words in said
    assert all(title.startswith("REHEARSAL · sniper: ") for title in service.titles)
    (picture,) = service.pictures()
    width, height = size_of(picture)
    assert width >= 1240
    assert height > 400

    log = [json.loads(line) for line in (here.folder / "state" / "sniper.log").read_text().splitlines()]
    assert {line["site"] for line in log} == {"here"}
    tried = [line for line in log if line["event"] == "tried"]
    assert [(line["run"], line["account"], line["outcome"]) for line in tried] == [(1, "user1", "booked")]
    assert {line["channel"] for line in log if line["event"] == "could not be told"} == {"moody"}

    for where, content in [
        *everything_in(here.folder),
        ("what it printed", (run.stdout + run.stderr).encode()),
    ]:
        assert TOKEN.encode() not in content, f"the token of a channel stands in {where}"


def test_ctrl_c_closes_the_browsers_has_people_told_and_leaves_the_store_right(
    club: NewClub, service: Service
) -> None:
    here = club(jump="30s")
    here.write(accounts=1, consecutive_hours=1)
    here.signed_in(1)
    told_through(here, {"url": service.url("problems"), "level": "problems"})
    process = here.start("run", "--log-file", "-")
    assert process.stderr is not None
    for line in process.stderr:
        if "waiting" in line and "the opening" in line:
            break
    # As a terminal does it: to every process of the group, the browser included.
    os.killpg(process.pid, signal.SIGINT)
    _, log = process.communicate(timeout=300)
    assert process.returncode == 130
    assert service.titles == ["REHEARSAL · sniper: the run was stopped by hand"]
    assert "[warning] run broken off [sniper.run]" in log
    assert "run=1" in log
    assert "Traceback" not in log
    assert "could not be read" not in log
    assert not (here.folder / "state" / "sniper.log").exists()
    runs = here.asked("runs", "list", "--json").data
    assert [(r["state"], r["exit_code"]) for r in runs] == [("interrupted", 130)]


def test_a_run_that_cannot_begin_has_people_told_why(club: NewClub, service: Service) -> None:
    here = club()
    here.write(accounts=1, consecutive_hours=1, target_date="2026-11-01")
    told_through(here, {"url": service.url(), "level": "problems"})
    run = here.asked("run")
    assert run.exit_code == 2
    assert service.titles == ["REHEARSAL · sniper: the run could not begin"]
    assert "2026-11-01" in service.posted[0]["message"]
