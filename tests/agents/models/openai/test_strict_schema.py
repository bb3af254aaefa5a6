"""Schemas that OpenAI's strict mode accepts."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from transfer_prompting.agents.models.openai.strict_schema import is_strict


def closed(**properties: Any) -> dict[str, Any]:
    """Return an object of which every field is demanded and no other allowed."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


TEXT = {"type": "string"}


class Line(BaseModel):
    """A line of an order."""

    model_config = ConfigDict(extra="forbid")

    article: str
    amount: int | None


class Order(BaseModel):
    """An order, whose schema has definitions and references."""

    model_config = ConfigDict(extra="forbid")

    lines: list[Line]


@pytest.mark.parametrize(
    "schema",
    [
        closed(),
        closed(name=TEXT, tags={"type": "array", "items": {"enum": ["a", "b"]}}),
        closed(inner=closed(deep=closed(name=TEXT))),
        closed(either={"anyOf": [TEXT, {"type": "null"}]}, kind={"const": 1}),
        {**closed(next={"$ref": "#/$defs/node"}), "$defs": {"node": closed(name=TEXT)}},
        Order.model_json_schema(),
    ],
)
def test_strict_schemas(schema: dict[str, Any]) -> None:
    """Closed objects whose fields are all demanded are strict, at every depth."""
    assert is_strict(schema)


@pytest.mark.parametrize(
    "schema",
    [
        {},
        TEXT,
        True,
        None,
        {"type": "object"},
        {"type": "array", "items": closed()},
        {**closed(name=TEXT), "required": []},
        {**closed(name=TEXT), "additionalProperties": True},
        closed(inner={"type": "object", "properties": {"a": TEXT}}),
        closed(inner={"properties": {"a": TEXT}}),
        closed(age={"type": "integer", "minimum": 0}),
        closed(tags={"type": ["object", "null"]}),
        closed(either={"oneOf": [TEXT]}),
        {**closed(name=TEXT), "$defs": {"node": {"type": "object"}}},
        {**closed(name=TEXT), "required": "name"},
        {**closed(name=TEXT), "properties": ["name"]},
        {**closed(name=TEXT), "anyOf": "TEXT"},
    ],
)
def test_other_schemas(schema: Any) -> None:
    """Open objects, optional fields, further keywords, and what is no schema, are not strict."""
    assert not is_strict(schema)


def test_deep_schemas_are_not_strict() -> None:
    """A schema that is nested deeper than strict mode allows is not strict, and ends the search."""
    schema = closed()
    for _ in range(500):
        schema = closed(inner=schema)
    assert not is_strict(schema)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.sampled_from(["object", "string", "a"]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["type", "properties", "required", "items", "anyOf", "$defs", "additionalProperties", "a"]
                ),
                inner,
            )
        ),
        max_leaves=12,
    )
)
def test_any_json_is_judged(schema: Any) -> None:
    """Whatever stands in place of a schema, the answer is yes or no."""
    assert is_strict(schema) in (True, False)
