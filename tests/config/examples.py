"""A good bookings.json, ways to spoil it, and what is said of it then."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from sniper.config.bookings import Bookings, read_bookings
from sniper.config.goal import check_against, load_site
from sniper.documents import Document
from sniper.errors import InputError

GOOD: dict[str, Any] = {
    "site": "tudelft-x",
    "accounts": [
        {"netid": "ann", "password": "s3cret-ann", "totp_secret": "JBSWY3DPEHPK3PXP"},
        {"netid": "bob", "password": "s3cret-bob"},
        {"netid": "eve", "password": "s3cret-eve", "is_active": False},
    ],
    "snipe_config": {
        "target_date": "2026-11-24",
        "consecutive_hours": 3,
        "time_window": {"start": "13:00", "end": "18:00"},
        "priorities": [
            {"rank": 1, "location": "X1", "sub_locations": ["X1 A", "X1 B"], "max_accounts": 3},
            {"rank": 2, "location": "Fitness"},
        ],
        "fallback_strategy": "accept_2_consecutive_hours",
        "give_back": "never",
    },
}
GONE = object()
"""Leaves a key out."""


def with_change(at: str, value: object) -> dict[str, Any]:
    """The good file but for one key: `with_change("snipe_config.time_window.end", "12:00")`."""
    root = copy.deepcopy(GOOD)
    *way, last = (int(key) if key.isdigit() else key for key in at.split("."))
    node: Any = root
    for key in way:
        node = node[key]
    if value is GONE:
        del node[last]
    else:
        node[last] = value
    return root


def written(folder: Path, root: dict[str, Any]) -> Path:
    """bookings.json in this folder, one key a line."""
    path = folder / "bookings.json"
    path.write_text(json.dumps(root, indent=1), encoding="utf-8")
    return path


def read(folder: Path, root: dict[str, Any] = GOOD) -> tuple[Bookings, Document]:
    """Written and read."""
    return read_bookings(written(folder, root))


def complaints(folder: Path, root: dict[str, Any]) -> str:
    """What is printed when this is checked: `:<line>: <key>: …`, the file's name left out."""

    def check() -> None:
        bookings, document = read(folder, root)
        check_against(bookings, document, load_site(bookings, document))

    with pytest.raises(InputError) as refused:
        check()
    assert refused.value.exit_code == 2
    return refused.value.explain().replace(f"{folder}/bookings.json:", ":").replace(f"{folder}/", "")
