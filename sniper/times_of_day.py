"""Times of day as people write them in files."""

from __future__ import annotations

import re
from datetime import time
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def _time_of_day(value: Any) -> Any:
    if isinstance(value, time):
        return value
    if isinstance(value, str) and TIME.fullmatch(value):
        return time.fromisoformat(value)
    raise ValueError(f"{value!r} is no time of day; write it with four digits, as 09:00 or 13:00")


TimeOfDay = Annotated[
    time,
    BeforeValidator(_time_of_day),
    PlainSerializer(lambda t: f"{t:%H:%M}"),
    WithJsonSchema({"type": "string", "pattern": f"^({TIME.pattern})$", "examples": ["13:00"]}),
]
"""Hours and minutes with two digits each, without a time zone."""
