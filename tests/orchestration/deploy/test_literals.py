"""Literals of Python and YAML stand for exactly the text that they were made from."""

import ast

import pytest
import yaml
from hostile_log import ATTACK, dangers
from hypothesis import given
from hypothesis import strategies as st
from task_making import PROPERTY

from transfer_prompting.orchestration.deploy.literals import python_text, python_value, yaml_text
from transfer_prompting.orchestration.deploy.yaml_lines import yaml_lines

TEXT = st.text(st.characters(exclude_categories=[]), max_size=30) | st.sampled_from(
    [ATTACK, "\ud800\udc00", "é\t"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@PROPERTY
@given(TEXT)
def test_text(text: str) -> None:
    """Any text comes back, surrogates included, and a terminal obeys nothing of the literal."""
    assert ast.literal_eval(python_text(text)) == text
    assert yaml.safe_load(yaml_text(text)) == text
    assert not dangers(python_text(text) + yaml_text(text))


@PROPERTY
@given(st.dictionaries(TEXT, JSON, max_size=4))
def test_values(value: dict[str, object]) -> None:
    """Any JSON value comes back, as Python and as YAML."""
    assert ast.literal_eval(python_value(value)) == value
    assert yaml.safe_load(yaml_lines(value) or "{}") == value


@pytest.mark.parametrize("number", [1e-9, -1e16, 1.5e300, 0.0, 3])
def test_numbers(number: float) -> None:
    """Numbers with an exponent stay numbers."""
    assert yaml.safe_load(yaml_lines({"n": number})) == {"n": number}


@pytest.mark.parametrize("text", ["a\nb", "a\n\nb: c\n", "a\n  b", " a\nb", "\na", "a\n ", "[\n  1\n]"])
def test_lines(text: str) -> None:
    """Texts of several lines come back, in a block or quoted."""
    assert yaml.safe_load(yaml_lines({"on": [{"x": text}], "b": text})) == {"on": [{"x": text}], "b": text}
