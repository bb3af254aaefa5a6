"""Metric "exact": the answer equals a right answer, compared as its kind of answer is."""

from ..reading.answers import is_right
from .feedback import expected_and_got
from .golds import readable
from .grade import Grade
from .metric import Case, GoldOptions


class ExactOptions(GoldOptions):
    """Options of "exact"."""


def grade_exact(options: ExactOptions, case: Case) -> Grade:
    """Return 1 if the answer is right, or else 0."""
    example = case.example
    if options.gold is not None:
        example = example.model_copy(update={"answer": case.golds[0], "alternatives": case.golds[1:]})
    if is_right(case.text, case.task, example):
        return Grade(1.0)
    kind = case.task.answer.type
    golds = tuple(readable(gold, kind) for gold in case.golds)
    return Grade(0.0, expected_and_got(golds, readable(case.text, kind)))
