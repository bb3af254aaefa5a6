"""Settings of the answers to a task: their form, and the meaning of the right answers in the data."""

import re
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from ..task import AnswerType

GoldMeaning = Literal["text", "letter", "index", "index1", "key"]
"""Meaning of the right answers in a column, for answers with options.

"text" is the option itself, "letter" its letter, "index" its index counted from 0, "index1" counted from 1,
and "key" its name in the row's own `keys`.
"""


class AnswerSettings(BaseModel):
    """Form of an answer. Without `labels`, a task of type "label" uses the answers in its data as labels.

    `gold` declares what a right answer in the data means. Without it, the answers of type "label" and the
    items of type "list" are labels, and the whole column decides for answers of type "letter". `after` is a
    mark, such as "####": the right answer in the data is the text after its last occurrence.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True, serialize_by_alias=True
    )

    type: AnswerType
    labels: tuple[str, ...] = ()
    gold: GoldMeaning | None = None
    after: str | None = Field(default=None, min_length=1)
    json_schema: dict[str, Any] | str | None = Field(default=None, alias="schema")
    """JSON Schema of an answer of type "json": a table, or the path of a JSON file."""
    marker: str | None = Field(default=None, min_length=1)
    """Text in a reply after whose last occurrence the answer stands."""
    pattern: str | None = Field(default=None, min_length=1)
    """Regular expression whose last match in a reply is the answer."""
    function: str | None = Field(default=None, pattern=r"\.py:[A-Za-z_]\w*$")
    """Function of your own that reads the answer in a reply, "FILE.py:FUNCTION"."""

    @property
    def own_mark(self) -> bool:
        """True if the task says how to find the answer in a reply."""
        return bool(self.marker or self.pattern or self.function)

    @field_validator("pattern")
    @classmethod
    def _is_an_expression(cls, pattern: str | None) -> str | None:
        try:
            re.compile(pattern or "")
        except re.error as error:
            raise ValueError(f"not a regular expression ({error})") from None
        return pattern

    @model_validator(mode="after")
    def _keys_fit_the_type(self) -> Self:
        if self.json_schema is not None and self.type != "json":
            raise ValueError(f'schema belongs to answers of type "json", not to "{self.type}"')
        if sum(map(bool, (self.marker, self.pattern, self.function))) > 1:
            raise ValueError("give a marker, a pattern or a function: one of them finds the answer")
        if self.after and self.type == "json":
            raise ValueError('after belongs to answers that are text, not to type "json"')
        return self

    @model_validator(mode="after")
    def _gold_of_options(self) -> Self:
        if self.gold is None:
            return self
        if self.type not in ("label", "letter", "list"):
            raise ValueError(
                f'gold belongs to answers of type "label", "letter" or "list", not "{self.type}"'
            )
        if self.type != "letter" and self.gold != "text" and not self.labels:
            raise ValueError(f'gold = "{self.gold}" needs the labels in their order: labels = ["no", "yes"]')
        if self.type == "list" and self.gold == "key":
            raise ValueError('gold = "key" belongs to answers of type "label" or "letter"')
        return self
