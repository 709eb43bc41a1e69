"""What makes rehearsals difficult, and that the practice site knows all of it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from sniper.cli.practice import practice
from sniper.core.policy import StrategyName
from sniper.dress_rehearsal.difficulties import FROM_EASY_TO_HARD, RIVALS, Difficulty, chosen
from sniper.dress_rehearsal.performing import programme
from sniper.practice.catalogue import CATALOGUE
from sniper.practice.faults.spec import parse

BOTH = (StrategyName.OPTIMAL, StrategyName.SPAM)


@pytest.mark.parametrize("difficulty", FROM_EASY_TO_HARD, ids=lambda one: one.name)
def test_every_difficulty_is_one_that_a_practice_site_takes(difficulty: Difficulty) -> None:
    given = practice.make_context("practice", list(difficulty.options)).params
    assert given["rivals"] == RIVALS
    assert timedelta(milliseconds=given["rival_delay"]) == difficulty.rivals_after
    assert given["faults"] == difficulty.faults
    assert given["picker"] == difficulty.picker
    for fault in given["faults"]:
        parse(fault)


def test_there_is_a_rival_for_every_court() -> None:
    assert sum(len(location.courts) for location in CATALOGUE.locations) == RIVALS


def test_every_difficulty_has_a_name_of_its_own_and_stands_in_the_docs() -> None:
    names = [one.name for one in FROM_EASY_TO_HARD]
    assert len(set(names)) == len(names)
    page = (Path(__file__).parents[2] / "docs" / "rehearsing.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1].strip() for line in page.splitlines() if line.startswith("| ")]
    assert [row for row in rows if row in names] == names


def test_what_is_asked_for_is_played_instead_of_all() -> None:
    assert chosen(None, ()) == FROM_EASY_TO_HARD
    (quick,) = chosen(timedelta(0), ())
    assert (quick.name, quick.options) == ("rivals at once", ("--rivals", "4", "--rival-delay", "0"))
    (faulty,) = chosen(None, ("late=2s", "ban,accounts=user1"))
    assert faulty.name == "late=2s; ban,accounts=user1; rivals after 800 ms"
    assert faulty.options[-4:] == ("--fault", "late=2s", "--fault", "ban,accounts=user1")


def test_difficulties_begin_anew_when_all_had_their_turn_and_all_strategies_meet_the_same() -> None:
    two = FROM_EASY_TO_HARD[:2]
    parts = programme(BOTH, two, 3, seed=1)
    assert [part.number for part in parts] == [1, 2, 3, 4, 5, 6]
    assert [part.strategy for part in parts] == [*BOTH] * 3
    assert [part.difficulty for part in parts[::2]] == [two[0], two[1], two[0]]
    for one, other in zip(parts[::2], parts[1::2], strict=True):
        assert (one.difficulty, one.skew) == (other.difficulty, other.skew)


def test_a_seed_decides_how_the_site_s_clock_ticks() -> None:
    def skews(seed: int) -> list[timedelta]:
        return [part.skew for part in programme(BOTH[:1], FROM_EASY_TO_HARD, 12, seed)]

    assert skews(3) == skews(3)
    assert skews(3) != skews(4)
    assert len(set(skews(3))) > 6
    assert all(timedelta(0) <= skew < timedelta(seconds=1) for skew in skews(3))
