"""The JSON schemas of the files a person writes, so that editors complete and check them while they type."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import durationpy
from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """The schema of a file: without `null` for what may be left out, and without titles made of the keys."""
    return {
        "$schema": GenerateJsonSchema.schema_dialect,
        **model.model_json_schema(schema_generator=_ForEditors),
    }


class _ForEditors(GenerateJsonSchema):
    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        shown = super().default_schema(schema)
        if "default" in shown and shown["default"] is None:
            del shown["default"]
        return shown

    def encode_default(self, dft: Any) -> Any:
        return durationpy.to_str(dft) if isinstance(dft, timedelta) else super().encode_default(dft)

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - pydantic's signature
        return False
