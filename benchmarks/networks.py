"""Networks to a site 30 ms away: how long, in ms, a request takes to get there, and its answer back."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

Network = Callable[[Random], tuple[float, float]]
"""There and back, of one request."""


def each_way(random: Random) -> tuple[float, float]:
    """From 10 to 20 ms each way: a round trip of 30 ms ± 10 ms, shared out as chance has it."""
    return random.uniform(10, 20), random.uniform(10, 20)


def round_trip(random: Random) -> tuple[float, float]:
    """A round trip of 20 to 40 ms, half of it there and half of it back."""
    half = random.uniform(20, 40) / 2
    return half, half


def normal(random: Random) -> tuple[float, float]:
    """Around 15 ms each way, with a standard deviation of 3 ms."""
    return max(5.0, random.gauss(15, 3)), max(5.0, random.gauss(15, 3))


def bursts(random: Random) -> tuple[float, float]:
    """10 ms each way, and exponentially more, 5 ms in the mean."""
    return 10 + random.expovariate(1 / 5), 10 + random.expovariate(1 / 5)


def bursts_there(random: Random) -> tuple[float, float]:
    """12 ms each way, and on the way there exponentially more, 8 ms in the mean."""
    return 12 + random.expovariate(1 / 8), 12


def bursts_back(random: Random) -> tuple[float, float]:
    """The same on the way back: what an answer waits for in the queue of a busy line."""
    there, back = bursts_there(random)
    return back, there


def outliers(random: Random) -> tuple[float, float]:
    """As `each_way`, but one in ten is 50 to 300 ms late, on one of the ways."""
    there, back = each_way(random)
    if random.random() < 0.1:
        late = random.uniform(50, 300)
        return (there + late, back) if random.random() < 0.5 else (there, back + late)
    return there, back


def lopsided(random: Random) -> tuple[float, float]:
    """5 to 10 ms there, 15 to 25 ms back: half of that difference, 5 to 7 ms, nobody can see."""
    return random.uniform(5, 10), random.uniform(15, 25)


NETWORKS: dict[str, Network] = {
    "each-way": each_way,
    "round-trip": round_trip,
    "normal": normal,
    "bursts": bursts,
    "bursts-there": bursts_there,
    "bursts-back": bursts_back,
    "outliers": outliers,
    "lopsided": lopsided,
}
