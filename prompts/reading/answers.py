"""Answers in replies: read them, compare them with the right answer, and check the right answer itself."""

from dataclasses import replace
from string import ascii_uppercase

from ..errors import TaskError
from ..metrics.grade import Output
from ..task import AnswerFormat, Example, Task
from .frames import read_marked, read_own, read_reasoned
from .guesses import read_guesses, wanted_guesses
from .json_answer import json_fault
from .json_schema import check_schema
from .kinds import KINDS, read_answer
from .list_answer import list_fault
from .marked import check_marker
from .patterns import check_pattern
from .reading import Reading
from .stated import read_stated, spoken

_LONGEST_SHOWN = 200
_A_KIND = {"list": "a list: write [] for no items", "raw": "a text"}


def read_output(
    text: str, task: Task, example: Example, guesses: int = 1, *, cut: bool = False
) -> tuple[Reading, Output]:
    """Return the reading of a reply, and the reply as the metrics see it; see `read_reply`."""
    reading = read_reply(text, task, example, guesses, cut=cut)
    return reading, Output(spoken(text).strip(), reading.answer, cut)


def read_reply(text: str, task: Task, example: Example, guesses: int = 1, *, cut: bool = False) -> Reading:
    """Read the answer and the stated confidence in a reply.

    A marker or a pattern of the task says where the answer stands; otherwise the task's frame does. In the
    frame "answer+confidence" the demanded form is "Answer: ...", "Confidence: 0 to 100"; see `read_stated`.
    If several `guesses` were asked for, it is "Guess 1: ...", "Probability 1: 0 to 100" and so on; see
    `read_guesses`. For other frames see `frames`. `cut` says that the reply was cut off at its token
    limit.
    """
    reading = _read(text, task, example, guesses, cut=cut)
    return reading if _is_storable(reading.answer) else replace(reading, answer=None, followed=False)


def _read(text: str, task: Task, example: Example, guesses: int, *, cut: bool) -> Reading:
    form, frame = task.answer, task.frame
    if form.marker or form.pattern:
        return read_marked(spoken(text), task, example, cut=cut)
    if frame == "own" or form.type == "raw":
        return read_own(text, spoken(text), task, example, cut=cut)
    if frame == "reason, then answer":
        return read_reasoned(text, spoken(text), task, example, cut=cut)
    wanted = wanted_guesses(task, example, guesses)
    if wanted > 1:
        return read_guesses(text, task, example, wanted, cut=cut)
    return read_stated(text, task, example, cut=cut)


def _is_storable(answer: str | None) -> bool:
    """Return False for an answer with half of a surrogate pair, as JSON may hold one and no log can."""
    try:
        return answer is None or answer.encode() is not None
    except UnicodeEncodeError:
        return False


def is_right(answer: str | None, task: Task, example: Example) -> bool:
    """Return whether a canonical answer equals one of the example's right answers."""
    if answer is None:
        return False
    same = KINDS[task.answer.type].same
    rights = (read_answer(gold, task, example) for gold in example.right_answers)
    return any(right is not None and same(answer, right) for right in rights)


def check_form(form: AnswerFormat, where: str) -> None:
    """Raise `TaskError` naming `where` if the marker, the pattern or the schema of `form` cannot be used."""
    try:
        if form.marker:
            check_marker(form.marker)
        if form.pattern:
            check_pattern(form.pattern)
        if form.json_schema:
            check_schema(form.json_schema)
    except ValueError as error:
        raise TaskError(f"{where}: answer: {error}.") from error


def check_example(task: Task, example: Example, where: str, *, gold_needed: bool = True) -> None:
    """Raise `TaskError` naming `where` if no reply could give the example's own answer.

    Without `gold_needed`, an empty answer is accepted: the task's metrics do not look at it.
    """
    if not (example.question.strip() or example.columns or task.messages):
        raise TaskError(f"{where}: the question is empty. Fill it in or drop the row.")
    if task.answer.type == "letter" and not 2 <= len(example.choices or ()) <= len(ascii_uppercase):
        raise TaskError(f'{where}: answers of type "letter" need a list of 2 to 26 choices in each row.')
    if not example.answer and not gold_needed:
        return
    if fault := _gold_fault(task, example):
        raise TaskError(
            f"{where}: the answer {_shortened(example.answer)} {fault}. Correct the row or the task."
        )


def _gold_fault(task: Task, example: Example) -> str | None:
    """Return in words why the right answer is no answer of its kind; None if it is one."""
    form = task.answer
    if form.type == "json":
        return json_fault(example.answer, form)
    if form.type == "list" and (fault := list_fault(example.answer, form, example)):
        return fault
    if read_answer(example.answer, task, example) is not None:
        return None
    options = task.options(example)
    return "is not " + (
        f"one of {', '.join(options)}" if options else _A_KIND.get(form.type, f"a {form.type}")
    )


def _shortened(answer: str) -> str:
    return repr(answer if len(answer) <= _LONGEST_SHOWN else f"{answer[:_LONGEST_SHOWN]}...")
