"""Replies to requests that do not demand an answer and a confidence on two lines.

The frame "reason, then answer" demands a last line "Answer: ...". The frame "own" demands nothing, but a
marker, a pattern or a schema of the task may.
"""

from ..task import Example, Task
from .form import last_line_answer
from .found import found_answer
from .json_answer import is_bare_json
from .kinds import KINDS, read_answer
from .labels import Rank, find_labels
from .marked import marked
from .reading import Reading
from .stated import read_spoken, without_last_digits
from .stated_confidence import only_confidence, without_confidences
from .structured import with_lines
from .text import read_text


def read_marked(said: str, task: Task, example: Example, *, cut: bool = False) -> Reading:
    """Read the answer that the marker or the pattern of the task marks; there is no other answer.

    The form is kept if an answer was marked. `said` is the spoken part of a reply.
    """
    form = task.answer
    text = said if KINDS[form.type].find or not cut else without_last_digits(said)
    value = marked(text, form)
    if value is None:
        answer = None
    elif KINDS[form.type].find:
        answer = found_answer(value, form, example, cut=cut)
    else:
        answer = read_answer(value, task, example)
    return Reading(answer, only_confidence(said, form.type), followed=answer is not None)


def read_reasoned(text: str, said: str, task: Task, example: Example, *, cut: bool = False) -> Reading:
    """Read the answer after any amount of reasoning: the last line "Answer: ...", or else one that is clear.

    `said` is the spoken part of the reply `text`. Of a reply that was cut off, only a line in the demanded
    form is read: anything else may be a thought on the way.
    """
    confidence = only_confidence(said, task.answer.type)
    demanded = None if cut else last_line_answer(text, task, example)
    if demanded is not None and demanded == last_line_answer(said, task, example):
        answer = read_answer(demanded, task, example)
        return Reading(answer, confidence, followed=answer is not None)
    if cut:
        return Reading(_whole_line(said, task, example), confidence)
    if KINDS[task.answer.type].find:
        return read_spoken(said, task, example)
    labels = [one for one in find_labels(with_lines(said), task.answer.type) if one.kind == "answer"]
    stated = [label.value for label in labels if label.rank >= Rank.LINE]
    if stated and (answer := read_answer(stated[-1], task, example)) is not None:
        return Reading(answer, confidence)
    return read_spoken(said, task, example)


def _whole_line(said: str, task: Task, example: Example) -> str | None:
    """Return the answer of the last demanded line in a reply that was cut off; None if it has no such line.

    The line at the very end may lack its end, unless it names an option.
    """
    lines = said.split("\n")
    for line in reversed(lines if task.options(example) else lines[:-1]):
        if (answer := last_line_answer(line, task, example)) is not None:
            return read_answer(answer, task, example)
    return None


def read_own(text: str, said: str, task: Task, example: Example, *, cut: bool = False) -> Reading:
    """Read a reply of which no form is demanded, except that of a schema.

    A text is the whole of `said`, the spoken part of the reply `text`. Other answers are read wherever they
    stand.
    """
    form = task.answer
    if form.type == "text":
        body = without_confidences(said)
        return Reading(read_text(body, form, example), only_confidence(said, form.type), followed=None)
    read = read_spoken(said, task, example, cut=cut)
    followed = is_bare_json(text.strip(), form) if form.json_schema else None
    return Reading(read.answer, read.confidence, followed)
