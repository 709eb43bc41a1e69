"""Lets the owner of an account sign in by hand, and keeps the sign-in, sealed, for the runs to come."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, repeat
from pathlib import Path
from tempfile import TemporaryDirectory

from sniper.clock.clock import SystemClock
from sniper.engine.browser.account_page import Site
from sniper.engine.browser.by_hand import Window
from sniper.engine.browser.engine import BrowserEngine
from sniper.engine.browser.firing import Mode
from sniper.engine.browser.pool import BrowserPool
from sniper.engine.protocol import Credentials, NothingKept, OwnerNeededError, SignInError
from sniper.events import AccountDoes, Activity, Noted, Tell
from sniper.sites.profile import Profile

# What a window keeps may change all the time; the site is not to be asked each time.
_BETWEEN_PROOFS = (timedelta(seconds=2), timedelta(seconds=5), timedelta(seconds=15))


@dataclass
class SignedIn(NothingKept):
    """A sign-in that a browser of its own has proven: what keeps it, and until when, if that is known."""

    state: str
    expires_at: datetime | None = None

    def load(self, account: str) -> str:  # noqa: ARG002
        """See `SignInStates.load`."""
        return self.state

    def save(self, account: str, state: str, expires_at: datetime | None = None) -> None:  # noqa: ARG002
        """See `SignInStates.save`."""
        self.state, self.expires_at = state, expires_at


async def sign_in_by_hand(
    profile: Profile,
    credentials: Credentials,
    tell: Tell,
    *,
    within: timedelta,
    window: BrowserPool,
    proof: BrowserPool,
) -> SignedIn:
    """Open a window and wait until the account's owner has signed in.

    What counts is not what the window shows: a fresh browser, as runs have them, has to be signed in by what
    the window keeps.

    Args:
        profile: The site.
        credentials: Whose window it is, with what may be filled in for them.
        tell: Called for what goes on.
        within: How long the owner may take.
        window: Has the browser with the window; it is entered and left here.
        proof: Has the browser of the proof, which is entered and left here, too.

    Raises:
        SignInError: The window was closed, the time is up, or the site cannot be reached.
        EnvironmentProblem: There is no browser that starts.
    """
    account = credentials.account
    with TemporaryDirectory(prefix="sniper-") as pictures:
        site = Site(profile, SystemClock(), Path(pictures), watched=True)
        async with window:
            opened = await Window.open(site, credentials, window)
            tell(AccountDoes(account, Activity.SIGNING_IN, "by hand, in the window"))
            filling = asyncio.create_task(opened.fill_in())
            waiting = asyncio.create_task(_proven(opened, profile, account, tell, proof, Path(pictures)))
            try:
                async with asyncio.timeout(within.total_seconds()):
                    await asyncio.wait({filling, waiting}, return_when=asyncio.FIRST_COMPLETED)
                    if filling.done() and not waiting.done():
                        filling.result()
                    return await waiting
            except TimeoutError:
                raise SignInError(
                    f"{account}: nobody was signed in within {within / timedelta(minutes=1):g} min",
                    mend="Try again; --within gives more time.",
                ) from None
            finally:
                for task in (filling, waiting):
                    task.cancel()
                await asyncio.gather(filling, waiting, return_exceptions=True)


async def _proven(
    window: Window, profile: Profile, account: str, tell: Tell, proof: BrowserPool, pictures: Path
) -> SignedIn:
    """The first of the window's states by which a fresh browser is signed in."""
    pauses = chain(_BETWEEN_PROOFS, repeat(_BETWEEN_PROOFS[-1]))
    useless: str | None = None
    async with proof:
        while True:
            kept = SignedIn(await window.state(useless))
            shown = kept.state
            tell(AccountDoes(account, Activity.CHECKING, "in a browser of its own"))
            try:
                # A new engine each time: one gives an account up that only its owner can sign in.
                async with BrowserEngine(
                    profile, SystemClock(), pictures, proof, mode=Mode.DRIVER, states=kept
                ) as engine:
                    await engine.sign_in(Credentials(account))
            except OwnerNeededError:
                useless, pause = shown, timedelta(0)
            except SignInError as error:
                tell(Noted(f"{error}; tried again"))
                pause = error.pause
            else:
                return kept
            tell(AccountDoes(account, Activity.SIGNING_IN, "by hand, in the window"))
            await asyncio.sleep(max(pause, next(pauses)).total_seconds())
