"""What people are told of a run, and how much each channel hears."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sniper.core.findings import Finding, Judgement, Subject
from sniper.core.outcomes import Outcome, Proof
from sniper.core.plan import Held, Standing, Verdict
from sniper.core.tries import Try
from sniper.events import (
    AccountDoes,
    Activity,
    Checked,
    ClockMeasured,
    Event,
    GivenBack,
    Jumped,
    LeftToDo,
    Noted,
    Proven,
    RunBroken,
    RunEnded,
    RunStarted,
    TookOver,
    Tried,
    Waiting,
    WaveOver,
    WavePlanned,
)
from sniper.notify.messages import WATERMARK, Kind, Level, Message, Scene, letter_of, message_of
from tests.store.examples import AMSTERDAM, GOAL, WAVE, X1A

OPENING = WAVE.opens_at
EARLIER = OPENING - timedelta(minutes=10)
REAL = Scene("TU Delft X", rehearsal=False, zone=AMSTERDAM, run_id=12)
REHEARSED = replace(REAL, rehearsal=True)
HELD = Held("ann", X1A, "4711")
TAKEN = Try(X1A, Outcome.TAKEN, OPENING, timedelta(milliseconds=40), "Fully booked.")
REACHED = RunEnded(12, True, Verdict(Standing.REACHED, (HELD,)), ((HELD, Proof.CONFIRMED),), (), 0)
MISSED = RunEnded(12, True, Verdict(Standing.MISSED, ()), (), ("ann: the account is blocked",), 1)
STARTED = RunStarted(12, "TU Delft X", False, GOAL, ("ann", "bob"), (WAVE,))

TOLD: list[tuple[Event, Level, Kind, str]] = [
    (STARTED, Level.RESULTS, Kind.INFO, "the run has started"),
    (WavePlanned(1, WAVE), Level.RESULTS, Kind.INFO, "wave 1 fires at 13:00:00, in 10 min"),
    (
        Tried("ann", TAKEN),
        Level.EVERY_ATTEMPT,
        Kind.INFO,
        "ann: X1 A Tue 24 Nov 13:00: taken before us (40 ms)",
    ),
    (TookOver(WAVE.attempts[1], "ann"), Level.EVERY_ATTEMPT, Kind.INFO, "bob takes over from ann"),
    (Proven(HELD, Proof.CONFIRMED), Level.RESULTS, Kind.SUCCESS, "ann has X1 A Tue 24 Nov 13:00"),
    (Proven(HELD, Proof.DOUBLED), Level.PROBLEMS, Kind.WARNING, "ann: X1 A Tue 24 Nov 13:00 is DOUBLED"),
    (
        LeftToDo(HELD, "Confirm it."),
        Level.PROBLEMS,
        Kind.WARNING,
        "ann: X1 A Tue 24 Nov 13:00: something is left to do",
    ),
    (GivenBack(HELD), Level.EVERY_ATTEMPT, Kind.INFO, "ann: X1 A Tue 24 Nov 13:00 is given back"),
    (
        Noted("ann: the account is blocked", problem=True),
        Level.PROBLEMS,
        Kind.WARNING,
        "ann: the account is blocked",
    ),
    (Noted("mended: disk", mended=True), Level.PROBLEMS, Kind.SUCCESS, "mended: disk"),
    (Noted("goes on with run 11"), Level.EVERY_ATTEMPT, Kind.INFO, "goes on with run 11"),
    (Checked(timedelta(hours=1), ()), Level.EVERY_ATTEMPT, Kind.INFO, "checked 1 h before the opening: go"),
    (REACHED, Level.RESULTS, Kind.SUCCESS, "Goal reached: 1 hour at X1 from 13:00"),
    (MISSED, Level.PROBLEMS, Kind.FAILURE, "Not reached: nothing booked"),
    (
        replace(MISSED, pressed=False, exit_code=0),
        Level.RESULTS,
        Kind.SUCCESS,
        "Dry run: every page got to the press",
    ),
    (RunBroken("the disk is full"), Level.PROBLEMS, Kind.FAILURE, "the run broke off"),
    (RunBroken("by Ctrl-C", stopped=True), Level.PROBLEMS, Kind.WARNING, "the run was stopped by hand"),
]
SILENT: list[Event] = [
    ClockMeasured(timedelta(0), timedelta(0)),
    AccountDoes("ann", Activity.SIGNING_IN),
    Waiting(OPENING, "the opening"),
    Jumped(timedelta(hours=1)),
    WaveOver(1),
    # What failed there is told as a problem of its own.
    GivenBack(HELD, "could not be cancelled"),
    Proven(HELD, Proof.UNVERIFIED),
]


def told(event: Event, scene: Scene = REAL, now: datetime = EARLIER) -> Message:
    message = message_of(event, scene, now)
    assert message is not None
    return message


@pytest.mark.parametrize(("event", "level", "kind", "what"), TOLD)
def test_each_event_is_told_to_those_whom_it_concerns(
    event: Event, level: Level, kind: Kind, what: str
) -> None:
    message = told(event)
    assert (message.level, message.kind) == (level, kind)
    assert message.what.startswith(what)


def test_the_result_says_what_is_left_to_do_about_it() -> None:
    assert "Left to do: Confirm it." in told(replace(REACHED, left_to_do="Confirm it.")).more.splitlines()
    assert "Left to do" not in told(REACHED).more


@pytest.mark.parametrize("event", SILENT)
def test_what_helps_nobody_is_not_told(event: Event) -> None:
    assert message_of(event, REAL, EARLIER) is None


def test_every_event_there_is_has_been_thought_of() -> None:
    thought_of = {type(event) for event in (*(event for event, *_ in TOLD), *SILENT)}
    assert {kind.__name__ for kind in Event.__args__} - {kind.__name__ for kind in thought_of} == {"Aimed"}


@pytest.mark.parametrize(
    ("level", "heard"),
    [
        (Level.EVERY_ATTEMPT, {Level.EVERY_ATTEMPT, Level.RESULTS, Level.PROBLEMS}),
        (Level.RESULTS, {Level.RESULTS, Level.PROBLEMS}),
        (Level.PROBLEMS, {Level.PROBLEMS}),
    ],
)
def test_a_channel_hears_its_level_and_what_matters_more(level: Level, heard: set[Level]) -> None:
    assert {one for one in Level if level.hears(one)} == heard


@pytest.mark.parametrize("event", [event for event, *_ in TOLD])
def test_every_message_of_a_rehearsal_is_marked_in_title_and_text(event: Event) -> None:
    letter = letter_of([told(event, REHEARSED)])
    assert letter.title.startswith(f"{WATERMARK} · sniper: ")
    assert WATERMARK in letter.body
    real = letter_of([told(event)])
    assert WATERMARK not in real.title + real.body


@pytest.mark.parametrize("left", [timedelta(seconds=29), timedelta(0), timedelta(hours=-2)])
def test_who_cannot_do_anything_any_more_is_not_told_that_a_wave_fires(left: timedelta) -> None:
    assert message_of(WavePlanned(1, WAVE), REAL, OPENING - left) is None


def test_a_wave_that_is_about_to_fire_is_told_with_who_goes_for_what_in_the_sites_time() -> None:
    message = told(WavePlanned(3, WAVE), now=OPENING - timedelta(seconds=75))
    assert message.what == "wave 3 fires at 13:00:00, in 75 s"
    assert message.more.splitlines() == [WAVE.reason, *map(str, WAVE.attempts)]


def test_the_result_tells_each_booking_with_its_proof_and_what_has_to_be_seen_to() -> None:
    unproven = replace(REACHED, bookings=((HELD, Proof.UNVERIFIED),), problems=("look at it",))
    assert told(unproven).more.splitlines() == [
        "X1 A Tue 24 Nov 13:00: ann, reference 4711, UNVERIFIED",
        "! look at it",
        "How it went: sniper runs show 12",
    ]


def test_the_picture_of_the_course_goes_with_the_result(tmp_path: Path) -> None:
    picture = tmp_path / "timeline.png"
    assert letter_of([told(STARTED), told(replace(REACHED, picture=picture))]).picture == picture


def test_a_check_names_what_is_wrong() -> None:
    findings = (
        Finding(Subject.MACHINE, "disk", Judgement.NO, "full"),
        Finding(Subject.SITE, "clock", Judgement.WARNING, "hm"),
    )
    assert told(Checked(timedelta(minutes=10), findings)).what.endswith("NO-GO (disk)")
    assert told(Checked(timedelta(minutes=10), findings[1:])).what.endswith("go, with warnings (clock)")


def test_a_run_that_could_not_begin_says_so_without_a_number() -> None:
    message = told(RunBroken("no connection"), replace(REAL, run_id=None))
    assert (message.what, message.more) == ("the run could not begin", "no connection")
    assert "run 12" not in letter_of([message]).body


def test_a_run_that_broke_off_says_how_it_goes_on() -> None:
    assert told(RunBroken("no connection")).more == "no connection\nThe same command goes on with it."


EVENTS = st.sampled_from([event for event, *_ in TOLD])


@given(st.lists(EVENTS, min_size=2, max_size=8), st.booleans())
def test_letters_of_several_messages_hold_all_of_them_and_are_named_after_the_worst(
    events: list[Any], rehearsal: bool
) -> None:
    scene = REHEARSED if rehearsal else REAL
    messages = [told(event, scene) for event in events]
    letter = letter_of(messages)
    kinds = list(Kind)
    assert kinds.index(letter.kind) == max(kinds.index(one.kind) for one in messages)
    assert f"(and {len(messages) - 1} more)" in letter.title
    assert (WATERMARK in letter.title) == rehearsal
    for one in messages:
        assert f"12:50:00 {one.what}" in letter.body
        assert one.more in letter.body
    assert letter.body.endswith("TU Delft X, run 12, Sat 21 Nov 12:50:00 CET")


def test_times_are_the_sites_whatever_clock_they_come_from() -> None:
    assert (
        told(STARTED, now=datetime(2026, 7, 1, 10, tzinfo=UTC)).at.isoformat() == "2026-07-01T12:00:00+02:00"
    )
