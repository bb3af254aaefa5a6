"""Settings of a task, as written in a task.toml or as [tasks.NAME] in a configuration."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ..task import AnswerType


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class AnswerSettings(_Settings):
    """Form of an answer. Without `labels`, a task of type "label" uses the answers in its data as labels."""

    type: AnswerType
    labels: tuple[str, ...] = ()


class DataSettings(_Settings):
    """Sources of the examples: `train`, `dev` and `test`, or one file as `all` that is cut by `shares`.

    A source is a path, "hub:NAME:SPLIT" or "hub:NAME:CONFIG:SPLIT". Without `dev`, half of `train` is used
    for it. `columns` maps fields to the columns that hold them: { question = "text", answer = "category" }.
    """

    train: str | None = None
    dev: str | None = None
    test: str | None = None
    all: str | None = None
    shares: tuple[float, float, float] = (0.2, 0.4, 0.4)
    columns: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.all is None) == (self.train is None and self.dev is None and self.test is None):
            raise ValueError("name the files of train, dev and test, or one file as `all`, but not both")
        if self.all is None and (self.test is None or (self.train is None and self.dev is None)):
            raise ValueError("`test` and at least one of `train` and `dev` are needed")
        if min(self.shares) < 0 or abs(sum(self.shares) - 1) > 1e-6:
            raise ValueError("shares (train, dev, test) must not be negative and must add up to 1")
        if unknown := sorted(set(self.columns) - {"id", "question", "context", "choices", "answer"}):
            raise ValueError(f"columns: no field is called {', '.join(unknown)}")
        return self


class TaskSettings(_Settings):
    """Settings of one task."""

    name: str = ""
    licence: str = ""
    description: str = Field(min_length=1)
    initial_prompts: tuple[str, ...] = Field(min_length=1)
    answer: AnswerSettings
    data: DataSettings
