"""Metric "json_fields": each field of a JSON value is compared by its own kind."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import Field

from ..errors import MetricError
from ..sums import summed
from ..task import Example, Task
from .feedback import listed, shown
from .fields import USUAL, FieldRule, compare_field
from .golds import golds_of
from .grade import Grade
from .json_values import as_text, json_value
from .metric import Case, GoldOptions

_WHOLE = "value"
"""Name of the only field of a value that is no object."""


class JsonFieldsOptions(GoldOptions):
    """Options of "json_fields"."""

    fields: dict[str, FieldRule] = Field(default_factory=dict)
    """Rules for fields, by path, such as "address.city"; other fields are compared by their values' type."""
    extra: Literal["wrong", "ignore"] = "wrong"
    """Whether a field that the right value lacks counts as a wrong field."""


def grade_json_fields(options: JsonFieldsOptions, case: Case) -> Grade:
    """Return the weighted share of right fields, of those in the right value and surplus ones together."""
    try:
        got = json_value(case.text)
    except ValueError:
        return Grade(0.0, f"The answer is not valid JSON: {shown(case.text)}.")
    grades = (_compared(got, _gold(gold, case.example), options) for gold in case.golds)
    return max(grades, key=lambda one: one.value)


def check_json_fields(options: JsonFieldsOptions, task: Task, example: Example) -> None:
    """Raise `MetricError` if a right answer is not JSON."""
    for gold in golds_of(example, options.gold, task.answer.type):
        _gold(gold, example)


def _gold(text: str, example: Example) -> Any:
    try:
        return json_value(text)
    except ValueError as error:
        raise MetricError(
            f"example {example.id}: its right answer is not valid JSON ({error}). Correct the row."
        ) from error


def _compared(got: Any, gold: Any, options: JsonFieldsOptions) -> Grade:
    if isinstance(gold, dict) and not isinstance(got, dict):
        return Grade(0.0, f"Expected a JSON object, got {_shown(got)}.")
    rules = options.fields
    wanted = dict(_leaves(gold, rules))
    found = dict(_leaves(got, rules))
    parts, wrong, missing = {}, [], []
    earned = possible = 0.0
    for path, right in wanted.items():
        rule = rules.get(path, USUAL)
        mine = found.get(path, _at(got, path))
        parts[path] = value = compare_field(mine, right, rule)
        earned, possible = earned + rule.weight * value, possible + rule.weight
        if value < 1 and mine is None:
            missing.append(f"{_name(path)} (expected {_shown(right)})")
        elif value < 1:
            wrong.append(f"{_name(path)} (expected {_shown(right)}, got {_shown(mine)})")
    surplus = [] if options.extra == "ignore" else list(_surplus(found, wanted))
    possible += summed(rules.get(path, USUAL).weight for path in surplus)
    said = [f"Wrong fields: {listed(wrong)}."] if wrong else []
    said += [f"Missing fields: {listed(missing)}."] if missing else []
    said += [f"Fields that should not be there: {listed(map(_name, surplus))}."] if surplus else []
    return Grade(earned / possible if said and possible else 1.0, " ".join(said), parts)


def _leaves(value: Any, rules: Mapping[str, FieldRule]) -> Iterator[tuple[str, Any]]:
    """Yield the paths and values of the innermost fields, and of fields with a rule of their own."""
    if not isinstance(value, dict):
        yield _WHOLE, value
        return
    waiting = [(str(key), inner) for key, inner in reversed(value.items())]
    while waiting:
        path, inner = waiting.pop()
        rule = rules.get(path)
        if rule is not None and rule.by == "ignore":
            continue
        if rule is None and isinstance(inner, dict) and inner:
            waiting += [(f"{path}.{key}", deeper) for key, deeper in reversed(inner.items())]
        else:
            yield path, inner


def _surplus(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> Iterator[str]:
    """Yield the paths of fields that the right value has neither as a field nor inside or around one."""
    known = set(wanted)
    for path in wanted:
        steps = path.split(".")
        known |= {".".join(steps[:count]) for count in range(1, len(steps))}
    for path, value in found.items():
        steps = path.split(".")
        inside = any(".".join(steps[:count]) in wanted for count in range(1, len(steps)))
        if value is not None and path not in known and not inside:
            yield path


def _at(value: Any, path: str) -> Any:
    """Return the value at a path below which the answer has fields where the right value has none."""
    for step in path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _shown(value: Any) -> str:
    """Return a value as feedback shows it: texts between quotes, anything else as JSON."""
    return shown(value, 60) if isinstance(value, str) else shown(as_text(value), 60)[1:-1]


def _name(path: str) -> str:
    return shown(path, 60)[1:-1]
