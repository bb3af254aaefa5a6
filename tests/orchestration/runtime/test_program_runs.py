"""Runs of programs: their decisions, their failures, and what is done with their logs."""

import asyncio
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest
from program_runs import (
    FILE,
    TWO_STEPS,
    Fixed,
    answer_as_steps,
    carry_program,
    data_of,
    inner,
    program_config,
)
from tiny_runs import finished_keys, ignore, reenact, said, scripted

from transfer_prompting.agents.call_events import PROGRAMS
from transfer_prompting.agents.models.base import ModelError, ModelReply, ModelRequest
from transfer_prompting.orchestration.config.functions import with_functions
from transfer_prompting.orchestration.errors import RunStopped
from transfer_prompting.orchestration.lineage import fork as fork_module
from transfer_prompting.orchestration.lineage.redact import redact
from transfer_prompting.orchestration.runtime import lifecycle
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.opening import open_reader
from transfer_prompting.storage.redaction import PayloadRedacted

SIDE_BY_SIDE = """
import asyncio

async def branch(name, example, prompts, ask):
    one = await ask("scorer", f"{prompts['find']} {name} {example['question']}")
    return (await ask("scorer", f"{prompts['find']} {name} again {one.text} {example['question']}")).text

async def run(example, prompts, ask):
    found = await asyncio.gather(*(branch(name, example, prompts, ask) for name in "abc"))
    return (await ask("scorer", f"{prompts['answer']} {' '.join(found)} {example['question']}")).text
"""
FAILING = """
import asyncio

async def run(example, prompts, ask):
    number = int(example["question"].split()[3])
    if number % 6 == 1:
        raise KeyError(number)
    if number % 6 == 3:
        return None
    if number % 6 == 5:
        asyncio.ensure_future(ask("scorer", f"left {example['question']}"))
        await asyncio.sleep(0)
    return (await ask("scorer", prompts["find"] + prompts["answer"] + example["question"])).text
"""


async def run(folder: Path, source: str, answer: Any = answer_as_steps, **options: Any) -> list[Event]:
    async with asyncio.timeout(60):
        return await carry_program(program_config(folder, source), folder, scripted(answer), **options)


def decided(events: list[Event]) -> list[tuple[str, str, bytes]]:
    """Return what was said after the opening, with the scores, which come in any order, at the end."""
    told = said(events)[1:]
    scores = sorted(message for message in told if message[0] == "prompt.scored")
    return [message for message in told if message[0] != "prompt.scored"] + scores


async def test_decisions_depend_on_no_latency(tmp_path: Path) -> None:
    """A program whose calls run side by side leads to the same decisions with 1, 16 and 64 slots."""
    logs = []
    for slots, seed in ((1, 0), (16, 1), (64, 2)):
        folder = tmp_path / f"{slots}-{seed}"
        folder.mkdir()
        random = Random(seed)
        model = scripted(answer_as_steps, delay=lambda _, random=random: random.random() / 300)
        config = program_config(folder, SIDE_BY_SIDE)
        logs.append(decided(await carry_program(config, folder, model, slots=slots)))
    assert all(log == logs[0] for log in logs[1:])


async def test_every_inner_call_is_in_the_log(tmp_path: Path) -> None:
    """Each inner call names the call of its program as its cause, is made once, and is paid by its role."""
    asked: Counter[str] = Counter()

    def answer(request: ModelRequest) -> str:
        asked[request.model_dump_json()] += 1
        return answer_as_steps(request)

    events = await run(tmp_path, TWO_STEPS, answer)
    outer = {e.id for e in events if e.kind == "call.requested" and data_of(e)["model"] == PROGRAMS}
    assert {e.cause for e in inner(events)} == outer
    assert {data_of(e)["model"] for e in inner(events)} == {"scorer"}
    assert set(asked.values()) == {1}
    assert len(finished_keys(events)) - len(outer) <= asked.total()
    (tmp_path / FILE).unlink()
    assert await reenact(tmp_path) == len(events)


async def test_failures_are_no_scores(tmp_path: Path) -> None:
    """A program that raises, returns nothing or leaves a task behind on some rows is scored on the others."""
    events = await run(tmp_path, FAILING)
    assert events[-1].kind == "run.finished"
    for event in events:
        if event.kind == "prompt.scored":
            scored = data_of(event)
            ids = {int(outcome["example"][1:]) % 6 for outcome in scored["outcomes"]}
            assert ids <= {0, 2, 4, 5}
            assert {int(example[1:]) % 6 for example in scored["excluded"]} <= {1, 3}
    assert any("KeyError" in data_of(e)["error"] for e in events if e.kind == "call.failed")
    assert await reenact(tmp_path) == len(events)


@pytest.mark.parametrize(
    ("body", "said_"),
    [
        ("raise ValueError('never works')", "ValueError: never works .line 3.. It has failed on all 5"),
        ("return (await ask('nobody', 'Q')).text", "no model 'nobody' to ask; it has scorer, reference"),
        ("return {1, 2}", "neither a text nor a JSON value"),
    ],
)
async def test_a_program_that_never_works_stops_the_run(tmp_path: Path, body: str, said_: str) -> None:
    """A program that fails on every example stops the run with what it raised; mended, it goes on."""
    with pytest.raises(RunStopped, match=said_):
        await run(tmp_path, f"\nasync def run(example, prompts, ask):\n    {body}\n")


async def test_a_refused_key_stops_the_run(tmp_path: Path) -> None:
    """An endpoint that refuses inner calls stops the run as for plain tasks, and a resumed run ends."""
    served = 0

    def answer(request: ModelRequest) -> ModelReply | ModelError | str:
        nonlocal served
        served += 1
        return ModelError("authentication", "401: no such key.") if served > 20 else answer_as_steps(request)

    with pytest.raises(RunStopped, match="401: no such key"):
        await run(tmp_path, TWO_STEPS, answer)
    config = program_config(tmp_path, TWO_STEPS)
    events = await carry_program(config, tmp_path, scripted(answer_as_steps), going_on=True)
    assert events[-1].kind == "run.finished"
    assert await reenact(tmp_path) == len(events)


async def test_calls_that_fail_and_are_cut_off(tmp_path: Path) -> None:
    """An inner call that fails for good excludes its example; a reply that is cut off is shown as such."""

    def answer(request: ModelRequest) -> ModelReply | ModelError | str:
        text = request.messages[-1].text
        if "number 7 " in text and text.startswith("Write"):
            return ModelError("bad_request", "Not this one.")
        if "number 8 " in text and "<instruction>" not in text:
            return ModelReply(text="maybe", finish="length", prompt_tokens=5, completion_tokens=48)
        return answer_as_steps(request)

    events = await run(tmp_path, TWO_STEPS, answer)
    scored = [data_of(e) for e in events if e.kind == "prompt.scored"]
    assert "r7" in scored[0]["excluded"]
    [steps] = [o["trace"] for o in scored[0]["outcomes"] if o["example"] == "r8"]
    assert {step.get("error") for step in steps if step["model"] == "scorer"} == {
        "The reply was cut off at its token limit."
    }


@pytest.fixture
def fixed(monkeypatch: pytest.MonkeyPatch) -> Fixed:
    """Let the life cycle of runs use scripted models beside real programs."""
    models = Fixed(scripted(answer_as_steps))
    for module in (lifecycle, fork_module):
        monkeypatch.setattr(module, "models_for", models)
    return models


async def test_forks_and_redaction(tmp_path: Path, fixed: Fixed, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fork in the middle of the executions ends alike and pays nothing again; a redacted call is told."""
    monkeypatch.chdir(tmp_path)
    config = with_functions(program_config(tmp_path, TWO_STEPS), tmp_path)
    name, _ = await lifecycle.start(config, tmp_path, tmp_path / "log.db", ignore)
    with open_reader(tmp_path / "log.db") as reader:
        events = list(reader.read(name))
    middle = inner(events)[31]
    calls = fixed.model.calls
    fork = await fork_module.fork(tmp_path / "log.db", name, middle.seq, {})
    await lifecycle.resume(tmp_path / "log.db", fork, ignore)
    assert fixed.model.calls == calls
    with open_reader(tmp_path / "log.db") as reader:
        forked = list(reader.read(fork))
        reader.verify(fork)
    assert _told(forked) == _told(events)
    assert await lifecycle.reenact(tmp_path / "log.db", fork, ignore) == len(forked)
    await redact(tmp_path / "log.db", name, middle.seq, "private")
    with open_reader(tmp_path / "log.db") as reader:
        reader.verify(name)
    with pytest.raises(PayloadRedacted):
        await lifecycle.reenact(tmp_path / "log.db", name, ignore)


def _told(events: list[Event]) -> list[tuple[str, str, bytes]]:
    return [message for message in decided(events) if not message[0].startswith("run.")]


async def test_another_model_behind_a_program(tmp_path: Path) -> None:
    """The identity of the runner of programs changes with the model that it asks, so no outcome is reused."""
    config = with_functions(program_config(tmp_path, TWO_STEPS), tmp_path)
    identities = {
        Fixed(scripted(answer_as_steps, identity=name))(config)[PROGRAMS].model.identity for name in "ab"
    }
    assert len(identities) == 2


async def test_a_stage_counts_what_is_paid(tmp_path: Path) -> None:
    """The tokens of a stage are those of the calls that were sent: a reused reply of a program is free."""
    events = await run(tmp_path, TWO_STEPS)
    asked = {event.id for event in inner(events)}
    end = next(event for event in events if event.kind == "stage.finished")
    replies = [
        data_of(e) for e in events[: events.index(end)] if e.kind == "call.finished" and e.cause in asked
    ]
    paid = [one["reply"] for one in replies if not one.get("reused")]
    assert len(paid) < len(replies)
    tokens = sum(one["prompt_tokens"] + one["completion_tokens"] for one in paid)
    assert data_of(end)["spent"]["answers"] == tokens
