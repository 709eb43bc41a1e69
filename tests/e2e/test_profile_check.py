"""`sniper profile check --live` as its user starts it, against a practice site of the test's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sniper.sites.library import bundled_folder
from tests.e2e.conftest import Club

NewClub = Callable[..., Club]


def copied(here: Club, *changes: tuple[str, str]) -> Path:
    """The profile of TU Delft for the practice site of the test, with other words in it."""
    text = (bundled_folder() / "tudelft-x.yaml").read_text(encoding="utf-8")
    address = f"base_url: {here.site.url}\npractice: {{options: []}}"
    for old, new in (
        ("name: tudelft-x", "name: here"),
        ("base_url: https://x.tudelft.nl", address),
        # Whatever a rehearsal takes on a busy machine.
        ("timeout: 500ms", "timeout: 30s"),
        ("timeout: 1s}", "timeout: 30s}"),
        ("timeout: 1s\n", "timeout: 30s\n"),
        ("expect: /bookable-slots}", "expect: /bookable-slots, timeout: 30s}"),
        (':not([readonly])"}', ':not([readonly])", timeout: 30s}'),
        *changes,
    ):
        assert old in text
        text = text.replace(old, new)
    path = here.folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def bookings(here: Club) -> int:
    """How many bookings there are at the venue."""
    people = here.site.accounts.people
    return sum(len(here.site.venue.participations(here.site.accounts.member(p.username))) for p in people)


def test_a_profile_that_fits_books_nothing_and_one_that_has_drifted_is_told_by_line_with_what_is_like_it(
    club: NewClub,
) -> None:
    here = club()
    copied(here)
    here.signed_in(1)
    fits = here.asked("profile", "check", "mine.yaml", "--live", "--json")
    assert fits.exit_code == 0, fits.stderr
    assert (fits.data["fits"], fits.data["drifted"], fits.data["rehearsal"]) == (True, [], True)
    assert (fits.data["account"], fits.data["bookings_held"]) == ("user1", 0)
    assert fits.data["slots"][0]["start"] == "2026-11-22T12:00:00+01:00"
    for part in ("signed_in", "arm[2].click", "rehearse[1].steps[1].ng_select", "fire[4].click"):
        assert part in fits.data["met"]
    untold = {one["key"] for one in fits.data["not_looked_at"]}
    assert {"sign_in", "outcomes", "cancel", "my_bookings.start"} <= untold

    path = copied(
        here,
        ('click: {on: "#tag-filterinput"}', 'click: {on: "#tag-filter-input", timeout: 1s}'),
        ("items: $.data", "items: $.rows"),
    )
    lines = path.read_text(encoding="utf-8").splitlines()
    filter_at = next(i for i, line in enumerate(lines, 1) if "#tag-filter-input" in line)
    items_at = next(i for i, line in enumerate(lines, 1) if "$.rows" in line)
    drifted = here.asked("profile", "check", "mine.yaml", "--live")
    assert drifted.exit_code == 1, drifted.stderr
    told = drifted.stdout.splitlines()
    assert told[1] == (
        f"mine.yaml:{filter_at}: arm[2].click.on: #tag-filter-input is not there; "
        "most like it: #tag-filterinput"
    )
    assert told[2] == (
        f"mine.yaml:{items_at}: my_bookings.items: there is no list at $.rows; most like it: $.data"
    )
    assert "Nothing was booked." in drifted.stdout
    assert "REHEARSAL" in drifted.stdout
    assert bookings(here) == 0


def test_where_it_cannot_be_looked_that_is_told_apart_from_drift(club: NewClub) -> None:
    here = club()
    copied(here)
    nobody = here.asked("profile", "check", "mine.yaml", "--live")
    assert nobody.exit_code == 3
    assert "no account is stored of here that could sign in" in nobody.stderr
    past = here.asked("profile", "check", "mine.yaml", "--live", "--day", "2026-11-20")
    assert (past.exit_code, "It is 2026-11-21 there" in past.stderr) == (2, True)

    here.signed_in(1)
    unknown = here.asked("profile", "check", "mine.yaml", "--live", "--account", "usr1")
    assert (unknown.exit_code, "Did you mean 'user1'?" in unknown.stderr) == (2, True)

    away = here.folder / "away.yaml"
    away.write_text("name: here\ntitle: Away\nextends: tudelft-x\nbase_url: http://127.0.0.1:9\n")
    gone = here.asked("profile", "check", "away.yaml", "--live")
    assert (gone.exit_code, "does not answer" in gone.stderr) == (3, True)
    assert "Traceback" not in nobody.stderr + past.stderr + unknown.stderr + gone.stderr
