"""Asserts of promptfoo as metrics: built-in ones where all rows assert the same, else a file of Python."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .promptfoo_tests import Test

_CONTAINED: Mapping[str, dict[str, Any]] = {
    "contains": {"case": True},
    "icontains": {},
    "contains-any": {"case": True},
    "icontains-any": {},
    "contains-all": {"case": True, "need": "all"},
    "icontains-all": {"need": "all"},
}
_CHECKED = frozenset({"equals", *_CONTAINED, "starts-with", "regex", "is-json", "contains-json"})
"""Asserts that hold or do not, each also with "not-" before it."""
_GRADED = {"rouge-n": "rouge_1", "bleu": "bleu", "similar": "token_f1"}
_JUDGED = ("llm-rubric", "g-eval", "model-graded-closedqa", "model-graded-factuality", "factuality")
_REASONS = {
    "similar": "compares words (token_f1) instead of embeddings",
    "javascript": "is a program: write it as a metric of your own (docs/add-a-metric.md)",
    "python": "is a program: write it as a metric of your own (docs/add-a-metric.md)",
    "latency": "is no quality of a prompt here",
    "cost": "is a measure of every run: search.constraints can limit it",
    "levenshtein": 'has no like; metric = "chrf" is near to it',
}


@dataclass(slots=True)
class Metrics:
    """Metrics that stand for asserts."""

    metrics: list[dict[str, Any]] = field(default_factory=list)
    columns: list[dict[str, Any]] = field(default_factory=list)
    """What each test adds to its row."""
    tests: list[Test] = field(default_factory=list)
    """Tests that can be scored."""
    needs_file: bool = False
    """True if the asserts are checked by a file of Python."""
    judge: bool = False
    remarks: list[str] = field(default_factory=list)


def metrics_of(tests: Sequence[Test], taken: set[str]) -> Metrics:
    """Return the metrics for the asserts of tests. The names in `taken` are those of variables."""
    found = Metrics()
    checked = [[one for one in test.asserts if _is_checked(one["type"])] for test in tests]
    graded = _graded(tests)
    rubrics = [str(one["value"]) for test in tests for one in test.asserts if one["type"] in _JUDGED]
    if any(checked):
        kept = [number for number, own in enumerate(checked) if own]
        found.tests = [tests[number] for number in kept]
        found.columns = [{} for _ in kept]
        _check(found, [checked[number] for number in kept], taken)
    elif graded or rubrics:
        found.tests = list(tests)
        found.columns = [{} for _ in tests]
    for kind in graded:
        name = _free(f"reference {kind}", taken)
        for test, columns in zip(found.tests, found.columns, strict=True):
            columns[name] = next(str(one["value"]) for one in test.asserts if one["type"] == kind)
        found.metrics.append({"use": _GRADED[kind], "gold": name})
    if rubrics and not found.metrics:
        _judge(found, rubrics)
    _say(found, tests, graded, rubrics)
    return found


def _check(found: Metrics, checked: Sequence[Sequence[dict[str, Any]]], taken: set[str]) -> None:
    kinds = {tuple(one["type"] for one in own) for own in checked}
    kind = next(iter(kinds))[0]
    single = len(kinds) == 1 and len(next(iter(kinds))) == 1 and all(own[0].get("value") for own in checked)
    if single and (kind == "equals" or kind in _CONTAINED):
        name = _free("expected", taken)
        for columns, own in zip(found.columns, checked, strict=True):
            columns[name] = _value(own[0]["value"], several=kind != "equals")
        metric = {"use": "exact"} if kind == "equals" else {"use": "contains", **_CONTAINED[kind]}
        found.metrics.append(metric | {"gold": name})
        return
    found.needs_file = True
    for columns, own in zip(found.columns, checked, strict=True):
        columns["asserts"] = [{"type": one["type"], "value": one.get("value")} for one in own]
    found.metrics.append({"use": "promptfoo_asserts.py:asserts", "columns": ["asserts"]})
    found.remarks.append("promptfoo_asserts.py checks the asserts: its value is the share of them that hold.")


def _graded(tests: Sequence[Test]) -> list[str]:
    """Return the graded asserts that every test has."""
    return [
        kind
        for kind in _GRADED
        if tests and all(any(one["type"] == kind for one in test.asserts) for test in tests)
    ]


def _judge(found: Metrics, rubrics: Sequence[str]) -> None:
    found.judge = True
    different = sorted(set(rubrics))
    dimension = {"name": "rubric", "question": different[0], "low": "not at all", "high": "fully"}
    found.metrics.append({"use": "judge", "dimensions": [dimension]})
    if len(different) > 1:
        found.remarks.append(
            f"The tests have {len(different)} different rubrics; the judge has the first. Write one that "
            "holds for all rows; it may speak of the input."
        )


def _say(found: Metrics, tests: Sequence[Test], graded: Sequence[str], rubrics: Sequence[str]) -> None:
    """Add a remark for each kind of assert that was changed or left out."""
    counts = Counter(one["type"] for test in tests for one in test.asserts)
    for kind, count in counts.items():
        times = f"{count} asserts of type {kind!r}" if count > 1 else f"1 assert of type {kind!r}"
        if kind in graded and kind in _REASONS:
            found.remarks.append(f"{times}: {_REASONS[kind]}.")
        elif _is_checked(kind) or kind in graded or (kind in _JUDGED and found.judge):
            continue
        elif kind in _JUDGED:
            found.remarks.append(
                f"{times} left out: a judge is a metric of the whole task. Add it to metrics: "
                f'{{ use = "judge", dimensions = [{{ name = "rubric", question = {rubrics[0]!r:.200}, '
                'low = "not at all", high = "fully" }] }, and [models.judge].'
            )
        elif kind in _GRADED:
            found.remarks.append(f"{times} left out: only some tests have one.")
        else:
            found.remarks.append(f"{times} left out: it {_REASONS.get(kind, 'has no metric here')}.")
    if lost := len(tests) - len(found.tests):
        found.remarks.append(f"{lost} tests left out: they assert nothing that can be scored.")
    if any("threshold" in one or "weight" in one for test in tests for one in test.asserts):
        found.remarks.append("Thresholds and weights of asserts left out: each assert counts the same.")


def _is_checked(kind: str) -> bool:
    return kind.removeprefix("not-") in _CHECKED


def _value(value: Any, *, several: bool) -> Any:
    if isinstance(value, list) and several:
        return [str(one) for one in value]
    return value if isinstance(value, str) else str(value)


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    return name
