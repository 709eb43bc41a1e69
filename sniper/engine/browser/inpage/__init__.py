"""The scripts that work inside the page. Each file is a function; armed.js puts them together."""

from __future__ import annotations

from importlib.resources import files

HANDLE = 'window[Symbol.for("sniper")]'
"""Where a page has what armed.js offers."""
_HELPERS = (
    "timing",
    "drawing",
    "hearing",
    "piercing",
    "looking",
    "hand",
    "keys",
    "guiding",
    "acting",
    "judging",
    "attempting",
    "rehearsing",
    "ng_select",
    "native_select",
)


def source(name: str) -> str:
    """The function in the file of this name, without its ending."""
    return (files(__package__) / f"{name}.js").read_text(encoding="utf-8").strip()


def script() -> str:
    """What runs in every document of a context before the site's own scripts."""
    helpers = ",\n".join(f"{name}: {source(name)}" for name in _HELPERS)
    return f"({source('armed')})({{\n{helpers}\n}});"
