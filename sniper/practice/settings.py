"""How a practice site is set up. Needs none of the packages of the `practice` extra."""

import ipaddress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from sniper.practice.faults.spec import Fault, check_accounts, parse

DEFAULT_PORT = 8321
BUNDLED_WEB = Path(__file__).parent / "web" / "dist"

Mode = Literal["strict", "lenient"]
"""Whether a slot can be opened before it can be booked: strict pages show it greyed out until then."""

_STRICT_MODEL = ConfigDict(frozen=True, extra="forbid")


class DemoAccount(BaseModel):
    """A person who may sign in. The secrets are demo secrets: they are shown to whoever starts the site.

    That is why they stand here in plain text and not in the database: there is nothing to protect, and a
    database made with other accounts does not let anybody in.
    """

    model_config = _STRICT_MODEL

    username: str = Field(min_length=1)
    password: str = Field(min_length=1)
    totp_secret: str | None = None
    """Base32; with it the sign-in asks for a second factor."""
    first_name: str = ""
    last_name: str = ""

    @property
    def email(self) -> str:
        """An address that cannot exist."""
        return f"{self.username}@practice.invalid"


class Picker(BaseModel):
    """Which variant of the sub-location picker the pages show."""

    model_config = _STRICT_MODEL

    search: bool = False
    append_to_body: bool = False
    virtual_scroll: bool = False
    typeahead: bool = False


USUAL_ACCOUNTS = 20
_TOTP_USER = 20
_DEMO_TOTP_SECRET = "PRACTICEPRACTICEPRACTICEPRACTICE"  # noqa: S105 - a demo secret, printed at every start


def demo_accounts(count: int = USUAL_ACCOUNTS) -> tuple[DemoAccount, ...]:
    """user1/pass1, user2/pass2 and so on; user20 has a second factor."""
    return tuple(
        DemoAccount(
            username=f"user{number}",
            password=f"pass{number}",
            totp_secret=_DEMO_TOTP_SECRET if number == _TOTP_USER else None,
            first_name="Practice",
            last_name=f"User {number}",
        )
        for number in range(1, count + 1)
    )


class PracticeSettings(BaseModel):
    """Everything that can be chosen about a practice site. Durations are timedeltas, times are aware."""

    model_config = _STRICT_MODEL

    name: str = "Practice X"
    host: str = "127.0.0.1"
    port: int = Field(default=0, ge=0, le=65535)
    """0 takes a free one."""
    database: Path | None = None
    """The SQLite file; None: a temporary one that goes when the site stops."""
    fresh: bool = False
    """Empty the database first."""
    mode: Mode = "strict"
    racy: bool = False
    """Check first and write `racy_gap` later, as real sites do: gives places twice."""
    racy_gap: timedelta = Field(default=timedelta(milliseconds=30), ge=timedelta())
    cards: Literal["location", "slot"] = "location"
    picker: Picker = Picker()
    start: AwareDatetime | None = None
    """Where the venue's clock starts; None: at this machine's time."""
    skew: timedelta = timedelta()
    """How far the venue's clock is ahead of this machine's (of `start`, where there is one)."""
    rivals: int = Field(default=0, ge=0, le=500)
    rival_delay: timedelta = Field(default=timedelta(milliseconds=300), ge=timedelta())
    court_places: int = Field(default=1, ge=1, le=500)
    """How many people an hour at a court takes."""
    session_lifetime: timedelta = Field(default=timedelta(hours=24), gt=timedelta())
    """How long a sign-in lasts, by the venue's clock."""
    session_delay: timedelta = Field(default=timedelta(), ge=timedelta())
    """How long after the callback page has loaded the app writes its session."""
    accounts: tuple[DemoAccount, ...] = Field(default_factory=demo_accounts, min_length=1)
    faults: tuple[Fault, ...] = ()
    """What goes wrong on purpose from the start; a text is read as `--fault` is."""
    web: Path = BUNDLED_WEB
    """The built Angular application."""

    @field_validator("faults", mode="before")
    @classmethod
    def _read_faults(cls, faults: Any) -> Any:
        return tuple(parse(one) if isinstance(one, str) else one for one in faults)

    @model_validator(mode="after")
    def _faults_name_accounts(self) -> Self:
        check_accounts(self.faults, (account.username for account in self.accounts))
        return self

    @field_validator("host")
    @classmethod
    def _loopback_only(cls, host: str) -> str:
        # The site hands out its passwords and lets anybody who reaches it turn its clock.
        if not is_loopback(host):
            raise ValueError(
                f"the practice site only listens on loopback (127.0.0.1, ::1, localhost), not on {host}"
            )
        return host

    @field_validator("accounts")
    @classmethod
    def _usernames_differ(cls, accounts: tuple[DemoAccount, ...]) -> tuple[DemoAccount, ...]:
        if len({account.username for account in accounts}) != len(accounts):
            raise ValueError("two accounts have the same username")
        return accounts

    @field_validator("skew")
    @classmethod
    def _sane_skew(cls, skew: timedelta) -> timedelta:
        if abs(skew) > timedelta(days=366):
            raise ValueError("more than a year; use a start for that")
        return skew

    @field_validator("start")
    @classmethod
    def _sane_start(cls, start: datetime | None) -> datetime | None:
        # Dates near the ends of what datetime can hold break the arithmetic of windows and time zones.
        if start is not None and not 1971 <= start.year <= 9000:
            raise ValueError("the year must lie between 1971 and 9000")
        return start


def is_loopback(host: str) -> bool:
    """Whether this host name or address never leaves the machine."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback
