"""A process that is killed at its n-th call of the store or of the engine."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any


class Killed(BaseException):
    """By -9: nothing that comes after it has an effect, whatever `finally` would like to do."""


class Life:
    """Ends at a call, before that has done anything or right after, when nobody hears of it any more."""

    def __init__(self, calls: int, *, last_is_done: bool) -> None:
        self._left = calls
        self._last_is_done = last_is_done
        self.is_over = False
        self.ended_at = ""

    def of(self, thing: Any) -> Any:
        """The same, used by somebody who lives so long."""
        return _Mortal(thing, self)

    def begin_call(self, name: str) -> bool:
        """Whether it is the last one."""
        if self.is_over:
            raise Killed
        self._left -= 1
        if self._left:
            return False
        self.ended_at = name
        if not self._last_is_done:
            self.is_over = True
            raise Killed
        return True

    def end_call(self, *, is_last: bool) -> None:
        """Nobody hears the answer who is dead."""
        self.is_over = self.is_over or is_last
        if self.is_over:
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
