"""`sniper profile new`: what is wrong is told before a window opens, and nothing is written for nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from sniper.cli import profile_new
from sniper.cli.profile import profile
from sniper.drafting.notes import Story
from sniper.drafting.window import Say, Watched
from sniper.errors import EnvironmentProblem, InputError, SniperError
from tests.aio import no_loop
from tests.drafting.stories import SITE, Teller, way


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty working folder on a machine without a screen."""
    monkeypatch.chdir(tmp_path)
    for variable in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(variable, raising=False)
    with no_loop():
        yield tmp_path


def refused(*arguments: str) -> SniperError:
    """What the command says instead of opening a window."""
    error = CliRunner().invoke(profile, ["new", *arguments]).exception
    assert isinstance(error, SniperError)
    return error


def seen(monkeypatch: pytest.MonkeyPatch, story: Story) -> None:
    """What was done in a window that needs no screen."""

    async def watched(url: str, say: Say, *, timezone: str | None) -> Watched:  # noqa: ARG001
        return Watched(story, frozenset())

    monkeypatch.setattr(profile_new, "need_display", lambda _mend: None)
    monkeypatch.setattr(profile_new, "watched", watched)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["club.test"], "no address of a site"),
        ([SITE, "--name", "My Club"], "--name 'My Club'"),
        ([SITE, "--timezone", "Mars/North"], "'Mars/North' is no time zone"),
        ([SITE, "--to", "there.yaml"], "there.yaml is there already"),
        ([SITE, "--to", "."], "is a folder"),
        ([SITE, "--to", "there.yaml/mine.yaml"], "cannot be written to"),
    ],
)
def test_what_is_wrong_is_told_with_its_mend(here: Path, arguments: list[str], says: str) -> None:
    (here / "there.yaml").touch()
    error = refused(*arguments)
    assert isinstance(error, InputError)
    assert says in str(error)
    assert error.mend


@pytest.mark.skipif("sys.platform != 'linux'", reason="elsewhere there is always a screen")
def test_without_a_screen_nothing_is_begun() -> None:
    assert isinstance(refused(SITE), EnvironmentProblem)


def test_nothing_is_written_where_nothing_was_done(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen(monkeypatch, Story(SITE))
    error = refused(SITE)
    assert (error.exit_code, str(error)) == (1, "nothing was done in the window, so nothing is written")
    assert not list(here.iterdir())


def test_a_draft_is_named_after_its_site_and_replaces_another_only_when_told_to(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen(monkeypatch, Teller().signs_in().does("click", way("id", "#book")).story)
    arguments = ("new", SITE, "--start", "2026-11-24T13:00", "--location", "Hall")
    first = CliRunner().invoke(profile, arguments)
    assert first.exit_code == 0, first.output
    assert first.stdout.strip() == str(Path("profiles", "club-test.yaml"))
    assert "Hall:" in (here / "profiles" / "club-test.yaml").read_text(encoding="utf-8")
    assert "is there already" in str(refused(SITE))
    again = CliRunner().invoke(profile, [*arguments, "--force", "--json"])
    told = json.loads(again.stdout)
    assert told["file"] == first.stdout.strip()
    assert {"at": "locations", "question": "which other places can be booked here, with the same steps?"} in (
        told["questions"]
    )
