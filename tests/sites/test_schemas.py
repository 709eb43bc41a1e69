"""The JSON schemas that editors read, of profiles, of bookings.json and of cases."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sniper.core.outcomes import Outcome
from tests.sites.regenerate_schemas import FOLDER, MODELS, text_of


@pytest.mark.parametrize("name", MODELS)
def test_the_schemas_in_the_documentation_are_up_to_date(name: str) -> None:
    path = FOLDER / name
    written = path.read_text(encoding="utf-8") if path.exists() else ""
    assert written == text_of(MODELS[name]), (
        f"docs/schemas/{name} is not what the code says; write it anew: "
        "python -m tests.sites.regenerate_schemas"
    )


def nodes(schema: Any) -> list[dict[str, Any]]:
    """Every mapping of a schema."""
    inner = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()
    return [*([schema] if isinstance(schema, dict) else []), *(node for one in inner for node in nodes(one))]


@pytest.mark.parametrize("name", MODELS)
def test_what_a_schema_offers_is_what_a_person_would_write(name: str) -> None:
    for node in nodes(_schema(name)):
        assert node.get("type") != "null"
        assert not str(node.get("default", "")).startswith("PT")


def test_the_schema_takes_a_css_alone_for_a_selector_and_knows_extends() -> None:
    schema = _schema("profile.schema.json")
    on = schema["$defs"]["Click"]["properties"]["on"]
    assert {"type": "string"} in on["anyOf"]
    assert "extends" in schema["properties"]
    assert "required" not in schema
    assert {"required": ["extends"]} in schema["anyOf"]
    assert set(schema["$defs"]["Outcome"]["enum"]) == {outcome.value for outcome in Outcome}


def test_the_schema_of_bookings_knows_schema_dates_times_and_secrets() -> None:
    schema = _schema("bookings.schema.json")
    assert "$schema" in schema["properties"]
    assert "+3d" in schema["$defs"]["SnipeConfig"]["properties"]["target_date"]["examples"]
    assert schema["$defs"]["SnipeConfig"]["properties"]["fallback_strategy"]["default"] == "none"
    kinds = schema["$defs"]["Account"]["properties"]["password"]["oneOf"]
    assert [kind.get("type", kind.get("$ref")) for kind in kinds] == ["string", "#/$defs/FromEnvironment"]
    for name, definition in schema["$defs"].items():
        for key, field in definition.get("properties", {}).items():
            assert "description" in field or "$ref" in field or name == "TimeWindow", key


def test_the_schema_of_bookings_wants_a_day_or_schedules() -> None:
    schema = _schema("bookings.schema.json")
    assert schema["anyOf"] == [
        {"properties": {"snipe_config": {"required": ["target_date"]}}},
        {"required": ["schedules"]},
    ]
    when = schema["$defs"]["ScheduleConfig"]["properties"]["when"]["oneOf"]
    assert [kind.get("type", kind.get("$ref")) for kind in when] == ["string", "#/$defs/RuleConfig"]
    assert "except" in schema["$defs"]["ScheduleConfig"]["properties"]


def test_the_schema_of_a_case_wants_something_to_play_against_and_explains_every_key() -> None:
    schema = _schema("case.schema.json")
    assert {tuple(one["required"]) for one in schema["anyOf"]} == {("pages",), ("answers",), ("har",)}
    for definition in (schema, *schema["$defs"].values()):
        for key, field in definition.get("properties", {}).items():
            assert "description" in field or "$ref" in field, key


def _schema(name: str) -> dict[str, Any]:
    loaded = json.loads(text_of(MODELS[name]))
    assert isinstance(loaded, dict)
    return loaded
