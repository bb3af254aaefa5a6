"""Settings of a task, as written in a task.toml or as [tasks.NAME] in a configuration."""

import re
from collections.abc import Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from ..message_templates import placeholders
from ..metrics.settings import MetricSettings
from ..named_texts import join_texts, split_texts
from ..program import ProgramSettings
from ..task import INSTRUCTION, AnswerFormat, Frame, MessageTemplate
from .answer_settings import AnswerSettings
from .data_settings import DataSettings
from .metric_columns import check_metric

_NAME = re.compile(r"[^\W\d]\w{0,39}")
_OWN_FORMS = ("list", "json", "raw")
"""Types of answers that the lines of a frame do not fit."""


class TaskSettings(BaseModel):
    """Settings of one task.

    The request consists of `messages`, whose placeholders name columns and texts; or of the prompt itself, if
    it holds placeholders; or of the prompt and the row's question.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = ""
    licence: str = ""
    description: str = Field(min_length=1)
    initial_prompts: tuple[str, ...] = ()
    """Prompts that a person would try first; their only text is called "instruction"."""
    texts: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Name -> one text or several alternatives, instead of `initial_prompts`."""
    messages: tuple[MessageTemplate, ...] = ()
    program: ProgramSettings | None = None
    """The system that answers, "FILE.py:NAME" or a table, instead of one call made of `messages`."""
    frame: Frame | None = None
    """What the request says besides; by default nothing if the task has a request or a form of its own."""
    answer: AnswerSettings
    metric: MetricSettings | None = None
    """The main metric; by default the usual one for the type of the answers."""
    metrics: tuple[MetricSettings, ...] = ()
    """Further metrics."""
    data: DataSettings

    @field_validator("texts", mode="before")
    @classmethod
    def _one_or_several(cls, texts: Any) -> Any:
        if not isinstance(texts, Mapping):
            return texts
        return {name: (text,) if isinstance(text, str) else text for name, text in texts.items()}

    @property
    def prompts(self) -> tuple[str, ...]:
        """The initial prompts: the n-th consists of the n-th alternative of each text, or of its last."""
        if not self.texts:
            return self.initial_prompts
        count = max(map(len, self.texts.values()))
        joined = (
            join_texts({name: own[min(n, len(own) - 1)] for name, own in self.texts.items()})
            for n in range(count)
        )
        return tuple(dict.fromkeys(joined))

    @property
    def text_names(self) -> tuple[str, ...]:
        """Names of the texts that are optimised."""
        return tuple(self.texts) or (INSTRUCTION,)

    @property
    def all_metrics(self) -> tuple[MetricSettings, ...]:
        """The main metric, then further ones; () for the usual metric."""
        return (self.metric, *self.metrics) if self.metric else ()

    @property
    def own_request(self) -> bool:
        """True if templates say which columns the model sees, so that no question is needed."""
        return bool(self.program or self.messages or any(map(placeholders, self.prompts)))

    @property
    def chosen_frame(self) -> Frame:
        """The frame as given, or the default one."""
        if self.frame is not None:
            return self.frame
        own_form = self.answer.type in _OWN_FORMS or self.answer.own_mark
        return "own" if self.own_request or own_form else "answer+confidence"

    @model_validator(mode="after")
    def _has_prompts(self) -> Self:
        if self.program and not self.initial_prompts and not self.texts:
            return self  # The program brings its own texts.
        if bool(self.initial_prompts) == bool(self.texts):
            raise ValueError(
                'give initial_prompts = ["..."], prompts that you would write yourself, or several named '
                'texts = { role = "...", rules = "..." }'
            )
        for name, alternatives in self.texts.items():
            if not _NAME.fullmatch(name):
                raise ValueError(f"texts: {name!r} is no name of a text; use letters, digits and _")
            if not alternatives:
                raise ValueError(f"texts: {name!r} has no text")
        if any(split_texts(prompt, self.text_names) is None for prompt in self.prompts):
            lines = ", ".join(f"[[{name}]]" for name in self.text_names)
            raise ValueError(f"texts: no text may hold a line such as {lines}, which separates the texts")
        return self

    @model_validator(mode="after")
    def _texts_are_shown(self) -> Self:
        if self.program:
            if self.messages or self.frame not in (None, "own"):
                raise ValueError("a program makes its own requests: leave out messages and frame")
            return self
        if not self.messages:
            if len(self.text_names) > 1:
                raise ValueError("several texts need messages that say where each of them stands")
            found = [bool(placeholders(prompt)) for prompt in self.prompts]
            if any(found) and not all(found):
                raise ValueError(
                    f"initial_prompts: prompt {found.index(False) + 1} has no placeholder, but another one "
                    "has. Without placeholders the model would not see the row"
                )
            return self
        named = {name for message in self.messages for name in placeholders(message.content)}
        if lost := [name for name in self.text_names if name not in named]:
            raise ValueError(
                f"messages: the text {lost[0]!r}, which is to be optimised, stands in none of them. Write "
                f"{{{{ {lost[0]} }}}} where it belongs"
            )
        return self

    @model_validator(mode="after")
    def _frame_fits(self) -> Self:
        if self.frame is None or self.frame == "own":
            return self
        if self.answer.type == "raw":
            raise ValueError(
                f'frame = "{self.frame}" demands an answer on a line of its own, which is not "raw"'
            )
        if self.frame == "answer+confidence" and self.answer.own_mark:
            raise ValueError(
                'frame = "answer+confidence" has its own marks; leave out marker, pattern and function'
            )
        return self

    @model_validator(mode="after")
    def _metrics_fit(self) -> Self:
        if self.metrics and self.metric is None:
            raise ValueError("metrics lists further metrics; name the main one as metric")
        names = [metric.name for metric in self.all_metrics]
        if twice := [name for name in names if names.count(name) > 1]:
            raise ValueError(f'two metrics are called {twice[0]!r}; give one of them another name = "..."')
        for metric in self.all_metrics:
            check_metric(metric, AnswerFormat.model_construct(type=self.answer.type))
        return self

    @model_validator(mode="after")
    def _columns_fit(self) -> Self:
        columns = self.data.columns
        if self.answer.gold == "key" and "keys" not in columns:
            raise ValueError(
                'answer.gold = "key" needs the column of the keys: data.columns = { keys = ... }'
            )
        if isinstance(columns.get("answer"), dict) and self.answer.type != "json":
            raise ValueError('an answer of several columns needs answer.type = "json"')
        if self.data.split and self.answer.type == "json":
            raise ValueError('data.split does not belong to answers of type "json"')
        return self
