"""One execution of a program: what it is given, what it may ask, and how it can fail."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest

from transfer_prompting.agents.models.base import ModelError, ModelReply, ModelRequest
from transfer_prompting.agents.models.probe import PROBE
from transfer_prompting.agents.programs.base import AskFailed
from transfer_prompting.agents.programs.execution import Send
from transfer_prompting.agents.programs.model import LoadedProgram, ProgramModel
from transfer_prompting.agents.programs.request import Executed, program_request, read_executed
from transfer_prompting.prompts.candidate import make_candidate
from transfer_prompting.prompts.program import ProgramSettings
from transfer_prompting.prompts.task import AnswerFormat, Example, Task

TASK = Task(
    name="signs",
    description="Tell the sign.",
    answer=AnswerFormat(type="text"),
    initial_prompts=("[[find]]\nFind it.\n\n[[tell]]\nTell it.",),
    texts=("find", "tell"),
    frame="own",
    program=ProgramSettings(use="program.py:run", inputs=("question",)),
)
ROW = Example(id="e1", question="", answer="secret", columns={"question": "Where?", "answer": "secret"})
REQUEST = program_request(TASK, make_candidate(TASK.initial_prompts[0], "initial"), ROW, 64)


async def echo(_role: str, _about: str, request: ModelRequest) -> ModelReply:
    """Answer with the last turn in capitals."""
    return ModelReply(
        text=request.messages[-1].text.upper(), finish="stop", prompt_tokens=5, completion_tokens=2
    )


def model_of(program: Any, **settings: Any) -> ProgramModel:
    """Return the model that runs `program`."""
    loaded = LoadedProgram(program, "0" * 16, ProgramSettings(use="program.py:run", **settings))
    return ProgramModel({"signs": loaded})


async def executed(program: Any, send: Send = echo, **settings: Any) -> Executed:
    """Run `program` on the row."""
    model = model_of(program, **settings)
    try:
        return read_executed(await model.execute(REQUEST, send))
    finally:
        await model.close()


async def failure(program: Any, send: Send = echo, **settings: Any) -> ModelError:
    """Return the error of `program` on the row."""
    with pytest.raises(ModelError) as raised:
        await executed(program, send, **settings)
    return raised.value


def test_the_right_answer_stays_outside() -> None:
    """A program gets the columns that are its inputs, and never the right answer."""
    assert "secret" not in REQUEST.model_dump_json()


async def test_what_a_program_gets_and_leaves() -> None:
    """A program gets row and texts by name; its output comes back with the steps, texts and tokens."""

    async def run(example: Any, prompts: Any, ask: Any) -> Any:
        assert dict(example) == {"question": "Where?"}
        found = await ask("scorer", [{"role": "system", "content": prompts["find"]}, user(example)])
        ask.note("search", f"for {found.text}", text="find")
        told = await ask("judge", prompts["tell"], text=("find", "tell"))
        return {"said": told.text}

    result = await executed(run)
    assert result.output == {"said": "TELL IT."}
    assert (result.calls, result.prompt_tokens, result.completion_tokens) == (2, 10, 4)
    assert [(step.model, step.texts, step.asked, step.reply) for step in result.trace] == [
        ("scorer", ("find",), "Where?", "WHERE?"),
        ("search", ("find",), "", "for WHERE?"),
        ("judge", ("find", "tell"), "", "TELL IT."),
    ]


def user(example: Any) -> dict[str, Any]:
    """Return the question of a row as a turn."""
    return {"role": "user", "content": example["question"]}


async def test_a_plain_function_and_a_class() -> None:
    """A program may be a function without calls, or an object with `run`."""

    class Own:
        async def run(self, example: Any, prompts: Any, ask: Any) -> str:
            return "own"

    assert (await executed(lambda example, prompts, ask: "plain")).output == "plain"
    assert (await executed(Own())).output == "own"


async def never(example: Any, prompts: Any, ask: Any) -> None:
    await asyncio.sleep(60)


async def stubborn(example: Any, prompts: Any, ask: Any) -> None:
    while True:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            continue


async def blocks(example: Any, prompts: Any, ask: Any) -> None:
    time.sleep(8)  # noqa: ASYNC251 - this is the fault that is tested


@pytest.mark.parametrize("program", [never, stubborn, blocks])
async def test_a_program_that_hangs(program: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that does not return fails after its time, even if it blocks its loop or ignores its end."""
    monkeypatch.setattr("transfer_prompting.agents.programs.loop._ANSWER", 0.3)
    model = model_of(program, timeout=0.2)
    with pytest.raises(ModelError, match=r"has not returned after 0\.2 seconds"):
        await model.execute(REQUEST, echo)
    # The next execution is not held up by it.
    model._programs["signs"] = LoadedProgram(lambda *_: "on", "0" * 16, ProgramSettings(use="program.py:run"))
    assert read_executed(await asyncio.wait_for(model.execute(REQUEST, echo), 5)).output == "on"


async def test_waits_for_models_do_not_count() -> None:
    """A slow endpoint uses up none of a program's own time."""

    async def slow(_role: str, _about: str, request: ModelRequest) -> ModelReply:
        await asyncio.sleep(0.4)
        return await echo(_role, _about, request)

    async def run(example: Any, prompts: Any, ask: Any) -> str:
        return str((await ask("scorer", "one")).text)

    assert (await executed(run, slow, timeout=0.2)).output == "ONE"


def raises(error: BaseException) -> Callable[..., Any]:
    """Return a program that raises."""

    async def run(example: Any, prompts: Any, ask: Any) -> None:
        raise error

    return run


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (raises(KeyError("no such column")), "on example 'e1': KeyError: 'no such column' (line "),
        (raises(ValueError("\ud800")), "ValueError: \\ud800"),
        (raises(asyncio.CancelledError()), "CancelledError instead of an output"),
        (raises(SystemExit(3)), "SystemExit"),
        (lambda *_: {1, 2}, "not JSON serializable"),
        (lambda *_: float("nan"), "JSON"),
        (lambda *_: "\ud800", "surrogate"),
    ],
)
async def test_failures(program: Any, message: str) -> None:
    """A program that raises or returns no JSON has failed on its example; the error names it and why."""
    error = await asyncio.wait_for(failure(program), 10)
    assert error.cause == "crash"
    assert "The program of task signs failed on example 'e1'" in error.message
    assert message in error.message


async def test_a_program_that_always_fails() -> None:
    """A program that has failed on the first five examples stops the run."""
    model = model_of(raises(ValueError("no")))
    causes = []
    for _ in range(5):
        with pytest.raises(ModelError) as raised:
            await model.execute(REQUEST, echo)
        causes.append(raised.value.cause)
    assert causes == ["crash"] * 4 + ["not_supported"]
    assert "on all 5 examples so far" in raised.value.message


async def test_a_call_that_fails() -> None:
    """A call that failed for good ends the execution with its own cause, unless the program goes on."""

    async def refuse(_role: str, _about: str, _request: ModelRequest) -> ModelReply:
        raise AskFailed("context_length", "too long")

    async def run(example: Any, prompts: Any, ask: Any) -> str:
        await ask("scorer", prompts["tell"])
        return ""

    async def goes_on(example: Any, prompts: Any, ask: Any) -> str:
        with pytest.raises(AskFailed):
            await ask("scorer", prompts["tell"])
        return "without"

    assert (await failure(run, refuse)).cause == "context_length"
    result = await executed(goes_on, refuse)
    assert result.output == "without"
    assert [(step.texts, step.error) for step in result.trace] == [(("tell",), "too long")]


async def test_too_many_calls() -> None:
    """No execution makes more calls than `program.calls` allows."""
    sent = []

    async def count(role: str, about: str, request: ModelRequest) -> ModelReply:
        sent.append(request)
        return await echo(role, about, request)

    async def run(example: Any, prompts: Any, ask: Any) -> str:
        for number in range(1000):
            await ask("scorer", f"{number}")
        return ""

    assert "program.calls" in (await failure(run, count, calls=3)).message
    assert len(sent) == 3


async def test_samples() -> None:
    """A request that is repeated is the same call at temperature 0, and another sample above it."""
    sent = []

    async def count(role: str, about: str, request: ModelRequest) -> ModelReply:
        sent.append((request.temperature, request.sample))
        return await echo(role, about, request)

    async def run(example: Any, prompts: Any, ask: Any) -> str:
        for temperature in (0.0, 0.0, 0.7, 0.7, 0.7):
            await ask("scorer", "same", temperature=temperature)
        return ""

    await executed(run, count)
    assert sent == [(0.0, 0), (0.0, 0), (0.7, 0), (0.7, 1), (0.7, 2)]


async def test_no_call_after_the_end() -> None:
    """What a program leaves running can ask nothing more."""
    outcome: list[Any] = []

    async def run(example: Any, prompts: Any, ask: Any) -> str:
        async def later() -> None:
            await asyncio.sleep(0.1)
            try:
                outcome.append(await ask("scorer", "late"))
            except AskFailed as error:
                outcome.append(str(error))

        run.task = asyncio.create_task(later())  # type: ignore[attr-defined]
        return "done"

    model = model_of(run)
    assert read_executed(await model.execute(REQUEST, echo)).output == "done"
    await asyncio.sleep(0.4)
    assert outcome == ["The execution that asks this has ended."]
    await model.close()


@pytest.mark.parametrize(
    ("messages", "options"),
    [([{"role": "robot", "content": "x"}], {}), ([], {}), ("x", {"text": "nothing"}), ("\ud800", {})],
)
async def test_invalid_requests(messages: Any, options: Any) -> None:
    """A request that is none is an error of the program, and is not sent."""

    async def run(example: Any, prompts: Any, ask: Any) -> str:
        await ask("scorer", messages, **options)
        return ""

    async def unsent(_role: str, _about: str, _request: ModelRequest) -> ModelReply:
        raise AssertionError("sent")

    assert (await failure(run, unsent)).cause == "crash"


async def test_a_long_trace_is_shortened() -> None:
    """A trace keeps its first and last steps, each shortened; the count of calls is whole."""

    async def run(example: Any, prompts: Any, ask: Any) -> str:
        for number in range(100):
            await ask("scorer", f"{number} {'word ' * 2000}")
        return "x" * 100_000

    result = await executed(run)
    assert result.calls == 100
    assert len(result.trace) == 41
    assert result.trace[20].reply == "60 steps are left out here."
    assert max(len(step.asked) for step in result.trace) <= 1200
    assert len(result.output) == 100_000


async def test_a_probe() -> None:
    """A probe is answered without running a program, and nothing else is outside of `execute`."""
    model = model_of(raises(ValueError("run")))
    assert (await model.reply(PROBE)).text
    with pytest.raises(ModelError, match="execute"):
        await model.reply(REQUEST)
