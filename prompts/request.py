"""The request for an answer: what the model is sent for one prompt and one example, and nothing besides."""

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any

from .chat_values import content_parts, history_turns
from .errors import TaskError
from .loading.cells import MISSING, find_cell
from .message_templates import Part, filled, placeholders, value_text
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


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a request."""

    role: str
    """"system", "user" or "assistant"."""
    content: tuple[Part, ...]
    """Texts, and parts that are no texts, such as images."""


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
    last = turns[-1]
    return (*turns[:-1], Turn(last.role, (*last.content[:-1], *_with_suffix(last.content[-1:], suffix))))


def input_text(task: Task, example: Example) -> str:
    """Return what the model sees of an example, without the prompt, as text."""
    if task.messages:
        turns = _own_turns(None, task, example)
        return "\n\n".join(text for turn in turns if (text := parts_text(turn.content)))
    names = placeholders(task.initial_prompts[0])
    if names:
        return "\n".join(f"{name}: {parts_text(_value(name, task, example))}" for name in names)
    return render("example_input", example=example)


def parts_text(parts: Sequence[Part]) -> str:
    """Return the text of a turn, with a mark for each part that is none."""
    return "".join(
        part if isinstance(part, str) else f"[{part.get('type', 'part')}]" for part in parts
    ).strip()


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
            turns += [Turn(role, tuple(content)) for role, content in history]
        elif parts := _stripped(filled(template.content, resolve)):
            turns.append(Turn(template.role, tuple(parts)))
    return tuple(turns)


def _usual_turn(prompt: str, task: Task, example: Example) -> Turn:
    if placeholders(prompt):
        return Turn("user", tuple(_stripped(filled(prompt, lambda name: _value(name, task, example)))))
    return Turn("user", (f"{prompt}\n\n{render('example_input', example=example)}".strip(),))


def _history(template: MessageTemplate, example: Example) -> list[tuple[str, Sequence[Part]]] | None:
    """Return the turns of the chat history that a template stands for; None if it stands for none."""
    names = placeholders(template.content)
    if (
        len(names) != 1
        or not template.content.strip().startswith("{{")
        or len(template.content.split("{{")) != 2
    ):
        return None
    if not template.content.strip().endswith("}}"):
        return None
    value = find_cell(example.columns, names[0])
    return None if value is MISSING else history_turns(value)


def _value(name: str, task: Task, example: Example) -> Sequence[Part]:
    value: Any = find_cell(example.columns, name)
    if value is MISSING and name == "choices" and example.choices:
        return ["\n".join(f"{ascii_uppercase[n]}. {choice}" for n, choice in enumerate(example.choices))]
    if value is MISSING and name in ("question", "context"):
        value = getattr(example, name) or ""
    if value is MISSING:
        raise TaskError(
            f"example {example.id!r} of task {task.name} has no column {name!r}, which the prompt names."
        )
    return content_parts(value) or [value_text(value)]


def _frame(task: Task, example: Example, *, stated: bool, guesses: int) -> str:
    """Return what the frame adds, with the line breaks before it."""
    if task.frame == "own":
        return ""
    if not stated:
        return "\n" + render("unstated")
    offered = "\n" + render("offered", labels=task.answer.labels) if task.answer.labels else ""
    wanted = _WANTED.get(task.answer.type, "your answer")
    if task.frame == "reason, then answer":
        return f"{offered}\n\n{render('reason', wanted=wanted)}"
    guesses = wanted_guesses(task, example, guesses)
    form = "top_k" if guesses > 1 else "vanilla"
    return f"{offered}\n\n{render(form, wanted=wanted, guesses=guesses)}"


def _with_suffix(parts: Sequence[Part], suffix: str) -> Sequence[Part]:
    if parts and isinstance(parts[0], str):
        return [parts[0] + suffix]
    return [*parts, suffix.lstrip()]


def _stripped(parts: list[Part]) -> list[Part]:
    """Return the parts without blanks at the beginning and the end of the turn."""
    if parts and isinstance(parts[0], str):
        parts = [parts[0].lstrip(), *parts[1:]]
    if parts and isinstance(parts[-1], str):
        parts = [*parts[:-1], parts[-1].rstrip()]
    return [part for part in parts if part]
