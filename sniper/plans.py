"""What can be said of a run before there is one: nothing is asked of the site, and nothing is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import zip_longest
from pathlib import Path

from sniper.calendars.leaving_out import in_words, less_busy
from sniper.calendars.sources import busy_calendar
from sniper.config.bookings import Bookings, read_bookings
from sniper.config.goal import check_against, goal_on, load_site
from sniper.config.planning import Overrides, terms_of
from sniper.config.scheduled import choose, for_schedule, said_of
from sniper.config.snipe_config import PlanningConfig
from sniper.core.goals import Goal
from sniper.core.odds import Record
from sniper.core.plan import Held, Situation
from sniper.core.prospects import Change
from sniper.core.strategy import Terms
from sniper.crew import without_disabled
from sniper.errors import InputError
from sniper.lessons import Lessons, lessons_of
from sniper.sites.profile import Profile
from sniper.store.records import BookingRecord, BookingStatus
from sniper.store.repository import Store

_AS_IT_BEGINS = "the practice site's, as it begins"


@dataclass(frozen=True, slots=True)
class Outset:
    """Where a run would begin.

    Attributes:
        clock: Whose time is gone by, for people.
        told: What people should know of the accounts, the calendar, and the hours left out for it.
    """

    bookings: Bookings
    profile: Profile
    planning: PlanningConfig
    terms: Terms
    situation: Situation
    clock: str
    told: tuple[str, ...] = ()


def outset(
    path: Path,
    site: str | None,
    overrides: Overrides,
    now: datetime,
    schedule: str | None = None,
    busy: str | None = None,
) -> Outset:
    """Read the file, the profile and the record, and say where a run would begin.

    Args:
        path: Of a bookings.json.
        site: A profile instead of the file's.
        overrides: What the command line says of the planning.
        now: This machine's time. A practice site that begins its day at a time of its own goes by that.
        schedule: A schedule of the file, by its name.
        busy: A calendar instead of the file's.

    Raises:
        InputError: The file or the profile is wrong, the date is past, or the calendar leaves no time.
        EnvironmentProblem: The store is there and cannot be read, or a calendar that is required.
    """
    bookings, document = read_bookings(path)
    profile = load_site(bookings, document, site)
    store = Store.as_it_is()
    known = store.accounts(profile.name) if store else ()
    bookings, told = without_disabled(bookings, document, known)
    check_against(bookings, document, profile)
    calendar = busy_calendar(bookings, document, busy)
    chosen = choose(bookings, document, schedule)
    if chosen is not None:
        bookings = for_schedule(bookings, chosen, profile)
    now, clock = _site_time(profile, now)
    goal = goal_on(bookings, document, profile, now, schedule=chosen)
    planning = overrides.on(bookings.snipe_config.planning)
    if store is None:
        history: Mapping[tuple[str, time], Record] = {}
        booked: Sequence[BookingRecord] = ()
        lessons = Lessons()
    else:
        with store:
            history, booked = store.history(profile.name), store.bookings(profile.name)
            lessons = lessons_of(store, profile.name, {one.location for one in goal.priorities}, now)
    # A practice site begins anew each time.
    booked = [one for one in booked if profile.practice is None and one.slot.day == goal.target_date]
    goal = less_busy(goal, calendar, booked)
    held = _held(booked)
    accounts = tuple(account.netid for account in bookings.accounts if account.is_active)
    situation = Situation(now, accounts, tuple(one for one in held if one.account in accounts))
    terms = terms_of(goal, profile, planning, history, lessons.watched)
    told = (*told, *said_of(chosen), *calendar.told, *in_words(goal))
    return Outset(bookings, profile, planning, terms, situation, clock, told)


def changes(begin: Outset) -> Iterator[Change]:
    """What a person could do differently: an account more, a wider window, another place."""
    terms, situation = begin.terms, begin.situation
    goal = terms.goal
    more = tuple(
        replace(p, max_accounts=p.max_accounts + 1) if p.max_accounts >= len(situation.accounts) else p
        for p in goal.priorities
    )
    another = replace(situation, accounts=(*situation.accounts, "one more"))
    yield Change("one more account", replace(terms, goal=replace(goal, priorities=more)), another)
    for what, wider in _windows(goal):
        yield Change(what, replace(terms, goal=wider), situation)
    for index, priority in enumerate(goal.priorities):
        known = begin.profile.locations[priority.location].sub_locations
        for sub in known:
            if sub not in priority.sub_locations and None not in priority.sub_locations:
                wider_one = replace(priority, sub_locations=(*priority.sub_locations, sub))
                some = (*goal.priorities[:index], wider_one, *goal.priorities[index + 1 :])
                yield Change(f"{sub} as well", replace(terms, goal=replace(goal, priorities=some)), situation)
        if priority.max_accounts < len(situation.accounts):
            all_ = replace(priority, max_accounts=len(situation.accounts))
            some = (*goal.priorities[:index], all_, *goal.priorities[index + 1 :])
            what = f"all accounts at {priority.location} (max_accounts)"
            yield Change(what, replace(terms, goal=replace(goal, priorities=some)), situation)
    named = {priority.location for priority in goal.priorities}
    for name, location in begin.profile.locations.items():
        if name not in named:
            last = replace(
                goal.ranked[-1],
                rank=goal.ranked[-1].rank + 1,
                location=name,
                sub_locations=location.sub_locations or (None,),
                opening=location.opening,
                slot_length=location.slot,
                capacity=location.capacity,
                max_accounts=len(situation.accounts),
            )
            yield Change(
                f"{name} as well",
                replace(terms, goal=replace(goal, priorities=(*goal.priorities, last))),
                situation,
            )


def _windows(goal: Goal) -> Iterator[tuple[str, Goal]]:
    hour = max(priority.slot_length for priority in goal.priorities)
    midnight = datetime(2000, 1, 1, tzinfo=UTC)
    start = datetime.combine(midnight, goal.window_start, UTC) - hour
    if start >= midnight:
        yield f"a window from {start:%H:%M}", replace(goal, window_start=start.time())
    if goal.window_end != time():
        end = datetime.combine(midnight, goal.window_end, UTC) + hour
        if end <= midnight + timedelta(days=1):
            yield (
                f"a window until {'24:00' if end.time() == time() else f'{end:%H:%M}'}",
                replace(goal, window_end=end.time()),
            )


def _site_time(profile: Profile, now: datetime) -> tuple[datetime, str]:
    begins = _start_among(profile.practice.options) if profile.practice else None
    if begins is None:
        return now, "this machine's: the site was not asked"
    try:
        start = _instant(begins, now.astimezone(profile.timezone).date())
    except ValueError:
        raise InputError(
            f"profile {profile.name}: practice.options: --start {begins} is no time",
            mend="Write 12:58, 12:58:30 or 2026-11-21T12:58:30.",
        ) from None
    return start if start.tzinfo else start.replace(tzinfo=profile.timezone), _AS_IT_BEGINS


def _instant(text: str, today: date) -> datetime:
    """A time alone is today's; without an offset, it is the site's own."""
    try:
        return datetime.combine(today, time.fromisoformat(text))
    except ValueError:
        return datetime.fromisoformat(text)


def _start_among(options: Sequence[str]) -> str | None:
    """What the last `--start` says, as one word or as two."""
    found = None
    for option, following in zip_longest(options, options[1:]):
        name, has_value, value = option.partition("=")
        if name == "--start":
            found = value if has_value else following
    return found


def _held(booked: Iterable[BookingRecord]) -> Iterator[Held]:
    """What the record shows the accounts to hold."""
    for booking in booked:
        if booking.status is BookingStatus.CONFIRMED:
            yield Held(booking.account, booking.slot, booking.reference or "", by_us=False)
