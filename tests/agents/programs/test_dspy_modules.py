"""DSPy's own modules as programs: agents with tools, and modules that copy other modules."""

import json
from typing import Any

import pytest
from dspy_executions import Answer, always, executions, fields

from transfer_prompting.agents.models.base import ModelRequest

pytest.importorskip("dspy", reason="needs the package dspy")

import dspy

from transfer_prompting.agents.programs.dspy_program import DspyProgram


def look_up(name: str) -> str:
    """Return what is known about a name."""
    return f"{name} built the bridge."


async def look_up_later(name: str) -> str:
    """Return what is known about a name."""
    return f"{name} built the bridge."


def acting(tool: str) -> Answer:
    """Return a model that calls a tool, then finishes, and then answers."""
    steps = [(tool, {"name": "Ida"}), ("finish", {})]

    async def answer(request: ModelRequest) -> str:
        if "next_tool_name" not in request.messages[0].text:
            return fields(reasoning="I looked it up.", answer="Ida")
        name, arguments = steps.pop(0)
        return fields(next_thought="Hm.", next_tool_name=name, next_tool_args=json.dumps(arguments))

    return answer


@pytest.mark.parametrize("tool", [look_up, look_up_later])
async def test_react(tool: Any) -> None:
    """The calls of an agent are named by its two predictors, and its tools are steps of the trace."""
    program = DspyProgram(dspy.ReAct("question -> answer", tools=[tool]))
    assert list(program.texts) == ["react", "extract__predict"]
    async with executions() as place:
        got = await place.run(program, {"question": "Who?"}, acting(tool.__name__))
    assert got.output == "Ida"
    assert [(step.texts, step.model) for step in got.trace] == [
        (("react",), "scorer"),
        ((), tool.__name__),
        (("react",), "scorer"),
        ((), "finish"),
        (("extract__predict",), "scorer"),
    ]
    assert got.trace[1].reply == f"{tool.__name__}(name='Ida') -> Ida built the bridge."


async def test_failing_tool() -> None:
    """A tool that raises is noted with its error, and the agent goes on."""

    def look_up(name: str) -> str:
        raise KeyError(name)

    async with executions() as place:
        got = await place.run(
            DspyProgram(dspy.ReAct("question -> answer", tools=[look_up])),
            {"question": "?"},
            acting("look_up"),
        )
    assert got.output == "Ida"
    assert got.trace[1].reply == "look_up(name='Ida') -> KeyError: 'Ida'"


async def test_copies_of_a_module() -> None:
    """Predictors of the copies that BestOfN makes are still named, and each try is another sample."""
    best = dspy.BestOfN(
        dspy.ChainOfThought("question -> answer"), N=3, reward_fn=lambda given, found: 0.0, threshold=1.0
    )
    async with executions() as place:
        got = await place.run(DspyProgram(best), {"question": "?"}, always(reasoning="r", answer="a"))
    assert [step.texts for step in got.trace] == [("module__predict",)] * 3
    assert [(request.temperature, request.sample) for request in place.requests] == [
        (1.0, 0),
        (1.0, 1),
        (1.0, 2),
    ]


async def test_model_of_a_predictor() -> None:
    """A predictor with a model of its own asks through the run as well."""
    module = dspy.Predict("question -> answer")
    module.lm = dspy.LM("openai/none", api_base="http://127.0.0.1:9", api_key="none")
    async with executions() as place:
        got = await place.run(DspyProgram(module), {"question": "?"}, always(answer="a"))
    assert (got.output, len(place.requests)) == ("a", 1)


async def test_images() -> None:
    """An image of a row reaches the request as its address."""

    class Look(dspy.Signature):  # type: ignore[misc]
        """Say what you see."""

        picture: dspy.Image = dspy.InputField()
        answer: str = dspy.OutputField()

    class Looking(dspy.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.look = dspy.Predict(Look)

        def forward(self, url: str) -> Any:
            return self.look(picture=dspy.Image(url))

    async with executions() as place:
        await place.run(DspyProgram(Looking()), {"url": "https://example.org/cat.png"}, always(answer="a"))
    assert [image.url for image in place.requests[0].images] == ["https://example.org/cat.png"]
