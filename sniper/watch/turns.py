"""When a watch may do something: at any time, unless there are runs that it must not be in the way of."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Protocol


class Turn(Protocol):
    """Waits for its turn."""

    async def to_look(self) -> None:
        """Wait until the site may be asked."""
        ...

    def to_book(self) -> AbstractAsyncContextManager[None]:
        """Within the block a run may book.

        Raises:
            EnvironmentProblem: Not now; it is to be tried again later.
        """
        ...


class AtAnyTime:
    """Nothing else goes on."""

    async def to_look(self) -> None:
        """At once."""

    def to_book(self) -> AbstractAsyncContextManager[None]:
        """At once."""
        return nullcontext()
