"""What the daemon does when: wake, catch up, miss, try again, go on with what was left."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from sniper.clock.clock import SystemClock
from sniper.config.bookings import read_bookings
from sniper.config.snipe_config import PriorityConfig
from sniper.core.phrases import read
from sniper.core.plan import Standing
from sniper.errors import EnvironmentProblem, InputError
from sniper.execution import Prepared
from sniper.scheduling import by_command, coming
from sniper.secrets import Vault
from sniper.service.telling import Ended, FileRead, FileRefused, Missed, PutOff, Said, Woken
from sniper.sites.library import find_profile, load_profile
from sniper.store import Job, RunState
from sniper.store.planned import OccurrenceState, ScheduleState
from sniper.store.records import SecretKind
from tests.service.conftest import OPENING, TUESDAY, WAKES, House, once

SEED = "JBSWY3DPEHPK3PXP"
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
BOOKED = (OccurrenceState.BOOKED, None)


def test_a_run_begins_when_its_day_is_due_and_not_before(house: House) -> None:
    house.write(once())
    house.serve_until(WAKES + 2 * MINUTE)
    ((what, when),) = house.runner.begun
    assert what == f"{TUESDAY} user1,user2"
    assert timedelta(0) <= when - WAKES <= timedelta(seconds=31)
    assert house.became == {f"squash {TUESDAY}": BOOKED}
    assert [event.late for event in house.heard(Woken)] == [None]


def test_an_alarm_is_set_for_each_day_to_come_and_taken_away_with_it(house: House) -> None:
    house.write(once(), once("later", day=date(2026, 12, 1)))

    async def life() -> None:
        async with house.serving(watching=True):
            await house.until(WAKES - MINUTE)
            assert sorted(house.alarms.set_for.values()) == [WAKES, WAKES + timedelta(days=7)]
            house.write(once())
            await house.until(WAKES - 30 * SECOND)
            assert list(house.alarms.set_for.values()) == [WAKES]

    house.live(life)


@pytest.mark.parametrize(
    ("standing", "state"),
    [
        (Standing.REACHED, OccurrenceState.BOOKED),
        (Standing.FALLBACK, OccurrenceState.FALLBACK),
        (Standing.MISSED, OccurrenceState.LOST),
    ],
)
def test_a_day_becomes_what_its_run_came_to(house: House, standing: Standing, state: OccurrenceState) -> None:
    house.runner.standing = standing
    house.write(once())
    house.serve_until(WAKES + 2 * MINUTE)
    assert house.became[f"squash {TUESDAY}"][0] is state
    assert [event.state for event in house.heard(Ended)] == [state]


def test_what_was_due_while_nothing_served_is_caught_up_while_an_hour_is_still_to_come(house: House) -> None:
    house.write(once())
    house.clock.advance(timedelta(days=2))  # it has been open for two days
    house.serve_until(house.clock.now() + 2 * MINUTE)
    assert house.became == {f"squash {TUESDAY}": BOOKED}
    (woken,) = house.heard(Woken)
    assert woken.late > timedelta(days=1, hours=23)


def test_what_passed_while_nothing_served_is_told_as_missed_with_the_reason(house: House) -> None:
    house.write(once())
    house.serve_until(WAKES - MINUTE)
    house.clock.advance(timedelta(days=4))
    house.serve_until(house.clock.now() + MINUTE)
    assert house.runner.begun == []
    assert house.became == {f"squash {TUESDAY}": (OccurrenceState.MISSED, "nothing ran it")}
    assert [event.why for event in house.heard(Missed)] == ["nothing ran it"]


def test_a_run_that_cannot_be_is_told_once_and_tried_again_until_it_can(house: House) -> None:
    async def unreachable(_: Prepared) -> None:
        if house.clock.now() < WAKES + 10 * MINUTE:
            raise EnvironmentProblem("the site does not answer")

    house.runner.before = unreachable
    house.write(once())
    house.serve_until(WAKES + 20 * MINUTE)
    assert house.became == {f"squash {TUESDAY}": BOOKED}
    assert [event.why for event in house.heard(PutOff)] == ["the site does not answer"]
    tries = [when for _, when in house.runner.begun]
    pauses = [later - earlier for earlier, later in pairwise(tries)]
    assert pauses == sorted(pauses)
    assert 3 < len(tries) < 10


def test_what_could_not_be_run_until_its_time_passed_is_missed_with_that_reason(house: House) -> None:
    async def unreachable(_: Prepared) -> None:
        raise EnvironmentProblem("the site does not answer")

    house.runner.before = unreachable
    house.write(once())
    house.clock.advance(timedelta(days=3) + 45 * MINUTE)  # a quarter of an hour before it begins
    house.serve_until(OPENING + timedelta(days=3) + 15 * MINUTE)
    assert house.became == {f"squash {TUESDAY}": (OccurrenceState.MISSED, "the site does not answer")}
    assert [event.why for event in house.heard(Missed)] == ["the site does not answer"]


def test_a_day_that_another_run_works_for_is_told_and_tried_until_that_has_ended(house: House) -> None:
    house.write(once())
    other = house.store.start_run(
        "tudelft-x", {}, rehearsal=False, now=WAKES, job=Job(TUESDAY, ("user2", "user3"))
    )

    async def life() -> None:
        async with house.serving():
            await house.until(WAKES + MINUTE)
            # What there is to mend changes with every half minute the other lives: nobody is told of that.
            house.store.stay_alive(other, WAKES + 3 * MINUTE)
            await house.until(WAKES + 5 * MINUTE)

    house.live(life)
    (put_off,) = house.heard(PutOff)
    assert f"run {other} is at work for user2" in put_off.why
    assert house.became == {f"squash {TUESDAY}": BOOKED}


def test_a_day_that_a_killed_daemon_had_begun_is_gone_on_with(house: House) -> None:
    house.write(once())
    house.serve_until(WAKES - MINUTE)
    (record,) = house.store.occurrences()
    assert house.store.begin_occurrence(record.id, now=WAKES)
    run = house.store.start_run("tudelft-x", {}, rehearsal=False, now=WAKES, job=Job(TUESDAY, ("user1",)))
    house.store.occurrence_has_run(record.id, run, now=WAKES)
    house.serve_until(WAKES + 5 * MINUTE)  # the lease of the one that is gone has ended by then
    assert house.became == {f"squash {TUESDAY}": BOOKED}
    assert house.store.runs()[0].continues == run
    assert any("was left alone; it is gone on with" in event.text for event in house.heard(Said))


def test_a_day_whose_run_had_ended_when_the_daemon_was_killed_is_not_run_again(house: House) -> None:
    house.write(once())
    house.serve_until(WAKES - MINUTE)
    (record,) = house.store.occurrences()
    house.store.begin_occurrence(record.id, now=WAKES)
    run = house.store.start_run("tudelft-x", {}, rehearsal=False, now=WAKES, job=Job(TUESDAY, ("user1",)))
    house.store.occurrence_has_run(record.id, run, now=WAKES)
    house.store.finish_run(run, RunState.FINISHED, Standing.FALLBACK, 0, now=WAKES)
    house.serve_until(WAKES + 2 * MINUTE)
    assert house.runner.begun == []
    assert house.became == {f"squash {TUESDAY}": (OccurrenceState.FALLBACK, None)}


def test_runs_for_different_accounts_and_days_go_on_side_by_side(house: House) -> None:
    house.runner.lasts = 5 * MINUTE
    house.write(
        once("ours", accounts=["user1"]),
        once("theirs", accounts=["user2"]),
    )
    house.serve_until(WAKES + 7 * MINUTE)
    first, second = (when for _, when in house.runner.begun)
    assert first == second
    assert {state for state, _ in house.became.values()} == {OccurrenceState.BOOKED}


def test_a_bug_in_one_run_does_not_concern_the_other(house: House) -> None:
    async def buggy(prepared: Prepared) -> None:
        if prepared.bookings.accounts[0].netid == "user1":
            raise ZeroDivisionError("a mistake of ours")

    house.runner.before = buggy
    house.write(once("ours", accounts=["user1"]), once("theirs", accounts=["user2"]))
    house.serve_until(WAKES + 2 * MINUTE)
    assert house.became[f"theirs {TUESDAY}"] == BOOKED
    assert house.became[f"ours {TUESDAY}"][0] is OccurrenceState.PENDING
    assert any("Traceback" in event.text for event in house.heard(Said) if event.problem)


def test_a_run_that_is_stopped_leaves_its_day_to_the_next_daemon(house: House) -> None:
    house.runner.lasts = timedelta(hours=1)
    house.write(once())
    house.serve_until(WAKES + MINUTE)
    assert house.became[f"squash {TUESDAY}"][0] is OccurrenceState.PENDING
    house.runner.lasts = MINUTE
    house.serve_until(WAKES + 4 * MINUTE)
    assert house.became == {f"squash {TUESDAY}": BOOKED}
    assert house.store.runs()[0].continues == house.store.runs()[1].id


def test_a_wave_that_was_handed_over_fires_before_the_daemon_stops(house: House) -> None:
    house.runner.to_the_opening = True
    house.write(once())
    house.clock.advance(OPENING - house.clock.now() - timedelta(minutes=1))
    house.serve_until(OPENING - 5 * SECOND)
    assert house.runner.fired == [TUESDAY]
    assert house.clock.now() < OPENING + 10 * SECOND


def test_nothing_is_looked_up_between_the_hand_over_and_the_requests(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.runner.to_the_opening = True
    house.write(once(), once("later", day=date(2026, 12, 1)))
    house.clock.advance(OPENING - house.clock.now() - timedelta(minutes=1))
    looked_at: list[datetime] = []
    for name in ("occurrences", "asked_of_daemon", "beat"):
        monkeypatch.setattr(house.store, name, noting(getattr(house.store, name), house, looked_at))
    house.serve_until(OPENING + MINUTE, watching=True)
    assert house.became[f"squash {TUESDAY}"] == BOOKED
    assert any(OPENING - MINUTE < moment < OPENING - 10 * SECOND for moment in looked_at)
    assert not any(OPENING - 10 * SECOND < moment < OPENING + 5 * SECOND for moment in looked_at)


def test_a_changed_file_adds_and_removes_days_and_leaves_alone_what_runs(house: House) -> None:
    house.runner.lasts = 5 * MINUTE
    house.write(once("runs"), once("goes", day=date(2026, 12, 1)))

    async def life() -> None:
        async with house.serving(watching=True):
            await house.until(WAKES + MINUTE)
            assert len(house.runner.begun) == 1
            house.write(once("comes", day=date(2026, 12, 8)))
            await house.until(WAKES + 2 * MINUTE)
            assert house.became["comes 2026-12-08"][0] is OccurrenceState.PENDING
            assert "goes 2026-12-01" not in house.became
            assert house.became[f"runs {TUESDAY}"][0] is OccurrenceState.RUNNING
            await house.until(WAKES + 7 * MINUTE)

    house.live(life)
    assert house.became[f"runs {TUESDAY}"] == BOOKED
    read = house.heard(FileRead)[-1]
    assert (read.added, {*read.removed}) == (("comes",), {"runs", "goes"})


def test_a_file_that_is_wrong_is_refused_in_the_words_of_a_run_and_changes_nothing(house: House) -> None:
    house.write(once())

    async def life() -> None:
        async with house.serving(watching=True):
            await house.until(WAKES - MINUTE)
            text = house.path.read_text(encoding="utf-8").replace('"site"', '"sight"')
            house.write(text=text)
            await house.until(WAKES + 3 * MINUTE)

    house.live(life)
    (refused,) = house.heard(FileRefused)
    with pytest.raises(InputError) as complaint:
        read_bookings(house.path)
    assert refused.complaint == complaint.value.explain()
    assert "sight" in refused.complaint
    assert house.became == {f"squash {TUESDAY}": BOOKED}


def test_a_reload_that_is_asked_for_through_the_store_is_answered_there(house: House) -> None:
    house.write(once())

    async def life() -> None:
        async with house.serving(watching=True):
            await house.until(WAKES - MINUTE)
            asked = house.store.ask_daemon_to_read(now=house.clock.now())
            assert asked is not None
            await house.until(WAKES - 55 * SECOND)
            record = house.store.daemon(now=house.clock.now())
            assert record is not None
            assert (record.done, record.complaint) == (asked.asked, None)
            house.path.unlink()
            house.store.ask_daemon_to_read(now=house.clock.now())
            await house.until(WAKES - 50 * SECOND)
            record = house.store.daemon(now=house.clock.now())
            assert record is not None
            assert "bookings.json" in (record.complaint or "")

    house.live(life)


def test_a_signal_has_all_files_read_again(house: House) -> None:
    house.write(once())

    async def life() -> None:
        async with house.serving(watching=True) as (_, reloading):
            await house.until(WAKES - MINUTE)
            before = len(house.heard(FileRead))
            reloading.soon()
            await house.until(WAKES - 58 * SECOND)
            assert len(house.heard(FileRead)) == before + 1

    house.live(life)


def test_a_paused_schedule_wakes_nobody(house: House) -> None:
    house.write(once())
    house.serve_until(WAKES - MINUTE)
    (record,) = house.store.schedules()
    house.store.set_schedule_state(record.id, ScheduleState.PAUSED, now=house.clock.now())
    house.serve_until(WAKES + MINUTE)
    assert house.runner.begun == []
    assert house.alarms.set_for == {}


def test_a_schedule_that_a_command_made_is_run_with_the_accounts_of_the_file_for_its_site(
    house: House,
) -> None:
    house.write(once("other", day=date(2026, 12, 1)))
    add_by_command(house, "tudelft-x")
    house.serve_until(WAKES + 2 * MINUTE)
    assert house.became[f"by hand {TUESDAY}"] == BOOKED
    assert house.runner.begun[0][0] == f"{TUESDAY} user1,user2"


def test_a_schedule_that_nobody_has_an_account_for_says_so(house: House) -> None:
    house.write(once("other", day=date(2026, 12, 1)))
    elsewhere = house.folder / "profiles" / "elsewhere.yaml"
    elsewhere.parent.mkdir()
    elsewhere.write_text("name: elsewhere\nextends: tudelft-x\nbase_url: https://elsewhere.example\n")
    add_by_command(house, "elsewhere")
    house.serve_until(WAKES + 2 * MINUTE)
    (put_off,) = house.heard(PutOff)
    assert "there is no account for elsewhere" in put_off.why


def test_a_schedule_that_a_command_made_is_run_with_stored_accounts_where_no_file_has_any(
    house: House,
) -> None:
    house.write(once("other", day=date(2026, 12, 1)))
    elsewhere = house.folder / "profiles" / "elsewhere.yaml"
    elsewhere.parent.mkdir()
    elsewhere.write_text("name: elsewhere\nextends: tudelft-x\nbase_url: https://elsewhere.example\n")
    add_by_command(house, "elsewhere")
    secrets = {
        SecretKind.PASSWORD: Vault.open().seal("s3cret"),
        SecretKind.TOTP_SECRET: Vault.open().seal(SEED),
    }
    house.store.keep_secrets("elsewhere", {"ann": secrets}, now=house.clock.now())
    house.serve_until(WAKES + 2 * MINUTE)
    assert house.became[f"by hand {TUESDAY}"] == BOOKED
    assert house.runner.begun[0][0] == f"{TUESDAY} ann"


def test_after_a_leap_of_the_clock_it_is_looked_anew_at_once(house: House) -> None:
    house.write(once())
    leaps = SystemClock().leaps

    async def life() -> None:
        async with house.serving(leaps=leaps):
            await house.until(WAKES - MINUTE)
            house.clock.advance(timedelta(days=2))  # the machine slept
            leaps.noticed.set()
            for _ in range(200):
                await asyncio.sleep(0.005)
                if house.runner.begun:
                    break
            assert house.runner.begun

    house.live(life)
    assert any("slept" in event.text for event in house.heard(Said))


def add_by_command(house: House, site: str) -> None:
    path = find_profile(site, house.folder)
    profile = load_profile(path)
    wanted = [PriorityConfig(rank=1, location="X1")]
    schedule = by_command("by hand", path, profile, read(f"{TUESDAY} at 13:00"), wanted)
    assert house.store.add_schedule(
        schedule, coming(schedule, profile, house.clock.now()), now=house.clock.now()
    )


def noting(method: Callable[..., Any], house: House, moments: list[datetime]) -> Callable[..., Any]:
    """The method, which also notes when it is called."""

    def noted(*args: Any, **kwargs: Any) -> Any:
        moments.append(house.clock.now())
        return method(*args, **kwargs)

    return noted
