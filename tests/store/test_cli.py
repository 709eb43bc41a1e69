"""`sniper bookings list`, `sniper runs list` and `sniper runs show`."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sniper.cli.bookings import bookings
from sniper.cli.runs import runs
from sniper.core.outcomes import Outcome, Proof
from sniper.core.plan import Standing
from sniper.core.slots import Slot
from sniper.errors import InputError
from sniper.store import BookingStatus, RunState, Store
from tests.store.examples import AMSTERDAM, NOW, begin, slot, tried

SOON = (datetime.now(AMSTERDAM) + timedelta(days=2)).replace(hour=13, minute=0, second=0, microsecond=0)


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, template: Path) -> Iterator[Store]:
    """The store the commands open by themselves."""
    monkeypatch.delenv("SNIPER_DATABASE_URL", raising=False)
    monkeypatch.setenv("SNIPER_STATE_DIR", str(tmp_path))
    shutil.copy(template, tmp_path / "sniper.sqlite3")
    with Store.open() as opened:
        yield opened


def call(*arguments: str) -> Result:
    """Call `sniper` with arguments that must work."""
    group = {"bookings": bookings, "runs": runs}[arguments[0]]
    result = CliRunner().invoke(group, arguments[1:], catch_exceptions=False)
    assert result.exit_code == 0
    return result


def a_finished_run(store: Store, *, rehearsal: bool) -> int:
    """Ann wins a slot that is still to come, bob loses, cleo is not settled."""
    begun = begin(store, rehearsal=rehearsal, site="practice" if rehearsal else "tudelft-x")
    won = Slot("X1", "X1 A", SOON)
    store.close_attempt(begun.ids["ann"], [tried(won, Outcome.BOOKED, reference="4711")], now=NOW)
    told = "fully \x1b[31mbooked [bold]now[/bold]"
    store.close_attempt(begun.ids["bob"], [tried(slot("X1 B", 13), Outcome.TAKEN, message=told)], now=NOW)
    store.record_booking(
        begun.run_id,
        "ann",
        won,
        reference="4711",
        proof=Proof.CONFIRMED,
        status=BookingStatus.CONFIRMED,
        now=NOW,
    )
    store.finish_wave(begun.wave_id, now=NOW)
    store.finish_run(
        begun.run_id, RunState.FINISHED, Standing.MISSED, 1, now=NOW + timedelta(minutes=2, seconds=5)
    )
    return begun.run_id


@pytest.mark.usefixtures("store")
def test_without_bookings_and_runs_it_says_what_to_do() -> None:
    assert "sniper run bookings.json" in call("runs", "list").stderr
    assert "sniper run bookings.json" in call("bookings", "list", "--all").stderr
    assert "--all" in call("bookings", "list", "--site", "practice").stderr
    assert call("bookings", "list", "--json").stdout == "[]\n"


def test_bookings_are_shown_with_wall_time_reference_and_proof(store: Store) -> None:
    a_finished_run(store, rehearsal=False)
    result = call("bookings", "list")
    assert f"{SOON:%a %d %b %Y} 13:00" in result.stdout
    assert all(word in result.stdout for word in ("X1 A", "ann", "4711", "CONFIRMED", "tudelft-x"))
    assert "REHEARSAL" not in result.stdout
    assert result.stderr == ""


def test_cancelled_bookings_are_shown_on_demand(store: Store) -> None:
    run_id = a_finished_run(store, rehearsal=False)
    store.cancel_booking(run_id, "ann", Slot("X1", "X1 A", SOON), now=NOW)
    assert call("bookings", "list").stdout == ""
    assert "cancelled" in call("bookings", "list", "--all").stdout


def test_every_table_of_a_rehearsal_is_marked(store: Store) -> None:
    number = a_finished_run(store, rehearsal=True)
    assert "REHEARSAL" in call("bookings", "list").stdout
    assert "REHEARSAL" in call("runs", "list").stdout
    assert call("runs", "show", str(number)).stdout.count("REHEARSAL") == 3


def test_a_run_shows_its_waves_attempts_and_bookings(store: Store) -> None:
    number = a_finished_run(store, rehearsal=False)
    shown = call("runs", "show", str(number)).stdout
    assert "Wave 1, opening Sat 21 Nov 13:00:00 CET on the site's clock" in shown
    assert "ann: 13:00 X1 A → X1 B → X3 A" in shown
    assert "bob (backup): 13:00 X1 B → X1 A" in shown
    assert "taken before us" in shown
    assert "open: not settled" in shown
    assert "0:02:05" in shown


def test_a_sites_words_are_neither_markup_nor_commands_to_the_terminal(store: Store) -> None:
    shown = call("runs", "show", str(a_finished_run(store, rehearsal=False))).stdout
    assert "[bold]now[/bold]" in shown
    assert "\x1b" not in shown


def test_json_has_everything_a_program_needs(store: Store) -> None:
    number = a_finished_run(store, rehearsal=True)
    detail = json.loads(call("runs", "show", str(number), "--json").stdout)
    assert detail["run"]["rehearsal"] is True
    assert detail["run"]["standing"] == "missed"
    assert detail["waves"][0]["opens_at"] == "2026-11-21T12:00:00+00:00"
    ann = detail["attempts"][0]
    assert (ann["account"], ann["role"], ann["outcome"], ann["state"]) == ("ann", "lead", "booked", "closed")
    assert ann["chain"][0] == {
        "location": "X1",
        "sub_location": "X1 A",
        "start": "2026-11-24T13:00:00+01:00",
    }
    assert detail["log"][0]["took_ms"] == 40
    (booking,) = json.loads(call("bookings", "list", "--json").stdout)
    assert booking["slot"]["start"] == SOON.isoformat()
    assert datetime.fromisoformat(booking["created_at"]).tzinfo == UTC
    assert [run["id"] for run in json.loads(call("runs", "list", "--json").stdout)] == [number]


def test_an_unknown_run_is_bad_input_and_names_the_newest(store: Store) -> None:
    newest = [a_finished_run(store, rehearsal=False) for _ in range(2)][::-1]
    result = CliRunner().invoke(runs, ["show", "99"])
    assert isinstance(result.exception, InputError)
    assert result.exception.exit_code == 2
    assert result.exception.mend == f"The newest runs are {newest[0]}, {newest[1]}."


@pytest.mark.usefixtures("store")
def test_an_unknown_run_where_there_is_none_says_what_to_do() -> None:
    result = CliRunner().invoke(runs, ["show", "1"])
    assert isinstance(result.exception, InputError)
    assert "sniper run bookings.json" in str(result.exception.mend)
