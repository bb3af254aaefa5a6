"""DSPy modules as programs, with the real library."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest
from dspy_executions import always, executions, fields

from transfer_prompting.agents.models.base import ModelRequest
from transfer_prompting.agents.programs.base import AskFailed, Program

pytest.importorskip("dspy", reason="needs the package dspy")

import dspy

from transfer_prompting.agents.programs.dspy_program import DspyProgram


class SearchAndAnswer(dspy.Module):  # type: ignore[misc]
    """A module with `forward` alone."""

    def __init__(self) -> None:
        super().__init__()
        self.search = dspy.Predict("question -> query")
        self.answer = dspy.ChainOfThought("question, query -> answer")

    def forward(self, question: str) -> Any:
        return self.answer(question=question, query=self.search(question=question).query)


class Awaiting(dspy.Module):  # type: ignore[misc]
    """A module with `aforward` alone."""

    def __init__(self, call: str = "acall") -> None:
        super().__init__()
        self.call = call
        self.answer = dspy.Predict("question -> answer")

    async def aforward(self, question: str) -> Any:
        if self.call == "acall":
            return await self.answer.acall(question=question)
        return self.answer(question=question)


PROMPTS = {"search": "Search for two names.", "answer__predict": "Answer in one word."}


async def test_instructions_reach_the_requests() -> None:
    """Each predictor's request holds its own text, and its step in the trace names that text."""
    async with executions() as place:
        got = await place.run(
            DspyProgram(SearchAndAnswer()),
            {"question": "Who?"},
            always(query="q", reasoning="r", answer="Ida"),
            PROMPTS,
        )
    assert got.output == "Ida"
    assert [step.texts for step in got.trace] == [("search",), ("answer__predict",)]
    first, second = place.systems
    assert PROMPTS["search"] in first
    assert PROMPTS["answer__predict"] not in first
    assert PROMPTS["answer__predict"] in second
    assert [request.temperature for request in place.requests] == [0.0, 0.0]
    assert {request.max_tokens for request in place.requests} == {100}


async def test_own_texts() -> None:
    """The program's texts are the instructions of the module, which a run does not change."""
    module = SearchAndAnswer()
    program = DspyProgram(module)
    assert isinstance(program, Program)
    before = dict(program.texts)
    async with executions() as place:
        await place.run(program, {"question": "Who?"}, always(query="q", reasoning="", answer="a"), PROMPTS)
    assert (
        program.texts
        == before
        == {
            "search": module.search.signature.instructions,
            "answer__predict": module.answer.predict.signature.instructions,
        }
    )


@pytest.mark.parametrize("module", [SearchAndAnswer, Awaiting])
async def test_executions_do_not_mix(module: Any) -> None:
    """Executions at the same time have their own texts, rows and replies."""
    program = DspyProgram(module())

    async def answer(request: ModelRequest) -> str:
        await asyncio.sleep(0.01)
        system, user = request.messages[0].text, request.messages[-1].text
        number = user.partition("Question ")[2].partition("\n")[0]
        assert f"Text {number}." in system
        return fields(query=f"q{number}", reasoning="r", answer=f"a{number}")

    async with executions() as place:
        found = await asyncio.gather(
            *(
                place.run(
                    program, {"question": f"Question {n}"}, answer, dict.fromkeys(program.texts, f"Text {n}.")
                )
                for n in range(12)
            )
        )
    assert [one.output for one in found] == [f"a{n}" for n in range(12)]


async def test_same_request_is_sent_each_time() -> None:
    """DSPy's own caches are off: an execution that asks again what another one has asked does ask."""
    async with executions() as place:
        for _ in range(2):
            await place.run(DspyProgram(Awaiting()), {"question": "Who?"}, always(answer="a"))
    assert len(place.requests) == 2
    assert place.requests[0] == place.requests[1]


async def test_demonstrations_settings_and_arguments() -> None:
    """Demonstrations of a predictor are sent as they are; its settings and the mapping of columns hold."""
    module = dspy.Predict("question -> answer", temperature=0.7, max_tokens=9)
    module.demos = [dspy.Example(question="Which is first?", answer="the demonstration")]
    async with executions() as place:
        await place.run(
            DspyProgram(module, inputs={"question": "text"}), {"text": "Who?"}, always(answer="a")
        )
    [request] = place.requests
    assert (request.temperature, request.max_tokens) == (0.7, 9)
    assert "the demonstration" in request.messages[2].text
    assert "Who?" in request.messages[-1].text


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (None, {"answer": "a", "source": "s"}),
        ("source", "s"),
        (["source", "reasoning"], {"source": "s", "reasoning": "r"}),
    ],
)
async def test_output(output: Any, expected: Any) -> None:
    """One field becomes its text, several an object; by default all but the reasoning."""
    program = DspyProgram(dspy.ChainOfThought("question -> answer, source"), output)
    async with executions() as place:
        got = await place.run(program, {"question": "?"}, always(reasoning="r", answer="a", source="s"))
    assert got.output == expected


async def test_typed_output() -> None:
    """A field with a type is a JSON value."""
    async with executions() as place:
        got = await place.run(
            DspyProgram(dspy.Predict("question -> tags: list[str]")),
            {"question": "?"},
            always(tags='["a", "b"]'),
        )
    assert got.output == ["a", "b"]


async def test_unreadable_reply_is_no_answer() -> None:
    """A reply that DSPy cannot read gives an empty output, so that the prompt is judged by it."""

    async def nonsense(_: ModelRequest) -> str:
        return "I would rather not."

    async with executions() as place:
        got = await place.run(DspyProgram(SearchAndAnswer()), {"question": "?"}, nonsense)
    assert got.output == ""
    last = got.trace[-1]
    assert (last.model, last.reply, last.texts) == ("unreadable reply", "I would rather not.", ("search",))


async def test_failed_call() -> None:
    """A call that fails for good ends the execution as that failure, not as an error of DSPy."""

    async def fail(_: ModelRequest) -> str:
        raise AskFailed("budget", "nothing is left")

    async with executions() as place:
        with pytest.raises(AskFailed, match="nothing is left") as caught:
            await place.run(DspyProgram(SearchAndAnswer()), {"question": "?"}, fail)
    assert caught.value.cause == "budget"


async def test_errors_of_the_module() -> None:
    """What a module raises, a wrong field and a wrong text are errors that say what is wrong."""
    async with executions() as place:
        with pytest.raises(TypeError, match="unexpected keyword argument"):
            await place.run(DspyProgram(SearchAndAnswer()), {"text": "?"}, always())
        with pytest.raises(LookupError, match="no field 'score'; it has answer"):
            await place.run(DspyProgram(Awaiting(), "score"), {"question": "?"}, always(answer="a"))
        with pytest.raises(LookupError, match="no predictor 'other'; it has answer"):
            await place.run(DspyProgram(Awaiting()), {"question": "?"}, always(), {"other": "x"})


async def test_forgotten_await() -> None:
    """A predictor that is called without waiting in `aforward` fails at once, with the way to write it."""
    async with executions() as place:
        with pytest.raises(dspy.utils.exceptions.LMError, match=r"await self\.predict\.acall"):
            await place.run(DspyProgram(Awaiting("call")), {"question": "?"}, always(answer="a"))


async def test_stopped_execution_asks_nothing_more() -> None:
    """A module whose execution is cancelled while it waits in a thread cannot go on asking."""
    asked = asyncio.Event()

    async def hang(_: ModelRequest) -> str:
        asked.set()
        await asyncio.sleep(60)
        return ""

    class Stubborn(dspy.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.answer = dspy.Predict("question -> answer")

        def forward(self, question: str) -> Any:
            for _ in range(3):
                with suppress(Exception):  # as modules such as BestOfN do
                    self.answer(question=question)

    async with executions() as place:
        work = asyncio.ensure_future(place.run(DspyProgram(Stubborn()), {"question": "?"}, hang))
        await asked.wait()
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
        await asyncio.sleep(0.2)
    assert len(place.requests) == 1
