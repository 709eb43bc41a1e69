"""What people are told of a run: an event, and the message it is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from sniper.core.findings import Judgement, noes
from sniper.core.outcomes import Proof
from sniper.core.plan import Held, Standing, Wave
from sniper.core.timeline import in_words
from sniper.events import (
    Checked,
    Event,
    GivenBack,
    LeftToDo,
    Noted,
    Proven,
    RunBroken,
    RunEnded,
    RunStarted,
    TookOver,
    Tried,
    WavePlanned,
)
from sniper.telling import describe_dry_run, describe_goal, describe_try, describe_verdict

WATERMARK = "REHEARSAL"
_ABOUT_TO_FIRE = timedelta(seconds=30)
"""Who hears it later than this before an opening cannot do anything any more."""


class Level(StrEnum):
    """How much a channel is told. Each hears what the later ones hear, and more."""

    EVERY_ATTEMPT = "every attempt"
    RESULTS = "results"
    PROBLEMS = "problems"

    def hears(self, level: Level) -> bool:
        """Does a channel of this level get a message of that one?"""
        order = tuple(Level)
        return order.index(self) <= order.index(level)


class Kind(StrEnum):
    """How a message is meant; services show it by a colour or a sign."""

    INFO = "info"
    SUCCESS = "success"
    WARNING = "warning"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True)
class Scene:
    """What messages say they are about.

    Attributes:
        site: As the profile calls it.
        zone: The site's.
        run_id: None before the run has a number.
    """

    site: str
    rehearsal: bool
    zone: tzinfo
    run_id: int | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """What is told.

    Attributes:
        level: Channels of this level and of more talkative ones get it.
        at: When, on the site's clock.
        picture: A file that goes with it.
    """

    level: Level
    kind: Kind
    what: str
    more: str
    at: datetime
    scene: Scene
    picture: Path | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """What goes out: a message, or several that have waited for the same channel."""

    kind: Kind
    title: str
    body: str
    picture: Path | None = None


def message_of(event: Event, scene: Scene, now: datetime) -> Message | None:
    """The message an event is worth, if it is.

    Args:
        event: What happened.
        scene: Of the run.
        now: On the site's clock.
    """
    told = _told(event, scene, now)
    if told is None:
        return None
    picture = event.picture if isinstance(event, RunEnded) else None
    return Message(told.level, told.kind, told.what, told.more, now.astimezone(scene.zone), scene, picture)


def letter_of(messages: Sequence[Message]) -> Letter:
    """One letter for these messages, the last of which tells where the run is. What matters most names it."""
    first = max(messages, key=lambda one: tuple(Kind).index(one.kind))
    scene, last = messages[-1].scene, messages[-1].at
    others = f" (and {len(messages) - 1} more)" if len(messages) > 1 else ""
    if len(messages) == 1:
        parts = [first.more]
    else:
        parts = ["\n".join(filter(None, (f"{one.at:%H:%M:%S} {one.what}", one.more))) for one in messages]
    run = "" if scene.run_id is None else f", run {scene.run_id}"
    foot = f"{scene.site}{run}, {last:%a %d %b %H:%M:%S %Z}"
    if scene.rehearsal:
        parts.insert(0, f"{WATERMARK}: this is the practice site, nothing real is booked.")
    pictures = [one.picture for one in messages if one.picture]
    return Letter(
        first.kind,
        f"{f'{WATERMARK} · ' if scene.rehearsal else ''}sniper: {first.what}{others}",
        "\n\n".join(filter(None, (*parts, foot))),
        pictures[-1] if pictures else None,
    )


class _Told(NamedTuple):
    level: Level
    kind: Kind
    what: str
    more: str


def _told(event: Event, scene: Scene, now: datetime) -> _Told | None:
    match event:
        case RunStarted():
            return _info(Level.RESULTS, "the run has started", _plans(event))
        case WavePlanned(number, wave) if wave.opens_at - now >= _ABOUT_TO_FIRE:
            return _info(Level.RESULTS, *_about_to_fire(number, wave, scene, now))
        case Checked(ahead, findings):
            wrong = ", ".join(one.name for one in noes(findings))
            warned = ", ".join(one.name for one in findings if one.judgement is Judgement.WARNING)
            go = f"NO-GO ({wrong})" if wrong else f"go, with warnings ({warned})" if warned else "go"
            # What is wrong is told by itself, to everybody.
            return _info(Level.EVERY_ATTEMPT, f"checked {in_words(ahead)} before the opening: {go}", "")
        case TookOver(attempt, instead_of):
            return _info(Level.EVERY_ATTEMPT, f"{attempt.account} takes over from {instead_of}", str(attempt))
        case Tried(account, result):
            return _info(Level.EVERY_ATTEMPT, f"{account}: {describe_try(result)}", "")
        case Proven(booking, Proof.CONFIRMED):
            told = f"Confirmed by my bookings, reference {booking.reference}."
            return _Told(Level.RESULTS, Kind.SUCCESS, f"{booking.account} has {booking.slot}", told)
        case Proven(booking, Proof.DOUBLED):
            told = "Others have it as well: ask the site."
            return _Told(Level.PROBLEMS, Kind.WARNING, f"{booking.account}: {booking.slot} is DOUBLED", told)
        case LeftToDo(booking, what):
            title = f"{booking.account}: {booking.slot}: something is left to do"
            return _Told(Level.PROBLEMS, Kind.WARNING, title, what)
        case GivenBack(booking, ""):
            return _info(Level.EVERY_ATTEMPT, f"{booking.account}: {booking.slot} is given back", "")
        case Noted(text, problem, mended):
            return _noted(text, problem=problem, mended=mended)
        case RunEnded():
            return _end(event)
        case RunBroken(why, stopped):
            return _broken(why, stopped=stopped, scene=scene)
        case _:
            return None


def _info(level: Level, title: str, body: str) -> _Told:
    return _Told(level, Kind.INFO, title, body)


def _plans(event: RunStarted) -> str:
    lines = [f"{describe_goal(event.goal)}.", f"Accounts: {', '.join(event.accounts)}."]
    for wave in event.foreseen:
        opens = wave.opens_at.astimezone(event.goal.zone)
        lines.append(f"Opening {opens:%a %d %b %H:%M:%S %Z}: {_first(wave)}")
    if not event.foreseen:
        lines.append("Nothing is left to win: every hour is past, taken or ours.")
    return "\n".join(lines)


def _first(wave: Wave) -> str:
    return ", ".join(dict.fromkeys(f"{a.target.place} {a.target.start:%H:%M}" for a in wave.attempts))


def _about_to_fire(number: int, wave: Wave, scene: Scene, now: datetime) -> tuple[str, str]:
    opens = wave.opens_at.astimezone(scene.zone)
    title = f"wave {number} fires at {opens:%H:%M:%S}, in {_minutes(wave.opens_at - now)}"
    return title, "\n".join([wave.reason, *(str(attempt) for attempt in wave.attempts)])


def _minutes(left: timedelta) -> str:
    if left < timedelta(minutes=2):
        return f"{left.seconds} s"
    return in_words(timedelta(minutes=round(left / timedelta(minutes=1))))


def _noted(text: str, *, problem: bool, mended: bool) -> _Told:
    first, _, rest = text.partition("\n")
    if problem:
        return _Told(Level.PROBLEMS, Kind.WARNING, first, rest)
    if mended:
        # Who has heard of the problem hears of its end.
        return _Told(Level.PROBLEMS, Kind.SUCCESS, first, rest)
    return _info(Level.EVERY_ATTEMPT, first, rest)


def _end(event: RunEnded) -> _Told:
    """The result: a goal that was missed is told to everybody."""
    missed = event.exit_code != 0
    lines = [_booking(held, proof) for held, proof in event.bookings]
    if event.left_to_do:
        lines.append(f"Left to do: {event.left_to_do}")
    lines += [f"! {problem}" for problem in event.problems]
    lines.append(f"How it went: sniper runs show {event.run_id}")
    if not event.pressed:
        title = describe_dry_run(ready=not missed)
    else:
        doubled = any(proof is Proof.DOUBLED for _, proof in event.bookings)
        title = describe_verdict(event.verdict, doubled=doubled)
    kind = Kind.SUCCESS if event.verdict.standing is Standing.REACHED or not event.pressed else Kind.WARNING
    return _Told(
        Level.PROBLEMS if missed else Level.RESULTS,
        Kind.FAILURE if missed else kind,
        title.removesuffix("."),
        "\n".join(lines),
    )


def _booking(held: Held, proof: Proof) -> str:
    reference = f", reference {held.reference}" if held.reference else ""
    return f"{held.slot}: {held.account}{reference}, {proof.name}"


def _broken(why: str, *, stopped: bool, scene: Scene) -> _Told:
    begun = scene.run_id is not None
    again = "The same command goes on with it." if begun else ""
    if stopped:
        title = "the run was stopped by hand" if begun else "stopped before the run had begun"
    else:
        title = "the run broke off" if begun else "the run could not begin"
    kind = Kind.WARNING if stopped else Kind.FAILURE
    return _Told(Level.PROBLEMS, kind, title, "\n".join(filter(None, (why, again))))
