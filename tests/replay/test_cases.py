"""What a `case.yaml` has to say, and what is said of one that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from sniper.core.outcomes import Outcome
from sniper.errors import InputError
from sniper.replay.library import find_fixtures, known_fixtures, load_fixture

GOOD = """\
profile: my-site
shows: It is booked.
made: by hand
now: 2026-11-21T13:00:00+01:00
chain:
  - {location: X1, start: 2026-11-24T13:00:00+01:00}
pages:
  /: page.html
expect:
  - {place: X1, outcome: booked}
"""


def written(tmp_path: Path, text: str = GOOD) -> Path:
    folder = tmp_path / "fixtures" / "my-site" / "booked"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "case.yaml").write_text(text, encoding="utf-8")
    (folder / "page.html").write_text("<p>", encoding="utf-8")
    return folder


def test_a_fixture_is_found_by_its_name_its_folder_and_its_profile(tmp_path: Path) -> None:
    folder = written(tmp_path)
    assert known_fixtures(tmp_path)["my-site/booked"] == folder
    for name in ("my-site/booked", "my-site", "fixtures/my-site/booked"):
        (found,) = find_fixtures(name, tmp_path)
        assert found.name == "my-site/booked"
        assert found.case.expect[0].outcome is Outcome.BOOKED


def test_one_that_is_not_there_is_told_with_the_nearest(tmp_path: Path) -> None:
    written(tmp_path)
    with pytest.raises(InputError, match="there is no fixture 'my-site/boked'") as refused:
        find_fixtures("my-site/boked", tmp_path)
    assert "Did you mean 'my-site/booked'?" in (refused.value.mend or "")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("shows:", "show:", "case.yaml:2: show: unknown key; did you mean 'shows'?"),
        ("my-site", "other", "case.yaml:1: profile: is 'other', but the folder is in my-site/"),
        ("13:00:00+01:00\nchain", "13:00:00\nchain", "case.yaml:4: now: "),
        ("/: page.html", "/: gone.html", "case.yaml:8: pages./: there is no file gone.html"),
        ("/: page.html", "/: ../../secret", "is not within the folder my-site/"),
        ("/: page.html", "/: /etc/passwd", "is no path of a file beside the case"),
        ("/: page.html", "page: page.html", "'page' is no address; write /page for one below the base URL"),
        ("place: X1,", "place: X2,", "case.yaml:10: expect[0].place: 'X2' is not in the chain: X1"),
        ("outcome: booked", "outcome: bokked", "case.yaml:10: expect[0].outcome: "),
        ("pages:\n  /: page.html\n", "", "there is nothing to play against"),
        (
            "pages:",
            "har_part: {pressed: 2026-11-21T12:00:00Z}\npages:",
            "case.yaml:7: har_part: there is no har",
        ),
        (
            "pages:",
            "har_part: {pressed: 2026-11-21T12:00:00Z, ends: 2026-11-21T11:00:00Z}\npages:",
            "case.yaml:7: har_part.ends: is before the press",
        ),
        (
            "outcome: booked",
            "outcome: stood_down",
            "case.yaml:10: expect[0].outcome: stood_down comes last, after something that is played",
        ),
        (
            "pages:",
            "answers:\n  - {url: /a, body: '', json: {}}\npages:",
            "case.yaml:8: answers[0].body: the answer has a body already: json",
        ),
    ],
)
def test_what_is_wrong_is_told_by_file_line_and_key(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in GOOD
    with pytest.raises(InputError) as refused:
        load_fixture(written(tmp_path, GOOD.replace(old, new)))
    assert said in str(refused.value)
