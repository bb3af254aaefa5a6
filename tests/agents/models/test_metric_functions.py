"""The user's metric functions as a model."""

import asyncio
import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from task_making import YES_NO, example

from transfer_prompting import Score
from transfer_prompting.agents.grading.functions import FunctionMetric, answer_read, reading_request
from transfer_prompting.agents.models.base import FATAL, ModelError
from transfer_prompting.agents.models.metric_functions import READING, MetricFunction, MetricFunctionModel
from transfer_prompting.agents.models.probe import PROBE
from transfer_prompting.prompts.metrics.grade import Grade, Output

REPLY = Output("Yes, it is.", "yes")


def graded(function: Callable[..., Any], times: int = 1, *, timeout: float = 5.0) -> Grade:
    """Return the grade that a function gives as a metric, after being asked `times` times."""

    async def ask() -> Grade:
        model = MetricFunctionModel({(YES_NO.name, "mine"): MetricFunction(function, "ab12")}, timeout)
        metric = FunctionMetric("mine")
        [(_, request)] = metric.requests(YES_NO, example(), REPLY)
        for _ in range(times - 1):
            await model.reply(request)
        found = metric.grade([await model.reply(request)])
        assert found is not None
        return found

    return asyncio.run(ask())


def refused(function: Callable[..., Any], times: int = 1, *, timeout: float = 5.0) -> ModelError:
    """Return the error of a function that gives no grade."""
    with pytest.raises(ModelError) as caught:
        graded(function, times, timeout=timeout)
    return caught.value


def test_number() -> None:
    """A plain number is the value; the function sees the example and the output."""
    assert graded(lambda one, output: 0.25 * (one.answer == output.answer)).value == 0.25


def test_score() -> None:
    """A score brings feedback and parts, which the log keeps."""
    score = Score(0.5, "too long", {"short": 0.0})
    assert graded(lambda one, output: score) == Grade(0.5, "too long", {"short": 0.0})


def test_async() -> None:
    """A function may be asynchronous."""

    async def mine(one: Any, output: Output) -> bool:
        await asyncio.sleep(0)
        return output.text.startswith("Yes")

    assert graded(mine).value == 1.0


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -0.1, 1.5, None, "good", {"worth": 1}])
def test_no_value(value: object) -> None:
    """A result that is no number in [0, 1] is a failure of the example, never a score."""
    error = refused(lambda one, output: value)
    assert error.cause == "crash"
    assert "The metric mine of task" in str(error)


def test_raises() -> None:
    """An error names the metric, the example and the line of the user's file."""
    error = refused(lambda one, output: 1 / 0)
    assert "ZeroDivisionError" in str(error)
    assert "example 'e1'" in str(error) or "example " in str(error)
    assert "(line " in str(error)


def test_hangs() -> None:
    """A function that does not return is abandoned."""
    never = threading.Event()
    error = refused(lambda one, output: never.wait(20), timeout=0.01)
    never.set()
    assert "it has not returned after 0.01 seconds" in str(error)


def test_not_deterministic() -> None:
    """A function that gives two values for one output stops the run."""
    values = iter([0.1, 0.2])
    error = refused(lambda one, output: next(values))
    assert error.cause in FATAL
    assert "gave first 0.1 and then 0.2" in str(error)


def test_always_failing() -> None:
    """A function that has failed on every output from the beginning stops the run."""

    async def causes() -> list[str]:
        def broken(one: Any, output: Output) -> float:
            raise KeyError("column")

        model = MetricFunctionModel({(YES_NO.name, "mine"): MetricFunction(broken, "")})
        [(_, request)] = FunctionMetric("mine").requests(YES_NO, example(), REPLY)
        found: list[str] = []
        for _ in range(5):
            with pytest.raises(ModelError) as caught:
                await model.reply(request)
            found.append(caught.value.cause)
        return found

    assert asyncio.run(causes()) == ["crash"] * 4 + ["not_supported"]


def test_probe() -> None:
    """The model is alive, whatever its functions do."""
    model = MetricFunctionModel({})
    assert json.loads(asyncio.run(model.reply(PROBE)).text)["value"] == 1.0


def test_foreign_function() -> None:
    """A request can only name the functions of the run."""
    [(_, request)] = FunctionMetric("other").requests(YES_NO, example(), REPLY)
    with pytest.raises(ModelError, match=r"other is not among those of the run"):
        asyncio.run(MetricFunctionModel({}).reply(request))


def test_identity() -> None:
    """Another file is another model, so that answers of two versions are never mixed."""
    one, other = (
        MetricFunctionModel({("t", "m"): MetricFunction(lambda e, o: 1, digest)}).identity
        for digest in ("aa", "bb")
    )
    assert one != other


def read_by(function: Callable[..., Any]) -> str | None:
    """Return the canonical answer that a function reads in the reply."""
    model = MetricFunctionModel({(YES_NO.name, READING): MetricFunction(function, "")})
    [_, request] = reading_request(YES_NO, example(), REPLY)
    return answer_read(YES_NO, example(), asyncio.run(model.reply(request)))


def test_reading() -> None:
    """A function of one's own reads the answer, which must be one of the task's kind."""
    assert read_by(lambda one, output: output.text.partition(",")[0]) == "yes"
    assert read_by(lambda one, output: "perhaps") is None
    assert read_by(lambda one, output: None) is None
    with pytest.raises(ModelError, match=r"function that reads answers .* returned int: return the answer"):
        read_by(lambda one, output: 3)
