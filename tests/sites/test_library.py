"""Where profiles are found, and how one extends another."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sniper.errors import InputError
from sniper.sites.library import bundled_folder, find_profile, known_profiles, load_profile, read_extended
from tests.sites.examples import BUNDLED

Own = Callable[[str, str], Path]


@pytest.fixture
def own(tmp_path: Path) -> Own:
    """Write a profile of one's own beside bookings.json."""

    def write(name: str, text: str) -> Path:
        path = tmp_path / "profiles" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write


def refusal(path: Path) -> str:
    """What is printed instead of the profile, the folder left out."""
    with pytest.raises(InputError) as refused:
        load_profile(path)
    assert refused.value.exit_code == 2
    return refused.value.explain().replace(f"{path.parent}/", "")


# -- finding


def test_a_bundled_profile_is_found_by_its_name(tmp_path: Path) -> None:
    assert find_profile("practice", tmp_path) == bundled_folder() / "practice.yaml"


def test_ones_own_profile_wins_over_the_bundled_one(own: Own, tmp_path: Path) -> None:
    mine = own("practice.yaml", "extends: tudelft-x\n")
    assert find_profile("practice", tmp_path) == mine
    assert dict(known_profiles(tmp_path))["practice"] == mine


@pytest.mark.parametrize("ending", [".yaml", ".yml"])
def test_a_profile_of_ones_own_is_found_with_either_ending(own: Own, tmp_path: Path, ending: str) -> None:
    mine = own(f"mine{ending}", "extends: tudelft-x\n")
    own("notes.txt", "no profile")
    assert find_profile("mine", tmp_path) == mine
    assert [name for name, _ in known_profiles(tmp_path)] == [*BUNDLED, "mine"]


def test_a_path_is_looked_for_from_the_file_that_names_it(own: Own, tmp_path: Path) -> None:
    mine = own("mine.yaml", "extends: tudelft-x\n")
    assert find_profile("profiles/mine.yaml", tmp_path) == mine
    assert find_profile(str(mine), Path("/nowhere")) == mine


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "practise",
            "there is no profile 'practise' in /nowhere/profiles nor among the bundled ones\n"
            "Did you mean 'practice'? `sniper profile list` shows them.",
        ),
        (
            "q",
            "there is no profile 'q' in /nowhere/profiles nor among the bundled ones\n"
            f"There are: {', '.join(BUNDLED)}. `sniper profile list` shows them.",
        ),
        ("a/b", "/nowhere/a/b: there is no such profile\nCheck the path."),
        ("a.yaml", "/nowhere/a.yaml: there is no such profile\nCheck the path."),
    ],
)
def test_a_profile_that_is_not_there_is_told_with_the_nearest_name(name: str, said: str) -> None:
    with pytest.raises(InputError) as refused:
        find_profile(name, Path("/nowhere"))
    assert refused.value.explain() == said


# -- extending


def test_what_is_extended_is_merged_key_by_key_and_lists_are_replaced(own: Own) -> None:
    mine = own(
        "mine.yaml",
        "extends: tudelft-x\nname: mine\nlocations: {X1: {sub_locations: [X1 B]}}\nclock: {probes: 5}\n",
    )
    profile, base = load_profile(mine), load_profile(bundled_folder() / "tudelft-x.yaml")
    assert profile.locations["X1"].sub_locations == ("X1 B",)
    assert profile.locations["X1"].opens == base.locations["X1"].opens
    assert profile.locations["X3"] == base.locations["X3"]
    assert profile.clock.probes == 5
    assert profile.clock.path == base.clock.path
    assert profile.outcomes == base.outcomes


def test_ones_own_profile_may_extend_the_bundled_one_of_its_name(own: Own) -> None:
    profile = load_profile(own("tudelft-x.yaml", "extends: tudelft-x\nname: tudelft-x\ntitle: Mine\n"))
    assert profile.title == "Mine"
    assert "X3" in profile.locations


def test_a_profile_may_extend_one_that_extends_another(own: Own) -> None:
    own("one.yaml", "extends: practice\nname: one\nlocale: nl-NL\n")
    profile = load_profile(own("two.yaml", "extends: one\nname: two\n"))
    assert profile.locale == "nl-NL"
    assert profile.practice is not None
    assert "X1" in profile.locations


def test_a_key_can_be_taken_back(own: Own) -> None:
    profile = load_profile(own("real.yaml", "extends: practice\nname: real\npractice: null\n"))
    assert profile.practice is None


def test_profiles_that_extend_each_other_in_a_circle_are_refused(own: Own) -> None:
    own("one.yaml", "name: one\nextends: two\n")
    two = own("two.yaml", "name: two\nextends: one\n")
    assert refusal(two) == (
        "two.yaml:2: extends: profiles extend each other in a circle\nTake one `extends` out."
    )


def test_a_profile_that_extends_itself_is_refused(own: Own) -> None:
    mine = own("mine.yaml", "name: mine\nextends: mine\n")
    assert refusal(mine) == (
        "mine.yaml:2: extends: a profile cannot extend itself\nName another one, or take the line out."
    )


def test_a_missing_base_is_told_where_it_is_named(own: Own) -> None:
    mine = own("mine.yaml", "name: mine\nextends: tudelft\n")
    assert refusal(mine) == (
        f"mine.yaml:2: extends: there is no profile 'tudelft' in {mine.parent} nor among the bundled ones\n"
        "Did you mean 'tudelft-x'? `sniper profile list` shows them."
    )


def test_only_one_profile_can_be_extended(own: Own) -> None:
    mine = own("mine.yaml", "name: mine\nextends: [practice, tudelft-x]\n")
    assert refusal(mine) == "mine.yaml:2: extends: must be the name or the path of one profile"


def test_a_complaint_about_a_key_of_the_base_names_the_bases_file(own: Own) -> None:
    own("base.yaml", "extends: tudelft-x\nname: base\nlocations:\n  X1:\n    opens: {before_start: soon}\n")
    mine = own("mine.yaml", "extends: base\nname: mine\nclock: {probes: 1}\n")
    assert refusal(mine).splitlines() == [
        "mine.yaml:3: clock.probes: must be greater than or equal to 2 (is 1)",
        "base.yaml:5: locations.X1.opens.before_start: 'soon' is no duration; write 72h, 7d, 1m30s or 250ms",
    ]


def test_what_a_profile_extends_is_no_key_of_the_profile(own: Own) -> None:
    assert "extends" not in read_extended(own("mine.yaml", "extends: practice\nname: mine\n")).root
