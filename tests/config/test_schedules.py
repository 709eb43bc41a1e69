"""Schedules of bookings.json: what they say instead of snipe_config, what is wrong, and which day is next."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest

from sniper.config.bookings import Bookings
from sniper.config.goal import check_against, goal_on, load_site, target_day
from sniper.config.scheduled import choose, for_schedule
from sniper.config.schedules import ScheduleConfig
from sniper.documents import Document
from sniper.errors import InputError
from sniper.sites.profile import Profile
from tests.config.examples import GONE, complaints, read, with_change

BADMINTON: dict[str, Any] = {
    "name": "badminton",
    "when": "every other Friday at 10:00 starting 2027-01-08",
    "except": ["2027-01-22"],
    "consecutive_hours": 1,
    "fallback_strategy": "none",
    "priorities": [{"rank": 1, "location": "X3"}],
    "accounts": ["ann"],
}
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def root(*schedules: dict[str, Any], **changes: object) -> dict[str, Any]:
    """The good file with these schedules and without a day of its own."""
    return {**with_change("snipe_config.target_date", GONE), "schedules": list(schedules), **changes}


def chosen(
    folder: Path, *schedules: dict[str, Any], name: str | None = None
) -> tuple[Bookings, Document, Profile, ScheduleConfig]:
    """The file as if it were about one of these only."""
    bookings, document = read(folder, root(*schedules))
    profile = load_site(bookings, document)
    check_against(bookings, document, profile)
    schedule = choose(bookings, document, name)
    assert schedule is not None
    return for_schedule(bookings, schedule, profile), document, profile, schedule


def day(folder: Path, schedule: dict[str, Any], now: datetime) -> date | None:
    """Which one is gone for at that time."""
    bookings, _, profile, config = chosen(folder, schedule)
    return target_day(bookings, profile, now, config)


def test_what_a_schedule_does_not_say_is_as_snipe_config_has_it(tmp_path: Path) -> None:
    bookings, *_ = chosen(tmp_path, BADMINTON)
    config = bookings.snipe_config
    assert (config.consecutive_hours, [p.location for p in config.priorities]) == (1, ["X3"])
    assert config.give_back.value == "never"
    assert [account.netid for account in bookings.accounts] == ["ann"]


def test_an_hour_is_a_window_that_holds_the_hours_and_no_others(tmp_path: Path) -> None:
    bookings, document, profile, schedule = chosen(
        tmp_path, {"name": "long", "when": "every Tuesday at 19:00", "consecutive_hours": 2}
    )
    goal = goal_on(bookings, document, profile, NOW, schedule=schedule)
    assert (goal.target_date, goal.window_start, goal.window_end) == (date(2026, 12, 1), time(19), time(21))
    assert goal.hours == 2


def test_without_an_hour_the_window_counts(tmp_path: Path) -> None:
    bookings, *_ = chosen(
        tmp_path,
        {"name": "any", "when": "every Tuesday", "time_window": {"start": "09:00", "end": "12:00"}},
    )
    assert bookings.snipe_config.time_window.start == time(9)
    bookings, *_ = chosen(tmp_path, {"name": "any", "when": "every Tuesday"})
    assert bookings.snipe_config.time_window.start == time(13)


def test_hours_may_end_at_midnight(tmp_path: Path) -> None:
    bookings, *_ = chosen(tmp_path, {"name": "late", "when": "every Tuesday at 21:00"})
    assert bookings.snipe_config.time_window.end == time()


def test_a_rule_and_its_ends_may_be_said_by_keys(tmp_path: Path) -> None:
    *_, schedule = chosen(
        tmp_path,
        {
            "name": "rule",
            "when": {"rrule": "FREQ=WEEKLY;BYDAY=FR", "start": "2027-01-08", "at": "15:00"},
            "until": "2027-01-29",
            "except": ["2027-01-15"],
        },
    )
    assert [f"{one:%d}" for one in schedule.recurrence.days(date(2026, 11, 22))] == ["08", "22", "29"]


def test_the_day_to_go_for_is_the_one_that_opens_next(tmp_path: Path) -> None:
    """X3 opens three days before."""
    weekly = {**BADMINTON, "when": "every Friday at 10:00", "except": []}
    opens = datetime(2026, 11, 24, 9, tzinfo=UTC)
    assert day(tmp_path, weekly, opens.replace(hour=8, minute=59)) == date(2026, 11, 27)
    assert day(tmp_path, weekly, opens) == date(2026, 12, 4)


def test_where_all_is_open_the_day_that_comes_first_is_gone_for(tmp_path: Path) -> None:
    once = {**BADMINTON, "when": "2026-11-27 at 10:00", "except": []}
    assert day(tmp_path, once, datetime(2026, 11, 26, 9, tzinfo=UTC)) == date(2026, 11, 27)
    assert day(tmp_path, once, datetime(2026, 11, 27, 9, 1, tzinfo=UTC)) is None


def test_a_schedule_without_a_day_to_come_is_refused(tmp_path: Path) -> None:
    bookings, document, profile, schedule = chosen(
        tmp_path, {**BADMINTON, "when": "2026-11-27 at 10:00", "except": []}
    )
    with pytest.raises(InputError, match="no day of 'badminton' is to come"):
        goal_on(bookings, document, profile, datetime(2027, 1, 1, tzinfo=UTC), schedule=schedule)


def test_the_only_schedule_of_a_file_without_a_day_is_meant(tmp_path: Path) -> None:
    *_, schedule = chosen(tmp_path, BADMINTON)
    assert schedule.name == "badminton"


def test_of_several_schedules_one_has_to_be_named(tmp_path: Path) -> None:
    squash = {**BADMINTON, "name": "squash"}
    with pytest.raises(InputError) as refused:
        chosen(tmp_path, BADMINTON, squash)
    assert "Say which by --schedule: badminton, squash." in refused.value.explain()
    *_, schedule = chosen(tmp_path, BADMINTON, squash, name="squash")
    assert schedule.name == "squash"
    with pytest.raises(InputError) as refused:
        chosen(tmp_path, BADMINTON, squash, name="squsah")
    assert "Did you mean 'squash'?" in refused.value.explain()


def test_a_file_with_a_day_goes_by_it_unless_a_schedule_is_named(tmp_path: Path) -> None:
    bookings, document = read(tmp_path, {**with_change("site", "tudelft-x"), "schedules": [BADMINTON]})
    assert choose(bookings, document, None) is None
    named = choose(bookings, document, "badminton")
    assert named is not None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"nmae": "x"}, "schedules[0].nmae: unknown key; did you mean 'name'?"),
        ({"name": GONE}, "schedules[0].name: is missing"),
        ({"name": ""}, "schedules[0].name: must not be empty"),
        ({"when": GONE}, "schedules[0].when: is missing"),
        (
            {"when": 3},
            'schedules[0].when: must be words in quotes ("every Friday at 10:00"), or '
            '{"rrule": "FREQ=WEEKLY;BYDAY=FR", "start": "2027-01-08"}',
        ),
        (
            {"when": "every second Friday at 10:00"},
            "schedules[0].when: 'every second Friday at 10:00': of the weeks, or of the month? "
            "Write 'every other Friday', or add 'of the month'",
        ),
        ({"when": {"rrule": "FREQ=WEEKLY;BYDAY=FR"}}, "schedules[0].when.start: is missing"),
        (
            {"when": {"rrule": "FREQ=WEEKLY;BYDAY=FR", "start": "08.01.2027"}},
            "schedules[0].when.start: '08.01.2027' is no date; write 2026-11-24",
        ),
        (
            {"when": {"rrule": "FREQ=HOURLY", "start": "2027-01-08"}},
            "schedules[0].when: a rule says how often: FREQ is one of DAILY, WEEKLY, MONTHLY, YEARLY",
        ),
        (
            {"when": {"rule": "FREQ=DAILY", "start": "2027-01-08"}},
            "schedules[0].when.rule: unknown key; did you mean 'rrule'?",
        ),
        ({"until": "2027-06"}, "schedules[0].until: '2027-06' is no date; write 2026-11-24"),
        (
            {"when": "every Friday at 10:00 until 2027-06-30", "until": "2027-05-31"},
            "schedules[0].when: the last day is said twice, 2027-06-30 and 2027-05-31; keep one of them",
        ),
        (
            {"time_window": {"start": "09:00", "end": "12:00"}},
            "schedules[0].time_window: `when` names the hour already, 10:00; keep one of the two",
        ),
        (
            {"accounts": ["zoe"]},
            "schedules[0].accounts[0]: 'zoe' is none of the file's accounts; there are: ann, bob, eve",
        ),
        (
            {"fallback_strategy": "accept_2_consecutive_hours"},
            "schedules[0].fallback_strategy: accepts 2 hours, which is more than consecutive_hours asks for "
            "(1); lower it",
        ),
        (
            {"priorities": [{"rank": 1, "location": "X4"}]},
            "schedules[0].priorities[0].location: tudelft-x knows no 'X4'; did you mean 'X3'?",
        ),
        (
            {"priorities": [{"rank": 1, "location": "X1"}, {"rank": 1, "location": "X3"}]},
            "schedules[0].priorities[1].rank: two priorities have the rank 1; each needs its own",
        ),
        (
            {"when": "every Friday at 10:30"},
            "schedules[0].when: no slot begins at 10:30; write an hour at which one does",
        ),
        (
            {"when": "every Friday at 23:00", "consecutive_hours": 2, "accounts": ["ann", "bob"]},
            "schedules[0].when: 2 hours from 23:00 on go past midnight; begin earlier, or ask for fewer",
        ),
        (
            {"consecutive_hours": 2},
            "schedules[0].consecutive_hours: 2 hours in a row at X3 take 2 accounts "
            "(one booking per account, location and day), and 1 is active; add accounts or ask for fewer "
            "hours",
        ),
        (
            {"accounts": ["eve"]},
            "schedules[0].consecutive_hours: 1 hours in a row at X3 take 1 accounts "
            "(one booking per account, time of day and day), and 0 are active; add accounts or ask for fewer "
            "hours",
        ),
    ],
)
def test_a_wrong_schedule_is_told_with_its_place_and_mend(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    schedule = {key: value for key, value in {**BADMINTON, **change}.items() if value is not GONE}
    printed = complaints(tmp_path, root(schedule))
    assert printed.partition(": ")[2] == said
    assert printed.startswith(":")


def test_two_schedules_of_one_name_are_refused(tmp_path: Path) -> None:
    assert complaints(tmp_path, root(BADMINTON, BADMINTON)).endswith(
        "schedules[1].name: two schedules are called 'badminton'; each needs a name of its own"
    )


def test_what_snipe_config_says_wrong_is_told_once_for_all_schedules(tmp_path: Path) -> None:
    two = [{"name": name, "when": "every Friday"} for name in ("one", "two")]
    wrong = with_change("snipe_config.priorities.0.location", "X9")
    del wrong["snipe_config"]["target_date"]
    assert complaints(tmp_path, {**wrong, "schedules": two}) == (
        ":28: snipe_config.priorities[0].location: tudelft-x knows no 'X9'; did you mean 'X3'?"
    )


@pytest.mark.parametrize(
    ("calendar", "said"),
    [
        ("", "busy_calendar: must not be empty"),
        (
            3,
            'busy_calendar: must be a path or an address in quotes, {"env": "NAME"}, or '
            '{"calendar": "…", "required": true}',
        ),
        (
            {"calendar": 3},
            'busy_calendar.calendar: must be a text in quotes, or {"env": "NAME"} for an environment '
            "variable",
        ),
        ({"calender": "x"}, "busy_calendar.calender: unknown key; did you mean 'calendar'?"),
    ],
)
def test_a_wrong_busy_calendar_is_told(tmp_path: Path, calendar: object, said: str) -> None:
    assert complaints(tmp_path, root(BADMINTON, busy_calendar=calendar)).partition(": ")[2] == said


def test_the_variable_of_a_calendar_is_kept_from_the_browsers(tmp_path: Path) -> None:
    bookings, _ = read(tmp_path, root(BADMINTON, busy_calendar={"env": "CALENDAR"}))
    assert "CALENDAR" in bookings.secret_variables
    bookings, _ = read(tmp_path, root(BADMINTON, busy_calendar={"calendar": {"env": "CALENDAR"}}))
    assert "CALENDAR" in bookings.secret_variables
