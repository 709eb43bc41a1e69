"""`sniper profile list | show | schema | check`."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from ruamel.yaml import YAML

from sniper.cli import main
from sniper.cli.profile import profile
from sniper.errors import InputError
from sniper.sites.library import bundled_folder, load_profile
from tests.sites.examples import BUNDLED
from tests.sites.regenerate_schemas import MODELS, text_of

Asked = Callable[..., tuple[int | str | None, str, str]]
"""A command's exit code, its answer and its complaints."""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder on a wide terminal."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "400")
    return tmp_path


def run(*arguments: str) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(profile, arguments)


def own(folder: Path, name: str, text: str) -> Path:
    """A profile of one's own."""
    path = folder / "profiles" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_list_shows_the_bundled_profiles_and_ones_own(here: Path) -> None:
    mine = own(here, "mine.yaml", "extends: tudelft-x\nname: mine\ntitle: My club\n")
    result = run("list", "--json")
    assert result.exit_code == 0
    listed = json.loads(result.stdout)
    assert [row["name"] for row in listed] == [*BUNDLED, "mine"]
    assert listed[-1] == {
        "name": "mine",
        "title": "My club",
        "url": "https://x.tudelft.nl",
        "locations": ["Fitness", "X1", "X3"],
        "file": str(mine),
    }


def test_list_is_a_table_for_people() -> None:
    result = run("list")
    assert result.exit_code == 0
    for word in ("practice", "Practice site", "http://127.0.0.1:8321", "tudelft-x", "Fitness, X1, X3"):
        assert word in result.stdout


def test_list_shows_what_is_wrong_with_one_profile_and_all_the_others(here: Path) -> None:
    own(here, "mine.yaml", "extends: tudelft-x\nname: mine\nlocale: 5\n")
    listed = json.loads(run("list", "--json").stdout)
    assert listed[-1]["error"].endswith("mine.yaml:3: locale: must be a valid string (is 5)")
    assert len(listed) == len(BUNDLED) + 1
    assert "locale: must be a valid string" in " ".join(run("list").stdout.split())


def test_list_shows_ones_own_instead_of_the_bundled_one(here: Path) -> None:
    mine = own(here, "practice.yaml", "extends: tudelft-x\nname: practice\n")
    listed = {row["name"]: row["file"] for row in json.loads(run("list", "--json").stdout)}
    assert listed["practice"] == str(mine)


def test_show_fills_in_what_is_extended_and_what_it_shows_is_a_profile_again(here: Path) -> None:
    result = run("show", "practice")
    assert result.exit_code == 0
    assert "extends" not in YAML(typ="safe", pure=True).load(result.stdout)
    again = here / "again.yaml"
    again.write_text(result.stdout, encoding="utf-8")
    assert load_profile(again) == load_profile(bundled_folder() / "practice.yaml")


def test_schema_prints_what_the_documentation_has() -> None:
    result = run("schema")
    assert result.exit_code == 0
    assert result.stdout == text_of(MODELS["profile.schema.json"])


def test_check_says_what_a_good_profile_is() -> None:
    result = run("check", "tudelft-x")
    assert result.exit_code == 0
    assert result.stdout == (
        f"{bundled_folder() / 'tudelft-x.yaml'}: good. TU Delft X at https://x.tudelft.nl; "
        "opens before the start: Fitness 168 h, X1 72 h, X3 72 h.\n"
    )


def test_check_takes_a_file(here: Path) -> None:
    mine = own(here, "mine.yaml", "extends: practice\nname: mine\n")
    assert run("check", str(mine)).stdout.startswith(f"{mine}: good. Practice site")


@pytest.mark.parametrize("arguments", [("show", "practise"), ("check", "practise")])
def test_a_name_that_is_none_is_bad_input(arguments: tuple[str, str]) -> None:
    result = run(*arguments)
    assert isinstance(result.exception, InputError)
    assert result.exception.mend == "Did you mean 'practice'? `sniper profile list` shows them."


# -- as a person runs it


def sniper(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The real command."""
    command = [sys.executable, "-m", "sniper", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)  # noqa: S603


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Asked:
    """The same in this process: another takes a second of processor time to load it."""

    def command(*arguments: str) -> tuple[int | str | None, str, str]:
        monkeypatch.setattr(sys, "argv", ["sniper", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, *capsys.readouterr()

    return command


def test_a_wrong_profile_exits_with_2_and_complains_on_stderr_without_a_traceback(tmp_path: Path) -> None:
    own(tmp_path, "mine.yaml", "extends: tudelft-x\nname: mine\nlocale: 5\n")
    done = sniper(tmp_path, "profile", "check", "profiles/mine.yaml")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: profiles/mine.yaml:3: locale: must be a valid string (is 5)\n"


def test_a_wrong_bookings_file_exits_with_2_before_anything_is_started(tmp_path: Path, asked: Asked) -> None:
    (tmp_path / "bookings.json").write_text('{"site": "practice"}')
    assert asked("run") == (
        2,
        "",
        "error: bookings.json: accounts: is missing\nbookings.json: snipe_config: is missing\n",
    )


def test_a_good_profile_exits_with_0(asked: Asked) -> None:
    code, _, complaints = asked("profile", "check", "practice")
    assert (code, complaints) == (0, "")


def test_the_schema_of_bookings_is_printed_as_the_documentation_has_it(asked: Asked) -> None:
    assert asked("bookings", "schema") == (0, text_of(MODELS["bookings.schema.json"]), "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--json",), "are for --live"),
        (("--account", "anna"), "are for --live"),
        (("--day", "2026-11-24"), "are for --live"),
        (("--fresh-sign-in",), "are for --live"),
        (("--headed",), "are for --live"),
        (("--live", "--json", "--fixtures"), "--json tells what --live found only"),
    ],
)
def test_what_would_do_nothing_is_refused(arguments: tuple[str, ...], said: str) -> None:
    refused = run("check", "tudelft-x", *arguments)
    assert isinstance(refused.exception, InputError)
    assert said in str(refused.exception)
