"""Pictures of numbers, as SVG that any browser shows."""

from sniper.charts.gone import Row, gone_chart
from sniper.charts.odds import Bar, odds_chart

__all__ = ["Bar", "Row", "gone_chart", "odds_chart"]
