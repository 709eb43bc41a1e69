"""`sniper rehearse`: runs played by chance."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import Result

from sniper.charts import Bar, odds_chart
from sniper.errors import InputError

Call = Callable[..., Result]
File = Callable[..., str]


def test_all_strategies_are_played_and_the_best_is_the_one_that_looks_ahead(call: Call, file: File) -> None:
    result = call("rehearse", file(), "--runs", "1500", "--strategies", "all", "--json")
    rehearsal = json.loads(result.stdout)
    assert rehearsal["rehearsal"] is True
    goals = {one["strategy"]: one["odds"]["goal"] for one in rehearsal["strategies"]}
    assert set(goals) == {"optimal", "divide_and_conquer", "sparing", "spam"}
    assert goals["optimal"] >= max(goals.values()) - 0.03
    for one in rehearsal["strategies"]:
        assert sum(one["odds"].values()) == pytest.approx(1)
        assert sum(one["locations"].values()) == pytest.approx(one["odds"]["goal"])


def test_a_rehearsal_ends_as_the_plan_says(call: Call, file: File) -> None:
    odds = json.loads(call("plan", file(), "--json").stdout)["odds"]
    played = json.loads(call("rehearse", file(), "--runs", "3000", "--json").stdout)["strategies"][0]
    assert played["odds"]["goal"] == pytest.approx(odds["goal"], abs=0.03)


def test_the_same_seed_plays_the_same_runs(call: Call, file: File) -> None:
    path = file()
    first, again, other = (
        call("rehearse", path, "--runs", "500", "--seed", seed, "--json").stdout for seed in ("7", "7", "8")
    )
    assert first == again
    assert first != other


def test_what_is_shown_is_marked_and_drawn(call: Call, file: File, tmp_path: Path, state: Path) -> None:
    chart = tmp_path / "odds.svg"
    result = call("rehearse", file(), "--runs", "300", "--strategies", "optimal,spam", "--plot", str(chart))
    assert result.exit_code == 0
    assert "REHEARSAL" in result.stdout
    assert "optimal" in result.stdout
    assert "sparing" not in result.stdout
    drawn = chart.read_text(encoding="utf-8")
    ET.fromstring(drawn)  # noqa: S314 - our own
    assert "REHEARSAL" in drawn
    assert not state.exists()


def test_what_is_drawn_is_escaped_and_as_long_as_its_share() -> None:
    drawn = odds_chart("<b>", "&", [Bar("a", 0.5, 0.25, 0.25)], watermark="REHEARSAL")
    root = ET.fromstring(drawn)  # noqa: S314 - our own
    widths = [one.get("width") for one in root.iter("{http://www.w3.org/2000/svg}rect")]
    assert widths[1:4] == ["280.0", "140.0", "140.0"]
    assert "<b>" not in drawn


def test_a_strategy_that_is_not_there_is_told(call: Call, file: File) -> None:
    result = call("rehearse", file(), "--strategies", "optimal,best")
    assert isinstance(result.exception, InputError)
    assert "'best'" in str(result.exception)
