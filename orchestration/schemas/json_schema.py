"""The JSON schema of a document, made from the type that the command prints."""

from importlib import import_module
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from .registry import DOCUMENTS, schema_name

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _Closed(GenerateJsonSchema):
    """Schemas in which a dataclass, too, has no other fields than its own."""

    def dataclass_schema(self, schema: core_schema.DataclassSchema) -> JsonSchemaValue:
        return {**super().dataclass_schema(schema), "additionalProperties": False}


def document_type(kind: str) -> TypeAdapter[Any]:
    """Return the type of a document, without its key "schema". Raise `KeyError` for an unknown name."""
    module, _, name = DOCUMENTS[kind].type.partition(":")
    return TypeAdapter(getattr(import_module(f"...{module}", __name__), name))


def json_schema(kind: str) -> dict[str, Any]:
    """Return the JSON schema of a document. Raise `KeyError` for an unknown name."""
    document = DOCUMENTS[kind]
    made = document_type(kind).json_schema(mode="serialization", schema_generator=_Closed)
    made["description"] = f"{document.command}: {made['description']}"
    if kind != "line":
        made["properties"] = {"schema": {"const": schema_name(kind), "type": "string"}, **made["properties"]}
        made["required"] = ["schema", *made["required"]]
    return {"$schema": _DIALECT, "$id": schema_name(kind), "version": document.version, **made}
