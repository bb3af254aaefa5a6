"""Guess a task from the rows of a file."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from ...prompts.task import INSTRUCTION
from ..errors import ConfigError
from .columns import Column, columns_of, opened, tells
from .forms import LANGUAGES, Form, forms_of

_ANSWERS = (
    "answer", "answers", "answerkey", "answer_key", "label", "labels", "gold", "target", "targets",
    "expected", "expected_output", "expected_answer", "ideal", "reference", "references", "output",
    "response", "completion", "summary", "translation", "category", "class", "classification",
    "sentiment", "intent", "emotion", "topic", "tags", "team", "department", "priority", "rating",
    "stars", "score", "solution", "result", "verdict", "json",
)  # fmt: skip
"""Names of columns with right answers, the surest first."""
_QUESTIONS = ("question", "context", "text")
_PROMPTS = ("system", "system_prompt", "instruction", "instructions", "prompt", "task", "task_description")
"""Names of columns that hold the user's own prompt if they are the same in all rows."""
_SHORTEST_PROMPT = 3  # words
_MOST_SHOWN = 8
_FEW_LABELS = 20
_CLASSIC = ("label", "letter", "number", "text")
"""Types of answers for which the frame of the program says how to answer."""
_PLACEHOLDER = re.compile(r"[^\W\d][^{}\"'\n|]{0,200}")


@dataclass(frozen=True, slots=True)
class Guess:
    """A task that may fit a file."""

    settings: dict[str, Any]
    """Settings of the task but for its files."""
    form: Form
    remarks: tuple[str, ...]
    """What was guessed, and what to change if it is wrong."""
    own_prompt: str = ""
    """The user's own prompt, if the rows hold it."""


def guesses(rows: Sequence[Mapping[str, Any]], answer: str | None) -> Iterator[Guess]:
    """Yield tasks that may fit rows, the likeliest first.

    Raises `ConfigError` if there are no rows, or no column `answer`.
    """
    columns = columns_of(rows)
    usable = [column for column in columns.values() if column.is_shown and not column.is_identifier]
    if len(columns) < 2 or not usable:
        columns = columns_of([opened(row) for row in rows])
    name = _answer_column(columns, answer)
    for form in forms_of(columns, name):
        yield _guess(columns, form, name, given=answer is not None)


def _answer_column(columns: Mapping[str, Column], given: str | None) -> str:
    filled = {name: column for name, column in columns.items() if column.cells}
    if given is not None:
        if given not in filled:
            raise ConfigError(f"There is no column {given!r} with answers; there are {', '.join(filled)}.")
        return given
    if len(filled) < 2:
        raise ConfigError(_too_few(list(filled.values())))
    by_key = {_key(name.rpartition(".")[2]): name for name in reversed(filled)}
    by_key |= {_key(name): name for name in reversed(filled)}
    if named := next((by_key[key] for key in _ANSWERS if key in by_key), None):
        return named
    few = [
        name
        for name, column in filled.items()
        if 2 <= len(column.distinct) <= _FEW_LABELS and 3 * len(column.distinct) <= len(column.texts)
    ]
    return (few or list(filled))[-1]


def _too_few(filled: Sequence[Column]) -> str:
    """Return what is missing in a file with fewer than two columns that hold something."""
    if filled and filled[0].is_history:
        return (
            f"{filled[0].name!r} holds conversations. Two or more of them have to end with words of the "
            "assistant: these are taken as the right answers."
        )
    return (
        "The file needs at least two columns with something in them: one that the model sees, and one with "
        f"right answers. It has {', '.join(column.name for column in filled) or 'none'}."
    )


def _key(name: str) -> str:
    return name.strip().casefold().replace(" ", "_")


def _guess(columns: Mapping[str, Column], form: Form, answer: str, *, given: bool) -> Guess:
    inputs, left = _inputs(columns, form, answer)
    if not inputs:
        raise ConfigError(f"Besides {answer!r}, no column holds anything that a model could be shown.")
    own = _own_prompt([columns[name] for name in left])
    settings = _request(columns, form, inputs, answer, own.texts[0] if own else "")
    if any(cell is None for column in inputs for cell in column.rows):
        settings["data"]["missing"] = "empty"
    remarks = [
        f"The right answers stand in {answer!r}"
        + ("." if given else "; if not, run tp init again with --answer COLUMN."),
        form.remark,
        f"The model sees {', '.join(repr(column.name) for column in inputs)}.",
    ]
    if own:
        left.remove(own.name)
        remarks.append(f"The prompt to begin with is {own.name!r}, which is the same in every row.")
    if left:
        shown = "A message shows a column by {{ its name }}."
        remarks.append(f"Not used: {', '.join(map(repr, left))}. {shown}")
    return Guess(settings, form, tuple(remarks), own.texts[0] if own else "")


def _own_prompt(left: Sequence[Column]) -> Column | None:
    """Return the column among those that are `left` which holds the user's own prompt."""
    for column in left:
        same = len(column.distinct) == 1 and len(column.texts) == len(column.rows)
        if column.name.strip().casefold() in _PROMPTS and same:
            [text] = column.distinct
            # A prompt with placeholders is a whole request, and its names need not be those of columns.
            if len(text.split()) >= _SHORTEST_PROMPT and "{{" not in text:
                return column
    return None


def _request(
    columns: Mapping[str, Column], form: Form, inputs: Sequence[Column], answer: str, own: str
) -> dict[str, Any]:
    """Return the settings of the request, the answers and the columns; `own` is the user's prompt or ""."""
    kind, data = form.answer["type"], {**form.data, "columns": form.columns}
    prompt, metric = f"{own or form.prompt} {form.demand}".strip(), form.metric
    languages = [name.rpartition(".")[2] for name in (answer, inputs[0].name)]
    if kind == "raw" and LANGUAGES.issuperset(languages):
        prompt = own or f"Translate into {languages[0]!r}. Reply with the translation alone."
        metric = "chrf" if find_spec("sacrebleu") else metric
    settings: dict[str, Any] = {"initial_prompts": [prompt], "answer": form.answer}
    if _is_simple(form, inputs):
        settings["initial_prompts"] = [own or form.prompt]  # The frame of the program makes the demand.
        data["columns"] = {"question": inputs[0].name} | form.columns
    else:
        name = INSTRUCTION if INSTRUCTION not in columns else "prompt"
        if name != INSTRUCTION:
            settings = {"texts": {name: prompt}, "answer": form.answer}
        settings["messages"] = _messages(name, inputs, letters=kind == "letter")
    return settings | ({"metric": metric} if metric else {}) | {"data": data}


def _is_simple(form: Form, inputs: Sequence[Column]) -> bool:
    """Return whether the usual request fits: one text as the question, and a usual answer."""
    usual = form.answer["type"] in _CLASSIC and "marker" not in form.answer
    return usual and len(inputs) == 1 and bool(inputs[0].texts)


def _inputs(columns: Mapping[str, Column], form: Form, answer: str) -> tuple[list[Column], list[str]]:
    """Return the columns that the model is shown, and the names of those that are left."""
    others = [column for name, column in columns.items() if name not in form.used and column.cells]
    hidden = {column.name for column in others if column.name in form.parts or tells(column, columns[answer])}
    usable = [column for column in others if column.is_shown and column.name not in hidden]
    telling = [column for column in usable if not column.is_identifier and _varies(column)] or usable
    if not _is_simple(form, telling):
        telling = [column for column in telling if _PLACEHOLDER.fullmatch(column.name)]
    names = {column.name for column in sorted(telling, key=_by_length)[:_MOST_SHOWN]}
    shown = [column for column in telling if column.name in names]
    return shown, [column.name for column in others if column.name not in names]


def _varies(column: Column) -> bool:
    return not column.texts or len(column.distinct) > 1 or column.name.casefold() in _QUESTIONS


def _by_length(column: Column) -> float:
    return -column.words if column.texts else -float("inf")


def _messages(text: str, inputs: Sequence[Column], *, letters: bool) -> list[dict[str, str]]:
    system = {"role": "system", "content": f"{{{{ {text} }}}}"}
    history = next((column for column in inputs if column.is_history), None)
    if history is not None:
        return [system, {"role": "user", "content": f"{{{{ {history.name} }}}}"}]
    if len(inputs) == 1:
        shown = [f"{{{{ {inputs[0].name} }}}}"]
    else:
        shown = [f"{column.name}: {{{{ {column.name} }}}}" for column in inputs]
    shown += ["{{ choices }}"] if letters else []
    return [system, {"role": "user", "content": "\n\n".join(shown)}]
