"""The template of a measured request: what is sent, with the columns of a row still as placeholders."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ...agents.roles.scoring_request import scoring_request
from ...agents.search.settings import SearchSettings
from ...prompts.candidate import make_candidate
from ...prompts.message_templates import filled, only_placeholder, placeholders
from ...prompts.named_texts import split_texts
from ...prompts.reading.guesses import wanted_guesses
from ...prompts.rendering import render
from ...prompts.request import request_turns
from ...prompts.task import INSTRUCTION, Example, Task
from ..errors import ConfigError
from .program import Column, Turn


@dataclass(frozen=True, slots=True)
class RequestTemplate:
    """The turns of a request, and the words that the task's frame adds to the last one."""

    turns: tuple[Turn, ...]
    ending: str
    without_context: tuple[Turn, ...] | None = None
    """The turns for a row without a context; None if no row has one, or all have the same turns."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns that are shown, in the order of their appearance."""
        pieces = (piece for turn in self.turns for piece in turn.pieces)
        return tuple(dict.fromkeys(piece.name for piece in pieces if isinstance(piece, Column)))

    def messages(self) -> list[dict[str, str]]:
        """Return role and content of each turn; a content holds placeholders such as "{{ question }}".

        Raises `ConfigError` if text that is no placeholder could be taken for one.
        """
        return _written_turns(self.turns, self.ending)

    def messages_without_context(self) -> list[dict[str, str]] | None:
        """Return the same for a row without a context; None if all rows have the same turns."""
        return None if self.without_context is None else _written_turns(self.without_context, self.ending)


def template_of(task: Task, prompt: str, settings: SearchSettings) -> RequestTemplate:
    """Return the template of the requests by which the scorer measures `prompt` on `task`.

    Raises `ConfigError` if the rows differ in more than their columns.
    """
    ending = _ending(task, settings)
    if task.messages:
        return RequestTemplate(_own_turns(task, prompt), ending)
    if placeholders(prompt):
        return RequestTemplate((Turn("user", _trimmed(filled(prompt, _slot_of(task)))),), ending)
    plain = _usual_turns(task, prompt, context=False)
    if not has_contexts(task):
        return RequestTemplate(plain, ending)
    return RequestTemplate(_usual_turns(task, prompt, context=True), ending, plain)


def messages_template(task: Task, prompt: str, settings: SearchSettings) -> list[dict[str, str]]:
    """Return role and content of each turn, with placeholders; see `RequestTemplate.messages`."""
    return template_of(task, prompt, settings).messages()


def own_request(task: Task) -> bool:
    """Return whether templates of the task say which columns the model sees."""
    return bool(task.messages or placeholders(task.initial_prompts[0]))


def has_contexts(task: Task) -> bool:
    """Return whether rows of the task have a context apart from the question."""
    return any(example.context for example in _rows(task))


def columns_of(example: Example) -> dict[str, Any]:
    """Return the columns of an example, by the names that a template has for them."""
    fields = {"question": example.question, "context": example.context or ""}
    choices = {"choices": list(example.choices)} if example.choices else {}
    # A task that asks no question shows columns, which may have the names of fields.
    order = (example.columns, fields) if example.question else (fields, example.columns)
    return {**order[0], **order[1], **choices}


def _own_turns(task: Task, prompt: str) -> tuple[Turn, ...]:
    texts, slot = split_texts(prompt, task.texts) or {}, _slot_of(task)

    def resolve(name: str) -> Sequence[str | Column]:
        return filled(texts[name], slot) if name in texts else slot(name)

    found = []
    for template in task.messages:
        pieces = _trimmed(filled(template.content, resolve))
        # A column that is all of a template may hold a chat history.
        alone = only_placeholder(template.content)
        found.append(Turn(template.role, pieces, history=alone is not None and alone not in texts))
    return tuple(found)


def _usual_turns(task: Task, prompt: str, *, context: bool) -> tuple[Turn, ...]:
    """Return the turn of a task without templates: the prompt, and the row in the words of its frame."""
    row = Example(id="", question="{{ question }}", answer="", context="{{ context }}" if context else None)
    words = render("example_input", example=row)
    shown = filled(words, lambda name: [Column(name, "stripped")])
    if task.answer.type == "letter":
        shown += ["\n", Column("choices", "lettered")]
    return (Turn("user", _trimmed([f"{prompt}\n\n", *shown])),)


def _ending(task: Task, settings: SearchSettings) -> str:
    """Return what the frame adds to a request, by comparing a request with one that has no frame."""
    rows = _rows(task)
    guessed = settings.answer != "likelihood" and task.frame == "answer+confidence"
    if guessed and len({wanted_guesses(task, example, settings.guesses) for example in rows}) > 1:
        raise ConfigError(
            f"Task {task.name} has rows with fewer choices than search.guesses = {settings.guesses}, so its "
            "requests differ in their words. Use --as request, which prints the request for one row."
        )
    row = rows[0] if rows else Example(id="", question="?", answer="")
    bare = task.model_copy(update={"messages": (), "texts": (INSTRUCTION,), "initial_prompts": ("?",)})
    framed = scoring_request(settings, make_candidate("?", "initial"), bare, row).messages[-1].content
    [plain] = request_turns("?", bare.model_copy(update={"frame": "own"}), row)
    assert isinstance(framed, str)
    assert isinstance(plain.content, str)
    return framed.removeprefix(plain.content)


def _rows(task: Task) -> tuple[Example, ...]:
    return (*task.dev, *task.test, *task.train)


def _slot_of(task: Task) -> Callable[[str], Sequence[str | Column]]:
    """Return the function that turns the name of a column into its place."""
    lettered = task.answer.type == "letter"

    def slot(name: str) -> Sequence[str | Column]:
        return [Column(name, "lettered" if lettered and name == "choices" else "as it is")]

    return slot


def _trimmed(parts: Sequence[str | Column]) -> tuple[str | Column, ...]:
    """Return the pieces of a turn without blanks at its ends."""
    pieces = list(parts)
    if pieces and isinstance(first := pieces[0], str):
        pieces[0] = first.lstrip()
    if pieces and isinstance(last := pieces[-1], str):
        pieces[-1] = last.rstrip()
    return tuple(piece for piece in pieces if piece)


def _names(content: str) -> list[str]:
    """Return the names of the placeholders in `content`, each as often as it occurs."""
    parts = filled(content, lambda name: [Column(name, "as it is")])
    return [part.name for part in parts if isinstance(part, Column)]


def _written(piece: str | Column) -> str:
    return piece if isinstance(piece, str) else f"{{{{ {piece.name} }}}}"


def _written_turns(turns: Sequence[Turn], ending: str) -> list[dict[str, str]]:
    contents = ["".join(map(_written, turn.pieces)) for turn in turns]
    contents[-1] += ending
    for turn, content in zip(turns, contents, strict=True):
        meant = [piece.name for piece in turn.pieces if isinstance(piece, Column)]
        if _names(content) != meant:
            odd = next((name for name in _names(content) if name not in meant), "x")
            raise ConfigError(
                f"The request holds {{{{ {odd} }}}} as text that looks like a placeholder and is none, so a "
                "template would be ambiguous. Use --as python, which keeps the two apart."
            )
    return [{"role": turn.role, "content": text} for turn, text in zip(turns, contents, strict=True)]
