"""Asks the strategy. Looking ahead can take seconds: meanwhile sign-ins, looks at them and Ctrl-C go on."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Protocol, TypeVar

from sniper.core.plan import Held, Situation, Wave
from sniper.core.standby import Standby, standbys
from sniper.core.strategy import Strategy, foresee

Answer = TypeVar("Answer")


class Apart(Protocol):
    """Does work that takes long, so that whoever waits for it keeps nobody else waiting."""

    def __call__(self, work: Callable[[], Answer]) -> Coroutine[Any, Any, Answer]:
        """What the work comes to."""
        ...


async def in_a_thread(work: Callable[[], Answer]) -> Answer:
    """Beside the event loop. Work that nobody waits for any more goes on to its end."""
    return await asyncio.to_thread(work)


class Planning:
    """A strategy's answers, one question after the other: what it has looked at, it remembers."""

    def __init__(self, strategy: Strategy, apart: Apart = in_a_thread) -> None:
        self._strategy = strategy
        self._apart = apart
        self._one_at_a_time = threading.Lock()

    async def next_wave(self, situation: Situation) -> Wave | None:
        """See `Strategy.next_wave`."""
        return await self._ask(lambda: self._strategy.next_wave(situation))

    async def doubles(self, situation: Situation) -> tuple[Held, ...]:
        """See `Strategy.doubles`."""
        return await self._ask(lambda: self._strategy.doubles(situation))

    async def surplus(self, situation: Situation) -> tuple[Held, ...]:
        """See `Strategy.surplus`."""
        return await self._ask(lambda: self._strategy.surplus(situation))

    async def foreseen(self, situation: Situation) -> tuple[Wave, ...]:
        """The waves to come if every hour is won."""
        return await self._ask(lambda: foresee(self._strategy, situation))

    async def standbys(self, wave: Wave, situation: Situation) -> tuple[Standby, ...]:
        """Who is to stand by in a wave that was planned from this situation."""
        return await self._ask(lambda: standbys(wave, situation, self._strategy.next_wave))

    async def _ask(self, question: Callable[[], Answer]) -> Answer:
        def alone() -> Answer:
            # Who asked before and waits no more may have left a thread that is still at work.
            with self._one_at_a_time:
                return question()

        return await self._apart(alone)
