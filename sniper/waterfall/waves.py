"""The waves of a recorded run, with their waterfalls and verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, timedelta, tzinfo

from sniper.core.outcomes import Outcome, Proof
from sniper.core.plan import Attempt
from sniper.core.slots import Slot
from sniper.core.timeline import OPENING, Row, Waterfall, away_from, in_words, waterfall
from sniper.core.tries import Mark, ReadBack
from sniper.core.verdicts import SlotVerdict, judge
from sniper.store.records import ACTIVE, AttemptState, RunDetail, WaveRecord

_PROOFS = {
    ReadBack.SHOWN: "proven",
    ReadBack.NOT_SHOWN: "not shown",
    ReadBack.UNREADABLE: "unreadable",
}


@dataclass(frozen=True, slots=True)
class WaveView:
    """One wave, as it is shown.

    Attributes:
        not_parked: Who could not be parked, and why, where nothing was lost by it.
        unsettled: Accounts of whose attempt nobody knows the end.
        took_over: Who fired in place of whom, and how long before the opening that was settled.
        saved: What we got in an hour of which slots were lost, and who got it: the hour is not lost.
    """

    record: WaveRecord
    attempts: tuple[Attempt, ...]
    zone: tzinfo
    falls: Waterfall
    verdicts: tuple[SlotVerdict, ...]
    not_parked: tuple[tuple[str, str], ...]
    unsettled: frozenset[str]
    took_over: tuple[tuple[str, str, timedelta], ...]
    saved: tuple[tuple[str, Slot], ...]

    @property
    def losses(self) -> tuple[SlotVerdict, ...]:
        """The slots that were tried and lost."""
        return tuple(one for one in self.verdicts if one.reason.is_loss)

    @property
    def title(self) -> str:
        """Which wave, and when its slots opened."""
        there = self.record.opens_at.astimezone(self.zone)
        return f"Wave {self.record.number}, opening {there:%a %d %b %H:%M:%S %Z} on the site's clock"

    @property
    def aimed(self) -> str | None:
        """When the wave was to fire, and how well the clock was known."""
        if self.falls.open_before:
            since = in_words(self.falls.open_before)
            return f"The slots had been open for {since} when the first account pressed; 0 is that press"
        aim = self.record.aim
        if aim is None:
            return None
        bounds = [one.measures.bound for verdict in self.verdicts for one in verdict.tries]
        pages = max((bound - aim.bound for bound in bounds if bound), default=timedelta(0))
        exact = f", the pages' to ± {in_words(pages)}" if pages else ""
        return (
            f"Aimed {away_from(OPENING, aim.at - aim.opens_at)} (lead {in_words(aim.lead)}, one way"
            f" {in_words(aim.one_way)}); the site's clock was known to ± {in_words(aim.bound)}{exact}"
        )

    def ended(self, row: Row) -> str:
        """How a row ended, in a word or two."""
        if row.outcome is None:
            # The end of an attempt may not have been seen, and that of a slot it tried before all the same.
            if told := row.last(Mark.OUTCOME):
                return told.detail.replace("_", " ")
            return "open: not settled" if row.account in self.unsettled else "never fired"
        proof = f", {_PROOFS[row.proof]}" if row.proof else ""
        return f"{row.outcome.value.replace('_', ' ')}{proof}"


def waves_of(detail: RunDetail) -> tuple[WaveView, ...]:
    """All waves of a run."""
    proven = [one for one in detail.bookings if one.proof is Proof.CONFIRMED]
    held = [(one.account, one.slot) for one in proven]
    kept = [(one.account, one.slot) for one in proven if one.status in ACTIVE]
    views = []
    for wave in detail.waves:
        results = detail.results(wave.number)
        attempts = [one for one in detail.attempts if one.wave == wave.number]
        verdicts = judge(wave.opens_at, results, wave.aim, held)
        hours = {one.slot.instant for one in verdicts if one.reason.is_loss}
        views.append(
            WaveView(
                wave,
                tuple(result.attempt for result in results),
                (attempts[0].chain[0].start.tzinfo if attempts else None) or UTC,
                waterfall(wave.opens_at, results, wave.aim),
                verdicts,
                tuple(_not_parked(verdicts)),
                frozenset(one.account for one in attempts if one.state is AttemptState.OPEN),
                tuple(
                    (result.attempt.account, moment.detail, wave.opens_at - moment.at)
                    for result in results
                    for moment in result.timeline
                    if moment.mark is Mark.TOOK_OVER
                ),
                tuple((who, slot) for who, slot in kept if slot.instant in hours),
            )
        )
    return tuple(views)


def _not_parked(verdicts: Iterable[SlotVerdict]) -> Iterator[tuple[str, str]]:
    for verdict in verdicts:
        for one in verdict.tries:
            if one.result.outcome is Outcome.NOT_PARKED and not one.reason.is_loss:
                yield one.account, one.result.message
