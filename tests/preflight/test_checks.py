"""Every check is made, whatever comes of another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from sniper.awake import Wakefulness
from sniper.checking import Readiness, RecordOpens
from sniper.core.findings import Finding, Judgement, Subject
from sniper.errors import EnvironmentProblem, SniperError
from sniper.preflight import Check, examine
from sniper.preflight.accounts import SignInsLast
from sniper.preflight.machine import DoctorsCheck, Room, StaysAwake, room_for
from sniper.setup import doctor
from tests.aio import run_async


@dataclass
class Fails:
    """A check that fails in some way."""

    error: Exception
    name: str = "thing"
    subject: Subject = Subject.SITE

    async def look(self) -> Sequence[Finding]:
        raise self.error


def looked(*checks: Check) -> list[Finding]:
    return run_async(examine(checks))


def finding(subject: Subject, judgement: Judgement) -> Finding:
    return Finding(subject, "thing", judgement, "")


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SNIPER_STATE_DIR", str(tmp_path / "state"))


def test_a_check_that_fails_is_a_no_with_its_mend_and_the_others_are_made() -> None:
    first, second = looked(
        Fails(SniperError("it is away", mend="Wait.")), StaysAwake(Wakefulness(None, can_sleep=False))
    )
    assert (first.judgement, first.what, first.mend) == (Judgement.NO, "it is away", "Wait.")
    assert second.judgement is Judgement.GO


def test_a_defect_of_ours_says_nothing_of_what_was_looked_at() -> None:
    (found,) = looked(Fails(KeyError("x")))
    assert found.judgement is Judgement.NOT_JUDGED
    assert "KeyError" in found.what


def test_it_is_told_what_is_looked_at_next() -> None:
    begun: list[str] = []
    run_async(examine([StaysAwake(Wakefulness("systemd", can_sleep=True))], begun.append))
    assert begun == ["this machine: sleep"]


@pytest.mark.parametrize(
    ("kept_by", "can_sleep", "judgement"),
    [
        ("systemd", True, Judgement.GO),
        (None, False, Judgement.GO),
        (None, True, Judgement.WARNING),
    ],
)
def test_a_machine_that_may_fall_asleep_is_a_warning(
    kept_by: str | None, can_sleep: bool, judgement: Judgement
) -> None:
    (found,) = looked(StaysAwake(Wakefulness(kept_by, can_sleep)))
    assert found.judgement is judgement
    assert (found.mend is None) is (judgement is Judgement.GO)


def test_the_more_accounts_the_more_room_is_needed() -> None:
    assert all(many.needed > few.needed for many, few in zip(room_for(20), room_for(1), strict=True))


def test_a_folder_without_room_is_a_no(tmp_path: Path) -> None:
    (found,) = looked(Room("disk", tmp_path, 1_000, "for it", "Make room.", free=lambda _: 999))
    assert (found.judgement, found.mend) == (Judgement.NO, "Make room.")


def test_a_folder_that_is_not_there_is_a_no_and_not_a_bug(tmp_path: Path) -> None:
    (found,) = looked(Room("disk", tmp_path / "none", 1, "for it", "Make it."))
    assert found.judgement is Judgement.NO


@pytest.mark.parametrize(
    ("health", "judgement"),
    [
        (doctor.Health.OK, Judgement.GO),
        (doctor.Health.WARNING, Judgement.WARNING),
        (doctor.Health.PROBLEM, Judgement.NO),
    ],
)
def test_what_the_doctor_calls_a_problem_is_a_no(health: doctor.Health, judgement: Judgement) -> None:
    (found,) = looked(DoctorsCheck("browser", lambda: doctor.Finding("Browser", health, "seen", "Mend.")))
    assert (found.judgement, found.what, found.mend) == (judgement, "seen", "Mend.")


def test_a_record_that_opens_is_go_and_a_key_that_cannot_be_used_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert looked(RecordOpens())[0].judgement is Judgement.GO
    monkeypatch.setenv("SNIPER_KEY", "no key")
    assert looked(RecordOpens())[0].judgement is Judgement.NO


def test_a_sign_in_that_only_its_owner_can_do_is_to_last_until_the_opening() -> None:
    opening = datetime(2026, 11, 23, 12, tzinfo=UTC)
    ends = {"ann": opening - timedelta(minutes=2), "bob": opening + timedelta(minutes=2)}
    zone = ZoneInfo("Europe/Amsterdam")
    (found,) = looked(SignInsLast(lambda: ends, lambda: opening, "x", zone))
    assert (found.judgement, found.name) == (Judgement.WARNING, "sign-in of ann")
    assert "ends before the opening, on Mon 23 Nov at 12:58 CET" in found.what
    assert "`sniper accounts sign-in ann --site x`" in (found.mend or "")
    assert looked(SignInsLast(lambda: ends, lambda: None, "x", zone)) == []


@pytest.mark.parametrize(
    ("findings", "code"),
    [
        ((), 0),
        ((finding(Subject.SITE, Judgement.WARNING), finding(Subject.PROFILE, Judgement.NOT_JUDGED)), 0),
        ((finding(Subject.ACCOUNTS, Judgement.NO),), 1),
        ((finding(Subject.PROFILE, Judgement.NO), finding(Subject.PLAN, Judgement.NO)), 1),
        ((finding(Subject.SITE, Judgement.NO),), EnvironmentProblem.exit_code),
        ((finding(Subject.ACCOUNTS, Judgement.NO), finding(Subject.MACHINE, Judgement.NO)), 3),
    ],
)
def test_the_exit_code_tells_what_has_to_be_mended(findings: tuple[Finding, ...], code: int) -> None:
    assert Readiness(findings).exit_code == code
