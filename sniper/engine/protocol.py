"""What the coordinator asks of an engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sniper.core.plan import Attempt, Held
from sniper.core.slots import Slot
from sniper.core.tries import AttemptResult
from sniper.errors import SniperError


class SignInError(SniperError):
    """An account could not be signed in. The others go on."""


class SignInRefusedError(SignInError):
    """The site does not take the account's password or code: trying again would lock it."""


class ReadBackError(SniperError):
    """*My bookings* could not be read."""


class ArmError(SniperError):
    """A page could not be brought to where it can fire."""


class CancelError(SniperError):
    """A booking could not be given back."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What an account signs in with. Its secrets are left out of its `repr`."""

    account: str
    password: str = field(repr=False)
    totp_secret: str | None = field(default=None, repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be written anywhere."""
        return tuple(secret for secret in (self.password, self.totp_secret) if secret)


@dataclass(frozen=True, slots=True)
class Order:
    """When and how an attempt is fired.

    Attributes:
        at: The opening, on the site's clock.
        wanted: Asked before each slot of the chain: is it still needed? This is how others stand down.
        press: False stops before the press that books.
    """

    at: datetime
    wanted: Callable[[Slot], bool]
    press: bool = True


class Engine(Protocol):
    """Carries out attempts on one site. All methods but `fire` raise for one account only."""

    async def sign_in(self, credentials: Credentials) -> None:
        """Sign an account in, in a context of its own.

        Raises:
            SignInRefusedError: The site refused the password or the code.
            SignInError: The page did not behave as the profile says.
        """
        ...

    async def arm(self, attempt: Attempt) -> None:
        """Do everything that can be done before the opening.

        Raises:
            ArmError: It did not work.
        """
        ...

    async def fire(self, attempt: Attempt, order: Order) -> AttemptResult:
        """Wait for the opening, then go through the chain. Never raises for what the page does."""
        ...

    async def my_bookings(self, account: str) -> tuple[Held, ...]:
        """What the site says the account holds, asked anew.

        Raises:
            ReadBackError: It could not be read.
        """
        ...

    async def cancel(self, booking: Held) -> None:
        """Give a booking back.

        Raises:
            CancelError: The site did not confirm it, or the profile does not say how.
        """
        ...
