"""A run and those who are told of it: when messages go out, when not, and what the run notices of it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sniper.clock.bracket import Bracket
from sniper.clock.clock import SimulatedClock
from sniper.clock.site import SiteClock
from sniper.core.outcomes import Proof
from sniper.events import Event, Noted, Proven, RunBroken, RunStarted, Tried, WaveOver, WavePlanned
from sniper.notify import notifier as notifier_module
from sniper.notify.channels import Channel
from sniper.notify.messages import Level, Scene
from sniper.notify.notifier import Notifier
from tests.aio import run_async
from tests.notify.service import TOKEN, Service
from tests.notify.test_messages import HELD, REACHED, STARTED, TAKEN
from tests.store.examples import AMSTERDAM, WAVE

SCENE = Scene("TU Delft X", rehearsal=False, zone=AMSTERDAM)
BAN = Noted("ann: the account is blocked", problem=True)


class Evening:
    """A run's evening: a clock that the test turns, and what the terminal was told."""

    def __init__(self, *channels: Channel) -> None:
        self.clock = SimulatedClock(WAVE.opens_at - timedelta(minutes=10))
        self.terminal: list[Event] = []
        self.notifier = Notifier(channels, SCENE, self.terminal.append)
        self.notifier.go_by(SiteClock(self.clock, Bracket(timedelta(0), timedelta(0))))

    def goes(self, work: Callable[[Evening], Awaitable[None]]) -> None:
        """Let the run go on, to its end."""

        async def go() -> None:
            async with self.notifier:
                await work(self)

        run_async(go())

    def tell(self, *events: Event) -> None:
        for event in events:
            self.notifier.tell(event)

    @property
    def told(self) -> list[str]:
        """What the terminal heard of the notifications themselves."""
        return [event.text for event in self.terminal if isinstance(event, Noted)]


async def until(so: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not so():  # noqa: ASYNC110 - it is threads that do it
            await asyncio.sleep(0.005)


def test_people_are_told_of_a_run_from_its_start_to_its_end(service: Service) -> None:
    async def work(here: Evening) -> None:
        here.tell(STARTED, WavePlanned(1, WAVE), Tried("ann", TAKEN), Proven(HELD, Proof.CONFIRMED))
        here.tell(WaveOver(1), REACHED)

    Evening(service.channel()).goes(work)
    text = "\n".join(one["title"] + one["message"] for one in service.posted)
    for words in (
        "the run has started",
        "wave 1 fires at 13:00:00",
        "taken before us",
        "ann has X1 A",
        "Goal reached",
    ):
        assert words in text
    assert "run 12" in text


@pytest.mark.parametrize(
    ("before", "goes_out"),
    [
        (timedelta(minutes=2), True),
        (timedelta(seconds=44), True),
        # It could still be on its way fifteen seconds before.
        (timedelta(seconds=42), False),
        (timedelta(seconds=10), False),
        (timedelta(seconds=-3), False),
    ],
)
def test_around_an_opening_nothing_sets_out_until_the_answers_are_proven(
    service: Service, before: timedelta, goes_out: bool
) -> None:
    async def work(here: Evening) -> None:
        here.tell(WavePlanned(1, WAVE))
        await until(lambda: len(service.posted) == 1)
        here.clock.advance(WAVE.opens_at - before - here.clock.now())
        here.tell(BAN)
        if goes_out:
            await until(lambda: len(service.posted) == 2)
        else:
            await asyncio.sleep(0.4)
            assert len(service.posted) == 1
            here.tell(WaveOver(1))
            await until(lambda: len(service.posted) == 2)

    # Three tries with two pauses, of up to 8 s and of 2 s: 28 s.
    Evening(service.channel(retry=2, wait=2)).goes(work)
    assert "blocked" in service.titles[1]


def test_a_service_that_may_take_long_is_not_begun_with_shortly_before(service: Service) -> None:
    async def work(here: Evening) -> None:
        here.tell(WavePlanned(1, WAVE))
        await until(lambda: len(service.posted) == 2)
        here.clock.advance(WAVE.opens_at - timedelta(seconds=70) - here.clock.now())
        here.tell(BAN)
        await until(lambda: len(service.posted) == 3)
        await asyncio.sleep(0.4)
        assert here.notifier.waiting == {"slow": 1}
        here.tell(WaveOver(1))

    Evening(service.channel(name="quick"), service.channel(name="slow", rto=60)).goes(work)
    assert len(service.posted) == 4


def test_a_wave_that_is_open_already_is_quiet_from_its_planning_on(service: Service) -> None:
    async def work(here: Evening) -> None:
        here.tell(WavePlanned(1, replace(WAVE, opens_at=here.clock.now() - timedelta(days=1))), BAN)
        await asyncio.sleep(0.4)
        assert service.asked == 0
        here.tell(WaveOver(1))
        await until(lambda: len(service.posted) == 1)

    Evening(service.channel()).goes(work)


def test_a_run_that_breaks_off_in_the_midst_of_a_wave_is_told_all_the_same(service: Service) -> None:
    async def work(here: Evening) -> None:
        here.tell(STARTED, WavePlanned(1, WAVE))
        here.clock.advance(timedelta(minutes=10))
        here.tell(RunBroken("the disk is full"))

    Evening(service.channel(Level.PROBLEMS)).goes(work)
    assert service.titles == ["sniper: the run broke off"]
    assert "the disk is full" in service.posted[0]["message"]


def test_a_service_that_hangs_costs_the_run_a_bounded_time_at_its_end_and_nothing_before(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifier_module, "FLUSHED_WITHIN", timedelta(seconds=1.5))
    service.drips = True

    async def work(here: Evening) -> None:
        here.tell(STARTED)
        await until(lambda: service.asked == 1)
        here.tell(BAN, REACHED)
        assert service.asked == 1, "it is told without waiting for the first one"

    here = Evening(service.channel())
    here.goes(work)
    assert here.told == [
        "waiting for notifications to go out (club), 2 s at most",
        "3 notifications could not be sent by club (`sniper notify test` tries it)",
    ]


def test_a_service_that_refuses_is_told_once_on_the_terminal_and_never_shows_its_token(
    service: Service, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(notifier_module, "FLUSHED_WITHIN", timedelta(seconds=0.5))
    service.refuses = 1000

    async def work(here: Evening) -> None:
        here.tell(STARTED)
        await until(lambda: bool(here.told))
        here.tell(BAN, REACHED)

    here = Evening(service.channel())
    here.goes(work)
    assert len([told for told in here.told if "fail" in told]) == 1
    assert here.told[-1].startswith("3 notifications could not be sent by club")
    assert TOKEN not in str(here.terminal) + caplog.text


def test_who_asks_for_the_end_again_does_not_wait_for_notifications_and_keeps_the_result(
    service: Service,
) -> None:
    service.drips = True
    here = Evening(service.channel())

    async def run() -> str:
        async with here.notifier:
            here.tell(REACHED)
        return "the result"

    async def go() -> str:
        running = asyncio.create_task(run())
        await until(lambda: service.asked == 1)
        await asyncio.sleep(0.2)
        running.cancel()
        return await running

    assert run_async(go()) == "the result"


def test_a_booking_that_is_proven_again_is_told_once(service: Service) -> None:
    async def work(here: Evening) -> None:
        for _ in range(3):
            here.tell(Proven(HELD, Proof.CONFIRMED))

    Evening(service.channel()).goes(work)
    assert service.titles == ["sniper: ann has X1 A Tue 24 Nov 13:00"]


def test_an_event_that_cannot_be_made_a_message_of_harms_nobody(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    async def work(here: Evening) -> None:
        here.tell(RunStarted(12, "x", False, None, (), ()))  # type: ignore[arg-type]
        here.tell(BAN)

    Evening(service.channel()).goes(work)
    assert service.titles == ["sniper: ann: the account is blocked"]
    assert "could not be made a message of" in caplog.text


def test_without_channels_nothing_is_made_waited_for_or_drawn() -> None:
    async def work(here: Evening) -> None:
        before = threading.active_count()
        here.tell(STARTED, BAN, REACHED)
        assert threading.active_count() == before
        assert not here.notifier.wants_pictures

    Evening().goes(work)


def test_before_the_sites_clock_is_known_this_machines_counts(service: Service) -> None:
    async def work(here: Evening) -> None:
        here.tell(RunBroken("no connection"))

    here = Evening(service.channel())
    here.notifier = Notifier([service.channel()], SCENE, here.terminal.append)
    here.goes(work)
    assert f"{datetime.now(UTC).astimezone(AMSTERDAM):%d %b}" in service.posted[0]["message"]
