"""The odds of several strategies as bars: the goal, only the fallback, nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template


@dataclass(frozen=True, slots=True)
class Bar:
    """One strategy's odds; they sum to 1."""

    name: str
    goal: float
    fallback: float
    nothing: float


def odds_chart(title: str, subtitle: str, bars: Sequence[Bar], *, watermark: str) -> str:
    """The picture. All that is shown is escaped."""
    return _template().render(title=title, subtitle=subtitle, bars=bars, watermark=watermark)


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("sniper.charts", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("odds.svg")
