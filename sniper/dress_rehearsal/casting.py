"""What is played: a person's file on the practice site, on the day it means, with stand-ins for accounts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from sniper.config.bookings import Bookings, read_bookings
from sniper.config.goal import check_against, find_site, goal_on, opening_by_the_file, profiles_beside
from sniper.config.scheduled import choose, for_schedule, said_of
from sniper.config.snipe_config import InDays, SnipeConfig
from sniper.core.goals import Goal, Priority
from sniper.core.policy import StrategyName
from sniper.crew import without_disabled
from sniper.documents import Document, read_yaml, validated
from sniper.errors import InputError
from sniper.sites.library import known_profiles, laid_over, load_profile, read_extended
from sniper.sites.profile import Profile
from sniper.store.records import AccountRecord
from sniper.store.repository import Store

AHEAD = timedelta(minutes=5)
"""So long before its first opening a run begins. One that begins earlier waits for the last three minutes."""


@dataclass(frozen=True, slots=True)
class Play:
    """What all runs of a dress rehearsal have in common.

    Attributes:
        profile: The file's, on the practice site.
        goal: The file's, on the day it means.
        crew: The file's active accounts, for whom others stand in.
        begins_at: Where the practice site's clock begins.
        strategy: The file's.
        notes: What is played otherwise than the file says.
        profile_document: What `profile` was read from.
        config: The file's `snipe_config`, its day settled.
        hidden: The environment variables that secrets of the file stand in.
    """

    profile: Profile
    goal: Goal
    crew: tuple[str, ...]
    begins_at: datetime
    strategy: StrategyName
    notes: tuple[str, ...]
    profile_document: Mapping[str, Any]
    config: Mapping[str, Any]
    hidden: frozenset[str] = frozenset()

    def options(self, difficulty: Iterable[str], skew: timedelta) -> tuple[str, ...]:
        """Of `sniper practice`: the profile's own first, so that where one stands twice, ours counts."""
        return (
            *(self.profile.practice.options if self.profile.practice else ()),
            *("--start", self.begins_at.isoformat(), "--skew", str(skew.total_seconds())),
            *("--accounts", str(len(self.crew))),
            *difficulty,
        )

    def profile_at(self, url: str, options: Iterable[str]) -> dict[str, Any]:
        """The profile of one run."""
        practice = {**self.profile_document["practice"], "options": list(options)}
        return {**self.profile_document, "base_url": url, "practice": practice}

    def bookings_for(self, people: Sequence[Mapping[str, Any]], strategy: StrategyName) -> dict[str, Any]:
        """The bookings.json of one run.

        Args:
            people: Who may sign in at the practice site, as it tells: they stand in.
        """
        keys = {"username": "netid", "password": "password", "totp_secret": "totp_secret"}
        planning = {**self.config.get("planning", {}), "strategy": strategy.value}
        return {
            "site": self.profile.name,
            "accounts": [{keys[key]: one[key] for key in keys if one[key]} for one in people],
            "snipe_config": {**self.config, "planning": planning},
        }

    def check_offered(self, offered: Sequence[Mapping[str, Any]]) -> None:
        """Look whether the practice site has what the goal names, and opens it when the profile says.

        Args:
            offered: Its slots of that day, as it tells.

        Raises:
            InputError: It has not.
        """
        openings = {
            (one["location"], one["slot"], datetime.fromisoformat(one["startDate"])): datetime.fromisoformat(
                one["opening"]
            )
            for one in offered
        }
        places = dict.fromkeys((location, place) for location, place, _ in openings)
        for priority, start in _hours(self.goal):
            for slot in priority.slots_at(start):
                if (slot.location, slot.place) not in places:
                    raise InputError(
                        f"the practice site has no {slot.place} to rehearse with; "
                        f"it has: {', '.join(place for _, place in places)}",
                        mend="Leave it out of the file's priorities, in a copy, to rehearse the rest.",
                    )
                there = openings.get((slot.location, slot.place, slot.instant))
                ours = priority.opening.opening_of(slot)
                if there is not None and there != ours:
                    zone = self.profile.timezone
                    raise InputError(
                        f"on the practice site {slot} opens at {there.astimezone(zone):%a %H:%M}, by profile "
                        f"{self.profile.name} at {ours.astimezone(zone):%a %H:%M}",
                        mend=f"Take `opens` of {slot.location} out of what the profile changes.",
                    )


def cast(path: Path, site: str | None, now: datetime, schedule: str | None = None) -> Play:
    """Read the file and find out how it is played. Nothing is started yet.

    Args:
        path: Of a bookings.json.
        site: A profile instead of the file's.
        now: This machine's time.
        schedule: A schedule of the file, by its name.

    Raises:
        InputError: The file or the profile is wrong, the date is past, or the practice site cannot play it.
        EnvironmentProblem: The store is there and cannot be read.
    """
    bookings, document = read_bookings(path)
    file = find_site(bookings, document, site)
    real = load_profile(file)
    bookings, left_out = without_disabled(bookings, document, _known_at(real))
    check_against(bookings, document, real)
    staged = _on_practice_site(file, profiles_beside(document, site))
    profile = validated(Profile, staged)
    check_against(bookings, document, profile)
    chosen = choose(bookings, document, schedule)
    if chosen is not None:
        bookings = for_schedule(bookings, chosen, profile)
    notes = (*left_out, *said_of(chosen), *_differing_windows(bookings, profile), *_free(bookings))
    wanted = bookings.snipe_config
    as_played = _as_the_site_opens(wanted)
    played = bookings.model_copy(update={"snipe_config": as_played})
    goal = goal_on(played, document, profile, now, schedule=chosen)
    since = now
    if isinstance(wanted.target_date, InDays):
        # Whoever writes +3d runs it on a day whose openings are still to come.
        day = goal.target_date - timedelta(days=wanted.target_date.days)
        since = datetime.combine(day, time(), profile.timezone) - timedelta(microseconds=1)
    config = as_played.model_dump(mode="json", exclude_none=True)
    planning = wanted.planning
    return Play(
        profile,
        goal,
        tuple(account.netid for account in bookings.accounts if account.is_active),
        first_opening(goal, since) - AHEAD,
        planning.strategy if planning else StrategyName.OPTIMAL,
        notes,
        staged.root,
        {**config, "target_date": goal.target_date.isoformat()},
        bookings.secret_variables,
    )


def _known_at(profile: Profile) -> Sequence[AccountRecord]:
    store = Store.as_it_is()
    if store is None:
        return ()
    with store:
        return store.accounts(profile.name)


def first_opening(goal: Goal, since: datetime) -> datetime:
    """The first opening of a goal after an instant, in UTC; if none is left, the first of the best rank.

    A run that finds everything open has nothing to race for, and nobody rehearses that.
    """
    openings = [(priority, _opening_of(priority, start)) for priority, start in _hours(goal)]
    ahead = [opening for _, opening in openings if opening > since]
    best = [opening for priority, opening in openings if priority == goal.ranked[0]]
    return min(ahead or best)


def _opening_of(priority: Priority, start: datetime) -> datetime:
    return priority.opening.opening_of(priority.slots_at(start)[0])


def _hours(goal: Goal) -> Iterator[tuple[Priority, datetime]]:
    for priority in goal.ranked:
        for start in goal.starts(priority):
            yield priority, start


def _free(bookings: Bookings) -> Iterator[str]:
    if bookings.busy_calendar is not None:
        yield "What is rehearsed is the whole goal: the busy calendar is not looked at."


def _differing_windows(bookings: Bookings, profile: Profile) -> Iterator[str]:
    for priority in bookings.snipe_config.priorities:
        known = profile.locations[priority.location].opening
        if opening_by_the_file(priority, known) != known:
            yield (
                f"{priority.location}: the file says slots open {priority.advance_hours} h ahead. On the "
                f"practice site it is {known}, and so it is rehearsed with these."
            )


def _as_the_site_opens(config: SnipeConfig) -> SnipeConfig:
    priorities = (one.model_copy(update={"advance_hours": None}) for one in config.priorities)
    return config.model_copy(update={"priorities": tuple(priorities)})


# -- which profile


def _on_practice_site(path: Path, beside: Path) -> Document:
    """The profile as the practice site plays it.

    One that is a practice site's is played as it is. Over another, what a practice site's profile changes of
    one that it is, or extends, is laid: so what is changed in a profile of one's own is rehearsed as well.

    Raises:
        InputError: There is no such, or a profile is wrong.
    """
    own = read_extended(path)
    if own.root.get("practice"):
        return own
    lineage = _lineage(own)
    playable: list[str] = []
    found: list[tuple[int, Path]] = []
    for name, file in known_profiles(beside):
        document = read_extended(file)
        if not document.root.get("practice"):
            continue
        playable.append(name)
        base = document.base
        if base is not None and not base.root.get("practice"):
            playable.append(base.path.stem)
            if base.path.resolve() in lineage:
                found.append((lineage.index(base.path.resolve()), file))
    if not found:
        known = ", ".join(dict.fromkeys(playable))
        raise InputError(
            f"{path}: the practice site cannot play this profile; it plays {known}, and what extends these",
            mend=f"Choose one of them by --site, or write a profile that extends {path.stem} and has a "
            "base_url and `practice`, as the profile practice does (`sniper profile show practice`).",
        )
    _, nearest = min(found, key=lambda one: one[0])
    changes = read_yaml(nearest).root
    del changes["extends"]
    return laid_over(path, changes)


def _lineage(document: Document) -> list[Path]:
    """The profile's file, then that of what it extends, and so on."""
    files = [document.path.resolve()]
    while document.base is not None:
        document = document.base
        files.append(document.path.resolve())
    return files
