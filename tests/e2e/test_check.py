"""`sniper check` as its user starts it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from tests.e2e.conftest import Club

NewClub = Callable[..., Club]


def judgements(data: Any) -> dict[str, str]:
    return {one["name"]: one["judgement"] for one in data["findings"]}


def test_a_wrong_password_and_an_account_at_its_limit_are_told_with_what_to_do(club: NewClub) -> None:
    here = club()
    here.write(passwords={"user2": "not-the-password"}, fallback_strategy="none")
    here.signed_in(1)
    member = here.site.accounts.member("user3")
    slots = [one.slot for one in here.site.venue.owners_on(date(2026, 11, 24))]
    for place, hour in (("X1 A", 10), ("X3 A", 11)):
        wanted = datetime.fromisoformat(f"2026-11-24T{hour}:00+01:00")
        here.site.venue.book(member, next(s for s in slots if (s.start, s.label) == (wanted, place)))
    checked = here.asked("check", "--json")
    assert checked.exit_code == 1, checked.stderr
    assert checked.data["go"] is False
    found = {one["name"]: one for one in checked.data["findings"]}
    assert found["user1"]["judgement"] == "go"
    assert found["user2"]["judgement"] == "no"
    assert "password" in found["user2"]["mend"]
    assert found["user3"]["judgement"] == "warning"
    assert "is at its limit" in found["user3"]["what"]
    assert found["goal"]["judgement"] == "no"
    assert (found["arm"]["judgement"], found["browser"]["judgement"]) == ("go", "go")
    assert "not-the-password" not in checked.stdout + checked.stderr
    assert "checking the accounts: signing in …" in checked.stderr
    # Nothing was booked, and no run is in the record.
    booked = [o for one in here.site.venue.owners_on(date(2026, 11, 24)) for o in one.owners if "user" in o]
    assert len(booked) == 2
    assert here.asked("runs", "list", "--json").data == []


def test_a_site_that_is_away_is_one_no_and_the_rest_is_not_judged(club: NewClub) -> None:
    here = club()
    here.write()
    away = "name: here\ntitle: Away\nextends: tudelft-x\nbase_url: http://127.0.0.1:9\n"
    (here.folder / "profiles" / "here.yaml").write_text(away)
    checked = here.asked("check")
    assert checked.exit_code == 3
    assert "does not answer" in checked.stdout
    assert "NO-GO: 1 thing has to be mended (answer)." in checked.stdout
    assert checked.stdout.count("not judged") == 3
    assert "Traceback" not in checked.stderr


def test_a_file_that_is_wrong_is_told_before_anything_is_looked_at(club: NewClub) -> None:
    here = club()
    here.write(consecutive_hours=30)
    checked = here.asked("check")
    assert (checked.exit_code, checked.stdout) == (2, "")
    assert "consecutive_hours" in checked.stderr
