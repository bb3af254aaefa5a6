"""Validation errors name the place, the key, the value and the remedy."""

from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from transfer_prompting.prompts.validation_errors import describe_errors


class Part(BaseModel):
    """Settings within settings."""

    model_config = ConfigDict(extra="forbid")

    name: str
    size: int = Field(default=1, ge=1)

    @field_validator("name")
    @classmethod
    def _is_short(cls, name: str) -> str:
        if len(name) > 5:
            raise ValueError("choose a shorter name.")
        return name


class Whole(BaseModel):
    """Settings with a list, a table and a single part."""

    model_config = ConfigDict(extra="forbid")

    parts: tuple[Part, ...] = ()
    table: dict[str, Part] = Field(default_factory=dict)
    single: Part | None = None


def described(written: dict[str, Any], **options: str) -> str:
    """Return the description of the errors in `written`."""
    with pytest.raises(ValidationError) as caught:
        Whole.model_validate(written)
    return describe_errors("a.toml", caught.value, Whole, **options)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({"part": 1}, "a.toml: part = 1: there is no such key. Did you mean parts?"),
        ({"colour": 1}, "a.toml: colour = 1: there is no such key. Known keys here: parts, table, single."),
        ({"parts": [{}]}, "a.toml: parts.0.name is missing. Known keys here: name, size."),
        ({"table": {"x": {"name": "a", "siz": 2}}}, "a.toml: table.x.siz = 2: there is no such key. Did you"),
        ({"single": {"name": "a", "siz": 2}}, "a.toml: single.siz = 2: there is no such key. Did you mean s"),
        ({"single": {"name": "a", "size": 0}}, "a.toml: single.size = 0: Input should be greater than"),
        ({"single": {"name": "abcdef"}}, "a.toml: single.name = 'abcdef': choose a shorter name."),
        ({"single": {"name": "a" * 99}}, "a.toml: single.name: choose a shorter name."),
        ({"api_key": "hunter2"}, "a.toml: api_key: there is no such key. Known keys here: parts, table"),
        ({"part": "hunter2"}, "a.toml: part: there is no such key. Did you mean parts?"),
        ({"password": 1234}, "a.toml: password: there is no such key."),
        ({"sk-a1b2c3d4e5f6": 1}, "a.toml: ... = 1: there is no such key."),
        ({"single": {"name": "x", "size": "sk-a1b2c3d4e5f6"}}, "a.toml: single.size: Input should be"),
        ({"single": {"name": "x", "size": ["Bearer x"]}}, "a.toml: single.size: Input should be"),
        ({"single": "http://me:pw@host"}, "a.toml: single: Input should be"),
        ({"table": {"token": {"name": "hunter2"}}}, "a.toml: table.token.name: choose a shorter name."),
        ({"parts": {"x": 1}}, "a.toml: parts: Input should be a valid tuple."),
    ],
)
def test_place_key_value_and_remedy(written: dict[str, Any], message: str) -> None:
    """An error is one line: place, key, value unless it is long or may be a secret, and remedy."""
    assert described(written).startswith(message)


def test_every_error_has_its_line() -> None:
    """All errors are reported, one a line."""
    assert described({"part": 1, "single": {}}).count("\na.toml: ") == 1


def test_a_hint_for_missing_keys() -> None:
    """A hint replaces the list of keys that is shown for a missing one."""
    found = described({"single": {}}, hint="See the manual.")
    assert found == "a.toml: single.name is missing. See the manual."
