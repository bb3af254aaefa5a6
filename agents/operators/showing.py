"""Texts of examples in a request: shortened in their middle, within a budget for the whole request."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase

from ...prompts.message_templates import placeholders, value_text
from ...prompts.request import input_text as whole_input
from ...prompts.shortening import shorten
from ...prompts.task import Example, Task
from .material import Attempt
from .shown_trace import ShownStep, shown_trace

BUDGET = 12_000
"""Characters for all examples of a full request, about 3,000 tokens."""
_LONGEST = 1_500
"""Most characters of an input or of an output in a full request, however few are shown."""
_LABELLED = 300
"""Most characters of the input of an example that is shown with its right answer alone."""
_BRIEF, _BRIEF_ANSWER, _BRIEF_CHOICE = 240, 100, 60
"""Most characters of a text, an answer and a choice in a brief request."""
_INPUT, _OUTPUT, _FEEDBACK, _ANSWER = 0.45, 0.25, 0.1, 0.1
"""Shares of an example's characters; the last one is that of each of the two answers."""
_TRACE = 0.5
"""Share of an example's characters that its trace gets, if it has one; the other shares are halved."""
_BRIEF_TRACE = 480
"""Most characters of the whole steps of a trace in a brief request."""
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
    steps: tuple[ShownStep, ...] = ()
    """Steps of the program."""


@dataclass(frozen=True, slots=True)
class ShownExample:
    """An example with its right answer."""

    number: int
    input: str
    right: str


def shown_attempts(
    attempts: Sequence[Attempt],
    tasks: Mapping[str, Task],
    *,
    full: bool,
    part: str = "",
    budget: int = BUDGET,
) -> list[ShownAttempt]:
    """Return the attempts as texts, numbered from 1; together they have about `budget` characters at most.

    Of a trace, the steps that rest on the text `part` are shown whole.
    """
    each = budget // max(1, len(attempts))
    return [
        _attempt(attempt, number, each, tasks.get(attempt.task), full=full, part=part)
        for number, attempt in enumerate(attempts, 1)
    ]


def shown_examples(
    examples: Sequence[tuple[str, Example]], tasks: Mapping[str, Task], *, full: bool, first: int
) -> list[ShownExample]:
    """Return the examples with their right answers as texts, numbered from `first`."""
    answer = _LABELLED if full else _BRIEF_ANSWER
    return [
        ShownExample(
            number, input_text(example, _LABELLED, tasks.get(task), full=full), right_answers(example, answer)
        )
        for number, (task, example) in enumerate(examples, first)
    ]


def right_answers(example: Example, limit: int) -> str:
    """Return all right answers of an example, shortened."""
    return shorten(" / ".join(example.right_answers), limit)


def input_text(example: Example, limit: int, task: Task | None, *, full: bool) -> str:
    """Return the input of an example: its context, question and choices, or else its columns.

    A full text has about `limit` characters at most, half of them for the question if need be.
    """
    if task is not None and not example.question:
        return _own_input(example, limit if full else 2 * _BRIEF, task)
    if not full:
        return " ".join(_brief_parts(example))
    choices = _choices(example, max(_BRIEF_CHOICE, limit // 2 // max(1, len(example.choices or ()))))
    question = shorten(example.question, max(limit // 2, limit - len(example.context or "")))
    context = shorten(example.context or "", max(limit // 2, limit - len(question)))
    return "\n".join(part for part in (context, question, *choices) if part)


def _brief_parts(example: Example) -> Iterator[str]:
    yield from (shorten(text, _BRIEF) for text in (example.context or "", example.question) if text)
    yield from _choices(example, _BRIEF_CHOICE)[:_CHOICES]


def _choices(example: Example, limit: int) -> list[str]:
    letters = zip(ascii_uppercase, example.choices or (), strict=False)
    return [f"{letter}. {shorten(choice, limit)}" for letter, choice in letters]


def _own_input(example: Example, limit: int, task: Task) -> str:
    """Return what the task's own templates show of an example; if it is too long, column by column."""
    text = whole_input(task, example)
    if len(text) <= limit:
        return text
    contents = [template.content for template in task.messages] or list(task.initial_prompts)
    named = [name for content in contents for name in placeholders(content)]
    names = {name.partition(".")[0] for name in (task.program.inputs if task.program else named)}
    columns = {name: value_text(value) for name, value in example.columns.items() if name in names}
    if not columns:
        return shorten(text, limit)
    each = limit // len(columns)
    return "\n".join(f"{name}: {shorten(value, each)}" for name, value in columns.items())


def _attempt(
    attempt: Attempt, number: int, each: int, task: Task | None, *, full: bool, part: str
) -> ShownAttempt:
    traced = round(each * _TRACE) if full else _BRIEF_TRACE
    each = round(each * (1 - _TRACE)) if attempt.trace else each
    answer = min(_LONGEST, round(each * _ANSWER)) if full else _BRIEF_ANSWER
    feedback = (attempt.feedback or {}).items()
    said = max(_BRIEF_ANSWER, round(each * _FEEDBACK) // max(1, len(feedback))) if full else _BRIEF_ANSWER
    return ShownAttempt(
        number=number,
        input=input_text(attempt.example, min(_LONGEST, round(each * _INPUT)), task, full=full),
        answered=None if attempt.answered is None else shorten(attempt.answered, answer),
        right=right_answers(attempt.example, answer),
        value=round(attempt.value, 2) if 0 < attempt.value < 1 else None,
        output=shorten(attempt.output, min(_LONGEST, round(each * _OUTPUT)) if full else _BRIEF),
        feedback=tuple((name, shorten(text, said)) for name, text in feedback),
        metrics=tuple(sorted((attempt.metrics or {}).items())),
        steps=shown_trace(attempt.trace, part, traced, full=full),
    )
