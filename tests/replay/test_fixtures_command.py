"""`sniper fixtures` and `sniper replay`, as far as no browser is needed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sniper.cli import cli
from sniper.errors import InputError
from tests.replay.test_cases import GOOD, written


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the person's own is there."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SNIPER_STATE_DIR", str(tmp_path / "state"))


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, words)


def refusal(*words: str) -> InputError:
    error = run(*words).exception
    assert isinstance(error, InputError)
    return error


def test_the_list_tells_what_each_fixture_shows_and_comes_to(tmp_path: Path) -> None:
    written(tmp_path)
    (mine,) = json.loads(run("fixtures", "list", "my-site", "--json").stdout)
    assert (mine["name"], mine["shows"], mine["outcomes"]) == ("my-site/booked", "It is booked.", ["booked"])
    everything = run("fixtures", "list").stdout
    assert "my-site/booked" in everything
    assert "tudelft-x/waitlisted" in everything


def test_a_profile_without_fixtures_is_told_those_that_have_some() -> None:
    result = run("fixtures", "list", "elsewhere")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "There are no fixtures of 'elsewhere'" in result.stderr
    assert "tudelft-x" in result.stderr


def test_what_is_no_fixture_and_no_recorded_run_is_bad_input(tmp_path: Path) -> None:
    assert "there is no fixture 'tudelft-x/bokked'" in str(refusal("replay", "tudelft-x/bokked"))
    assert "the run was not recorded" in str(refusal("replay", "7"))
    assert "the run was not recorded" in str(refusal("fixtures", "add", "7", "--as", "mine"))
    assert "is no number of a run" in str(refusal("fixtures", "add", "seven", "--as", "mine"))
    assert "is no name of a fixture" in str(refusal("fixtures", "add", "7", "--as", "../mine"))
    folder = written(tmp_path, GOOD.replace("shows", "show"))
    assert "did you mean 'shows'?" in str(refusal("replay", str(folder)))
    assert refusal("replay", "7").exit_code == 2


def test_a_profile_that_has_no_fixtures_cannot_be_checked_against_any(tmp_path: Path) -> None:
    bundled = Path(__file__).parents[2] / "profiles" / "tudelft-x.yaml"
    text = bundled.read_text(encoding="utf-8").replace("name: tudelft-x", "name: elsewhere")
    (tmp_path / "elsewhere.yaml").write_text(text, encoding="utf-8")
    error = refusal("profile", "check", "elsewhere.yaml", "--fixtures")
    assert "there are no fixtures of elsewhere, nor of what it extends" in str(error)
