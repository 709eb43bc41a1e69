"""bookings.json: the schema, and what is checked before anything is done."""

from __future__ import annotations

from pathlib import Path

from pydantic import ConfigDict, Field

from sniper.config.accounts import FromEnvironment, NamedAccount
from sniper.config.calendars import BusyCalendar, as_config
from sniper.config.notifications import NotificationConfig, problems_of
from sniper.config.schedules import ScheduleConfig, misfits
from sniper.config.snipe_config import SnipeConfig
from sniper.config.watching import WatchConfig
from sniper.documents import Document, KeyPath, StrictModel, complaint, read_json, validated
from sniper.errors import InputError


class Bookings(StrictModel):
    """A whole bookings.json."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {"properties": {"snipe_config": {"required": ["target_date"]}}},
                {"required": ["schedules"]},
            ]
        }
    )

    schema_: str | None = Field(None, alias="$schema")
    site: str = Field(min_length=1)
    """The name of a profile, or the path of one."""
    accounts: tuple[NamedAccount, ...] = Field(min_length=1)
    snipe_config: SnipeConfig
    notifications: tuple[NotificationConfig, ...] = ()
    """Who is told of a run; see docs/notifications.md."""
    schedules: tuple[ScheduleConfig, ...] = ()
    """What is wanted again and again, or on days of its own (docs/schedules.md)."""
    busy_calendar: BusyCalendar | None = None
    """An .ics file or its address: nothing is booked for when it shows that one is busy."""
    watch: WatchConfig = Field(default_factory=WatchConfig)
    """How `sniper watch` watches (docs/watching.md), and that `sniper serve` does so after its runs."""

    @property
    def active(self) -> int:
        """How many accounts book."""
        return sum(account.is_active for account in self.accounts)

    @property
    def secret_variables(self) -> frozenset[str]:
        """The environment variables that passwords, seeds, tokens and addresses stand in."""
        secrets = [secret for one in self.accounts for secret in one.secrets.values()]
        secrets += [one.url for one in self.notifications]
        calendar = as_config(self.busy_calendar).calendar if self.busy_calendar else None
        names = {s.env for s in (*secrets, calendar) if isinstance(s, FromEnvironment)}
        return frozenset(names | set(self.watch.variables))


def read_bookings(path: Path) -> tuple[Bookings, Document]:
    """Read and check a bookings.json, by itself (what needs the profile is checked with it).

    Raises:
        InputError: It is wrong; every problem is one line with file, line, key path and mend.
    """
    document = read_json(path)
    bookings = validated(Bookings, document, secret=("accounts", "notifications"))
    problems = []
    first: dict[str, int] = {}
    for index, account in enumerate(bookings.accounts):
        if account.netid in first:
            problems.append(
                complaint(
                    document,
                    ("accounts", index, "netid"),
                    f"{account.netid!r} is already accounts[{first[account.netid]}]; keep one of them",
                )
            )
        first.setdefault(account.netid, index)
        for key, secret in account.secrets.items():
            if account.is_active and isinstance(secret, FromEnvironment):
                try:
                    secret.read()
                except InputError as error:
                    problems.append(complaint(document, ("accounts", index, key, "env"), str(error)))
    if not any(account.is_active for account in bookings.accounts):
        problems.append(
            complaint(document, ("accounts",), "no account is active; set is_active of one to true")
        )
    problems += problems_of(bookings.notifications, document)
    if bookings.snipe_config.target_date is None and not bookings.schedules:
        missing: KeyPath = ("snipe_config", "target_date")
        problems.append(complaint(document, missing, "is missing, and there are no schedules"))
    problems += [complaint(document, *misfit) for misfit in misfits(bookings.schedules, list(first))]
    if problems:
        raise InputError("\n".join(problems))
    return bookings, document
