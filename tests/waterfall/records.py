"""A run in a real store that won one slot, lost another to rivals, and does not know of a third attempt."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sniper.core.lead import Aim
from sniper.core.outcomes import Outcome, Proof
from sniper.core.plan import Attempt, Role, Standing
from sniper.core.tries import Mark, Moment, ReadBack, Try
from sniper.store import BookingStatus, RunState, Store
from tests.store.examples import GOAL, GOAL_JSON, NOW, WAVE, slot

MS = timedelta(milliseconds=1)
OPENS = WAVE.opens_at
X1A, X1B = slot("X1 A", 13), slot("X1 B", 13)
RUDE = "fully \x1b[31mbooked [bold]now[/bold] <script>alert(1)</script>"


def at(after: float, mark: Mark, where: str = "X1 A", detail: str = "") -> Moment:
    """A moment so many milliseconds after the opening."""
    return Moment(OPENS + after * MS, mark, slot(where, 13), detail)


def a_run(store: Store, *, rehearsal: bool = False, ann: str = "ann") -> int:
    """Ann is refused X1 A and wins X1 B, bob is too late for X1 A, cleo is not settled."""
    wave = replace(WAVE, attempts=(replace(WAVE.attempts[0], account=ann), *WAVE.attempts[1:]))
    run_id = store.start_run(
        "practice" if rehearsal else "tudelft-x", GOAL_JSON, rehearsal=rehearsal, now=NOW
    )
    aim = Aim(OPENS, timedelta(0), 4 * MS, 4 * MS, MS, 2 * MS, OPENS - timedelta(minutes=1))
    wave_id = store.plan_wave(run_id, wave, GOAL, aim, now=NOW)
    first, second, _ = store.open_attempts(wave_id, wave.attempts, now=NOW).values()

    tries = (
        Try(X1A, Outcome.TAKEN, OPENS + 2 * MS, 38 * MS, RUDE),
        Try(X1B, Outcome.BOOKED, OPENS + 252 * MS, 48 * MS, "", "4711"),
    )
    course = (
        at(-9_800, Mark.PARKED),
        at(2, Mark.FIRED),
        at(14, Mark.SENT, detail="/participations"),
        at(39, Mark.ANSWERED, detail="409"),
        at(40, Mark.OUTCOME, detail="taken"),
        at(252, Mark.FIRED, "X1 B"),
        at(260, Mark.SENT, "X1 B"),
        at(299, Mark.ANSWERED, "X1 B", "201"),
        at(300, Mark.OUTCOME, "X1 B", "booked"),
        at(4_900, Mark.PROVEN, "X1 B", ReadBack.SHOWN),
    )
    store.close_attempt(first, tries, course, MS / 2, now=NOW)
    late = (at(-9_700, Mark.PARKED), at(3, Mark.FIRED), at(233, Mark.SENT), at(250, Mark.OUTCOME))
    store.close_attempt(second, [Try(X1A, Outcome.TAKEN, OPENS, 250 * MS)], late, MS / 2, now=NOW)
    store.record_booking(
        run_id,
        ann,
        X1B,
        reference="4711",
        proof=Proof.CONFIRMED,
        status=BookingStatus.CONFIRMED,
        now=NOW,
    )
    store.finish_run(run_id, RunState.FINISHED, Standing.MISSED, 1, now=NOW + timedelta(minutes=2))
    return run_id


def a_run_at_open_slots(store: Store) -> int:
    """Ann comes an hour after the opening, and may have no more."""
    run_id = store.start_run("tudelft-x", GOAL_JSON, rehearsal=False, now=NOW)
    aim = Aim(OPENS, timedelta(0), 4 * MS, 4 * MS, MS, 2 * MS, OPENS + timedelta(minutes=59))
    wave = replace(WAVE, attempts=WAVE.attempts[:1])
    wave_id = store.plan_wave(run_id, wave, GOAL, aim, now=NOW)
    (ann,) = store.open_attempts(wave_id, wave.attempts, now=NOW).values()
    hour = 3_600_000
    course = (
        at(hour - 3_000, Mark.PARKED),
        at(hour, Mark.FIRED),
        at(hour + 500, Mark.SENT),
        at(hour + 510, Mark.ANSWERED),
        at(hour + 511, Mark.OUTCOME),
    )
    tried = Try(X1A, Outcome.ACCOUNT_LIMIT, OPENS + hour * MS, 511 * MS)
    store.close_attempt(ann, [tried], course, MS / 2, now=NOW)
    store.finish_run(run_id, RunState.FINISHED, Standing.MISSED, 1, now=NOW + timedelta(minutes=2))
    return run_id


def a_run_in_trouble(store: Store, *, rehearsal: bool = False) -> int:
    """Everything that can go wrong besides being late, each with an account of its own."""
    run_id = store.start_run("tudelft-x", GOAL_JSON, rehearsal=rehearsal, now=NOW)
    aim = Aim(OPENS, timedelta(0), 4 * MS, 4 * MS, MS, 2 * MS, OPENS - timedelta(minutes=1))
    names = ("ann", "bob", "cleo", "dirk", "eva", "finn", "gus")
    wave = replace(WAVE, attempts=tuple(Attempt(name, (X1A,), Role.BACKUP) for name in names))
    wave_id = store.plan_wave(run_id, wave, GOAL, aim, now=NOW)
    opened = store.open_attempts(wave_id, wave.attempts, now=NOW)
    ids = {attempt.account: number for attempt, number in opened.items()}
    ready = (at(-18_200, Mark.PARKED), at(-9_800, Mark.HANDED))

    def ends(name: str, outcome: Outcome, *course: Moment, took: float = 40, said: str = "") -> None:
        tried = Try(X1A, outcome, OPENS, took * MS, said)
        store.close_attempt(ids[name], [tried], course, MS / 2, now=NOW)

    listed = (at(2, Mark.FIRED), at(6, Mark.ASKED, detail="/bookable-slots"), at(3_006, Mark.HEARD))
    ends("ann", Outcome.TAKEN, *ready, *listed, at(3_020, Mark.SENT), at(3_050, Mark.ANSWERED))
    silent = (at(2, Mark.FIRED), at(12, Mark.SENT), at(10_012, Mark.OUTCOME, detail="failed"))
    ends("bob", Outcome.FAILED, *ready, *silent, said="the page hangs")
    unread = (at(40, Mark.OUTCOME, detail="booked"), at(2_100, Mark.PROVEN, detail=ReadBack.UNREADABLE))
    booked = (at(2, Mark.FIRED), at(14, Mark.SENT), at(39, Mark.ANSWERED))
    ends("cleo", Outcome.BOOKED, *ready, *booked, *unread)
    pressed = (at(3, Mark.FIRED), at(15, Mark.SENT), at(4_000, Mark.PROVEN, detail=ReadBack.NOT_SHOWN))
    ends("dirk", Outcome.INTERRUPTED, *ready, *pressed, took=0, said="not seen to end")
    ends("eva", Outcome.NOT_PARKED, took=0, said="no such page")
    early = [
        moment
        for press in range(0, 2_000, 250)
        for moment in (
            at(press + 2, Mark.FIRED),
            at(press + 12, Mark.SENT),
            at(press + 30, Mark.ANSWERED, detail="403"),
            at(press + 31, Mark.OUTCOME, detail="too_early"),
        )
    ]
    late = (at(2_002, Mark.FIRED), at(2_122, Mark.SENT), at(2_140, Mark.ANSWERED), at(2_141, Mark.OUTCOME))
    ends("finn", Outcome.TAKEN, *ready, *early, *late)
    handed = (at(-18_200, Mark.PARKED), at(700, Mark.HANDED), at(704, Mark.FIRED), at(900, Mark.SENT))
    ends("gus", Outcome.TAKEN, *handed, at(930, Mark.ANSWERED), at(931, Mark.OUTCOME))
    store.finish_run(run_id, RunState.INTERRUPTED, Standing.MISSED, 130, now=NOW + timedelta(minutes=2))
    return run_id
