"""A process that is killed at its n-th call of the store or of the engine."""

from __future__ import annotations

import asyncio
import inspect
import sys
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn, TypeVar

Result = TypeVar("Result")


class Killed(BaseException):
    """By -9: nothing that comes after it has an effect, whatever `finally` would like to do."""


class Life:
    """Ends at a call, before that has done anything or right after, when nobody hears of it any more."""

    def __init__(
        self, calls: int = sys.maxsize, *, last_is_done: bool = True, last_call: str | None = None
    ) -> None:
        """So many calls, or up to the first of a name."""
        self._most = calls
        self._last_call = last_call
        self._last_is_done = last_is_done
        self._process: asyncio.Task[Any] | None = None
        self.is_over = False
        self.calls: list[str] = []

    async def to_its_end(self, process: Coroutine[Any, Any, Result]) -> Result:
        """What the process leaves.

        Raises:
            Killed: It was.
        """
        task = asyncio.create_task(process)
        self._process = task
        try:
            return await task
        except asyncio.CancelledError:
            if self.is_over:
                raise Killed from None
            raise

    def of(self, thing: Any) -> Any:
        """The same, used by somebody who lives so long."""
        return _Mortal(thing, self)

    def begin_call(self, name: str) -> bool:
        """Whether it is the last one."""
        if self.is_over:
            raise Killed
        self.calls.append(name)
        if len(self.calls) < self._most and name != self._last_call:
            return False
        if not self._last_is_done:
            self._end()
        return True

    def end_call(self, *, is_last: bool) -> None:
        """Nobody hears the answer who is dead."""
        if self.is_over or is_last:
            self._end()

    def _end(self) -> NoReturn:
        self.is_over = True
        if self._process:
            # Where it only waits for others that were killed, it would not notice.
            self._process.cancel()
        raise Killed


class _Mortal:
    def __init__(self, thing: Any, life: Life) -> None:
        self._thing = thing
        self._life = life

    def __getattr__(self, name: str) -> Any:
        real: Callable[..., Any] = getattr(self._thing, name)
        if not callable(real):
            return real

        def call(*args: Any, **kwargs: Any) -> Any:
            is_last = self._life.begin_call(name)
            result = real(*args, **kwargs)
            self._life.end_call(is_last=is_last)
            return result

        async def call_and_wait(*args: Any, **kwargs: Any) -> Any:
            is_last = self._life.begin_call(name)
            result = await real(*args, **kwargs)
            self._life.end_call(is_last=is_last)
            return result

        return call_and_wait if inspect.iscoroutinefunction(real) else call
