"""What the coordinator asks of an engine."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol, Self

from sniper.core.plan import Attempt, Held, LocationHour, location_hour, still_needed
from sniper.core.sightings import Sighting
from sniper.core.slots import Slot
from sniper.core.tries import AttemptResult, Moment
from sniper.errors import SniperError
from sniper.scrubbing import KNOWN


class SiteError(SniperError):
    """The site did not do what it was asked for one account.

    Attributes:
        pause: How long it is not to be asked again for this account.
        cause: What went wrong in carrying out the profile, where that is known.
    """

    def __init__(
        self,
        message: str,
        *,
        mend: str | None = None,
        pause: timedelta = timedelta(0),
        cause: Exception | None = None,
    ) -> None:
        super().__init__(message, mend=mend)
        self.pause = pause
        self.cause = cause


class SignInError(SiteError):
    """An account could not be signed in. The others go on."""


class AccountStoppedError(SignInError):
    """Nobody may sign in as this account again in this run."""


class SignInRefusedError(AccountStoppedError):
    """The site does not take the account's password or code: trying again would lock it."""


class TurnedAwayError(AccountStoppedError):
    """The site has banned the account, or asks it for a captcha: only a person can mend that."""


class SignedOutError(SignInError):
    """The site shows that the account is not signed in any more."""


class ReadBackError(SiteError):
    """*My bookings* could not be read."""


class ArmError(SiteError):
    """A page could not be brought to where it can fire."""


class CancelError(SiteError):
    """A booking could not be given back."""


class OwnerNeededError(AccountStoppedError):
    """Only its owner can sign the account in: nothing kept is good any more, and there is no password."""

    @classmethod
    def of(cls, account: str, site: str) -> Self:
        """Of an account of a site, by the name of its profile."""
        return cls(
            f"{account}: the kept sign-in is not good any more, and there is no password to sign in anew",
            mend=f"Its owner signs in by hand (`sniper accounts sign-in {account} --site {site}`), and the "
            "run is started again.",
        )


@dataclass(frozen=True, slots=True)
class Credentials:
    """What an account signs in with, and what its person tells forms. Both are left out of its `repr`.

    One that its owner has signed in by hand may have none.

    Attributes:
        details: By the values of `sites.details.Detail`.
    """

    account: str
    password: str | None = field(default=None, repr=False)
    totp_secret: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    details: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        KNOWN.know((*self.secrets, *self.personal))

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be written anywhere."""
        return tuple(secret for secret in (self.password, self.totp_secret, self.token) if secret)

    @property
    def personal(self) -> tuple[str, ...]:
        """What of the person must not be written anywhere either, beyond what the account's name tells."""
        return tuple(value for _, value in self.details if value not in self.account)

    @property
    def placeholders(self) -> frozenset[str]:
        """What a profile's steps can be filled in with."""
        has = {"password": self.password, "totp": self.totp_secret, "token": self.token}
        return frozenset({"username", *(name for name, secret in has.items() if secret)})


class SignIn(Enum):
    """How an account came to be signed in."""

    STILL = "still signed in"
    ANEW = "signed in anew"
    NOBODY = "nobody signs in there"


class SignInStates(Protocol):
    """What keeps accounts signed in from one run to the next. No method raises: a sign-in can be done anew.

    A state is a text that only the engine understands. It is as secret as a password.
    """

    def load(self, account: str) -> str | None:
        """What was last saved, None where there is nothing that can be read."""
        ...

    def save(self, account: str, state: str, expires_at: datetime | None = None) -> None:
        """Keep it instead of what was kept before.

        Args:
            account: Whose.
            state: What it is.
            expires_at: When it ends by what the site has told, if that is known.
        """
        ...

    def forget(self, account: str) -> None:
        """The site takes it no more."""
        ...


class NothingKept:
    """`SignInStates` that forget at once."""

    def load(self, account: str) -> str | None:  # noqa: ARG002
        """Nothing."""
        return None

    def save(self, account: str, state: str, expires_at: datetime | None = None) -> None:
        """Not kept."""

    def forget(self, account: str) -> None:
        """Nothing was kept."""


class StandDown:
    """What a wave has won: who hears that a slot is not needed any more does not fire at it. One for all."""

    def __init__(self, beside: Collection[tuple[LocationHour, LocationHour]] = ()) -> None:
        """Nothing is won yet.

        Args:
            beside: Of the wave.
        """
        self._beside = beside
        self._won: set[LocationHour] = set()
        self._listeners: list[Callable[[], None]] = []

    def tell(self, won: Slot) -> None:
        """It is booked: this hour of its location is not needed any more, nor what it stands for."""
        where = location_hour(won)
        if where not in self._won:
            self._won.add(where)
            for listener in tuple(self._listeners):
                listener()

    def wants(self, slot: Slot) -> bool:
        """Is it still needed?"""
        return still_needed(slot, self._won, self._beside)

    @contextmanager
    def subscribed(self, listener: Callable[[], None]) -> Iterator[None]:
        """Within the block, be told at once of every win, and at its beginning if there were any."""
        self._listeners.append(listener)
        try:
            if self._won:
                listener()
            yield
        finally:
            self._listeners.remove(listener)


@dataclass(frozen=True, slots=True)
class Survey:
    """What of the profile was found on the site's pages.

    Attributes:
        picture: Where the page was kept on which something was missing.
        rehearsed: The same of what is rehearsed or filled in ahead, as far as it got.
        instead: What the site said or showed where something was missing, and no profile is about: empty, if
            it was nothing of the kind.
    """

    sightings: tuple[Sighting, ...]
    picture: str | None = None
    rehearsed: tuple[Sighting, ...] = ()
    instead: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """When and how an attempt is fired.

    Attributes:
        at: The opening, on the site's clock.
        stand_down: What has been won meanwhile; looked at before each slot of the chain and each press.
        rank: Its place among the attempts of the wave, from 0: where not all can fire at once, who is first.
        press: False stops before the press that books.
        noted: The course of the attempt as far as it is known, also where it is interrupted.
        presses: How often it may press, the chain and all tries again together; as often as the profile's
            budget lets an account at one opening, unless told.
    """

    at: datetime
    stand_down: StandDown = field(default_factory=StandDown)
    rank: int = 0
    press: bool = True
    noted: list[Moment] = field(default_factory=list, compare=False)
    presses: int | None = None


class Engine(Protocol):
    """Carries out attempts on one site. All methods but `fire` raise for one account only."""

    async def sign_in(self, credentials: Credentials) -> SignIn:
        """Have an account signed in, in a context of its own; a page it had before is closed.

        Where what was kept of an earlier sign-in is still good, nobody signs in. Where the site knows no
        sign-in, the account only gets its page.

        Raises:
            SignInRefusedError: The site refused the password or the code.
            TurnedAwayError: It has banned the account, or asks for a captcha.
            SignInError: The page did not behave as the profile says.
        """
        ...

    async def stay_signed_in(self, account: str) -> None:
        """Ask the site whether the account is still signed in, which also keeps it so. A parked page is left.

        An account whose page is gone gets a new one from what is kept.

        Raises:
            SignedOutError: It is not, or nothing is kept that is still good.
            TurnedAwayError: The site has banned it, or asks for a captcha.
            SignInError: The site did not tell.
        """
        ...

    async def look(self, account: str) -> None:
        """Look at the account's parked page without touching it.

        Raises:
            ArmError: It is gone, hangs, or shows that the account is signed out.
        """
        ...

    async def survey(self, attempt: Attempt) -> Survey:
        """Look whether the profile still fits the site, at the attempt's slots, by what books nothing.

        Raises:
            ArmError: There is no page to look at.
        """
        ...

    async def arm(self, attempt: Attempt) -> None:
        """Park the account's page: bring it to where it can fire.

        Raises:
            ArmError: It did not work.
        """
        ...

    async def rehearse(self, attempt: Attempt, latest: datetime | None = None) -> None:
        """Do everything else that can be done before the opening: let the parked page practise, book nothing.

        Args:
            attempt: What its page is parked for.
            latest: Where its turn comes later than this, on the site's clock, it is left as it is.

        Raises:
            ArmError: The page is gone, or is no more where it can fire.
        """
        ...

    async def fire(self, attempt: Attempt, order: Order) -> AttemptResult:
        """Wait for the opening, then go through the chain. Never raises for what the page does.

        As soon as a slot is booked, `order.stand_down` is told.
        """
        ...

    async def my_bookings(self, account: str) -> tuple[Held, ...]:
        """What the site says the account holds, asked anew. Not to be called where `my_bookings` is null.

        Raises:
            ReadBackError: It could not be read.
            AccountStoppedError: It would have to be signed in for that, and may not be.
        """
        ...

    async def is_doubled(self, booking: Held) -> bool:
        """Does the site show more owners of a booked slot than it has places, asked anew?

        Never, where the profile does not say how the site shows it.

        Raises:
            ReadBackError: The site did not tell.
            AccountStoppedError: It would have to be signed in for that, and may not be.
        """
        ...

    def was_first(self, booking: Held) -> bool | None:
        """By the last look at the owners of its slot, was it the first? None where that is not told."""
        ...

    async def cancel(self, booking: Held) -> None:
        """Give a booking back.

        Raises:
            CancelError: The site did not confirm it, or the profile does not say how.
        """
        ...
