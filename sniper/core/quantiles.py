"""What is told of many measurements."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, Protocol, TypeVar


class _Ordered(Protocol):
    def __lt__(self, other: Any, /) -> bool: ...


Value = TypeVar("Value", bound=_Ordered)


def quantile(values: Iterable[Value], share: float) -> Value:
    """The smallest value that at least this share of them does not exceed; there has to be one."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
