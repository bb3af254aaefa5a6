"""The built-in metrics by name.

To add one, write a module with its options and its function, and add a line to `METRICS`.
"""

from collections.abc import Mapping
from typing import Any

from .containing import ContainsOptions, NotContainsOptions, grade_contains, grade_not_contains
from .exact import ExactOptions, grade_exact
from .instructions import InstructionsOptions, check_instructions, grade_instructions
from .json_fields import JsonFieldsOptions, check_json_fields, grade_json_fields
from .length import LengthOptions, grade_length
from .metric import ANY, WORDED, Metric
from .numbers import NumberOptions, check_number, grade_number
from .patterns import RegexOptions, grade_regex
from .rouge import RougeOptions, grade_rouge_l, rouge_n
from .sets import SetOptions, grade_jaccard, grade_set_f1
from .squad import SquadOptions, grade_squad_exact, grade_token_f1
from .translation import BleuOptions, ChrfOptions, chrf_title, grade_bleu, grade_chrf

_LISTS = 'It compares lists: give the task answer.type = "list"'
_OBJECTS = 'It compares JSON values: give the task answer.type = "json"'
_TEXTS = 'It compares words: use "number" for numbers, "json_fields" for JSON, and "exact" for letters'
_NUMBERS = 'It compares numbers: use "exact", or "json_fields" for numbers in JSON'


def _worded(title: str, options: Any, grade: Any, **more: Any) -> Metric[Any]:
    return Metric(title, options, grade, fits=WORDED, instead=_TEXTS, **more)


METRICS: Mapping[str, Metric[Any]] = {
    "exact": Metric("accuracy", ExactOptions, grade_exact, of_texts=False),
    "squad_exact": Metric(
        "exact match", SquadOptions, grade_squad_exact, fits=ANY - {"json"}, instead=_OBJECTS
    ),
    "token_f1": _worded("token F1", SquadOptions, grade_token_f1),
    "rouge_1": _worded("ROUGE-1", RougeOptions, rouge_n(1)),
    "rouge_2": _worded("ROUGE-2", RougeOptions, rouge_n(2)),
    "rouge_l": _worded("ROUGE-L", RougeOptions, grade_rouge_l),
    "bleu": _worded("BLEU", BleuOptions, grade_bleu),
    "chrf": _worded("chrF", ChrfOptions, grade_chrf, title_of=chrf_title),
    "set_f1": Metric(
        "set F1", SetOptions, grade_set_f1, fits=frozenset({"list"}), instead=_LISTS, of_texts=False
    ),
    "jaccard": Metric(
        "Jaccard index", SetOptions, grade_jaccard, fits=frozenset({"list"}), instead=_LISTS, of_texts=False
    ),
    "json_fields": Metric(
        "fields right", JsonFieldsOptions, grade_json_fields, fits=frozenset({"json"}), instead=_OBJECTS,
        of_texts=False, check=check_json_fields,
    ),
    "number": Metric(
        "numbers right", NumberOptions, grade_number, fits=frozenset({"number", "label", "text", "raw"}),
        instead=_NUMBERS, check=check_number,
    ),
    "contains": Metric("contained", ContainsOptions, grade_contains),
    "not_contains": Metric("not contained", NotContainsOptions, grade_not_contains),
    "regex": Metric("pattern kept", RegexOptions, grade_regex),
    "length": Metric("length kept", LengthOptions, grade_length),
    "instructions": Metric(
        "instructions followed", InstructionsOptions, grade_instructions, check=check_instructions
    ),
}  # fmt: skip
"""The built-in metrics, in the order of the documentation."""
NOT_BUILT_IN = ("judge",)
"""Metrics that a model computes."""
