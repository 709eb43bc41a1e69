"""How hard a dress rehearsal is made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sniper.core.timeline import in_words

RIVALS = 4
"""As many as the practice site has courts: who finds everything taken has come too late for all of them."""
USUAL_DELAY = timedelta(milliseconds=800)
"""Of rivals that are people with a quick hand."""


@dataclass(frozen=True, slots=True)
class Difficulty:
    """What the practice site does to a run.

    Attributes:
        rivals_after: How long after each opening they take what they can.
        faults: As `sniper practice --fault` takes them.
        picker: As `sniper practice --picker` takes them.
        said: What that is, for people; the faults themselves, where nothing is said.
    """

    rivals_after: timedelta = USUAL_DELAY
    faults: tuple[str, ...] = ()
    picker: tuple[str, ...] = ()
    said: str = ""

    @property
    def name(self) -> str:
        """One phrase for people."""
        after = f"after {in_words(self.rivals_after)}" if self.rivals_after else "at once"
        return "; ".join((self.said or "; ".join(self.faults), f"rivals {after}")).removeprefix("; ")

    @property
    def options(self) -> tuple[str, ...]:
        """Of `sniper practice`."""
        delay = round(self.rivals_after / timedelta(milliseconds=1))
        return (
            *("--rivals", str(RIVALS), "--rival-delay", str(delay)),
            *(("--picker", ",".join(self.picker)) if self.picker else ()),
            *(word for fault in self.faults for word in ("--fault", fault)),
        )


def _ms(number: int) -> timedelta:
    return timedelta(milliseconds=number)


FROM_EASY_TO_HARD = (
    Difficulty(),
    Difficulty(_ms(150)),
    Difficulty(faults=("latency=80ms,jitter=40ms",), said="slow site"),
    Difficulty(faults=("error=503,at=opening,first=1",), said="503 once"),
    Difficulty(faults=("rate-limited=1s,at=opening,first=1",), said="told to wait once"),
    Difficulty(picker=("search", "append-to-body", "virtual-scroll"), said="difficult pickers"),
    Difficulty(_ms(300), faults=("late=700ms",), said="opens 700 ms late"),
    Difficulty(faults=("signed-out",), said="signed out at the opening"),
    Difficulty(faults=("network=reset,at=opening,for=2s",), said="no network for 2 s"),
    Difficulty(_ms(30)),
)
"""What runs are made difficult by, unless told: one after the other, and from the beginning again."""


def chosen(rivals_at: timedelta | None, faults: tuple[str, ...]) -> tuple[Difficulty, ...]:
    """The difficulties that are gone through: all, or the one that was asked for."""
    if rivals_at is None and not faults:
        return FROM_EASY_TO_HARD
    return (Difficulty(USUAL_DELAY if rivals_at is None else rivals_at, faults),)
