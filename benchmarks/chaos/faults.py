"""What goes wrong at the practice site during a run that is killed: one of these each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sniper.practice.settings import Picker


@dataclass(frozen=True, slots=True)
class Fault:
    """One way of the site to be difficult.

    Attributes:
        settings: What the practice site is started with (`PracticeSettings`).
        control: What it is told once it runs: a path of its control API, and the JSON that is posted there.
        takes: It may take away what the goal needs. Under the others the goal stays within reach, however
            long nobody fires, and has to be reached.
    """

    name: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    control: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    takes: bool = False


_MS = timedelta(milliseconds=1)

FAULTS = (
    Fault("none"),
    Fault("rivals", {"rivals": 2, "rival_delay": 800 * _MS}, takes=True),
    Fault("quick rivals", {"rivals": 3, "rival_delay": 30 * _MS}, takes=True),
    Fault("places given twice", {"racy": True, "rivals": 2, "rival_delay": 20 * _MS}, takes=True),
    Fault("signed out between openings", {"session_lifetime": timedelta(minutes=10)}),
    Fault("signed out early", {"session_lifetime": timedelta(seconds=90)}),
    Fault("session written late", {"session_delay": 1500 * _MS}),
    Fault("difficult pickers", {"picker": Picker(search=True, append_to_body=True, virtual_scroll=True)}),
    Fault("a card for each slot", {"cards": "slot"}),
)
