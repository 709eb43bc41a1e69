"""What of a profile was found on the site's pages before the opening, and what follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sniper.core.findings import Finding, Judgement, Subject


@dataclass(frozen=True, slots=True)
class Sighting:
    """Whether something that a part of the profile names was found.

    Attributes:
        part: Of the profile: `arm`, `fire`.
        what: The step or the control, as it stands in the profile.
        seen: None where it could not be told: before the opening not all is there.
        why: What was seen instead.
        at: Its key in the profile; that of what was not found, where that is known.
        lacks: What was not found: a selector, a text.
        near: What there is that is most like it.
    """

    part: str
    what: str
    seen: bool | None
    why: str = ""
    at: tuple[str | int, ...] = ()
    lacks: str = ""
    near: tuple[str, ...] = ()


def judge_profile(sightings: Sequence[Sighting], picture: str | None = None) -> tuple[Finding, ...]:
    """A finding for each part that was looked at.

    Args:
        sightings: In the order of the profile.
        picture: Where the page was kept on which something was missing.
    """
    parts = dict.fromkeys(one.part for one in sightings)
    return tuple(_judge(part, [one for one in sightings if one.part == part], picture) for part in parts)


def _judge(part: str, of_it: Sequence[Sighting], picture: str | None) -> Finding:
    missing = [one for one in of_it if one.seen is False]
    untold = [one for one in of_it if one.seen is None]
    seen = len(of_it) - len(missing) - len(untold)
    if missing:
        said = "; ".join(f"{one.what}{f' ({one.why})' if one.why else ''}" for one in missing)
        look = f" Look at {picture}." if picture else ""
        mend = f"Check again; if it stays, the site has changed: mend `{part}` in its profile.{look}"
        return Finding(Subject.PROFILE, part, Judgement.NO, f"not there: {said}", mend)
    if not untold:
        return Finding(Subject.PROFILE, part, Judgement.GO, f"all there: {seen} of {seen} steps")
    why = untold[0].why or "nothing is open yet that could show it"
    if not seen:
        return Finding(Subject.PROFILE, part, Judgement.NOT_JUDGED, why)
    names = ", ".join(one.what for one in untold)
    found = f"there: {seen} of {len(of_it)} steps; not judged: {names} ({why})"
    return Finding(Subject.PROFILE, part, Judgement.GO, found)
