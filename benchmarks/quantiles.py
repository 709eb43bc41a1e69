"""What is told of many measurements."""

from __future__ import annotations

from sniper.core.quantiles import quantile


def summary(values: list[float]) -> dict[str, float | None]:
    """Median, 95th percentile and worst, in the unit they came in; nothing of nothing."""
    if not values:
        return {"p50": None, "p95": None, "worst": None}
    return {
        "p50": round(quantile(values, 0.5), 2),
        "p95": round(quantile(values, 0.95), 2),
        "worst": round(max(values), 2),
    }
