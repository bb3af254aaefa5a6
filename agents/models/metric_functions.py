"""The user's own functions as a model: a request names a metric, the reply is its grade.

A function that reads answers is asked in the same way, under the name `READING`.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ...prompts.metrics.grade import Grade, Output
from ...prompts.metrics.own import to_grade
from ...prompts.task import Example
from .base import ModelError, ModelReply, ModelRequest
from .own_code import FailureRecord, called, line_of
from .probe import PROBE

READING = "answer"
"""Name of the function that reads the answers of a task, in place of a metric."""
TIMEOUT = 60.0
"""Seconds that a function may take for one output."""
_REPEATED = 3
"""Number of first outputs for which a function is called twice, to see whether it repeats itself."""


@dataclass(frozen=True, slots=True)
class MetricFunction:
    """A function with the digest of its file."""

    call: Callable[[Example, Output], Any]
    digest: str


class MetricFunctionModel:
    """Runs metric functions; `functions` maps (task, metric) to the function.

    A function that raises, hangs, or returns no value in [0, 1] gives no grade: its example is excluded and
    the run goes on, unless it does so from the beginning on every output. A function that gives two values
    for one output stops the run.
    """

    scores_options = False
    rates_options = False

    def __init__(self, functions: Mapping[tuple[str, str], MetricFunction], timeout: float = TIMEOUT) -> None:
        self._functions = dict(functions)
        self._timeout = timeout
        self._record = FailureRecord()

    @property
    def identity(self) -> str:
        """Names of the metrics, each with the digest of its file: another file is another model."""
        named = (f"{task}.{metric}@{one.digest}" for (task, metric), one in sorted(self._functions.items()))
        return f"metrics:{','.join(named)}"

    async def reply(self, request: ModelRequest) -> ModelReply:
        """Return the grade of one output, as JSON. Raises `ModelError` if the function gives none."""
        if request == PROBE:
            return _reply(Grade(1.0))
        asked = json.loads(request.messages[-1].text)
        key = asked["task"], asked["metric"]
        function = self._functions.get(key)
        if function is None:
            raise ModelError("not_supported", f"The function {'.'.join(key)} is not among those of the run.")
        example, output = Example.model_validate(asked["example"]), Output(**asked["output"])
        try:
            result = await self._result(key, function, example, output)
            if self._record.succeeded[key] < _REPEATED:
                second = await self._result(key, function, example, output)
                _check_same(key, example, result, second)
        except _NoGrade as error:
            raise self._failure(key, example, str(error)) from error
        self._record.succeeded[key] += 1
        return _reply(result)

    async def close(self) -> None:
        """Do nothing: there is nothing to release."""

    async def _result(
        self, key: tuple[str, str], function: MetricFunction, example: Example, output: Output
    ) -> Grade | str | None:
        """Return the grade of a metric, or the answer that a reading function has found."""
        try:
            async with asyncio.timeout(self._timeout):
                result = await called(function.call, example, output)
            return _answer(result) if key[1] == READING else to_grade(result)
        except TimeoutError as error:
            raise _NoGrade(f"it has not returned after {self._timeout:g} seconds") from error
        except Exception as error:
            raise _NoGrade(f"{type(error).__name__}: {error}{line_of(error)}") from error

    def _failure(self, key: tuple[str, str], example: Example, error: str) -> ModelError:
        task, metric = key
        what = "function that reads answers" if metric == READING else f"metric {metric}"
        message = f"The {what} of task {task} failed on example {example.id!r}: {error}."
        return self._record.failure(key, message, "outputs")


def _check_same(key: tuple[str, str], example: Example, first: object, second: object) -> None:
    """Raise `ModelError` if a function has given two results for one output."""
    one, other = (result.value if isinstance(result, Grade) else result for result in (first, second))
    if one != other:
        raise ModelError(
            "not_supported",
            f"The function {key[1]} of task {key[0]} gave first {one!r} and then {other!r} for the same "
            f"output (example {example.id!r}).",
            advice="Take chance, clocks and state out of it, so that a score can be trusted.",
        )


def _answer(result: object) -> str | None:
    """Return the answer that a function has read. Raise `TypeError` if it is neither text nor None."""
    if result is None or isinstance(result, str):
        return result
    raise TypeError(f"it returned {type(result).__name__}: return the answer as a str, or None without one")


class _NoGrade(Exception):
    """A function gave no grade. The message says why."""


def _reply(result: Grade | str | None) -> ModelReply:
    written: dict[str, Any] = {"answer": result}
    if isinstance(result, Grade):
        written = {"value": result.value, "feedback": result.feedback, "parts": dict(result.parts)}
    text = json.dumps(written, ensure_ascii=False, sort_keys=True)
    return ModelReply(text=text, finish="stop", prompt_tokens=0, completion_tokens=0)
