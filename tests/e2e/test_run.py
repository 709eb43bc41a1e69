"""The main job, end to end: the command, a real browser, the real pages, rivals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from sniper.practice.accounts import Session
from sniper.practice.models import Account
from sniper.practice.settings import DemoAccount
from tests.e2e.conftest import Club

NewClub = Callable[..., Club]


@pytest.mark.parametrize(
    "priorities",
    [
        pytest.param([{"rank": 1, "location": "X1"}], id="at the one place that will do"),
        pytest.param(None, id="with another to fall back to"),
    ],
)
def test_three_accounts_win_three_hours_against_rivals(
    club: NewClub, priorities: list[dict[str, Any]] | None
) -> None:
    # They take what is left a minute after each opening: no press is too late for that on any machine.
    here = club(rivals=4, rival_delay=timedelta(minutes=1))
    places: dict[str, Any] = {"priorities": priorities} if priorities else {}
    here.write(planning={"strategy": "optimal"}, **places)
    run = here.sniper("run", "--json")
    assert run.exit_code == 0, run.stderr
    # Several places were tried at once; what was too much was given back.
    assert {place.split()[0] for place in run.booked} == {"X1"}
    assert sorted(place.split()[-1] for place in run.booked) == ["13:00", "14:00", "15:00"]
    assert run.data["standing"] == "reached"
    assert run.data["rehearsal"] is True
    assert "REHEARSAL" in run.stderr
    # The venue agrees, and nobody of ours holds more than that.
    ours = [o for one in here.site.venue.owners_on(date(2026, 11, 24)) for o in one.owners if "user" in o]
    assert sorted(ours) == ["user1", "user2", "user3"]


def test_when_every_rival_is_faster_at_x1_the_run_falls_back_to_x3(club: NewClub) -> None:
    here = club(rivals=2, rival_delay=timedelta(0))
    here.write(accounts=1, consecutive_hours=1)
    here.signed_in(1)
    # Armed pages are faster than a rival who acts at the opening.
    run = here.asked("run", "--engine", "driver", "--json")
    assert run.exit_code == 0, run.stderr
    assert {b["location"] for b in run.data["bookings"]} == {"X3"}
    outcomes = [t["outcome"] for a in run.data["attempts"] for t in a["tries"] if t["location"] == "X1"]
    assert set(outcomes) == {"taken"}
    verdicts = here.asked("runs", "show", str(run.data["run"]), "--json").data["verdicts"]
    lost = [one for one in verdicts if one["slot"]["location"] == "X1"]
    assert all(one["lost"] for one in lost)
    assert {one["reason"] for one in lost} <= {"taken before us", "late", "drift of the page"}


def test_when_rivals_take_everything_the_run_says_so_with_exit_code_1(club: NewClub) -> None:
    here = club(rivals=4, rival_delay=timedelta(0))
    here.write(accounts=1, consecutive_hours=1, time_window={"start": "13:00", "end": "14:00"})
    here.signed_in(1)
    run = here.asked("run", "--engine", "driver", "--json")
    assert (run.exit_code, run.data["standing"], run.data["bookings"]) == (1, "missed", [])


def test_an_opening_after_the_change_of_the_clocks_is_met_and_what_the_run_did_is_not_done_again(
    club: NewClub,
) -> None:
    # They go back in the night to Sunday: 72 hours before its 13:00 is Thursday 14:00.
    here = club(start="2026-10-22T13:58:00+02:00")
    here.write(accounts=1, target_date="2026-10-25", consecutive_hours=1)
    here.signed_in(1)
    run = here.asked("run", "--json")
    assert run.booked == {"X1 A 13:00": "user1"}, run.stderr
    assert "opens Thu 14:00:00" in run.stderr
    number = run.data["run"]
    shown = here.asked("runs", "show", str(number))
    assert shown.exit_code == 0
    assert "X1 A" in shown.stdout
    assert "REHEARSAL" in shown.stdout
    assert "booked, proven" in shown.stdout
    assert "Lost" not in shown.stdout
    drawn = here.asked("runs", "show", str(number), "--html", "run.html")
    assert (drawn.exit_code, "run.html" in drawn.stderr) == (0, True)
    assert "booked, proven" in (here.folder / "run.html").read_text(encoding="utf-8")
    (attempt,) = here.asked("runs", "show", str(number), "--json").data["attempts"]
    marks = [moment["mark"] for moment in attempt["timeline"]]
    # With a clock known so badly, what came first may have been too early.
    course = ["fired", "asked", "heard", "sent", "answered", "outcome", "proven"]
    assert (marks[:2], marks[-7:]) == (["parked", "handed over"], course)
    held = here.asked("bookings", "list", "--json", "--all").data
    assert [(b["account"], b["proof"]) for b in held] == [("user1", "confirmed")]
    again = here.asked("run", "--json")
    assert (again.exit_code, again.data["attempts"]) == (0, [])
    assert again.booked == {"X1 A 13:00": "user1"}


def test_a_fresh_sign_in_passes_over_what_was_kept_and_the_next_run_signs_in_nobody_by_what_is_sealed(
    club: NewClub,
) -> None:
    here = club()
    here.write(accounts=2, consecutive_hours=1)
    tokens, passwords = watched(here)
    here.signed_in(2)
    first = here.asked("run", "--dry-run", "--json", "-v", "--fresh-sign-in")
    assert first.exit_code == 0, first.stderr
    assert "still signed in" not in first.stderr
    assert sorted(passwords) == ["user1", "user2"]

    second = here.asked("run", "--dry-run", "--json", "-v", "--contexts-per-browser", "1")
    assert second.exit_code == 0, second.stderr
    assert len(passwords) == 2
    assert all(f"user{n}: signed in: still signed in" in second.stderr for n in (1, 2))

    # And a dry run presses nothing.
    for run in (first, second):
        assert [t["outcome"] for a in run.data["attempts"] for t in a["tries"]] == ["not_pressed"] * 2
    assert all(not one.owners for one in here.site.venue.owners_on(date(2026, 11, 24)))

    told = first.stdout + first.stderr + second.stdout + second.stderr
    state = here.folder / "state"
    kept = b"".join(path.read_bytes() for path in state.rglob("*") if path.is_file())
    assert len(tokens) >= 4
    for token in tokens:
        assert token not in told
        assert token.encode() not in kept
    assert (state / "key").stat().st_mode & 0o077 == 0


def test_a_key_that_others_may_read_ends_the_run_before_anybody_is_signed_in(club: NewClub) -> None:
    here = club()
    here.write(accounts=1, consecutive_hours=1)
    state = here.folder / "state"
    state.mkdir()
    (state / "key").write_bytes(b"A" * 43 + b"=")
    (state / "key").chmod(0o644)
    run = here.asked("run", "--dry-run")
    assert run.exit_code == 3
    assert "can be read by others" in run.stderr
    assert "Traceback" not in run.stderr


def watched(here: Club) -> tuple[list[str], list[str]]:
    """From now on: the tokens the site gives out, and who gives it a password."""
    tokens: list[str] = []
    given: list[str] = []
    accounts = here.site.accounts
    open_session, check_password = accounts.open_session, accounts.check_password

    def opened(account: Account) -> Session:
        session = open_session(account)
        tokens.append(session.access_token)
        return session

    def checked(username: str, password: str) -> DemoAccount | None:
        given.append(username)
        return check_password(username, password)

    accounts.open_session = opened  # type: ignore[method-assign]
    accounts.check_password = checked  # type: ignore[method-assign]
    return tokens, given
