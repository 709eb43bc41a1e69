"""What a run takes from all that was seen of its site: how slow rivals are, and how late it opens."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sniper.core.insights import first_looks, lateness
from sniper.core.late import Lateness, known_lateness, retry_pause
from sniper.core.odds import FirstLooks
from sniper.core.timeline import in_words
from sniper.sites.profile import Again, Profile
from sniper.store.repository import Store

RECENT = timedelta(days=60)
"""What is older teaches nothing any more: sites change, and so do those who want the same."""


@dataclass(frozen=True, slots=True)
class Lessons:
    """What was learned of a site.

    Attributes:
        watched: What was seen of slots that others fought for, by location.
        lateness: How late the site opens, if it does so each time.
    """

    watched: dict[str, FirstLooks] = field(default_factory=dict)
    lateness: Lateness | None = None


def lessons_of(store: Store, site: str, locations: Collection[str], now: datetime) -> Lessons:
    """What was seen at a site of late.

    Args:
        store: Open.
        site: The profile's name.
        locations: Those that matter.
        now: On the site's clock.
    """
    seen = store.sightings(site, since=now - RECENT)
    openings = lateness(seen.observations)
    return Lessons(first_looks(seen.observations, seen.ours), known_lateness(openings, locations))


def punctual(profile: Profile, lessons: Lessons, round_trip: timedelta) -> tuple[Profile, str]:
    """The profile with what is known of late openings, and a sentence about that where there is one.

    The first press does not wait, and no try again comes sooner than the profile says: all that changes is
    when, within its window, a slot that was too early is tried again.
    """
    known, late = lessons.lateness, profile.late_opening
    if known is None or late.again is Again.NEVER:
        return profile, ""
    span = f"{in_words(known.least)} to {in_words(known.most)}"
    told = f"{profile.title} opened {span} later than announced, {known.openings} of {known.openings} times"
    if known.least >= late.within:
        return profile, f"{told}: `late_opening.within` of its profile is too short for that"
    pause = retry_pause(late.retry_after, late.within, known, round_trip)
    if pause is None:
        return profile, told
    timed = late.model_copy(update={"retry_after": pause})
    again = f"a slot that is too early is tried again after {in_words(pause)}"
    return profile.model_copy(update={"late_opening": timed}), f"{told}: {again}"
