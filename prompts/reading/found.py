"""Replies whose answer is found by its own form, as JSON or as a list, and not by the label "Answer:"."""

from ..task import AnswerFormat, Example, Task
from .json_scan import found_in
from .kinds import KINDS
from .reading import Reading
from .stated_confidence import only_confidence, without_confidences


def read_found(text: str, task: Task, example: Example, *, cut: bool = False) -> Reading:
    """Read the spoken part of a reply: the answer as its kind finds it, and a confidence outside of it."""
    form = task.answer
    if form.type == "json":
        return Reading(found_answer(text, form, example), only_confidence(_outside_json(text), form.type))
    if form.type == "list":
        kept = [(value.start, value.end) for value in found_in(text)]
        answer = found_answer(without_confidences(text, kept), form, example, cut=cut)
        return Reading(answer, only_confidence(text, form.type))
    return Reading(found_answer(text, form, example), None)


def found_answer(text: str, form: AnswerFormat, example: Example, *, cut: bool = False) -> str | None:
    """Return the answer that `text` gives; None if it gives none.

    A list that ends with a reply that was cut off may lack items, so it is no answer.
    """
    find = KINDS[form.type].find
    answer = find(text, form, example) if find else None
    if cut and form.type == "list" and answer is not None and not text.rstrip(" \n`").endswith(("]", "}")):
        return answer if find and find(text.rstrip().rpartition("\n")[0], form, example) == answer else None
    return answer


def _outside_json(text: str) -> str:
    """Return `text` without its JSON, in which a confidence is a part of the answer."""
    said, at = [], 0
    for value in found_in(text):
        said.append(text[at : value.start])
        at = value.end
    return "".join([*said, text[at:]])
