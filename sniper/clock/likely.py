"""Where within its bracket a site's clock most likely stands.

The bracket alone is certain, and its middle takes every delay for as likely as any other. But a request that
came back quickly had little time to dawdle on either way, so its answer tells more than a slow one's.

The model. Of all round trips of a measurement the quickest one, T, was shared out evenly: no way is shorter
than m = T / 2. Whatever a round trip t took beyond that, t − 2 m, was lost on the way there by a share f and
on the way back by the rest, so that the site wrote its answer at sent + m + f · (t − 2 m). The share is
unknown, and spread evenly over one of four ranges, each as likely as the others before the first answer:

    anywhere 0 … 1, mostly back 0 … 0.3, mostly there 0.7 … 1, about even 0.4 … 0.6

One range holds for the whole measurement, since it is a fact of the network. One answer in ten is believed to
follow no such rule: written at any instant between sent and received.

Let F be the distribution of the time a request takes to get there, by that model. What the site tells changes
at `date`, and again after its resolution r, a second mostly, so for an offset θ an answer has the likelihood

    P(θ) = F(date + r − sent − θ) − F(date − sent − θ)

The likelihood of θ is the product over all answers, summed over the four ranges, and nought outside the
bracket. The estimate is the mean of θ under it, from some dozen points of the bracket.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sniper.clock.bracket import Bracket, Reading

_SHARES = ((0.0, 1.0), (0.0, 0.3), (0.7, 1.0), (0.4, 0.6))
_LAWLESS = 0.1
_POINTS = 48
_WIDE = 4
"""While the bracket is wider than this many round trips, the slack of one answer moves the mean by little."""


def likely_offset(bracket: Bracket, readings: Sequence[Reading]) -> timedelta:
    """The mean of the offset within the bracket, by the model above; the middle if it rules all of it out."""
    quickest = min(reading.round_trip for reading in readings)
    width = bracket.high - bracket.low
    if width > _WIDE * quickest:
        return bracket.middle
    least = quickest.total_seconds() / 2
    step = width.total_seconds() / _POINTS
    points = [step * (number + 0.5) for number in range(_POINTS)]
    edges = _edges(bracket, readings)
    weights = [0.0] * _POINTS
    for shares in _SHARES:
        for number, likelihood in enumerate(_likelihoods(points, edges, least, shares)):
            weights[number] += likelihood
    total = sum(weights)
    if not total:
        return bracket.middle
    mean = sum(point * weight for point, weight in zip(points, weights, strict=True)) / total
    return bracket.low + timedelta(seconds=mean)


Edges = tuple[float, float, float]
"""With an offset θ above the bracket's low end the way there took more than the first − θ and less than the
second − θ, out of the round trip, which is the third. All in seconds."""


def _edges(bracket: Bracket, readings: Sequence[Reading]) -> list[Edges]:
    """What the readings say, without those that say what is certain anywhere in the bracket."""
    edges: list[Edges] = []
    width = bracket.high - bracket.low
    for reading in readings:
        ticked = reading.date - reading.sent - bracket.low
        next_tick = ticked + reading.resolution
        latest = width + reading.round_trip
        if timedelta(0) < ticked < latest or timedelta(0) < next_tick < latest:
            edges.append(
                (ticked.total_seconds(), next_tick.total_seconds(), reading.round_trip.total_seconds())
            )
    return edges


def _likelihoods(
    points: Sequence[float], edges: Sequence[Edges], least: float, shares: tuple[float, float]
) -> list[float]:
    """Of each point, how likely all edges are together, if the shares of what got lost lie in that range."""
    likelihoods = [1.0] * len(points)
    for ticked, next_tick, trip in edges:
        lost = trip - 2 * least
        soonest, latest = least + shares[0] * lost, least + shares[1] * lost
        for number, point in enumerate(points):
            likelihoods[number] *= _took_less(next_tick - point, trip, soonest, latest) - _took_less(
                ticked - point, trip, soonest, latest
            )
    return likelihoods


def _took_less(than: float, trip: float, soonest: float, latest: float) -> float:
    """F: the probability that the way there took less than this, out of the whole round trip."""
    if than <= 0.0:
        return 0.0
    if than >= trip:
        return 1.0
    if than >= latest:
        by_rule = 1.0
    elif than <= soonest:
        by_rule = 0.0
    else:
        by_rule = (than - soonest) / (latest - soonest)
    return (1.0 - _LAWLESS) * by_rule + _LAWLESS * than / trip
