"""`sniper insights`: what was learned, for people, for machines, and drawn."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import inf
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner, Result

from sniper.charts import Row, gone_chart
from sniper.cli.insights import in_bounds, insights_command
from sniper.core.availability import Listed, Look
from sniper.core.censored import Between
from sniper.core.slots import Slot
from sniper.errors import InputError
from sniper.store import Store
from tests.store.examples import DAY, NOW, X1A, X1B

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def store(tmp_path: Path, template: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """The store that the command opens by itself."""
    monkeypatch.delenv("SNIPER_DATABASE_URL", raising=False)
    monkeypatch.setenv("SNIPER_STATE_DIR", str(tmp_path / "state"))
    (tmp_path / "state").mkdir()
    shutil.copy(template, tmp_path / "state" / "sniper.sqlite3")
    with Store.open() as opened:
        yield opened


def call(*arguments: str) -> Result:
    return CliRunner().invoke(insights_command, arguments)


def watch(store: Store, site: str = "practice", *, rehearsal: bool = True) -> None:
    """X1 A is free 20 s after its opening and gone after 70 s, X1 B is gone at once and back a day later."""
    opening = X1A.instant - timedelta(hours=72)
    for seconds, a_free, b_free in (
        (-25, True, True),
        (20, True, False),
        (70, False, False),
        (86_400, False, True),
    ):
        at = opening + timedelta(seconds=seconds)
        listed = [
            Listed(one, is_free=free, is_open=seconds > 0) for one, free in ((X1A, a_free), (X1B, b_free))
        ]
        store.note_look(site, DAY, (None,), (), listed, _opening, Look(at, at), rehearsal=rehearsal, now=NOW)


def _opening(of: Slot) -> datetime:
    return of.instant - timedelta(hours=72)


def test_every_number_is_told_by_its_bounds(store: Store) -> None:
    watch(store)
    told = call()
    assert told.exit_code == 0
    assert "REHEARSAL" in told.stdout
    lines = told.stdout.splitlines()
    late, gone, back = (next(line for line in lines if what in line) for what in ("late by", "gone", "back"))
    assert "−25 to 20 s" in late
    # Of two: X1 B within 20 s, X1 A between 20 s and 70 s.
    assert "up to 20 s" in gone
    assert "20 to 70 s" in gone
    assert "1 of 2" in back
    # Two slots tell nothing for certain of all there are.
    assert "?" in gone
    assert "13:00" not in told.stdout
    assert "X1 13:00" in call("--hours").stdout


def test_machines_get_the_same_with_none_where_there_is_no_bound(store: Store) -> None:
    watch(store)
    (site,) = json.loads(call("--json").stdout)
    assert (site["site"], site["rehearsal"]) == ("practice", True)
    whole, by_hour = site["insights"]
    assert (whole["location"], whole["hour"], by_hour["hour"]) == ("X1", None, "13:00")
    assert (whole["taken"], whole["came_back"]) == (2, 1)
    median = whole["gone_after_s"]["quantiles"][1]
    assert median == {
        "share": 0.5,
        "seen": {"low": 0.0, "high": 20.0},
        "of_all": {"low": None, "high": None},
    }
    assert whole["stays_free_s"]["quantiles"][0]["seen"] == {"low": 0.0, "high": None}


def test_how_soon_slots_are_gone_is_drawn_as_a_band_of_what_is_not_known(
    store: Store, tmp_path: Path
) -> None:
    watch(store)
    path = tmp_path / "gone.svg"
    told = call("--plot", str(path))
    assert (told.exit_code, "gone.svg" in told.stderr) == (0, True)
    drawn = path.read_text(encoding="utf-8")
    root = ET.fromstring(drawn)  # noqa: S314 - our own
    assert len(root.findall(f".//{SVG}polygon")) == 1
    assert "REHEARSAL" in drawn
    assert "X1 (2)" in drawn


def test_what_is_drawn_rises_from_nothing_to_all_and_what_is_certain_stays_below() -> None:
    row = Row("X1", [Between(0.5, 30), Between(45, 90), Between(1000, inf)])
    assert row.certainly[0] == row.possibly[0] == (0.0, 0.0)
    assert (row.certainly[-1][1], row.possibly[-1][1]) == (2 / 3, 1.0)
    for line in (row.certainly, row.possibly):
        assert all(before <= after for before, after in pairwise(line))
    drawn = gone_chart("<b>", "&", [row], watermark="")
    ET.fromstring(drawn)  # noqa: S314 - our own
    assert "<b>" not in drawn


def test_a_site_nothing_was_seen_of_is_told_with_those_that_were(store: Store) -> None:
    assert "Nothing was seen yet" in call().stderr
    with pytest.raises(InputError, match="nothing was seen of any"):
        CliRunner().invoke(insights_command, ["--site", "tudelft-x"], catch_exceptions=False)
    watch(store)
    with pytest.raises(InputError, match=r"nothing was seen of 'tudelft-x'; seen are: practice"):
        CliRunner().invoke(insights_command, ["--site", "tudelft-x"], catch_exceptions=False)


def test_one_picture_is_of_one_site(store: Store, tmp_path: Path) -> None:
    watch(store)
    watch(store, "tudelft-x", rehearsal=False)
    path = str(tmp_path / "gone.svg")
    with pytest.raises(InputError, match="draws one site, and there are practice, tudelft-x"):
        CliRunner().invoke(insights_command, ["--plot", path], catch_exceptions=False)
    call("--plot", path, "--site", "tudelft-x")
    assert "REHEARSAL" not in Path(path).read_text(encoding="utf-8")


def test_only_the_last_days_count_if_told_so(store: Store) -> None:
    long_ago = Slot("X1", "X1 A", datetime.now(UTC) - timedelta(days=40))
    at = long_ago.instant - timedelta(hours=1)
    store.note_look(
        "club",
        at.date(),
        (None,),
        (),
        [Listed(long_ago, is_free=False)],
        _opening,
        Look(at, at),
        now=NOW,
    )
    assert "club: 1 observation " in call("--days", "60").stdout
    assert "club: 0 observations" in call("--days", "30").stdout


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        (Between(0.3, 0.45), "300 to 450 ms"),
        (Between(0.3, 4), "300 ms to 4.0 s"),
        (Between(0, 45), "up to 45 s"),
        (Between(-inf, 0.05), "up to 50 ms"),
        (Between(900, inf), "over 15 min"),
        (Between(-inf, inf), "?"),
        (Between(-25, 20), "−25 to 20 s"),
        (Between(7200 * 3, 7200 * 4), "6.0 to 8.0 h"),
        (Between(86_400 * 12, 86_400 * 20), "12 to 20 d"),
        (Between(0, 0), "0 s"),
    ],
)
def test_bounds_in_words(bounds: Between, words: str) -> None:
    assert in_bounds(bounds) == words
