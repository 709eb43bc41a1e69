"""Which profile is meant by the site in bookings.json, or by the one asked for instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from sniper.config.bookings import read_bookings
from sniper.config.goal import load_site
from sniper.errors import InputError
from sniper.sites.library import bundled_folder
from tests.config.examples import GOOD, written


def test_the_profile_beside_the_file_wins_over_the_bundled_one(tmp_path: Path) -> None:
    folder = tmp_path / "profiles"
    folder.mkdir()
    (folder / "tudelft-x.yaml").write_text("extends: tudelft-x\nname: tudelft-x\ntitle: My own\n")
    bookings, document = read_bookings(written(tmp_path, GOOD))
    assert load_site(bookings, document).title == "My own"


def test_a_site_that_is_asked_for_instead_is_looked_for_where_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bookings, document = read_bookings(written(tmp_path, GOOD))
    assert load_site(bookings, document, "practice").name == "practice"
    assert load_site(bookings, document, str(bundled_folder() / "practice.yaml")).name == "practice"
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    with pytest.raises(InputError) as refused:
        load_site(bookings, document, "practise")
    assert refused.value.explain() == (
        f"there is no profile 'practise' in {tmp_path}/elsewhere/profiles nor among the bundled ones\n"
        "Did you mean 'practice'? `sniper profile list` shows them."
    )


def test_a_profile_that_is_made_to_be_extended_is_no_site(tmp_path: Path) -> None:
    bookings, document = read_bookings(written(tmp_path, GOOD))
    with pytest.raises(InputError, match="made to be extended") as refused:
        load_site(bookings, document, "librebooking")
    assert refused.value.mend == (
        "Write one of your own that says `extends: librebooking`, and what its site's base_url, timezone, "
        "locations are."
    )
