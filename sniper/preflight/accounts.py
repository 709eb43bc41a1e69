"""Checks of the accounts: each is signed in, stays so, its bookings are read, and it can book of the goal."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from sniper.core.findings import Finding, Judgement, Subject
from sniper.core.goals import Goal
from sniper.core.limits import Limit
from sniper.core.plan import Held
from sniper.core.readiness import judge_room
from sniper.engine.protocol import SignIn
from sniper.errors import SniperError


@dataclass(frozen=True, slots=True)
class Entered:
    """What came of signing an account in.

    Attributes:
        how: None where it is not signed in, or could not be read.
        held: None where the site shows nobody their bookings.
        why: What went wrong, where something did.
    """

    account: str
    how: SignIn | None
    held: tuple[Held, ...] | None = ()
    why: SniperError | None = None


@dataclass(frozen=True, slots=True)
class CrewReady:
    """Every account is signed in, and none is at its limit.

    Attributes:
        enter: Signs all of them in who are not, reads what they hold, and never raises for one of them.
        now: On the site's clock.
    """

    goal: Goal
    limits: tuple[Limit, ...]
    enter: Callable[[], Awaitable[Sequence[Entered]]]
    now: Callable[[], datetime]
    name: str = "signing in"
    subject: Subject = Subject.ACCOUNTS

    async def look(self) -> Sequence[Finding]:
        """See `Check.look`."""
        return [self._judged(one) for one in await self.enter()]

    def _judged(self, one: Entered) -> Finding:
        if one.why is not None or one.how is None:
            said = str(one.why or "is not signed in").removeprefix(f"{one.account}: ")
            mend = one.why.mend if one.why else None
            return Finding(self.subject, one.account, Judgement.NO, said, mend)
        found = judge_room(one.account, self.goal, self.limits, one.held, self.now())
        return replace(found, what=f"{one.how.value}; {found.what}")


@dataclass(frozen=True, slots=True)
class SignInsLast:
    """The sign-ins that only owners can do last until the opening, as far as it is known when they end.

    Attributes:
        ends: When they end, by account, on the site's clock.
        opens_at: The next opening, if there is one to come.
        site: The profile's name.
    """

    ends: Callable[[], Mapping[str, datetime]]
    opens_at: Callable[[], datetime | None]
    site: str
    timezone: tzinfo
    name: str = "sign-ins by hand"
    subject: Subject = Subject.ACCOUNTS

    async def look(self) -> Sequence[Finding]:
        """See `Check.look`."""
        opens_at = self.opens_at()
        if opens_at is None:
            return ()
        return [self._ending(account, end) for account, end in self.ends().items() if end <= opens_at]

    def _ending(self, account: str, end: datetime) -> Finding:
        there = end.astimezone(self.timezone)
        return Finding(
            self.subject,
            f"sign-in of {account}",
            Judgement.WARNING,
            f"was made by hand, and ends before the opening, on {there:%a %d %b at %H:%M %Z}",
            "Its owner signs in once more, which a run that waits takes over: "
            f"`sniper accounts sign-in {account} --site {self.site}`.",
        )
