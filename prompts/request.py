"""The request for an answer: what the model is sent for one prompt and one example, and nothing besides."""

from collections.abc import Sequence
from functools import cache, lru_cache
from string import ascii_uppercase
from typing import Any

from .chat_values import Turn, content_parts, history_turns, is_content, is_history
from .content_parts import Content, TextPart, text_of
from .errors import TaskError
from .loading.cells import MISSING, find_cell
from .message_templates import Part, filled, only_placeholder, placeholders, value_text
from .named_texts import split_texts
from .reading.guesses import wanted_guesses
from .rendering import render
from .task import Example, MessageTemplate, Task

_WANTED = {
    "label": "one of the options",
    "letter": "the letter of one choice",
    "number": "a number",
    "list": "the items, separated by commas",
    "json": "a JSON value on one line",
}


def request_turns(
    prompt: str, task: Task, example: Example, *, stated: bool = True, guesses: int = 1
) -> tuple[Turn, ...]:
    """Return the turns that ask for the answer to one example.

    Without templates of the task's own, the prompt comes first, so that all examples share it as their
    prefix, and the example follows unless the prompt has placeholders. The task's frame is added to the last
    turn: with `stated` its demand for a form, or for `guesses` answers with their probabilities; without it
    no form is demanded, because the likelihoods of the options decide. Raises `TaskError` naming the example
    if it lacks a column.
    """
    turns = _own_turns(prompt, task, example) if task.messages else (_usual_turn(prompt, task, example),)
    suffix = _frame(task, example, stated=stated, guesses=guesses)
    if not suffix:
        return turns
    return (*turns[:-1], Turn(turns[-1].role, _with_suffix(turns[-1].content, suffix)))


def input_text(task: Task, example: Example) -> str:
    """Return what the model sees of an example, without the prompt, as text."""
    if task.messages:
        turns = _own_turns(None, task, example)
        return "\n\n".join(text for turn in turns if (text := text_of(turn.content).strip()))
    if names := task.program.inputs if task.program else placeholders(task.initial_prompts[0]):
        values = (text_of(_content(_value(name, task, example))) for name in names)
        return "\n".join(f"{name}: {value}" for name, value in zip(names, values, strict=True))
    return render("example_input", example=example)


def _own_turns(prompt: str | None, task: Task, example: Example) -> tuple[Turn, ...]:
    """Return the filled templates of the task; without a prompt, texts are left empty."""
    texts = dict.fromkeys(task.texts, "") if prompt is None else split_texts(prompt, task.texts) or {}

    def resolve(name: str) -> Sequence[Part]:
        if name in texts:
            return filled(texts[name], lambda column: _value(column, task, example))
        return _value(name, task, example)

    turns: list[Turn] = []
    for template in task.messages:
        history = _history(template, example)
        if history is not None:
            turns += history
        elif content := _content(filled(template.content, resolve)):
            turns.append(Turn(template.role, content))
    return tuple(turns)


def _usual_turn(prompt: str, task: Task, example: Example) -> Turn:
    if placeholders(prompt):
        return Turn("user", _content(filled(prompt, lambda name: _value(name, task, example))))
    return Turn("user", f"{prompt}\n\n{render('example_input', example=example)}".strip())


def _history(template: MessageTemplate, example: Example) -> list[Turn] | None:
    """Return the turns of the chat history that a template stands for; None if it stands for none."""
    name = only_placeholder(template.content)
    value = None if name is None else find_cell(example.columns, name)
    return history_turns(value) if is_history(value) else None


def _value(name: str, task: Task, example: Example) -> Sequence[Part]:
    # The example's own choices, also where a metric of the user's has all columns kept.
    if name == "choices" and example.choices:
        return ["\n".join(f"{ascii_uppercase[n]}. {choice}" for n, choice in enumerate(example.choices))]
    value: Any = find_cell(example.columns, name)
    if value is MISSING and name in ("question", "context"):
        value = getattr(example, name) or ""
    if value is MISSING:
        raise TaskError(
            f"example {example.id!r} of task {task.name} has no column {name!r}, which the prompt names."
        )
    if is_content(value):
        return [part.text if isinstance(part, TextPart) else part for part in content_parts(value)]
    return [value_text(value)]


def _frame(task: Task, example: Example, *, stated: bool, guesses: int) -> str:
    """Return what the frame adds, with the line breaks before it."""
    if task.frame == "own":
        return ""
    if not stated:
        return _unstated_frame()
    if task.frame == "reason, then answer":
        return _reasoned_frame(task.answer.labels, task.answer.type)
    return _stated_frame(task.answer.labels, task.answer.type, wanted_guesses(task, example, guesses))


# Most examples of a task have the same frame, so the templates are not rendered again for each.
@cache
def _unstated_frame() -> str:
    return "\n" + render("unstated")


@lru_cache(maxsize=32)
def _reasoned_frame(labels: tuple[str, ...], kind: str) -> str:
    return f"{_offered(labels)}\n\n{render('reason', wanted=_wanted(kind))}"


@lru_cache(maxsize=32)
def _stated_frame(labels: tuple[str, ...], kind: str, guesses: int) -> str:
    form = "top_k" if guesses > 1 else "vanilla"
    return f"{_offered(labels)}\n\n{render(form, wanted=_wanted(kind), guesses=guesses)}"


def _offered(labels: tuple[str, ...]) -> str:
    return "\n" + render("offered", labels=labels) if labels else ""


def _wanted(kind: str) -> str:
    return _WANTED.get(kind, "your answer")


def _with_suffix(content: Content, suffix: str) -> Content:
    if isinstance(content, str):
        return content + suffix
    return (*content, TextPart(text=suffix))


def _content(parts: Sequence[Part]) -> Content:
    """Return the content of a turn without blanks at its beginning and end: a text if it has no images."""
    if all(isinstance(part, str) for part in parts):
        return "".join(map(str, parts)).strip()
    found = [part.strip() if isinstance(part, str) else part for part in parts]
    return tuple(TextPart(text=part) if isinstance(part, str) else part for part in found if part)
