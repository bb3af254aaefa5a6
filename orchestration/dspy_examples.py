"""The examples and the metric of a DSPy optimiser, as the data and the metric of a run."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import dspy
from pydantic_core import to_jsonable_python

from ..agents.programs.dspy_program import DspyProgram
from ..prompts.metrics.grade import Output
from ..prompts.metrics.own import Score
from ..prompts.task import Example
from .errors import ConfigError

_NUMBER = "dspy_number"
"""Column with the number of an example, by which its original is found."""
_LABELS = "dspy_labels"
"""Column with the labels of an example as one text."""


class DspyExamples:
    """The examples of `compile` with a metric. Raises `ConfigError` if they cannot be used."""

    def __init__(self, trainset: Sequence[Any], valset: Sequence[Any], metric: Callable[..., Any]) -> None:
        self._train = len(trainset)
        self._all = [*trainset, *valset]
        self._metric = metric
        self._context = dict(dspy.settings.config)
        self.inputs = _inputs(self._all)
        """Names of the inputs."""
        self._originals = {_key(_row(one)): one for one in self._all}

    @property
    def settings(self) -> dict[str, Any]:
        """The settings of the data, relative to the folder of `write`."""
        files = {"all": "train.jsonl"}
        if len(self._all) > self._train:
            files = {"train": "train.jsonl", "test": "test.jsonl"}
        return {**files, "columns": {"answer": _LABELS}} if _labels(self._all[0]) else {**files}

    def write(self, folder: Path) -> None:
        """Write the data files of the run, which takes them into its log."""
        rows = [{**_row(one), **_labelled(one), _NUMBER: number} for number, one in enumerate(self._all)]
        for name, part in (("train", rows[: self._train]), ("test", rows[self._train :])):
            text = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in part)
            (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")

    def arguments(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return the inputs of the example of a row, as they were before they became JSON."""
        original = self._originals.get(_key(row))
        return dict(row) if original is None else dict(original.inputs().items())

    def graded(self, example: Example, output: Output) -> Any:
        """Return the value of an output by the metric of DSPy, with feedback if it gives any."""
        if not output.text:
            return Score(0.0, "DSPy could not read the reply.")
        with dspy.context(**self._context):
            result = self._metric(self._all[example.columns[_NUMBER]], _prediction(output.text))
        if isinstance(result, dspy.Prediction):
            return Score(result.score, result.get("feedback") or "")
        return result


class ExampleProgram(DspyProgram):
    """The module under optimisation: its output is the whole prediction, for the metric."""

    def __init__(self, module: Any, examples: DspyExamples, model: Any) -> None:
        settings = model.kwargs
        super().__init__(
            module,
            temperature=settings.get("temperature"),
            max_tokens=settings.get("max_tokens") or settings.get("max_completion_tokens"),
        )
        self._examples = examples

    def arguments_of(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return the inputs of the original example."""
        return self._examples.arguments(row)

    def output_of(self, prediction: Any) -> Any:
        """Return all fields of a prediction."""
        found = prediction.toDict() if isinstance(prediction, dspy.Prediction) else prediction
        return to_jsonable_python(found, fallback=str)


def _prediction(text: str) -> Any:
    """Return what the module has returned: a prediction, or the text of anything else."""
    try:
        found = json.loads(text)
    except ValueError:
        return text
    return dspy.Prediction(**found) if isinstance(found, dict) else found


def _inputs(examples: Sequence[Any]) -> tuple[str, ...]:
    if not examples:
        raise ConfigError("trainset is empty: give examples such as dspy.Example(...).with_inputs(...).")
    try:
        names = [tuple(one.inputs().keys()) for one in examples]
    except ValueError as error:
        raise ConfigError(f"An example names no inputs: {error}") from error
    if any(set(one) != set(names[0]) for one in names):
        raise ConfigError("The examples have different inputs: give all of them the same.")
    return names[0]


def _row(example: Any) -> dict[str, Any]:
    found: dict[str, Any] = to_jsonable_python(dict(example.inputs().items()), fallback=str)
    return found


def _labels(example: Any) -> dict[str, Any]:
    found: dict[str, Any] = to_jsonable_python(dict(example.labels().items()), fallback=str)
    return found


def _labelled(example: Any) -> dict[str, str]:
    """Return the column of the labels: one label as its text, several as JSON."""
    labels: Any = _labels(example)
    if not labels:
        return {}
    value = next(iter(labels.values())) if len(labels) == 1 else labels
    return {_LABELS: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}


def _key(row: Mapping[str, Any]) -> str:
    return json.dumps(dict(row), sort_keys=True)
