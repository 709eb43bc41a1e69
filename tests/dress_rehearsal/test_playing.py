"""One run as processes of its own: how it ends when it fails, hangs or is called off."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from benchmarks.memory import can_be_measured, descendants
from sniper.dress_rehearsal.casting import Play
from sniper.dress_rehearsal.difficulties import Difficulty
from sniper.dress_rehearsal.folder import RunFolder
from sniper.dress_rehearsal.performing import perform
from sniper.dress_rehearsal.played import Part, Played
from sniper.dress_rehearsal.playing import SAID, SILENT_FOR, play_one
from sniper.errors import InputError
from tests.aio import run_async
from tests.dress_rehearsal.examples import PART

pytestmark = pytest.mark.usefixtures("front_end")


class Attentive:
    """Remembers what it was told."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.heard: list[str] = []
        self.ended: list[Played] = []

    def begin(self, part: Part) -> None:
        """This run begins."""
        self.begun.append(part.number)

    def hear(self, line: str) -> None:
        """It tells this."""
        self.heard.append(line)

    def end(self, played: Played) -> None:
        """That came of it."""
        self.ended.append(played)


def playing(
    play: Play, folder: Path, hear: Callable[[str], None] = print, silent_for: timedelta = SILENT_FOR
) -> Played:
    """One run, in this folder."""
    return run_async(play_one(play, PART, RunFolder(folder), hear, silent_for=silent_for))


def test_a_run_that_cannot_begin_has_failed_for_the_reason_that_it_told_and_the_next_is_played(
    play: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SNIPER_BROWSER", str(tmp_path / "no-browser"))
    audience = Attentive()
    run_async(perform(play, [PART, replace(PART, number=2)], tmp_path, audience))
    assert audience.begun == [1, 2]
    first, second = audience.ended
    assert (first.standing, first.run_id, first.stand_ins) == (None, None, ("user1", "user2"))
    assert first.failure.startswith(f"exit code 3: SNIPER_BROWSER={tmp_path}/no-browser is neither a file")
    assert second.failure == first.failure
    assert any("no-browser" in line for line in audience.heard)
    assert "no-browser" in (second.folder / SAID).read_text(encoding="utf-8")


def test_a_run_that_tells_nothing_any_more_is_ended_and_has_failed(play: Play, tmp_path: Path) -> None:
    # Python has not even loaded its modules by then.
    played = playing(play, tmp_path / "run-1", silent_for=timedelta(milliseconds=5))
    assert (played.standing, played.failure) == (None, "it told nothing any more, and was ended")


@pytest.mark.skipif(not can_be_measured(), reason="this system does not list the children of a process")
def test_a_run_that_is_called_off_leaves_no_process_behind(play: Play, tmp_path: Path) -> None:
    before = descendants()

    async def called_off() -> None:
        heard = asyncio.Event()
        folder = RunFolder(tmp_path / "run-1")
        work = asyncio.create_task(play_one(play, PART, folder, lambda _: heard.set()))
        await asyncio.wait_for(heard.wait(), 60)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work

    run_async(called_off())
    assert "interrupted" in (tmp_path / "run-1" / SAID).read_text(encoding="utf-8")
    # What others have here, such as the browser that tests share, may start processes of its own meanwhile.
    assert descendants() <= before.union(*(descendants(one) for one in before))


def test_what_the_practice_site_cannot_play_ends_the_rehearsal(play: Play, tmp_path: Path) -> None:
    audience = Attentive()
    wrong = replace(PART, difficulty=Difficulty(faults=("ban,accounts=user3",)))
    with pytest.raises(InputError, match="there is no account 'user3'; did you mean 'user"):
        run_async(perform(play, [wrong], tmp_path, audience))
    assert audience.ended == []
