"""Which day an unfinished run was for, where one is gone on with."""

from __future__ import annotations

from datetime import date

from sniper.clock.site import SiteClock
from sniper.config.bookings import Bookings
from sniper.config.goal import target_day
from sniper.config.schedules import ScheduleConfig
from sniper.errors import InputError
from sniper.events import Noted, Tell
from sniper.sites.profile import Profile
from sniper.store.repository import Store


def day_to_resume(
    bookings: Bookings,
    profile: Profile,
    schedule: ScheduleConfig | None,
    clock: SiteClock,
    store: Store,
    tell: Tell,
    *,
    asked: bool,
) -> date | None:
    """The day of the run to go on with, where that was asked for. A day that is told by its date stays it.

    Raises:
        InputError: That was asked for, and there is none.
    """
    wanted = bookings.snipe_config.target_date
    today = clock.now().astimezone(profile.timezone).date()
    crew = [account.netid for account in bookings.accounts if account.is_active]
    last = store.last_unfinished(
        profile.name, crew, day=wanted if isinstance(wanted, date) else None, from_day=today
    )
    if schedule is not None and last is not None:
        last = last if last.target_date in set(schedule.recurrence.days(today)) else None
    if asked:
        if last is None:
            of = f" of {schedule.name!r}" if schedule else ""
            raise InputError(
                f"there is nothing to resume: no run{of} at {profile.name} with these accounts, for today or "
                "a later day, was left unfinished",
                mend="Leave --resume out to begin one.",
            )
        return last.target_date
    if (
        last is not None
        and not isinstance(wanted, date)
        and last.target_date != target_day(bookings, profile, clock.now(), schedule)
        and not store.is_at_work(last.id, now=clock.local_now())
    ):
        left = f"run {last.id} for {last.target_date} did not come to its end"
        tell(Noted(f"{left}; `sniper run --resume` goes on with it"))
    return None
