"""Settings of a task, as written in a task.toml or as [tasks.NAME] in a configuration."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from ..task import AnswerType

GoldMeaning = Literal["text", "letter", "index", "index1", "key"]
"""Meaning of the right answers in a column, for answers with options.

"text" is the option itself, "letter" its letter, "index" its index counted from 0, "index1" counted from 1,
and "key" its name in the row's own `keys`.
"""
_FIELDS = frozenset({"id", "question", "context", "choices", "keys", "answer"})


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AnswerSettings(_Settings):
    """Form of an answer. Without `labels`, a task of type "label" uses the answers in its data as labels.

    `gold` declares what a right answer in the data means. Without it, the answers of type "label" are labels,
    and the whole column decides for answers of type "letter". `after` is a mark, such as "####": the right
    answer is the text after its last occurrence.
    """

    type: AnswerType
    labels: tuple[str, ...] = ()
    gold: GoldMeaning | None = None
    after: str | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _gold_of_options(self) -> Self:
        if self.gold is None:
            return self
        if self.type not in ("label", "letter"):
            raise ValueError(f'gold belongs to answers of type "label" or "letter", not to "{self.type}"')
        if self.type == "label" and self.gold != "text" and not self.labels:
            raise ValueError(f'gold = "{self.gold}" needs the labels in their order: labels = ["no", "yes"]')
        return self


class FileSettings(_Settings):
    """Form of the text files with data. What is left out is recognised."""

    separator: str | None = Field(default=None, min_length=1, max_length=1)
    """Sign between the fields of a CSV file."""
    quotes: bool = True
    """Whether double quotes may enclose a field of a CSV file. Without, they are ordinary characters."""
    encoding: str | None = None
    """Encoding of files without a byte order mark, such as "cp1252"; by default UTF-8."""

    @field_validator("separator")
    @classmethod
    def _usable_separator(cls, separator: str | None) -> str | None:
        if separator is not None and (separator in '"\r\n\0' or separator.isalnum()):
            raise ValueError("not usable as a separator; use a sign such as ; or \\t")
        return separator

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, encoding: str | None) -> str | None:
        try:
            "a".encode(encoding or "utf-8")
        except (LookupError, UnicodeError, ValueError):
            raise ValueError(
                "no encoding of text has this name; use one such as cp1252 or utf-16-le"
            ) from None
        return encoding


class DataSettings(FileSettings):
    """Sources of the examples: `train`, `dev` and `test`, or one file as `all` that is cut by `shares`.

    A source is a path, "hub:NAME:SPLIT" or "hub:NAME:CONFIG:SPLIT". Without `dev`, half of `train` is used
    for it. `columns` maps fields to the columns that hold them: { question = "text", answer = "category" }.
    A column within a column is named with dots: "answers.text". Choices may stand in several columns:
    { choices = ["A", "B", "C", "D"] }.
    """

    train: str | None = None
    dev: str | None = None
    test: str | None = None
    all: str | None = None
    shares: tuple[float, float, float] = (0.2, 0.4, 0.4)
    columns: dict[str, str | tuple[str, ...]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.all is None) == (self.train is None and self.dev is None and self.test is None):
            raise ValueError("name the files of train, dev and test, or one file as `all`, but not both")
        if self.all is None and (self.test is None or (self.train is None and self.dev is None)):
            raise ValueError("`test` and at least one of `train` and `dev` are needed")
        if not min(self.shares) >= 0 or not abs(sum(self.shares) - 1) <= 1e-6:
            raise ValueError("shares (train, dev, test) must not be negative and must add up to 1")
        if unknown := sorted(set(self.columns) - _FIELDS):
            raise ValueError(f"columns: no field is called {', '.join(unknown)}")
        return self

    @field_validator("columns")
    @classmethod
    def _lists_of_choices(cls, columns: dict[str, str | tuple[str, ...]]) -> dict[str, str | tuple[str, ...]]:
        for field, column in columns.items():
            if isinstance(column, tuple) and field != "choices":
                raise ValueError(f"only the choices may stand in several columns, not the {field}")
        return columns


class TaskSettings(_Settings):
    """Settings of one task."""

    name: str = ""
    licence: str = ""
    description: str = Field(min_length=1)
    initial_prompts: tuple[str, ...] = Field(min_length=1)
    answer: AnswerSettings
    data: DataSettings

    @model_validator(mode="after")
    def _keys_are_mapped(self) -> Self:
        if self.answer.gold == "key" and "keys" not in self.data.columns:
            raise ValueError(
                'answer.gold = "key" needs the column of the keys: data.columns = { keys = ... }'
            )
        return self
