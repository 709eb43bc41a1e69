"""The bots: what they take, when, and that they never have their turn twice. Under simulated time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest

from sniper.practice.catalogue import Slot
from sniper.practice.clock import SimulatedTime
from sniper.practice.models import RefusedError, Status
from sniper.practice.server import open_site, running_practice_site
from sniper.practice.settings import PracticeSettings
from sniper.practice.site import Site

SlotAt = Callable[[str, str], Slot]

TO_THE_OPENING = timedelta(seconds=10)


@contextmanager
def site_with(settings: PracticeSettings, time_source: SimulatedTime, rivals: int) -> Iterator[Site]:
    with open_site(settings.model_copy(update={"rivals": rivals}), time_source=time_source) as site:
        yield site


def owners(site: Site, slot: Slot) -> tuple[str, ...]:
    return next(found.owners for found in site.venue.owners_on(slot.day) if found.slot == slot)


def test_rivals_take_the_most_wanted_slots_the_delay_after_the_opening(
    settings: PracticeSettings, time_source: SimulatedTime, slot_at: SlotAt
) -> None:
    with site_with(settings, time_source, 6) as site:
        assert site.rivals.next_due() == slot_at("X1 A", "2026-11-24 13:00").opening + timedelta(
            milliseconds=300
        )
        time_source.advance(TO_THE_OPENING + timedelta(milliseconds=299))
        site.rivals.work_due()
        assert owners(site, slot_at("X1 A", "2026-11-24 13:00")) == ()
        time_source.advance(timedelta(milliseconds=1))
        site.rivals.work_due()
        took = [
            owners(site, slot_at(label, "2026-11-24 13:00")) for label in ("X1 A", "X1 B", "X3 A", "X3 B")
        ]
        assert took == [(f"rival-{number}@2026-11-21T12:00Z",) for number in (1, 2, 3, 4)]
        assert owners(site, slot_at("Fitness", "2026-11-28 13:00")) == (
            "rival-5@2026-11-21T12:00Z",
            "rival-6@2026-11-21T12:00Z",
        )


def test_a_person_who_is_faster_than_the_delay_wins_and_the_rivals_fall_through(
    settings: PracticeSettings, time_source: SimulatedTime, slot_at: SlotAt
) -> None:
    with site_with(settings, time_source, 2) as site:
        time_source.advance(TO_THE_OPENING + timedelta(milliseconds=299))
        wanted = slot_at("X1 A", "2026-11-24 13:00")
        assert site.venue.book(site.accounts.member("user1"), wanted).status is Status.BOOKED
        time_source.advance(timedelta(milliseconds=1))
        site.rivals.work_due()
        assert owners(site, wanted) == ("user1",)
        assert owners(site, slot_at("X1 B", "2026-11-24 13:00")) == ("rival-1@2026-11-21T12:00Z",)
        assert owners(site, slot_at("X3 A", "2026-11-24 13:00")) == ("rival-2@2026-11-21T12:00Z",)


def test_a_person_who_is_slower_than_the_delay_loses(
    settings: PracticeSettings, time_source: SimulatedTime, slot_at: SlotAt
) -> None:
    with site_with(settings, time_source, 1) as site:
        time_source.advance(TO_THE_OPENING + timedelta(milliseconds=301))
        site.rivals.work_due()
        with pytest.raises(RefusedError, match="fully booked"):
            site.venue.book(site.accounts.member("user1"), slot_at("X1 A", "2026-11-24 13:00"))


def test_openings_before_the_start_are_worked_off_at_once(
    settings: PracticeSettings, time_source: SimulatedTime, slot_at: SlotAt
) -> None:
    with site_with(settings, time_source, 2) as site:
        for start in ("2026-11-21 14:00", "2026-11-22 09:00", "2026-11-24 12:00"):
            assert len(owners(site, slot_at("X1 A", start))) == 1
            assert len(owners(site, slot_at("X1 B", start))) == 1
            assert owners(site, slot_at("X3 A", start)) == ()
        assert owners(site, slot_at("X1 A", "2026-11-24 13:00")) == ()
        # Further ahead than the courts' window only Fitness is open.
        assert len(owners(site, slot_at("Fitness", "2026-11-27 22:00"))) == 0
        assert owners(site, slot_at("X1 A", "2026-11-21 12:00")) == ()


def test_openings_that_a_jump_passes_are_worked_off(
    settings: PracticeSettings, time_source: SimulatedTime, slot_at: SlotAt
) -> None:
    with site_with(settings, time_source, 1) as site:
        site.clock.jump(timedelta(hours=5))
        site.rivals.work_due()
        for hour in (13, 14, 15, 16, 17):
            assert len(owners(site, slot_at("X1 A", f"2026-11-24 {hour}:00"))) == 1
        assert owners(site, slot_at("X1 A", "2026-11-24 18:00")) == ()


def test_rivals_do_not_have_their_turn_again_after_a_restart(
    settings: PracticeSettings, time_source: SimulatedTime
) -> None:
    def everything() -> list[tuple[str, ...]]:
        with site_with(settings, time_source, 3) as site:
            return [
                found.owners
                for day in range(8)
                for found in site.venue.owners_on(date(2026, 11, 21) + timedelta(days=day))
            ]

    assert everything() == everything()


def test_a_running_site_lets_its_rivals_act_by_themselves(
    settings: PracticeSettings, time_source: SimulatedTime, slot_at: SlotAt
) -> None:
    with running_practice_site(settings.model_copy(update={"rivals": 1}), time_source=time_source) as site:
        time_source.advance(TO_THE_OPENING + timedelta(milliseconds=300))
        # The thread has been woken; whoever waits for its lock comes after it or does its work.
        site.rivals.work_due()
        assert owners(site, slot_at("X1 A", "2026-11-24 13:00")) == ("rival-1@2026-11-21T12:00Z",)
        assert site.arrivals.after()[0][1].outcome == "booked"
