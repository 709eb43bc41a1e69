"""A run looks a day, an hour and ten minutes before an opening whether all is ready for it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from sniper.clock.clock import SimulatedClock
from sniper.core.findings import Judgement, Subject
from sniper.core.plan import Attempt, Held, Standing
from sniper.engine.protocol import Credentials, SignIn, SignInError, SignInRefusedError, Survey
from sniper.events import Checked, Noted
from tests.coordinator.conftest import OPENINGS, OrderedClock, Rig, TimeMachine, slot
from tests.coordinator.venue_engine import owners

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
TEN = timedelta(minutes=10)


@pytest.fixture
def rig(rig: Rig) -> Rig:
    """It starts two days before the first opening."""
    return started(rig, 2 * DAY)


def started(rig: Rig, before: timedelta) -> Rig:
    rig.clock = rig.engine.clock = SimulatedClock(OPENINGS[0] - before)
    return rig


def checks(rig: Rig) -> list[Checked]:
    return [event for event in rig.events if isinstance(event, Checked)]


def told(rig: Rig, *, problems: bool) -> list[str]:
    return [e.text for e in rig.events if isinstance(e, Noted) and e.problem is problems]


def judged(check: Checked, subject: Subject, name: str) -> Judgement:
    return next(one.judgement for one in check.findings if one.key == (subject, name))


def sign_ins(rig: Rig, account: str) -> list[timedelta]:
    """When an account signed in, before the first opening."""
    moments: list[timedelta] = []
    real = rig.engine.sign_in

    async def noted(credentials: Credentials) -> SignIn:
        if credentials.account == account:
            moments.append(OPENINGS[0] - rig.engine.clock.now())
        return await real(credentials)

    rig.engine.sign_in = noted  # type: ignore[method-assign]
    return moments


def fails_until(rig: Rig, account: str, before: timedelta) -> None:
    """The site does not let an account in until so long before the first opening."""
    real = rig.engine.sign_in

    async def sign_in(credentials: Credentials) -> SignIn:
        if credentials.account == account and rig.engine.clock.now() < OPENINGS[0] - before:
            raise SignInError(f"{account}: the site is being repaired", mend="Wait.")
        return await real(credentials)

    rig.engine.sign_in = sign_in  # type: ignore[method-assign]


@pytest.mark.parametrize(
    ("before", "first"),
    [(2 * DAY, [DAY, HOUR, TEN]), (3 * HOUR, [HOUR, TEN]), (HOUR, [TEN]), (TEN, []), (TEN / 2, [])],
)
def test_each_check_that_is_still_ahead_is_made(rig: Rig, before: timedelta, first: list[timedelta]) -> None:
    started(rig, before).run()
    # The later openings, an hour apart, have one each.
    assert [round(one.ahead / TEN) * TEN for one in checks(rig)] == [*first, TEN, TEN]


def test_one_sign_in_a_day_ahead_is_enough_and_nobody_is_asked_until_an_hour_before(rig: Rig) -> None:
    moments = sign_ins(rig, "user1")
    rig.run()
    assert [round(one / HOUR) for one in moments] == [24]
    looks = [OPENINGS[0] - at for who, at in rig.engine.looked if who == "user1" and at < OPENINGS[0]]
    assert looks
    assert max(looks) <= HOUR


def test_all_is_go_when_nothing_is_wrong(rig: Rig) -> None:
    result = rig.run()
    assert all(one.judgement is not Judgement.NO for check in checks(rig) for one in check.findings)
    assert (told(rig, problems=True), result.problems) == ([], ())
    assert result.verdict.standing is Standing.REACHED


def test_a_no_is_told_with_its_mend_ends_nothing_and_is_told_as_mended_later(rig: Rig) -> None:
    fails_until(rig, "user2", 2 * HOUR)
    result = rig.run()
    assert told(rig, problems=True) == ["user2: the site is being repaired. Wait."]
    assert "mended: user2: the site is being repaired. Wait." in told(rig, problems=False)
    assert [one.text for one in rig.events if isinstance(one, Noted) and one.mended] == [
        "mended: user2: the site is being repaired. Wait."
    ]
    assert result.problems == ()
    assert owners(result.held)["X1 A 14:00"] == "user2"


def test_what_stays_wrong_is_told_once(rig: Rig) -> None:
    rig.engine.changed = {"user1", "user2", "user3"}
    result = rig.run()
    (problem,) = told(rig, problems=True)
    assert problem.startswith("arm: not there: click #filter. Check again")
    assert result.problems == (problem,)
    assert result.verdict.standing is Standing.REACHED


def test_what_cannot_be_judged_before_the_opening_is_not_called_go(rig: Rig) -> None:
    rig.run()
    assert judged(checks(rig)[0], Subject.PROFILE, "fire") is Judgement.NOT_JUDGED
    assert judged(checks(rig)[0], Subject.PROFILE, "arm") is Judgement.GO


def test_an_account_with_a_wrong_password_is_told_once_and_never_signs_in_again(rig: Rig) -> None:
    tried = []
    real = rig.engine.sign_in

    async def sign_in(credentials: Credentials) -> SignIn:
        if credentials.account == "user2":
            tried.append(rig.engine.clock.now())
            raise SignInRefusedError("user2: the site refused the sign-in", mend="Check the password.")
        return await real(credentials)

    rig.engine.sign_in = sign_in  # type: ignore[method-assign]
    rig.run(accounts=4)
    assert tried == [OPENINGS[0] - DAY]
    assert told(rig, problems=True) == ["user2: the site refused the sign-in\nCheck the password."]
    assert judged(checks(rig)[-1], Subject.ACCOUNTS, "user2") is Judgement.NO


def test_too_few_accounts_for_the_goal_are_told_a_day_ahead(rig: Rig) -> None:
    rig.engine.refuse_sign_in = {"user2", "user3"}
    rig.run()
    first = checks(rig)[0]
    assert judged(first, Subject.ACCOUNTS, "user3") is Judgement.NO
    assert judged(first, Subject.PLAN, "goal") is Judgement.NO


def test_what_was_booked_by_hand_before_the_check_is_planned_with(rig: Rig) -> None:
    real = rig.engine.survey

    async def survey(attempt: Attempt) -> Survey:
        if not rig.engine.held:
            rig.engine.give("user1", slot("X1 A", 13))
        return await real(attempt)

    rig.engine.survey = survey  # type: ignore[method-assign]
    result = rig.run()
    assert [one for one in result.held if not one.by_us] == [Held("user1", slot("X1 A", 13), "100", False)]
    assert [attempt.account for attempt in rig.engine.fired] == ["user2", "user3"]


def test_a_win_stays_ours_when_it_is_read_again_at_the_next_check(rig: Rig) -> None:
    result = rig.run()
    assert all(one.by_us for one in result.held)


def test_a_check_that_hangs_is_given_up_and_makes_nobody_late(rig: Rig) -> None:
    async def survey(_: Attempt) -> Survey:
        await asyncio.Event().wait()
        raise AssertionError

    rig.clock = rig.engine.clock = OrderedClock(OPENINGS[0] - 2 * HOUR)
    rig.engine.survey = survey  # type: ignore[assignment, method-assign]
    result = rig.run()
    assert result.verdict.standing is Standing.REACHED
    assert told(rig, problems=False).count("the check before the opening took too long and was given up") == 4


def test_a_rehearsal_jumps_over_the_checks(rig: Rig) -> None:
    rig.time_travel = TimeMachine(rig.clock)
    rig.run()
    assert checks(rig) == []
