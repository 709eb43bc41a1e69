"""How soon slots are gone after their opening: for each location a band, as wide as what is not known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from math import inf, log10

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from sniper.core.censored import Between

_SHORTEST, _LONGEST = 0.01, 604_800.0
"""Seconds, at the ends of the axis, which is logarithmic: a hundredth of a second, and a week."""
_TICKS = (
    (0.01, "10 ms"),
    (0.1, "0.1 s"),
    (1, "1 s"),
    (10, "10 s"),
    (60, "1 min"),
    (600, "10 min"),
    (3600, "1 h"),
    (21_600, "6 h"),
    (86_400, "1 d"),
    (604_800, "1 week"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One location.

    Attributes:
        name: With how many slots it stands on.
        gone: How long after their opening slots were gone.
    """

    name: str
    gone: Sequence[Between]

    @property
    def certainly(self) -> list[tuple[float, float]]:
        """The share that was gone for certain, from 0 to 1, by the place on the axis, from 0 to 1."""
        return list(_steps((one.high for one in self.gone), len(self.gone)))

    @property
    def possibly(self) -> list[tuple[float, float]]:
        """The share that may have been gone."""
        return list(_steps((one.low for one in self.gone), len(self.gone)))

    @property
    def band(self) -> list[tuple[float, float]]:
        """The outline of what lies between."""
        return [*self.possibly, *reversed(self.certainly)]


def gone_chart(title: str, subtitle: str, rows: Sequence[Row], *, watermark: str) -> str:
    """The picture. All that is shown is escaped; `watermark` may be empty."""
    ticks = [(_place(seconds), name) for seconds, name in _TICKS]
    return _template().render(title=title, subtitle=subtitle, rows=rows, ticks=ticks, watermark=watermark)


def _steps(seconds: Iterable[float], n: int) -> Iterator[tuple[float, float]]:
    """A staircase over the axis: it rises by one of n at each of these."""
    yield 0.0, 0.0
    share = 0.0
    for number, one in enumerate(sorted(seconds), 1):
        if one == inf:
            break
        yield _place(one), share
        share = number / n
        yield _place(one), share
    yield 1.0, share


def _place(seconds: float) -> float:
    within = min(max(seconds, _SHORTEST), _LONGEST)
    return log10(within / _SHORTEST) / log10(_LONGEST / _SHORTEST)


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("sniper.charts", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("gone.svg")
