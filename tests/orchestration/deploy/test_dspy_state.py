"""Winners as states of DSPy modules, loaded by the real library."""

import json
from pathlib import Path
from typing import Any

import pytest
from task_making import YES_NO
from winner_making import winner_of

pytest.importorskip("dspy", reason="needs the package dspy")

import dspy

from transfer_prompting.agents.programs.dspy_program import DspyProgram
from transfer_prompting.agents.programs.predictor_names import text_name
from transfer_prompting.orchestration.deploy.dspy_state import dspy_state, signature_of
from transfer_prompting.orchestration.errors import ConfigError
from transfer_prompting.prompts.named_texts import join_texts
from transfer_prompting.prompts.program import ProgramSettings


class Pipeline(dspy.Module):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.steps = [dspy.Predict("question -> query"), dspy.ChainOfThought("query -> facts")]
        self.by_kind = {"short": dspy.Predict("facts -> answer")}
        self.by_kind["short"].demos = [dspy.Example(facts="f", answer="a")]


def written(module: Any, texts: dict[str, str], folder: Path) -> Path:
    """Write the state for the texts of a winner."""
    program = DspyProgram(module)
    assert set(texts) == set(program.texts)
    update = {"program": ProgramSettings(use="p.py:program"), "texts": tuple(texts)}
    winner = winner_of(YES_NO.model_copy(update=update), join_texts(texts))
    path = folder / "state.json"
    path.write_text(json.dumps(dspy_state(winner)), encoding="utf-8")
    return path


def test_module(tmp_path: Path) -> None:
    """`load` of a module sets the instructions of every predictor, and leaves fields and demonstrations."""
    module = Pipeline()
    texts = {name: f"Instructions\nof {name}." for name in DspyProgram(module).texts}
    fields = [predictor.signature.fields for predictor in module.predictors()]
    module.load(written(Pipeline(), texts, tmp_path))
    assert DspyProgram(module).texts == texts
    assert [list(predictor.signature.fields) for predictor in module.predictors()] == [*map(list, fields)]
    assert [dict(demo) for demo in module.by_kind["short"].demos] == [{"facts": "f", "answer": "a"}]


def test_single_predictor(tmp_path: Path) -> None:
    """A module that is a predictor itself loads its state as well."""
    module = dspy.Predict("question -> answer")
    module.load(written(module, {"self": "Say it."}, tmp_path))
    assert module.signature.instructions == "Say it."


def test_same_as_saved_by_dspy(tmp_path: Path) -> None:
    """The instructions are those that DSPy itself saves for the module with these texts."""
    texts = {name: f"Text of {name}." for name in DspyProgram(Pipeline()).texts}
    DspyProgram(Pipeline()).with_texts(texts).save(tmp_path / "saved.json")
    saved = json.loads((tmp_path / "saved.json").read_text())
    state = json.loads(written(Pipeline(), texts, tmp_path).read_text())
    assert set(state) == set(saved)
    for name in set(state) - {"metadata"}:
        assert state[name]["signature"]["instructions"] == saved[name]["signature"]["instructions"]


def test_place_is_not_known() -> None:
    """A text whose name was shortened cannot be placed; the error says what to do instead."""
    texts = {text_name("research_agent.hypothesis_generator.predict"): "a", "b": "c"}
    update = {"program": ProgramSettings(use="p.py:program"), "texts": tuple(texts)}
    with pytest.raises(ConfigError, match="with_texts"):
        dspy_state(winner_of(YES_NO.model_copy(update=update), join_texts(texts)))


def test_prompt_of_one_request(tmp_path: Path) -> None:
    """The state of a prompt without a program is loaded by a `dspy.Predict` with its signature."""
    winner = winner_of(YES_NO, "Say yes or no.")
    path = tmp_path / "state.json"
    path.write_text(json.dumps(dspy_state(winner)), encoding="utf-8")
    module = dspy.Predict(signature_of(winner))
    module.load(path)
    assert module.signature.instructions == "Say yes or no."
