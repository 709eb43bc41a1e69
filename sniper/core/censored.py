"""Durations of which only bounds are known: what can be said of their quantiles, and how surely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil, exp, inf, lgamma, log

CONFIDENCE = 0.9
"""How often the interval of a quantile holds the true one, whatever the distribution is."""


@dataclass(frozen=True, slots=True)
class Between:
    """A duration in seconds: longer than `low`, and no longer than `high`.

    `low` is minus infinity where it may be any shorter, `high` infinity where nobody saw the end.
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise ValueError(f"bounds in the wrong order: {self}")

    @classmethod
    def of(cls, low: timedelta | None, high: timedelta | None) -> Between:
        """From durations, None where there is no bound."""
        return cls(
            -inf if low is None else low.total_seconds(), inf if high is None else high.total_seconds()
        )


@dataclass(frozen=True, slots=True)
class Quantile:
    """What is known of a quantile.

    Attributes:
        share: Which: 0.5 is the median.
        seen: Where that of the durations seen lies, which are known by their bounds only.
        surely: Where that of all there are lies, nine times of ten.
    """

    share: float
    seen: Between
    surely: Between


def quantile(durations: Sequence[Between], share: float) -> Quantile:
    """What is known of a quantile of durations that are independent of each other.

    Of n durations, the k-th in order is no less than the k-th of the lower bounds in order, and no more than
    the k-th of the upper ones: nothing else is assumed, neither a distribution nor where between the bounds
    they lie. For all there are, the ranks that enclose the quantile nine times of ten are those of the
    binomial distribution; where there are too few to have them, there is no bound.

    Raises:
        ValueError: There are none.
    """
    if not durations:
        raise ValueError("no durations, no quantile")
    lows = sorted(one.low for one in durations)
    highs = sorted(one.high for one in durations)
    n = len(durations)
    k = max(1, ceil(share * n))
    first, last = _ranks(n, share)
    surely = Between(lows[first - 1] if first else -inf, highs[last - 1] if last <= n else inf)
    return Quantile(share, Between(lows[k - 1], highs[k - 1]), surely)


def share_within(durations: Sequence[Between], seconds: float) -> tuple[float, float]:
    """The share of durations no longer than this: at least, and at most."""
    n = len(durations)
    return sum(one.high <= seconds for one in durations) / n, sum(one.low < seconds for one in durations) / n


def _ranks(n: int, share: float) -> tuple[int, int]:
    """Ranks r and s (from 1): the quantile lies between the r-th and the s-th of n, nine times of ten.

    r is 0 and s is n + 1 where there is no such rank.
    """
    outside = (1 - CONFIDENCE) / 2
    below, first, last = 0.0, 0, n + 1
    for successes in range(n + 1):
        if below + _binomial(n, successes, share) <= outside:
            first = successes + 1
        below += _binomial(n, successes, share)
        if last > n and below >= 1 - outside:
            last = successes + 1
            break
    return min(first, n), last


def _binomial(n: int, k: int, p: float) -> float:
    if p in (0, 1):
        return float(k == n * p)
    ways = lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
    return exp(ways + k * log(p) + (n - k) * log(1 - p))
