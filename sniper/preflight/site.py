"""Checks of the site: its clock, and whether the profile still fits its pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sniper.clock.site import SiteClock
from sniper.core.findings import Finding, Judgement, Subject
from sniper.core.plan import Wave
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
        waves: Those to come; the slots of the first one are looked at.
        able: Who is signed in.
    """

    engine: Engine
    waves: Callable[[], Sequence[Wave]]
    able: Callable[[], Sequence[str]]
    name: str = "canary"
    subject: Subject = Subject.PROFILE

    async def look(self) -> Sequence[Finding]:
        """See `Check.look`."""
        able = self.able()
        wave = next(iter(self.waves()), None)
        if wave is None:
            why = "nothing can be won" if able else "nobody is signed in"
            said = f"{why}: the pages were not looked at"
            return [Finding(self.subject, self.name, Judgement.NOT_JUDGED, said)]
        try:
            survey = await self.engine.survey(wave.attempts[0])
        except ArmError as error:
            return [Finding(self.subject, self.name, Judgement.NOT_JUDGED, str(error), error.mend)]
        return judge_profile(survey.sightings, survey.picture)
