"""Pictures of numbers, as SVG that any browser shows."""

from sniper.charts.odds import Bar, odds_chart

__all__ = ["Bar", "odds_chart"]
