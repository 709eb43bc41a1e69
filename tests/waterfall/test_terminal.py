"""The waterfall in characters, at the widths of real terminals."""

from __future__ import annotations

import io
import json
from typing import Literal

import pytest
from click.testing import CliRunner
from rich.console import Console

from sniper.cli.runs import runs
from sniper.cli.waterfall import print_legend, print_wave
from sniper.store import Store
from sniper.waterfall import waves_of
from tests.waterfall.records import a_run, a_run_at_open_slots, a_run_in_trouble


def drawn(
    store: Store, width: int, encoding: str = "utf-8", *, colour: bool = False, run: int | None = None
) -> list[str]:
    """The wave of a run, on a terminal."""
    (wave,) = waves_of(store.run(run or a_run(store)))
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding, errors="replace")
    system: Literal["standard"] | None = "standard" if colour else None
    out = Console(file=file, width=width, highlight=False, force_terminal=colour, color_system=system)
    print_legend(out)
    print_wave(out, wave, rehearsal=False)
    file.flush()
    return raw.getvalue().decode(encoding).splitlines()


def bar_of(lines: list[str], slot: str) -> str:
    """The line of the first row at a slot."""
    return next(line for line in lines if slot in line and "ms" in line)


@pytest.mark.parametrize("width", [80, 100, 160])
def test_the_waterfall_fits_and_every_phase_can_be_seen(store: Store, width: int) -> None:
    lines = drawn(store, width)
    assert max(len(line) for line in lines) <= width
    won = bar_of(lines, "X1 B 13:00")
    assert all(sign in won for sign in "░█▒◆╌✓")
    assert won.rstrip().endswith("booked, proven")
    assert "260 ms" in won
    assert "39 ms" in won


def test_rows_stand_in_the_order_of_time_on_one_scale(store: Store) -> None:
    lines = drawn(store, 120)
    first, late = (line for line in lines if "X1 A 13:00" in line and "·" in line)
    assert first.index("◆") < late.index("◆")
    assert late.index("◆") - bar_of(lines, "X1 B 13:00").index("░") in (-1, 0, 1)
    assert late.index("░") - first.index("░") in (0, 1)


def test_zero_stands_under_its_name_in_every_row(store: Store) -> None:
    lines = drawn(store, 120)
    names = next(line for line in lines if "10 ms" in line and "100 ms" in line)
    zero = names.index(" 0 ") + 1
    settled_by_nobody = next(line for line in lines if "open: not settled" in line)
    assert settled_by_nobody[zero] == "│"
    assert next(line for line in lines if "┴" in line)[zero] == "┴"


def test_it_can_be_read_without_colour_and_on_a_terminal_without_unicode(store: Store) -> None:
    lines = drawn(store, 100, encoding="ascii")
    won = next(line for line in lines if "booked, proven" in line)
    assert all(sign in won for sign in ":#=O-V")


def test_colour_only_on_a_terminal(store: Store) -> None:
    assert any("\x1b[" in line for line in drawn(store, 100, colour=True))
    assert not any("\x1b" in line for line in drawn(store, 100))


def test_each_lost_slot_has_its_reason_and_what_we_have_instead_is_told(store: Store) -> None:
    told = "\n".join(drawn(store, 200))
    assert "Lost" in told
    assert "ann: taken before us; the request left 14 ms after the opening, the answer took 25 ms." in told
    assert "bob: late by 233 ms, 230 ms of it in the page, from the press to the request." in told
    assert "is ours all the same: ann got X1 B." in told
    assert "Aimed 2.0 ms after the opening" in told
    assert "known to ± 4.0 ms, the pages' to ± 0.5 ms" in told


def test_where_slots_were_open_already_nothing_is_told_as_counted_from_the_opening(store: Store) -> None:
    told = "\n".join(drawn(store, 200, run=a_run_at_open_slots(store)))
    assert "The slots had been open for 1 h when the first account pressed; 0 is that press." in told
    assert "ann: account limit; the request left 500 ms after the first press, the answer took 10 ms." in told
    assert "Times count from 0, the opening unless a wave says otherwise" in told


def test_every_kind_of_trouble_has_its_reason_in_its_own_words(store: Store) -> None:
    told = "\n".join(drawn(store, 240, run=a_run_in_trouble(store)))
    for words in (
        "ann: site slow: it took 3.0 s over what the page asked for first; the request left 3.0 s after",
        "bob: site slow: no answer in 10.0 s. “the page hangs”",
        "cleo: could not be proven: the site called it booked, my bookings could not be read after it.",
        "dirk: interrupted: the run was stopped or crashed; the request left 15 ms after the opening.",
        "eva: not parked: it had no page to fire from. “no such page”",
        "finn: opened later than announced: still too early for the request that left 1.8 s after",
        "gus: late by 900 ms, 698 ms of it until the page had its plan",
    ):
        assert words in told


def test_json_carries_the_course_the_aim_and_the_verdicts(store: Store) -> None:
    number = a_run(store)
    shown = CliRunner().invoke(runs, ["show", str(number), "--json"], catch_exceptions=False)
    detail = json.loads(shown.stdout)
    assert [m["mark"] for m in detail["attempts"][0]["timeline"]][:3] == ["parked", "fired", "sent"]
    assert detail["attempts"][0]["page_bound_ms"] == 0.5
    assert {key: detail["waves"][0]["aim"][key] for key in ("bound_ms", "one_way_ms", "lead_ms")} == {
        "bound_ms": 4,
        "one_way_ms": 1,
        "lead_ms": 2,
    }
    lost, got = detail["verdicts"]
    assert (lost["slot"]["sub_location"], lost["lost"], lost["reason"]) == ("X1 A", True, "taken before us")
    assert [(one["account"], one["sent_ms"], one["reason"]) for one in lost["tries"]] == [
        ("ann", 14, "taken before us"),
        ("bob", 233, "late"),
    ]
    assert (got["lost"], got["got_by"]) == (False, "ann")
