"""Settings of the data of a task: files, columns, splits, groups and weights."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

Columns = dict[str, str | tuple[str, ...] | dict[str, str]]
"""Field -> column; the choices may stand in several columns, and an answer may consist of named columns."""
_FIELDS = frozenset({"id", "question", "context", "choices", "keys", "answer"})


class FileSettings(BaseModel):
    """Form of the text files with data. What is left out is recognised."""

    model_config = ConfigDict(frozen=True, extra="forbid")

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
    A column within a column is named with dots: "answers.text". Choices may stand in several columns,
    { choices = ["A", "B", "C", "D"] }, and an answer of type "json" may be made of several columns:
    { answer = { name = "full name", amount = "amount" } }.
    """

    train: str | None = None
    dev: str | None = None
    test: str | None = None
    all: str | None = None
    shares: tuple[float, float, float] = (0.2, 0.4, 0.4)
    columns: Columns = Field(default_factory=dict)
    split: str | None = Field(default=None, min_length=1)
    """Sign between several answers in one cell of text, such as ";". Without it, only lists are cut."""
    missing: Literal["error", "empty"] = "error"
    """What becomes of a column that a row lacks or that is null: an error, or an empty text."""
    group: str | None = None
    """Column that names the group of a row. Rows of one group never stand in two splits."""
    stratify: bool | None = None
    """Whether splits that are cut from one file keep the shares of the labels; by default they do."""
    weight: str | None = None
    """Column with the weight of a row in means over examples: a positive number."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.all is None) == (self.train is None and self.dev is None and self.test is None):
            raise ValueError("name the files of train, dev and test, or one file as `all`, but not both")
        if self.all is None and (self.test is None or (self.train is None and self.dev is None)):
            raise ValueError("`test` and at least one of `train` and `dev` are needed")
        if not min(self.shares) >= 0 or not abs(sum(self.shares) - 1) <= 1e-6:
            raise ValueError("shares (train, dev, test) must not be negative and must add up to 1")
        if unknown := sorted(set(self.columns) - _FIELDS):
            raise ValueError(
                f"columns: no field is called {', '.join(unknown)}. A column that a message template names "
                "need not be mapped"
            )
        return self

    @field_validator("columns")
    @classmethod
    def _several_columns(cls, columns: Columns) -> Columns:
        for field, column in columns.items():
            if isinstance(column, tuple) and field != "choices":
                raise ValueError(f"only the choices may stand in several columns, not the {field}")
            if isinstance(column, dict) and (field != "answer" or not column):
                raise ValueError(f"only an answer may consist of named columns, not the {field}")
        return columns
