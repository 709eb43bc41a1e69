"""docs/profiles.md: its fragments are valid, they show every key, and its example is what it says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from ruamel.yaml import YAML

from sniper.schema import schema_of
from sniper.sites.library import load_profile
from sniper.sites.profile import Profile

DOCS = Path(__file__).parents[2] / "docs"
RIVERSIDE = DOCS / "examples" / "riverside" / "profiles" / "riverside.yaml"
FRAGMENTS = re.findall(r"```yaml\n(.*?)```", (DOCS / "profiles.md").read_text(encoding="utf-8"), re.DOTALL)
BEFORE_MODELS = {"extends", "example"}
"""Keys that are gone before a profile is validated."""
OF_EVERY_STEP = {"only_with", "timeout"}
"""To be shown once, not for each kind of step."""


def read(text: str) -> dict[str, Any]:
    loaded = YAML(typ="safe").load(text)
    assert isinstance(loaded, dict)
    return loaded


def loaded(folder: Path, text: str) -> Profile:
    """The profile that a fragment is, laid over that of the club."""
    fragment = read(text) | {"extends": str(RIVERSIDE)}
    fragment.setdefault("name", "riverside")
    path = folder / f"{fragment['name']}.yaml"
    YAML(typ="safe").dump(fragment, path)
    return load_profile(path)


def said(model: Any) -> Iterator[tuple[str, str]]:
    """The keys that stand in a profile and below, each with the name of the model it belongs to."""
    match model:
        case BaseModel():
            for name in model.model_fields_set:
                yield type(model).__name__, type(model).model_fields[name].alias or name
                yield from said(getattr(model, name))
        case Mapping():
            for one in model.values():
                yield from said(one)
        case list() | tuple():
            for one in model:
                yield from said(one)


@pytest.mark.parametrize("text", FRAGMENTS)
def test_every_fragment_is_valid_in_a_profile(tmp_path: Path, text: str) -> None:
    loaded(tmp_path, text)


def test_the_fragments_show_every_key_that_the_schema_knows(tmp_path: Path) -> None:
    schema = schema_of(Profile)
    known = {("Profile", key) for key in schema["properties"]}
    known |= {(name, key) for name, one in schema["$defs"].items() for key in one.get("properties", {})}
    shown = {pair for text in FRAGMENTS for pair in said(loaded(tmp_path, text))}
    written = {key for text in FRAGMENTS for key in read(text)}
    assert written >= BEFORE_MODELS
    # What stands in the club's own profile alone is not shown by the page.
    of_fragments = {(model, key) for model, key in shown if model != "Profile" or key in written}
    missing = known - of_fragments - {("Profile", key) for key in BEFORE_MODELS}
    assert {key for _, key in of_fragments} >= OF_EVERY_STEP
    assert not {pair for pair in missing if pair[1] not in OF_EVERY_STEP}


def contains(whole: Any, part: Any) -> bool:
    """Is the part, mappings all the way down, in the whole?"""
    if isinstance(whole, dict) and isinstance(part, dict):
        return all(key in whole and contains(whole[key], part[key]) for key in part)
    return bool(whole == part)


def test_the_worked_example_is_what_the_page_goes_through() -> None:
    """Every part of the club's profile stands in the page as it stands there."""
    profile = read(RIVERSIDE.read_text(encoding="utf-8"))
    parts = [fragment for text in FRAGMENTS if contains(profile, fragment := read(text))]
    assert {key for part in parts for key in part} == set(profile)
