"""The integrity contract: a prompt keeps the named texts and the placeholders of the task's own prompts."""

import re
from collections.abc import Iterable

from .message_templates import placeholders, unsupported
from .named_texts import split_texts
from .task import Task

_FIELD = re.compile(r"(?<!\{)\{[^\W\d]\w{0,99}\}(?!\})")
"""A field of Python's `str.format`."""


def breach_of(task: Task, prompt: str) -> str | None:
    """Return how `prompt` breaks the contract of `task`, in words; None if it keeps it.

    A placeholder that stands in every initial prompt must stay, and one that stands in none must not come.
    In the texts of a program, which fills them in itself, "{name}" counts as a placeholder too.
    """
    program = task.program is not None
    texts = split_texts(prompt, task.texts)
    if texts is None:
        lines = ", ".join(f"[[{name}]]" for name in task.texts)
        return f"it must hold each of the lines {lines} once, in this order"
    initial = _initial_texts(task)
    for name, text in texts.items():
        known = [set(marks(own[name], program=program)) for own in initial]
        found = set(marks(text, program=program))
        where = f" in {name}" if len(texts) > 1 else ""
        if lost := sorted({one for one in known[0] if all(one in own for own in known)} - found):
            return f"it has lost the placeholder {', '.join(lost)}{where}"
        if unknown := sorted(one for one in found if not any(one in own for own in known)):
            return f"it has a placeholder {', '.join(unknown)}{where} that no initial prompt has"
        if (foreign := unsupported(text)) and not any(foreign in own[name] for own in initial):
            return f"it has {foreign}{where}, which is no placeholder"
    return None


def marks(text: str, *, program: bool) -> tuple[str, ...]:
    """Return the placeholders in a text as they are written, each once; also "{name}" in one of a program."""
    fields = _FIELD.findall(text) if program else ()
    return (*(f"{{{{ {name} }}}}" for name in placeholders(text)), *dict.fromkeys(fields))


def breach_of_any(tasks: Iterable[Task], prompt: str) -> str | None:
    """Return how `prompt` breaks the contract of one of the `tasks`, in words; None if it keeps all."""
    return next((breach for task in tasks if (breach := breach_of(task, prompt))), None)


def _initial_texts(task: Task) -> list[dict[str, str]]:
    every = (split_texts(prompt, task.texts) for prompt in task.initial_prompts)
    return [texts for texts in every if texts is not None]
