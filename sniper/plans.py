"""What can be said of a run before there is one: nothing is asked of the site, and nothing is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from sniper.config.bookings import Bookings, read_bookings
from sniper.config.goal import check_against, goal_on, load_site
from sniper.config.planning import Overrides, terms_of
from sniper.config.snipe_config import PlanningConfig
from sniper.core.goals import Goal
from sniper.core.odds import Record
from sniper.core.plan import Held, Situation
from sniper.core.prospects import Change
from sniper.core.strategy import Terms
from sniper.crew import without_disabled
from sniper.lessons import Lessons, lessons_of
from sniper.sites.profile import Profile
from sniper.store.records import BookingStatus
from sniper.store.repository import Store


@dataclass(frozen=True, slots=True)
class Outset:
    """Where a run would begin.

    Attributes:
        clock: Whose time is gone by, for people.
        told: What people should know of the accounts.
    """

    bookings: Bookings
    profile: Profile
    planning: PlanningConfig
    terms: Terms
    situation: Situation
    clock: str
    told: tuple[str, ...] = ()


def outset(path: Path, site: str | None, overrides: Overrides, now: datetime) -> Outset:
    """Read the file, the profile and the record, and say where a run would begin.

    Args:
        path: Of a bookings.json.
        site: A profile instead of the file's.
        overrides: What the command line says of the planning.
        now: This machine's time. A practice site that begins its day at a time of its own goes by that.

    Raises:
        InputError: The file or the profile is wrong, or the date is past.
        EnvironmentProblem: The store is there and cannot be read.
    """
    bookings, document = read_bookings(path)
    profile = load_site(bookings, document, site)
    store = Store.as_it_is()
    known = store.accounts(profile.name) if store else ()
    bookings, told = without_disabled(bookings, document, known)
    check_against(bookings, document, profile)
    now, clock = _site_time(profile, now)
    goal = goal_on(bookings, document, profile, now)
    planning = overrides.on(bookings.snipe_config.planning)
    if store is None:
        history: Mapping[tuple[str, time], Record] = {}
        held: tuple[Held, ...] = ()
        lessons = Lessons()
    else:
        with store:
            history, held = store.history(profile.name), tuple(_held(store, goal, profile))
            lessons = lessons_of(store, profile.name, {one.location for one in goal.priorities}, now)
    accounts = tuple(account.netid for account in bookings.accounts if account.is_active)
    situation = Situation(now, accounts, tuple(one for one in held if one.account in accounts))
    terms = terms_of(goal, profile, planning, history, lessons.watched)
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
                opening=location.opens.rule(),
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
    options = profile.practice.options if profile.practice else ()
    if "--start" in options[:-1]:
        begins = time.fromisoformat(options[options.index("--start") + 1])
        today = now.astimezone(profile.timezone).date()
        return datetime.combine(today, begins, profile.timezone), "the practice site's, as it begins"
    return now, "this machine's: the site was not asked"


def _held(store: Store, goal: Goal, profile: Profile) -> Iterator[Held]:
    """What the record shows the accounts to hold that day; a practice site begins anew each time."""
    if profile.practice is None:
        for booking in store.bookings(profile.name):
            if booking.status is BookingStatus.CONFIRMED and booking.slot.day == goal.target_date:
                yield Held(booking.account, booking.slot, booking.reference or "", by_us=False)
