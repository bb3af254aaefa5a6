"""Texts of examples in a request: shortened in their middle, within a budget for the whole request."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any

import orjson

from ...prompts.shortening import shorten
from ...prompts.task import Example
from .material import Attempt

BUDGET = 12_000
"""Characters for all examples of a full request, about 3,000 tokens."""
_LONGEST = 1_500
"""Most characters of an input or of an output in a full request, however few are shown."""
_LABELLED = 300
"""Most characters of the input of an example that is shown with its right answer alone."""
_BRIEF, _BRIEF_ANSWER, _BRIEF_CHOICE = 240, 100, 60
"""Most characters of a text, an answer and a choice in a brief request."""
_INPUT, _OUTPUT, _FEEDBACK = 0.45, 0.35, 0.15
"""Shares of an example's characters."""
_CHOICES = 8
"""Greatest number of choices shown in a brief request."""


@dataclass(frozen=True, slots=True)
class ShownAttempt:
    """An example with the answer that it got, as a request shows it."""

    number: int
    """Number by which the reply can name it, from 1."""
    input: str
    answered: str | None
    right: str
    """Right answer, or all of them."""
    value: float | None
    """Value of the main metric, if it is neither 0 nor 1."""
    output: str
    feedback: tuple[tuple[str, str], ...]
    """Metric, and what it says was wrong."""
    metrics: tuple[tuple[str, float], ...]
    """Further metrics below their best value."""


@dataclass(frozen=True, slots=True)
class ShownExample:
    """An example with its right answer."""

    number: int
    input: str
    right: str


def shown_attempts(
    attempts: Sequence[Attempt], *, full: bool, first: int = 1, budget: int = BUDGET
) -> list[ShownAttempt]:
    """Return the attempts as texts; together they have about `budget` characters at most."""
    each = budget // max(1, len(attempts))
    return [_attempt(attempt, first + n, each, full=full) for n, attempt in enumerate(attempts)]


def shown_examples(examples: Sequence[Example], *, full: bool, first: int = 1) -> list[ShownExample]:
    """Return the examples with their right answers as texts."""
    return [
        ShownExample(first + n, input_text(e, _LABELLED, full=full), right_answers(e, _LABELLED if full else 100))
        for n, e in enumerate(examples)
    ]


def right_answers(example: Example, limit: int) -> str:
    """Return all right answers of an example, shortened."""
    return shorten(" / ".join(example.right_answers), limit)


def input_text(example: Example, limit: int, *, full: bool) -> str:
    """Return the input of an example: its context, question and choices, or else its columns.

    A full text has about `limit` characters at most, the question before the rest of it.
    """
    if not full:
        return " ".join(_brief_parts(example))
    choices = _choices(example, max(_BRIEF_CHOICE, limit // 2 // max(1, len(example.choices or ()))))
    if not example.question and example.columns:
        return "\n".join([*_columns(example, limit), *choices])
    question = shorten(example.question, max(limit // 2, limit - len(example.context or "")))
    context = shorten(example.context or "", max(limit // 2, limit - len(question)))
    return "\n".join(part for part in (context, question, *choices) if part)


def _brief_parts(example: Example) -> Iterator[str]:
    if not example.question and example.columns:
        yield from _columns(example, 2 * _BRIEF)
    yield from (shorten(text, _BRIEF) for text in (example.context or "", example.question) if text)
    yield from _choices(example, _BRIEF_CHOICE)[:_CHOICES]


def _choices(example: Example, limit: int) -> list[str]:
    letters = zip(ascii_uppercase, example.choices or (), strict=False)
    return [f"{letter}. {shorten(choice, limit)}" for letter, choice in letters]


def _columns(example: Example, limit: int) -> list[str]:
    each = max(_BRIEF_CHOICE, limit // len(example.columns))
    return [f"{name}: {shorten(_plain(value), each)}" for name, value in example.columns.items()]


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value, default=str).decode()


def _attempt(attempt: Attempt, number: int, each: int, *, full: bool) -> ShownAttempt:
    answer = min(_LONGEST, each // 4) if full else _BRIEF_ANSWER
    feedback = (attempt.feedback or {}).items()
    said = max(_BRIEF_ANSWER, round(each * _FEEDBACK) // max(1, len(feedback))) if full else _BRIEF_ANSWER
    return ShownAttempt(
        number=number,
        input=input_text(attempt.example, min(_LONGEST, round(each * _INPUT)), full=full),
        answered=None if attempt.answered is None else shorten(attempt.answered, answer),
        right=right_answers(attempt.example, answer),
        value=round(attempt.value, 2) if 0 < attempt.value < 1 else None,
        output=shorten(attempt.output, min(_LONGEST, round(each * _OUTPUT)) if full else _BRIEF),
        feedback=tuple((name, shorten(text, said)) for name, text in feedback),
        metrics=tuple(sorted((attempt.metrics or {}).items())),
    )
