"""One execution of a program ends in time, as an output or as a failure of its example."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from threading import Semaphore
from typing import Any

import pytest

from transfer_prompting.agents.models.base import ModelError, ModelReply, ModelRequest
from transfer_prompting.agents.programs.base import Ask, AskFailed
from transfer_prompting.agents.programs.model import LoadedProgram, ProgramModel
from transfer_prompting.agents.programs.request import Executed, program_request, read_executed, read_request
from transfer_prompting.prompts.candidate import make_candidate
from transfer_prompting.prompts.program import ProgramSettings
from transfer_prompting.prompts.task import Example, Task

TASK = "numbers"
ORDER = ["first", "a1", "a", "a2", "b1", "b", "b2", "c1", "c", "c2", "last"]
PROMPTS = {"find": "Find it.", "answer": "Say it."}


class Execution:
    """Executes programs, with a function in place of the models."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, ModelRequest]] = []
        self.delay: Callable[[ModelRequest], float] = lambda request: 0.0
        self.failing: AskFailed | Exception | None = None
        self.models: list[ProgramModel] = []

    def model(self, program: Any, **settings: Any) -> ProgramModel:
        chosen = ProgramSettings(use="x.py:run", **{"timeout": 5.0, **settings})
        self.models.append(ProgramModel({TASK: LoadedProgram(program, "d", chosen)}, {"scorer": "m"}))
        return self.models[-1]

    async def send(self, role: str, about: str, request: ModelRequest) -> ModelReply:
        self.sent.append((role, request))
        await asyncio.sleep(self.delay(request))
        if self.failing is not None:
            raise self.failing
        text = f"reply to {request.messages[-1].text}"
        return ModelReply(text=text, finish="stop", prompt_tokens=7, completion_tokens=3)

    async def of(self, program: Any, **settings: Any) -> Executed:
        return await self.by(self.model(program, **settings))

    async def by(self, model: ProgramModel, example: str = "e1") -> Executed:
        async with asyncio.timeout(30):
            return read_executed(await model.execute(request(example), self.send))

    async def failure(self, program: Any, **settings: Any) -> ModelError:
        with pytest.raises(ModelError) as caught:
            await self.of(program, **settings)
        return caught.value


def request(example: str) -> ModelRequest:
    asked = {"task": TASK, "example": example, "row": {"question": "Q"}, "prompts": PROMPTS}
    return ModelRequest.model_validate(
        {"messages": [{"role": "user", "content": json.dumps(asked)}], "max_tokens": 48}
    )


@pytest.fixture
async def execution() -> AsyncIterator[Execution]:
    made = Execution()
    yield made
    for model in made.models:
        await model.close()


async def raising(example: Any, prompts: Any, ask: Ask) -> str:
    raise ValueError("no \ud800 such row")


async def hanging(example: Any, prompts: Any, ask: Ask) -> str:
    await asyncio.Event().wait()
    return ""


async def cancelling(example: Any, prompts: Any, ask: Ask) -> str:
    raise asyncio.CancelledError


async def exiting(example: Any, prompts: Any, ask: Ask) -> str:
    raise SystemExit(3)


def exiting_in_a_thread(example: Any, prompts: Any, ask: Ask) -> str:
    raise SystemExit(3)


async def unknown_role(example: Any, prompts: Any, ask: Ask) -> str:
    return (await ask("scorer", "Q", text="nothing")).text


async def bad_request(example: Any, prompts: Any, ask: Ask) -> str:
    return (await ask("scorer", "Q", temperature=-1)).text


@pytest.mark.parametrize(
    ("program", "said"),
    [
        (raising, r"ValueError: no .* such row \(line"),
        (hanging, "it has not returned after 0.2 seconds"),
        (cancelling, "CancelledError"),
        (exiting, "SystemExit"),
        (exiting_in_a_thread, "SystemExit"),
        (unknown_role, "there is no text 'nothing'; the texts are find, answer"),
        (bad_request, "temperature"),
    ],
)
async def test_a_program_that_fails(execution: Execution, program: Any, said: str) -> None:
    """Whatever a program raises, or if it hangs, the failure is that of its example and says why."""
    error = await execution.failure(program, timeout=0.2)
    assert error.cause == "crash"
    with pytest.raises(ModelError, match=said):
        raise error
    assert "example 'e1'" in str(error)
    str(error).encode()


@pytest.mark.parametrize(
    ("output", "said"),
    [
        (None, "returned None"),
        (float("nan"), "Out of range float"),
        ([float("inf")], "Out of range float"),
        ({1, 2}, "set is not JSON"),
        (b"bytes", "bytes is not JSON"),
        ("x" * 1_000_001, "1,000,003 bytes, and may return 1,000,000"),
        ("\ud800", "surrogates not allowed"),
    ],
)
async def test_an_output_that_is_none(execution: Execution, output: Any, said: str) -> None:
    """An output that the log cannot hold is a failure of the example, never an answer."""

    async def program(example: Any, prompts: Any, ask: Ask) -> Any:
        return output

    error = await execution.failure(program)
    assert error.cause == "crash"
    assert said in str(error)


@pytest.mark.parametrize("output", ["", "yes", 3, 0.5, False, ["a"], {"b": [1, None]}])
async def test_an_output(execution: Execution, output: Any) -> None:
    """A text or a JSON value comes back as it was returned, with an empty trace if nothing was asked."""

    async def program(example: Any, prompts: Any, ask: Ask) -> Any:
        return output

    assert await execution.of(program) == Executed(output, (), 0, 0, 0)


async def test_a_program_that_always_fails_stops_the_run(execution: Execution) -> None:
    """The fifth failure without any success has a cause that stops the run; after a success none has."""
    model = execution.model(raising)
    causes = []
    for n in range(5):
        with pytest.raises(ModelError) as caught:
            await execution.by(model, f"e{n}")
        causes.append(caught.value.cause)
    assert causes == ["crash"] * 4 + ["not_supported"]
    assert "It has failed on all 5 examples so far" in str(caught.value)

    async def mostly_raising(example: Any, prompts: Any, ask: Ask) -> str:
        served.append(1)
        return "yes" if len(served) == 1 else await raising(example, prompts, ask)

    served: list[int] = []
    model = execution.model(mostly_raising)
    await execution.by(model)
    for _ in range(7):
        with pytest.raises(ModelError) as caught:
            await execution.by(model)
        assert caught.value.cause == "crash"


async def test_a_blocked_loop_harms_only_what_runs_in_it(
    execution: Execution, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that blocks the loop fails, so do those that wait beside it, and the next one succeeds."""
    monkeypatch.setattr("transfer_prompting.agents.programs.loop._ANSWER", 0.2)

    async def program(example: Any, prompts: Any, ask: Ask) -> str:
        if not started:
            started.append(1)
            await asyncio.sleep(0.05)
            time.sleep(3)  # noqa: ASYNC251 - this is what the test is about
        return (await ask("scorer", "Q")).text

    started: list[int] = []
    model = execution.model(program, timeout=0.3)
    execution.delay = lambda request: 0.1
    began = time.monotonic()
    results = await asyncio.gather(*(execution.by(model) for _ in range(3)), return_exceptions=True)
    assert time.monotonic() - began < 2.5
    assert [type(result) for result in results] == [ModelError] * 3
    assert "blocks the event loop" in str(results[0])
    assert (await execution.by(model)).output == "reply to Q"


async def test_a_task_that_calls_exit(execution: Execution) -> None:
    """A task that a program has started may call sys.exit(): neither the loop nor the process ends."""

    async def leave() -> None:
        raise SystemExit

    async def program(example: Any, prompts: Any, ask: Ask) -> str:
        task = asyncio.ensure_future(leave())
        await asyncio.wait([task])
        return type(task.exception()).__name__

    model = execution.model(program)
    assert (await execution.by(model)).output == "SystemExit"
    assert (await execution.by(model)).output == "SystemExit"


async def test_a_task_that_is_left_running_asks_nothing(execution: Execution) -> None:
    """A call after the end of the execution is refused and not sent, also if cancellation is caught."""

    async def later(ask: Ask) -> None:
        try:
            await asyncio.sleep(0.1)
            await ask("scorer", "late")
        except AskFailed as error:
            refused.append(str(error))
            ended.release()

    async def program(example: Any, prompts: Any, ask: Ask) -> str:
        tasks.append(asyncio.ensure_future(later(ask)))
        return "yes"

    async def stubborn(example: Any, prompts: Any, ask: Ask) -> str:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            await later(ask)
        return "late"

    tasks: list[Any] = []
    ended = Semaphore(0)
    refused: list[str] = []
    model = execution.model(program)
    assert (await execution.by(model)).output == "yes"
    assert "not returned" in str(await execution.failure(stubborn, timeout=0.1))
    await asyncio.to_thread(ended.acquire, timeout=5)
    await asyncio.to_thread(ended.acquire, timeout=5)
    assert set(refused) == {"The execution that asks this has ended."}
    assert not execution.sent


async def test_most_calls(execution: Execution) -> None:
    """The call after the last one that the settings allow fails; the program may live with that."""

    async def greedy(example: Any, prompts: Any, ask: Ask) -> str:
        for n in range(9):
            await ask("scorer", f"Q{n}")
        return "never"

    async def content(example: Any, prompts: Any, ask: Ask) -> str:
        try:
            return await greedy(example, prompts, ask)
        except AskFailed as error:
            return error.cause

    error = await execution.failure(greedy, calls=3)
    assert (error.cause, len(execution.sent)) == ("bad_request", 3)
    assert "program.calls" in str(error)
    executed = await execution.of(content, calls=3)
    assert (executed.output, executed.calls) == ("bad_request", 3)


async def test_the_end_of_the_budget_has_no_outcome(execution: Execution) -> None:
    """An execution whose call the budget cannot pay for has no output, whatever the program does then."""

    async def proud(example: Any, prompts: Any, ask: Ask) -> str:
        try:
            return (await ask("scorer", "Q")).text
        except AskFailed:
            return "yes"

    async def angry(example: Any, prompts: Any, ask: Ask) -> str:
        try:
            return (await ask("scorer", "Q")).text
        except AskFailed as error:
            raise ValueError("no answer") from error

    execution.failing = AskFailed("budget", "The budget has ended.")
    for program in (proud, angry):
        assert (await execution.failure(program)).cause == "budget"


async def test_a_failed_call(execution: Execution) -> None:
    """A call that fails for good ends the execution with its cause, unless the program catches it."""

    async def program(example: Any, prompts: Any, ask: Ask) -> str:
        return (await ask("scorer", "Q")).text

    async def careful(example: Any, prompts: Any, ask: Ask) -> str:
        try:
            return (await ask("scorer", prompts["find"] + " Q")).text
        except AskFailed as error:
            return f"none: {error.cause}"

    execution.failing = AskFailed("server_error", "It is down.")
    error = await execution.failure(program)
    assert (error.cause, "It is down." in str(error)) == ("server_error", True)
    executed = await execution.of(careful)
    [step] = executed.trace
    assert (executed.output, step.error, step.texts) == ("none: server_error", "It is down.", ("find",))


async def test_a_thousand_calls(execution: Execution) -> None:
    """All calls are sent and counted; the trace keeps the first and the last of them."""

    async def program(example: Any, prompts: Any, ask: Ask) -> str:
        await asyncio.gather(*(ask("scorer", f"Q{n}") for n in range(1000)))
        return "yes"

    executed = await execution.of(program)
    assert (executed.calls, executed.prompt_tokens, len(execution.sent)) == (1000, 7000, 1000)
    assert [step.asked for step in executed.trace[:2]] == ["Q0", "Q1"]
    assert (executed.trace[20].reply, executed.trace[-1].asked) == ("960 steps are left out here.", "Q999")


async def test_samples(execution: Execution) -> None:
    """The same request is the same call at temperature 0 and another sample above it."""

    async def program(example: Any, prompts: Any, ask: Ask) -> str:
        for temperature in (0.0, 0.0, 0.7, 0.7):
            await ask("scorer", "Q", temperature=temperature)
        return "yes"

    await execution.of(program)
    assert [request.sample for _, request in execution.sent] == [0, 0, 0, 1]


@pytest.mark.parametrize("seed", range(4))
async def test_a_trace_does_not_depend_on_latencies(execution: Execution, seed: int) -> None:
    """Steps side by side stand where they were begun, in every branch one after the other."""
    waits = {f"{name}{n}": (seed * 7 + ord(name) * 3 + n) % 5 / 100 for name in "abc" for n in (1, 2)}
    execution.delay = lambda request: waits.get(request.messages[-1].text, 0.0)

    async def branch(name: str, ask: Ask) -> None:
        await ask("scorer", f"{name}1")
        ask.note("between", name)
        await ask("scorer", f"{name}2")

    async def program(example: Any, prompts: Any, ask: Ask) -> str:
        await ask("scorer", "first")
        await asyncio.gather(*(branch(name, ask) for name in "abc"))
        await ask("scorer", "last")
        return "yes"

    trace = (await execution.of(program)).trace
    assert [step.asked or step.reply for step in trace] == [
        "first",
        "a1",
        "a",
        "a2",
        "b1",
        "b",
        "b2",
        "c1",
        "c",
        "c2",
        "last",
    ]


def test_no_right_answer_reaches_a_program() -> None:
    """The request of an execution holds the inputs that the task names, and no other column."""
    task = Task.model_validate(
        {
            "name": TASK,
            "description": "d",
            "initial_prompts": ["Say it."],
            "answer": {"type": "label", "labels": ["secret", "open"]},
            "program": {"use": "x.py:run", "inputs": ["question"]},
        }
    )
    example = Example.model_validate(
        {"id": "e1", "question": "", "answer": "secret", "columns": {"question": "Q", "gold": "secret"}}
    )
    made = program_request(task, make_candidate("Say it.", "initial"), example, 48)
    assert read_request(made).row == {"question": "Q"}
    assert "secret" not in made.model_dump_json()


def test_the_identity() -> None:
    """Another program, another limit of calls, or another model that is asked is another model."""

    def identity(digest: str, asked: str, **settings: Any) -> str:
        loaded = LoadedProgram(raising, digest, ProgramSettings(use="x.py:run", **settings))
        return ProgramModel({TASK: loaded}, {"scorer": asked}).identity

    assert len({identity("d", "m"), identity("e", "m"), identity("d", "n"), identity("d", "m", calls=2)}) == 4
    assert identity("d", "m", timeout=3) == identity("d", "m")
