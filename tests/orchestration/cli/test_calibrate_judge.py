"""Comparing a judge with people, outside of a run."""

import json
from typing import Any

import pytest
from program_calls import Tp
from response_judging import example, judged_task, text_of

from transfer_prompting.agents.models.base import ModelError, ModelRequest
from transfer_prompting.agents.models.price import Price
from transfer_prompting.agents.models.scripted import ScriptedModel
from transfer_prompting.orchestration.calls.model_pool import ModelPool
from transfer_prompting.orchestration.cli import calibrate_judge
from transfer_prompting.orchestration.config.settings import Config
from transfer_prompting.prompts.loading.task_loader import LoadedTask
from transfer_prompting.prompts.task import Example, Task

COLUMNS = {"response": "summary", "label": "stars"}


def rated(number: int, stars: object, summary: object = None, **fields: Any) -> Example:
    """Return an example with a response that a person has rated."""
    given = f"Summary {number}." if summary is None else summary
    return example(f"e{number}", columns={"summary": given, "stars": stars}, **fields)


def kind_judge(request: ModelRequest) -> str | ModelError:
    """Give one star more than the number of the summary; say nothing of the seventh; fail at the eighth."""
    text = text_of(request)
    number = int(text.split("Summary ")[1].split(".")[0])
    if number == 8:
        return ModelError("server_error", "No.")
    return "Hard to say." if number == 7 else f"Score: {min(5, number + 1)}\nReason: It is short."


@pytest.fixture
def call(tp: Tp, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that calls the command for a task, whose judge answers as it is told."""

    def ask(task: Task, *options: object, judge: Any = kind_judge, model: bool = True) -> Any:
        scripted = ScriptedModel(judge)
        roles = ("scorer", "reference", *(("judge",) if model else ()))
        settings = Config.model_validate(
            {
                "target": {"task": "mails"},
                "models": {role: {"provider": "smollm2"} for role in roles},
            }
        )
        monkeypatch.setattr(calibrate_judge, "read_config", lambda _: settings)
        monkeypatch.setattr(calibrate_judge, "load_named", lambda *_: LoadedTask(task, "text", ()))
        pool = ModelPool.of({"judge": scripted}, price=Price(input=1.0, output=2.0))
        monkeypatch.setattr(calibrate_judge, "models_for", lambda _: pool)
        return tp("calibrate-judge", "mails", *options)

    return ask


def task_of(*examples: Example, **options: Any) -> Task:
    """Return a judged task with these examples."""
    return judged_task(*examples, dimensions=["quality"], calibrate=COLUMNS, **options)


RATED = [rated(number, stars) for number, stars in ((1, 1), (2, "2"), (3, 3.0), (4, " 4 "), (1, 1), (2, 2))]


def test_agreement(call: Any) -> None:
    """The judge is asked about the responses that people have rated, and its bias is told."""
    ended = call(task_of(*RATED, rated(5, None), rated(6, 3, "")))
    assert ended.status == 0, ended.err
    assert "Asked about 6 responses." in ended.err
    assert "bias (judge - people)  0.250  0.250 to 0.250  6" in ended.out
    assert "rank correlation       1.000" in ended.out
    assert "The judge is kinder than people by 0.250 of the scale on average." in ended.out


def test_as_json(call: Any) -> None:
    """The document has the agreement, the responses without a grade, and the costs."""
    ended = call(task_of(*RATED, rated(7, 5), rated(8, 5)), "--json")
    assert ended.status == 0, ended.err
    document = json.loads(ended.out)
    assert (document["rated"], document["unreadable"], document["noise"]) == (8, 2, None)
    assert document["agreement"]["bias"]["n"] == 6
    assert document["tokens"] > 0
    assert document["money"] > 0


def test_a_limit(call: Any) -> None:
    """At most so many rated responses are asked about, and too few are no evidence."""
    ended = call(task_of(*RATED), "--limit", 1)
    assert "Asked about 1 responses." in ended.err
    assert "too few ratings to tell whether the judge is biased" in ended.out


def test_noise(call: Any) -> None:
    """With several samples their spread is told."""
    ended = call(task_of(*RATED, samples=2), judge=lambda request: f"Score: {3 + request.sample}")
    assert "Its samples differ by 0.177 (standard deviation)." in ended.out


@pytest.mark.parametrize(
    ("task", "options", "message"),
    [
        (judged_task(*RATED), (), 'metric "judge" does not say which responses people have rated'),
        (task_of(rated(1, "good")), (), "example 'e1': the rating 'good' in the column 'stars' is no number"),
        (task_of(rated(1, 6)), (), "is no number from 1 to 5"),
        (task_of(rated(1, 5), mode="pairwise"), (), "is no number from 0 to 1"),
        (task_of(rated(1, 1, answer=""), mode="pairwise"), (), "'e1' has none: fill it in"),
        (task_of(example()), (), "No example has both a response in the column 'summary'"),
        (judged_task().model_copy(update={"metrics": ()}), (), "has no judge among its metrics"),
        (task_of(*RATED), ("--metric", "other"), "has no judge called 'other'"),
    ],
)
def test_faults(call: Any, task: Task, options: tuple[str, ...], message: str) -> None:
    """A task whose judge cannot be compared with people is refused before any call, with the remedy."""
    asked: list[ModelRequest] = []

    def note(request: ModelRequest) -> str:
        asked.append(request)
        return "Score: 1"

    ended = call(task, *options, judge=note)
    assert ended.status == 2
    assert message in ended.err
    assert not asked


def test_several_judges(call: Any) -> None:
    """If a task has several judges, one is chosen by its name."""
    [first] = task_of(*RATED).metrics
    both = task_of(*RATED).model_copy(
        update={"metrics": (first, first.model_copy(update={"name": "second"}))}
    )
    assert "choose one by --metric, of judge, second" in call(both).err
    assert json.loads(call(both, "--metric", "second", "--json").out)["metric"] == "second"


def test_no_model(call: Any) -> None:
    """Without [models.judge] nothing can be asked."""
    assert "describe it as [models.judge]" in call(task_of(*RATED), model=False).err


def test_a_model_that_refuses(call: Any) -> None:
    """A failure that every call would meet ends the command with its error, after one call."""
    asked: list[ModelRequest] = []

    def refuse(request: ModelRequest) -> ModelError:
        asked.append(request)
        return ModelError("authentication", "The key is wrong.")

    ended = call(task_of(*RATED), judge=refuse)
    assert ended.status != 0
    assert "The key is wrong." in ended.err
    assert len(asked) <= 16
