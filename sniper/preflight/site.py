"""Checks of the site: its clock, and whether the profile still fits its pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sniper.clock.site import SiteClock
from sniper.core.findings import Finding, Judgement, Subject
from sniper.core.plan import Attempt
from sniper.core.readiness import judge_clock
from sniper.core.sightings import judge_profile
from sniper.engine.protocol import ArmError, Engine


@dataclass(frozen=True, slots=True)
class ClockKnown:
    """The site's clock is known well enough."""

    clock: SiteClock
    name: str = "clock"
    subject: Subject = Subject.SITE

    async def look(self) -> Sequence[Finding]:
        """See `Check.look`."""
        return [judge_clock(self.clock.bound)]


@dataclass(frozen=True, slots=True)
class Canary:
    """The steps and controls of the profile are on the site's pages, looked at by one account.

    Attributes:
        attempt: Who looks, and at which slots; None where nobody is signed in, or no hour is left.
    """

    engine: Engine
    attempt: Callable[[], Attempt | None]
    name: str = "canary"
    subject: Subject = Subject.PROFILE

    async def look(self) -> Sequence[Finding]:
        """See `Check.look`."""
        attempt = self.attempt()
        if attempt is None:
            said = "nobody is signed in who could look at the pages, or no hour is left"
            return [Finding(self.subject, self.name, Judgement.NOT_JUDGED, said)]
        try:
            survey = await self.engine.survey(attempt)
        except ArmError as error:
            return [Finding(self.subject, self.name, Judgement.NOT_JUDGED, str(error), error.mend)]
        return judge_profile(survey.sightings, survey.picture)
