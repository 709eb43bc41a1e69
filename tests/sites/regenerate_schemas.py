"""Writes the JSON schemas in docs/schemas anew: `python -m tests.sites.regenerate_schemas`."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import BaseModel

from sniper.config.bookings import Bookings
from sniper.replay.case import Case
from sniper.schema import schema_of
from sniper.sites.profile import Profile

FOLDER = Path(__file__).parents[2] / "docs" / "schemas"
MODELS: dict[str, type[BaseModel]] = {
    "bookings.schema.json": Bookings,
    "case.schema.json": Case,
    "profile.schema.json": Profile,
}


def text_of(model: type[BaseModel]) -> str:
    """The file's content."""
    return json.dumps(schema_of(model), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, model in MODELS.items():
        (FOLDER / name).write_text(text_of(model), encoding="utf-8")
