"""Reads back who has what: *my bookings*, and the owners of a slot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sniper.core.plan import Held
from sniper.core.retry_after import pause_after
from sniper.engine.browser.account_page import AccountPage
from sniper.engine.browser.asking import answer_to
from sniper.engine.browser.selectors import Values, words_of
from sniper.engine.protocol import ReadBackError
from sniper.sites.answers import ResponseRule, misread, read_items
from sniper.sites.entries import MyBookings, SlotOwners, is_doubled, slot_of, was_first
from sniper.sites.placeholders import used_in
from sniper.sites.profile import Profile
from sniper.sites.steps import Step
from sniper.sites.template import Value


class NotToldError(ReadBackError):
    """The site refused to tell.

    Attributes:
        status: What it answered with.
        about: The rule for its answers.
    """

    def __init__(self, message: str, status: int, pause: timedelta | None, about: ResponseRule) -> None:
        super().__init__(message, pause=pause or timedelta(0))
        self.status = status
        self.about = about


async def bookings_of(account: str, page: AccountPage) -> tuple[Held, ...]:
    """What the site says an account holds.

    Raises:
        NotToldError: It refused.
        StepError: A step did not work, or there was no answer.
        ValueError: The answer is not as the profile says.
    """
    profile, how = page.profile, page.profile.my_bookings
    assert how is not None, "the site shows nobody their bookings"
    days = _values_of_days(profile, page.clock.now())
    await page.run(how.steps[:-1], days)
    found: list[Held] = []
    for values in _values_of_each(profile, how.steps[-1], days) if how.per_location else (days,):
        items = await _told(page, how, values, f"{account}: my bookings")
        found += (_held_of(item, how, account, profile) for item in items)
    return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Owners:
    """What the site shows of those who have a slot.

    Attributes:
        too_many: There are more than places.
        ours_first: Our booking came before the others; None where that is not told.
    """

    too_many: bool = False
    ours_first: bool | None = None


async def owners_of(booking: Held, page: AccountPage) -> Owners:
    """Who has a booked slot; nobody where the profile does not say how the site shows it.

    Raises:
        NotToldError: It refused.
        StepError: A step did not work, or there was no answer.
        ValueError: The answer is not as the profile says.
    """
    profile, how = page.profile, page.profile.slot_owners
    if how is None:
        return Owners()
    ends = profile.end_of(booking.slot)
    values = {**page.values_of(booking.slot), "day_after": ends.date() + timedelta(days=1)}
    await page.run(how.steps[:-1], values)
    items = await _told(page, how, values, f"{booking.account}: the owners of {booking.slot}:")
    return Owners(
        is_doubled(items, how, booking.slot, profile),
        was_first(items, how, booking.slot, booking.reference, profile),
    )


async def _told(
    page: AccountPage, how: MyBookings | SlotOwners, values: Values, what: str
) -> list[dict[str, object]]:
    """The entries that the last step is answered with."""
    answer = await answer_to(page.page, how.response, values, page.run(how.steps[-1:], values))
    if not how.response.fits(answer):
        pause = pause_after(answer.status, answer.retry_after, page.clock.now())
        raise NotToldError(f"{what} answered {answer.status}", answer.status, pause, how.response)
    return list(read_items(answer.json, how.items, how.keep))


def _held_of(item: dict[str, object], how: MyBookings, account: str, profile: Profile) -> Held:
    reference = how.reference.of(item)
    if reference is None:
        raise misread("an entry has no reference at", how.reference, item)
    return Held(account, slot_of(item, how, profile), str(reference), by_us=False)


def _values_of_days(profile: Profile, now: datetime) -> dict[str, Value | None]:
    ahead = max(one.opening.longest + one.slot for one in profile.locations.values())
    first, last = (moment.astimezone(profile.timezone).date() for moment in (now, now + ahead))
    return {"first_day": first, "last_day": last + timedelta(days=1)}


def _values_of_each(profile: Profile, asking: Step, values: Values) -> Iterator[Values]:
    """The same for each location, with its words; once for those whose words the step has no use for."""
    used = sorted(used_in(asking))
    seen = set()
    for name in profile.locations:
        here = {**values, "location": name, **words_of(profile, name)}
        if (key := tuple(here.get(one) for one in used)) not in seen:
            seen.add(key)
            yield here
