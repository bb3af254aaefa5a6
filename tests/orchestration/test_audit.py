"""`tp audit`: right answers that look wrong, of a run and of a task."""

import csv
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from program_calls import Tp

from transfer_prompting.agents.messages import GoldDoubted, RunStarted
from transfer_prompting.agents.models.base import ModelError, ModelRequest
from transfer_prompting.agents.models.price import Price
from transfer_prompting.agents.models.scripted import ScriptedModel
from transfer_prompting.orchestration.audit import Audit, audit
from transfer_prompting.orchestration.calls.model_pool import PooledModel
from transfer_prompting.orchestration.cli import audit as command
from transfer_prompting.orchestration.projections.doubtful_golds import DoubtfulGold, as_csv, doubtful_golds
from transfer_prompting.orchestration.projections.history import LoggedMessage, RunHistory
from transfer_prompting.prompts.task import AnswerFormat, Example, Task

LABELS = ("cat", "dog", "fish")
TASK = Task(
    name="pets",
    description="Name the animal.",
    answer=AnswerFormat(type="label", labels=LABELS),
    initial_prompts=("Answer.",),
    # The labels are permuted on two thirds of the rows, as in data that were joined wrongly.
    dev=tuple(
        Example(id=f"e{n}", question=f"A {LABELS[n % 3]} of {n} years.", answer=LABELS[(n + n % 3) % 3])
        for n in range(30)
    ),
)
SECRET = "=HYPERLINK('x')"


def capable(request: ModelRequest) -> str:
    """Answer as a model that knows the animals."""
    checked = request.messages[0].text.rpartition("Check this one:\n")[2]
    right = next(label for label in LABELS if f"A {label} of" in checked)
    if f"Answer in the data: {right}\n" in checked:
        return "<right/>"
    return f'<doubtful example="1" answer="{right}">The text names a {right}.</doubtful>'


async def checked(answer: Any, slots: int = 4) -> Audit:
    """Return the audit of all examples by a scripted model."""
    pooled = PooledModel(ScriptedModel(answer), slots, Price(input=1.0, output=2.0))
    return await audit(TASK, TASK.dev, pooled)


async def test_a_capable_model_finds_permuted_labels() -> None:
    """All mislabelled examples are found with the right answer, and no other."""
    found = await checked(capable)
    wrong = {e.id: e for e in TASK.dev if f"A {e.answer} of" not in e.question}
    assert len(wrong) > 10
    assert {doubt.id for doubt in found.doubts} == wrong.keys()
    assert all(f"A {doubt.suggested} of" in wrong[doubt.id].question for doubt in found.doubts)
    assert (found.asked, found.failed) == (30, 0)
    assert found.cost.tokens > 1000
    assert found.cost.money > 0


async def test_failures_are_counted() -> None:
    """A failed call says nothing about its example, and is counted."""

    def answer(request: ModelRequest) -> str | ModelError:
        asked = request.messages[0].text.rpartition("Check this one:\n")[2]
        return ModelError("content_filter", "No.") if "of 3 years" in asked else capable(request)

    found = await checked(answer)
    assert found.failed == 1
    assert "e3" not in {doubt.id for doubt in found.doubts}


async def test_a_fatal_failure_ends_the_audit() -> None:
    """A failure that every call would meet is an error with its message."""
    with pytest.raises(ModelError, match="Bad key"):
        await checked(lambda _: ModelError("authentication", "Bad key."))


async def test_useless_replies_are_no_doubts() -> None:
    """Replies in another form say nothing."""
    assert (await checked(lambda _: "It looks wrong to me, it is a dog!")).doubts == ()


def doubt(example: str, suggested: str | None, reason: str = "It is.") -> GoldDoubted:
    """Return a doubt of the reference agent's model."""
    return GoldDoubted(
        stage="target",
        step=1,
        task="pets",
        example=example,
        gold="cat",
        suggested=suggested,
        reason=reason,
        operator="reflection",
    )


def history(*doubts: GoldDoubted) -> RunHistory:
    """Return the history of a run with these doubts."""
    opening = RunStarted(
        name="r", seed=1, config={}, source_tasks=(), target_tasks=("pets",), models={}, versions={}
    )
    logged = [LoggedMessage(n, str(n), None, "reference", 0.0, 0, 0, said) for n, said in enumerate(doubts)]
    return RunHistory("r", opening, tasks={"pets": TASK}, messages=logged)


def test_doubts_of_a_run_are_merged() -> None:
    """Doubts about one example are one entry with the most frequent suggestion; the most doubted is first."""
    found = doubtful_golds(
        history(doubt("e1", None), doubt("e2", "dog"), doubt("e2", "fish", "Fins."), doubt("e2", "fish"))
    )
    assert [(d.id, d.suggested, d.times, d.reason) for d in found] == [
        ("e2", "fish", 3, "Fins."),
        ("e1", None, 1, "It is."),
    ]


def test_the_file_is_harmless() -> None:
    """The file has one row for each example, and no cell that a spreadsheet would compute."""
    rows = list(csv.DictReader(StringIO(as_csv([DoubtfulGold("t", "e", SECRET, "a\nb", None, 1, "-1 is")]))))
    assert rows == [
        {
            "task": "t",
            "id": "e",
            "input": f"'{SECRET}",
            "gold": "a\nb",
            "suggested": "",
            "times": "1",
            "reason": "'-1 is",
        }
    ]


CONFIG = """
[target]
task = "review_sentiment"
[models.scorer]
provider = "smollm2"
[models.reference]
provider = "openai"
model = "m"
base_url = "http://127.0.0.1:9/v1"
"""


def test_the_command_asks_a_model(tp: Tp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`tp audit TASK --config FILE` asks the model about so many examples and writes the doubts."""
    (tmp_path / "c.toml").write_text(CONFIG, encoding="utf-8")
    seen: list[str] = []

    def answer(request: ModelRequest) -> str:
        seen.append(request.messages[0].text)
        return '<doubtful example="1" answer="neutral">Hm.</doubtful>' if len(seen) == 1 else "<right/>"

    def built(_config: object, name: str) -> PooledModel:
        assert name == "scorer"
        return PooledModel(ScriptedModel(answer), 4)

    monkeypatch.setattr(command, "model_for", built)
    done = tp("audit", "review_sentiment", "--config", "c.toml", "--model", "scorer", "--limit", 5)
    assert done.status == 0
    assert len(seen) == 5
    assert "Asked about 5 examples." in done.err
    assert "tokens" in done.err
    [row] = csv.DictReader(StringIO((tmp_path / "review_sentiment-golds.csv").read_text(encoding="utf-8")))
    assert (row["suggested"], row["reason"]) == ("neutral", "Hm.")
    as_json = tp("audit", "review_sentiment", "--config", "c.toml", "--model", "scorer", "--json")
    assert json.loads(as_json.out)["subject"] == "review_sentiment"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("review_sentiment", "--config", "c.toml", "--model", "judge"), "there is no [models.judge]"),
        (("zebras", "--config", "c.toml"), "tp audit: there is no task 'zebras'"),
        (("review_sentiment", "--config", "gone.toml"), "gone.toml"),
    ],
)
def test_wrong_input(tp: Tp, tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    """An unknown model, task or file is an error that names it."""
    (tmp_path / "c.toml").write_text(CONFIG, encoding="utf-8")
    done = tp("audit", *arguments)
    assert done.status == 2
    assert said in done.err
