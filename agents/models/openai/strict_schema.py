"""JSON schemas that OpenAI's strict mode accepts. Every other schema is sent without it."""

from typing import Any

_KEYWORDS = frozenset(
    {
        "type",
        "properties",
        "required",
        "additionalProperties",
        "items",
        "enum",
        "const",
        "anyOf",
        "$ref",
        "$defs",
        "description",
        "title",
    }
)
"""Keywords that all versions of strict mode know. Later ones know more, such as "pattern" and "minimum"."""
_DEPTH = 5
"""Greatest depth of nested objects in the oldest version."""


def is_strict(schema: Any) -> bool:
    """Return True if a schema fits strict mode: objects with all fields demanded, and no other allowed.

    Source: https://platform.openai.com/docs/guides/structured-outputs#supported-schemas
    """
    return isinstance(schema, dict) and schema.get("type") == "object" and _fits(schema, _DEPTH)


def _fits(schema: Any, depth: int) -> bool:
    if not isinstance(schema, dict) or depth < 0 or not schema.keys() <= _KEYWORDS:
        return False
    properties = schema.get("properties", {})
    if ("object" in _types(schema) or "properties" in schema) and not _is_closed(schema, properties):
        return False
    defined = schema.get("$defs", {})
    several = schema.get("anyOf", [])
    if not isinstance(defined, dict) or not isinstance(several, list):
        return False
    inner = [
        *properties.values(),
        *defined.values(),
        *several,
        *([schema["items"]] if "items" in schema else []),
    ]
    return all(_fits(part, depth - 1) for part in inner)


def _is_closed(schema: dict[str, Any], properties: Any) -> bool:
    """Return True if every field of an object is demanded, and no other is allowed."""
    required = schema.get("required")
    return (
        schema.get("additionalProperties") is False
        and isinstance(properties, dict)
        and isinstance(required, list)
        and all(isinstance(name, str) for name in required)
        and set(required) == set(properties)
    )


def _types(schema: dict[str, Any]) -> list[Any]:
    types = schema.get("type", [])
    return types if isinstance(types, list) else [types]
