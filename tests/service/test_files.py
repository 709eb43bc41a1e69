"""Whether a file that is served has changed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sniper.errors import InputError
from sniper.service.files import Files
from tests.service.conftest import House, once


@pytest.fixture
def path(house: House) -> Path:
    house.write(once())
    return house.path


def test_a_file_has_changed_when_it_says_something_else_and_has_come_to_rest(
    house: House, path: Path
) -> None:
    files = Files([path])
    house.write(once("other"))
    assert files.changed() == []
    assert files.changed() == [path]
    files.read_again(path)
    assert [files.changed(), files.changed()] == [[], []]


def test_a_file_that_is_still_being_written_is_waited_for(house: House, path: Path) -> None:
    files = Files([path])
    whole = path.read_text(encoding="utf-8").replace("squash", "badminton")
    house.write(text=whole[:40])
    assert files.changed() == []
    house.write(text=whole)
    assert files.changed() == []
    assert files.changed() == [path]


def test_a_file_that_was_only_touched_has_not_changed(path: Path) -> None:
    files = Files([path])
    os.utime(path, (1, 1))
    assert [files.changed(), files.changed()] == [[], []]


def test_a_file_that_is_gone_has_changed_and_is_told_once(path: Path) -> None:
    files = Files([path])
    path.unlink()
    files.changed()
    assert files.changed() == [path]
    with pytest.raises(InputError):
        files.read_again(path)
    assert [files.changed(), files.changed()] == [[], []]
    assert [one.bookings.schedules[0].name for one in files] == ["squash"]


@pytest.mark.parametrize("changed", ["own", "base"])
def test_a_profile_that_changes_has_its_file_read_again_and_so_has_one_that_it_extends(
    house: House, changed: str
) -> None:
    profiles = {"own": "name: own\nextends: base\n", "base": "name: base\nextends: tudelft-x\n"}
    folder = house.folder / "profiles"
    folder.mkdir()
    for name, text in profiles.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    house.write(once())
    house.write(text=house.path.read_text(encoding="utf-8").replace('"tudelft-x"', '"own"'))
    files = Files([house.path])
    (folder / f"{changed}.yaml").write_text(f"{profiles[changed]}title: Another\n", encoding="utf-8")
    files.changed()
    assert files.changed() == [house.path]
    assert files.read_again(house.path).profile.title == "Another"
