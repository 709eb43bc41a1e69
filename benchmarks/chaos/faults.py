"""What goes wrong at the practice site during a run that is killed: one of these each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sniper.practice.settings import Picker


@dataclass(frozen=True, slots=True)
class Difficulty:
    """One way of the site to be difficult.

    Attributes:
        settings: What the practice site is started with (`PracticeSettings`).
        takes: It may take away what the goal needs. Under the others the goal stays within reach, however
            long nobody fires, and has to be reached.
    """

    name: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    takes: bool = False


_MS = timedelta(milliseconds=1)


def _fault(*faults: str) -> Difficulty:
    """As `sniper practice --fault` takes them."""
    return Difficulty(" and ".join(faults).replace(",", " "), {"faults": faults})


DIFFICULTIES = (
    Difficulty("none"),
    Difficulty("rivals", {"rivals": 2, "rival_delay": 800 * _MS}, takes=True),
    Difficulty("quick rivals", {"rivals": 3, "rival_delay": 30 * _MS}, takes=True),
    Difficulty("places given twice", {"racy": True, "rivals": 2, "rival_delay": 20 * _MS}, takes=True),
    Difficulty("signed out between openings", {"session_lifetime": timedelta(minutes=10)}),
    Difficulty("session written late", {"session_delay": 1500 * _MS}),
    Difficulty(
        "difficult pickers", {"picker": Picker(search=True, append_to_body=True, virtual_scroll=True)}
    ),
    Difficulty("a card for each slot", {"cards": "slot"}),
    _fault("latency=80ms,jitter=40ms"),
    _fault("slow=2s,requests=own"),
    _fault("slow=1s,requests=booking"),
    _fault("queue,first=3"),
    _fault("rate-limited=3s,first=1"),
    _fault("error=503,first=1"),
    _fault("error=500,first=2,after"),
    _fault("reset,first=1"),
    _fault("reset,first=2,after"),
    _fault("captcha,accounts=user3,requests=api"),
    _fault("ban,accounts=user1,requests=booking"),
    _fault("network=reset,at=opening,for=2s"),
    _fault("late=700ms"),
    _fault("signed-out"),
    _fault("redraw=150ms"),
)
