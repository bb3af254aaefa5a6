"""A whole run whose main metric is a judge of the responses."""

from pathlib import Path
from random import Random
from typing import Any

import pytest
from judged_response_runs import is_judging, judged, judged_responses_config, reply
from tiny_runs import begin, copy_prefix, finished_keys, read, reenact, resume, said, scripted, tiny_config

from transfer_prompting.agents.messages import (
    CallFinished,
    CallRequested,
    PromptScored,
    RunFinished,
    RunStarted,
)
from transfer_prompting.agents.messages.codec import decode
from transfer_prompting.agents.models.base import ModelRequest
from transfer_prompting.orchestration.calls.model_pool import ModelPool
from transfer_prompting.orchestration.errors import ConfigError, RunStopped
from transfer_prompting.orchestration.projections.decoding import message_for
from transfer_prompting.orchestration.projections.run_state import RunState
from transfer_prompting.orchestration.runtime.assembly import models_for
from transfer_prompting.orchestration.runtime.judge_checks import check_judges
from transfer_prompting.orchestration.runtime.judge_readability import JudgeReadabilityWatch
from transfer_prompting.prompts.task import AnswerFormat, Task
from transfer_prompting.storage.event import Event


def of(events: list[Event], kind: str) -> list[Any]:
    """Return the messages of one kind."""
    return [decode(event) for event in events if event.kind == kind]


def judging_calls(events: list[Event]) -> list[CallRequested]:
    """Return the calls of the judge, which all come from the scorer."""
    calls = [event for event in events if event.recipients == ("model/judge",)]
    assert {event.sender for event in calls} == {"scorer/main"}
    return [message for message in map(decode, calls) if isinstance(message, CallRequested)]


async def test_outcomes(tmp_path: Path) -> None:
    """Each outcome has the judge's value, its dimensions and its noise, and the reason of what it lacks."""
    events = await begin(judged_responses_config(tmp_path), tmp_path, scripted(reply), change=judged)
    scored: list[PromptScored] = of(events, "prompt.scored")
    outcomes = [outcome for message in scored for outcome in message.outcomes]
    assert outcomes
    for outcome in outcomes:
        assert 0 <= outcome.value <= 1
        parts = {name for name in outcome.metrics if name.startswith("judge.")}
        assert {"judge.quality", "judge.style"} <= parts <= {"judge.quality", "judge.style", "judge.noise"}
        assert (outcome.value < 1) == ("judge" in outcome.feedback)
        assert outcome.metrics["exact"] in (0, 1)
    assert any("judge.noise" in outcome.metrics for outcome in outcomes)
    assert any("Rule " in outcome.feedback.get("judge", "") for outcome in outcomes)
    [started] = of(events, "run.started")
    assert isinstance(started, RunStarted)
    assert started.models["judge"] == "scripted"


async def test_unreadable_judgements(tmp_path: Path) -> None:
    """An unreadable judgement is asked for once more; an example without any is excluded, and not scored."""
    events = await begin(judged_responses_config(tmp_path), tmp_path, scripted(reply), change=judged)
    asked = judging_calls(events)
    assert any(call.about.endswith("asked again") for call in asked)
    assert {call.request.sample for call in asked} <= {0, 1, 2, 3}
    excluded = [example for message in of(events, "prompt.scored") for example in message.excluded]
    assert excluded
    [finished] = of(events, "run.finished")
    assert isinstance(finished, RunFinished)


async def test_replay_is_identical(tmp_path: Path) -> None:
    """Run again over the log, every role publishes the same bytes, without a judge to ask."""
    events = await begin(judged_responses_config(tmp_path), tmp_path, scripted(reply), change=judged)
    assert await reenact(tmp_path) == len(events)


@pytest.mark.parametrize("slots", [1, 64])
async def test_latency_changes_nothing(tmp_path: Path, slots: int) -> None:
    """The races end the same way however long the judge takes."""
    random = Random(slots)
    (tmp_path / "one").mkdir()
    (tmp_path / "many").mkdir()
    one = await begin(
        judged_responses_config(tmp_path / "one"), tmp_path / "one", scripted(reply), slots=1, change=judged
    )
    delayed = scripted(reply, delay=lambda _request: random.random() / 500)
    many = await begin(
        judged_responses_config(tmp_path / "many"), tmp_path / "many", delayed, slots=slots, change=judged
    )
    arriving = ("prompt.scored", "proposals.made")
    decided = [message for message in said(many) if message[0] not in arriving]
    assert decided == [message for message in said(one) if message[0] not in arriving]
    assert sorted(said(many)) == sorted(said(one))


@pytest.mark.parametrize("which", [0, 5, -1])
async def test_a_run_cut_while_judging_resumes(tmp_path: Path, which: int) -> None:
    """A log that ends between two calls of the judge resumes to the same end without repeating a call."""
    config = judged_responses_config(tmp_path)
    whole = await begin(config, tmp_path, scripted(reply), change=judged)
    at = [i for i, event in enumerate(whole) if event.sender == "model/judge"][which]
    folder = tmp_path / "cut"
    folder.mkdir()
    await copy_prefix(whole[: at + 1], folder)
    carried = await resume(config, folder, scripted(reply))
    arriving = ("prompt.scored", "proposals.made")
    decided = [message for message in said(carried) if message[0] not in arriving]
    assert decided == [message for message in said(whole) if message[0] not in arriving]
    assert sorted(said(carried)) == sorted(said(whole))
    assert sorted(finished_keys(carried)) == sorted(finished_keys(whole))
    assert await reenact(folder) == len(read(folder))


async def test_costs(tmp_path: Path) -> None:
    """The judge's calls and tokens are counted under the name of its model."""
    events = await begin(judged_responses_config(tmp_path), tmp_path, scripted(reply), change=judged)
    view = RunState()
    for event in events:
        view.apply(event, message_for(event))
    made = [decode(event) for event in events if event.sender == "model/judge"]
    paid = [message.reply for message in made if isinstance(message, CallFinished) and not message.reused]
    spent = view.spending.roles["judge"]
    assert spent.requests == len(paid)
    assert spent.tokens == sum(reply.prompt_tokens + reply.completion_tokens for reply in paid)


def chatty(request: ModelRequest) -> str:
    """Judge in words alone."""
    return "What a lovely answer, Score: 5 they say!" if is_judging(request) else reply(request)


async def test_a_judge_that_cannot_be_read_stops_the_run(tmp_path: Path) -> None:
    """After twenty replies of which none can be read, the run fails with the judge's name and a quotation."""
    model = scripted(chatty)
    config = judged_responses_config(tmp_path)
    with pytest.raises(
        RunStopped, match=r"20 replies of the judge.* 0 could be read.*lovely.*\[models\.judge\]"
    ):
        await begin(config, tmp_path, model, slots=2, change=judged)
    failed = decode(read(tmp_path)[-1])
    assert failed.kind == "run.failed"
    carried = await resume(config, tmp_path, scripted(reply))
    assert carried[-1].kind == "run.finished"


def watched(events: list[Event]) -> str | None:
    """Return what a watch over the events reports."""
    watch = JudgeReadabilityWatch("r")
    for event in events:
        watch.apply(event)
    return watch.problem


async def test_a_readable_judge(tmp_path: Path) -> None:
    """A judge of whose replies many can be read is no problem, nor is a run without a judge."""
    (tmp_path / "plain").mkdir()
    assert (
        watched(await begin(judged_responses_config(tmp_path), tmp_path, scripted(reply), change=judged))
        is None
    )
    plain = await begin(tiny_config(tmp_path / "plain"), tmp_path / "plain", scripted(reply))
    assert watched(plain) is None


def task(**fields: Any) -> Task:
    """Return a judged task without examples."""
    answer = AnswerFormat(type="raw")
    return judged(Task(name="t", description="d", answer=answer, initial_prompts=("p",), **fields))


def test_a_judge_needs_a_model(tmp_path: Path) -> None:
    """A task with a judge and a configuration without [models.judge] are refused together."""
    config = tiny_config(tmp_path)
    with pytest.raises(ConfigError, match=r"task t: metric = \{ use = \"judge\" \} asks .*\[models\.judge\]"):
        check_judges(config, [task()], models_for(config))
    with_model = judged_responses_config(tmp_path)
    check_judges(with_model, [task()], models_for(with_model))


def test_a_bad_judge_names_its_task(tmp_path: Path) -> None:
    """An invalid option of a judge is reported with the task and the metric."""
    config = judged_responses_config(tmp_path)
    bad = task().model_copy(
        update={"metrics": (task().metrics[0].model_copy(update={"options": {"samples": 0}}),)}
    )
    with pytest.raises(ConfigError, match=r'task t: metric "judge": samples = 0'):
        check_judges(config, [bad], ModelPool({}))


def test_an_idle_model(tmp_path: Path) -> None:
    """A model for a judge that nothing asks is remarked on."""
    told: list[str] = []
    config = judged_responses_config(tmp_path)
    check_judges(config, [task()], models_for(config), told.append)
    assert told == []
    check_judges(config, [task().model_copy(update={"metrics": ()})], models_for(config), told.append)
    assert "[models.judge] is not asked" in told[0]
