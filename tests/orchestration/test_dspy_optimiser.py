"""The optimiser for DSPy, with the real library."""

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("dspy", reason="needs the package dspy")

import dspy
from dspy import lm15
from dspy_executions import fields
from dspy_models import answering

from transfer_prompting.orchestration.dspy_optimiser import TransferPrompting
from transfer_prompting.orchestration.errors import ConfigError, RunStopped
from transfer_prompting.orchestration.runtime import lifecycle
from transfer_prompting.storage.opening import open_reader

WORDS = "ash elm oak fir yew ivy fig nut bay hop rye oat pea sun sea ice fog dew mud bog fen moor hill dale"
EXAMPLES = [
    dspy.Example(question=f"Repeat {word}", answer=word.upper()).with_inputs("question")
    for word in WORDS.split()
]
BETTER = "Answer in capital letters."


class Repeater(dspy.Module):  # type: ignore[misc]
    """Repeat a word as it is wanted."""

    def __init__(self) -> None:
        super().__init__()
        self.repeat = dspy.Predict("question -> answer")

    def forward(self, question: str) -> Any:
        return self.repeat(question=question)


def reply(text: str) -> str:
    """Repeat the last word, in capital letters if the instructions say so; or write instructions."""
    if "<instruction>" in text:
        return f"<instruction>{BETTER}</instruction>"
    word = text.rpartition("Repeat ")[2].split("\n")[0]
    return fields(answer=word.upper() if BETTER in text else word)


def exact(example: Any, prediction: Any, trace: Any = None) -> bool:
    """Return whether the answer is right."""
    return bool(example.answer == prediction.answer)


@pytest.fixture
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))


pytestmark = pytest.mark.usefixtures("_own_home")


def optimiser(folder: Path, metric: Any = exact, **options: Any) -> TransferPrompting:
    return TransferPrompting(metric, log=folder / "run.db", target_stage={"steps": 2}, **options)


async def test_compile(tmp_path: Path) -> None:
    """The copy has the better instructions, the module stays as it was, and the log replays byte for byte."""
    lm, _ = answering(reply)
    module, made = Repeater(), optimiser(tmp_path, task_model=lm)
    before = module.repeat.signature.instructions
    compiled = made.compile(module, trainset=EXAMPLES[:14], valset=EXAMPLES[14:])
    assert compiled.repeat.signature.instructions == BETTER
    assert module.repeat.signature.instructions == before
    assert (compiled._compiled, module._compiled) == (True, False)
    result = made.result
    assert result is not None
    assert result.improved, result.verdict
    with dspy.context(lm=lm):
        assert compiled(question="Repeat tree").answer == "TREE"
    count = await lifecycle.reenact(tmp_path / "run.db", result.run, lambda event: None)
    with open_reader(tmp_path / "run.db") as reader:
        assert count == len(list(reader.read(result.run)))


def test_configured_model_and_another_writer(tmp_path: Path) -> None:
    """The configured LM answers with its own settings; `prompt_model` writes the instructions."""
    lm, answered = answering(reply, temperature=0.3, max_tokens=50)
    writer, wrote = answering(reply)
    with dspy.context(lm=lm):
        optimiser(tmp_path, prompt_model=writer).compile(
            dspy.Predict("question -> answer"), trainset=EXAMPLES
        )
    assert {(one.config.temperature, one.config.max_tokens) for one in answered.requests} == {(0.3, 50)}
    assert not any("<instruction>" in (one.messages[-1].text or "") for one in answered.requests)
    assert any("<instruction>" in (one.messages[-1].text or "") for one in wrote.requests)


def test_feedback_and_original_inputs(tmp_path: Path) -> None:
    """A metric sees the original examples, and its feedback reaches the model that writes."""
    marks = [object() for _ in EXAMPLES]
    examples = [
        dspy.Example(question=one.question, answer=one.answer, mark=mark).with_inputs("question")
        for one, mark in zip(EXAMPLES, marks, strict=True)
    ]
    seen: list[str] = []

    def answer(text: str) -> str:
        seen.append(text)
        return reply(text)

    def judged(example: Any, prediction: Any, trace: Any = None) -> Any:
        assert example.mark in marks
        right = exact(example, prediction)
        return dspy.Prediction(score=float(right), feedback="" if right else "It must be loud.")

    lm, _ = answering(answer)
    optimiser(tmp_path, judged, task_model=lm).compile(Repeater(), trainset=examples)
    asked = [text for text in seen if "<instruction>" in text]
    assert any("It must be loud." in text for text in asked)
    assert all("Repeat a word as it is wanted." in text for text in asked)


def test_interrupted_run_goes_on(tmp_path: Path) -> None:
    """A run that has lost its model is continued by its name, and asks nothing again that was answered."""
    left = [12]

    def lose(text: str) -> str:
        left[0] -= 1
        if left[0] < 0:
            raise lm15.AuthError("no such key")
        return reply(text)

    lm, lost = answering(lose)
    made = optimiser(tmp_path, task_model=lm)
    with pytest.raises(RunStopped):
        made.compile(Repeater(), trainset=EXAMPLES)
    with open_reader(tmp_path / "run.db") as reader:
        name = reader.resolve("last")
    left[0] = 10_000
    answered = lost.requests[:12]
    lost.requests.clear()
    compiled = made.compile(Repeater(), trainset=EXAMPLES, run=name)
    assert compiled.repeat.signature.instructions == BETTER
    assert not [one for one in lost.requests if one in answered and one.config.temperature == 0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"trainset": []}, "trainset is empty"),
        ({"trainset": [dspy.Example(question="?")]}, "names no inputs"),
        ({"trainset": EXAMPLES, "teacher": dspy.Predict("question -> answer")}, "no teacher"),
    ],
)
def test_wrong_arguments(tmp_path: Path, arguments: dict[str, Any], message: str) -> None:
    """What cannot be used is an error that says why, before anything is sent."""
    lm, engine = answering(reply)
    with pytest.raises(ConfigError, match=message):
        optimiser(tmp_path, task_model=lm).compile(Repeater(), **arguments)
    assert not engine.requests


def test_no_model(tmp_path: Path) -> None:
    """Without a configured LM the error says how to give one."""
    with dspy.context(lm=None), pytest.raises(ConfigError, match="task_model"):
        optimiser(tmp_path).compile(Repeater(), trainset=EXAMPLES)
