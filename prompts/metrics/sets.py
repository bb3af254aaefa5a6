"""Metrics "set_f1" and "jaccard": the items of a list, in any order."""

from .feedback import listed, shown
from .grade import Grade
from .json_values import items_of, key_of
from .metric import Case, GoldOptions


class SetOptions(GoldOptions):
    """Options of "set_f1" and "jaccard"."""


def grade_set_f1(options: SetOptions, case: Case) -> Grade:
    """Return the harmonic mean of the precision and the recall of the items."""
    return _best(case, jaccard=False)


def grade_jaccard(options: SetOptions, case: Case) -> Grade:
    """Return the number of items in both lists by the number of items in either."""
    return _best(case, jaccard=True)


def set_f1(got: set[str], wanted: set[str]) -> float:
    """Return F1 of the items `got`; two empty sets are equal."""
    return 2 * len(got & wanted) / (len(got) + len(wanted)) if got or wanted else 1.0


def _best(case: Case, *, jaccard: bool) -> Grade:
    got = _keyed(case.text)
    grades = (_compared(got, _keyed(gold), jaccard=jaccard) for gold in case.golds)
    return max(grades, key=lambda one: one.value)


def _keyed(answer: str) -> dict[str, str]:
    return {key_of(item): item for item in items_of(answer)}


def _compared(got: dict[str, str], wanted: dict[str, str], *, jaccard: bool) -> Grade:
    common = len(got.keys() & wanted.keys())
    either = len(got.keys() | wanted.keys())
    parts = {
        "precision": common / len(got) if got else float(not wanted),
        "recall": common / len(wanted) if wanted else float(not got),
    }
    if common == either:
        return Grade(1.0, parts=parts)
    value = common / either if jaccard else set_f1(set(got), set(wanted))
    missing = [shown(item, 40) for key, item in wanted.items() if key not in got]
    surplus = [shown(item, 40) for key, item in got.items() if key not in wanted]
    said = [f"Missing: {listed(missing)}."] if missing else []
    said += [f"Wrongly there: {listed(surplus)}."] if surplus else []
    return Grade(value, " ".join(said), parts)
