"""`tp try` runs the program of a run on new rows, with the winner's texts and calls of the run's models."""

import asyncio
import json
from pathlib import Path

import pytest
from system_runs import RUN, reply, system_config, system_log

from transfer_prompting.agents.call_events import PROGRAMS
from transfer_prompting.agents.models.base import ModelError, ModelRequest
from transfer_prompting.agents.models.scripted import ScriptedModel
from transfer_prompting.agents.programs.model import ProgramModel
from transfer_prompting.orchestration.calls.model_pool import ModelPool, PooledModel
from transfer_prompting.orchestration.config.settings import Config
from transfer_prompting.orchestration.deploy import asking
from transfer_prompting.orchestration.deploy.trial import Trial, TriedDocument
from transfer_prompting.orchestration.deploy.winner import read_winner
from transfer_prompting.orchestration.runtime.program_loader import load_programs
from transfer_prompting.storage.sqlite.reader import LogReader

_SLOTS = 2


def tried(folder: Path, monkeypatch: pytest.MonkeyPatch, model: ScriptedModel) -> TriedDocument:
    """Answer ten new rows; the models of the run are replaced by `model`."""
    config = system_config(folder)

    def pool(config: Config) -> ModelPool:
        scorer, programs = PooledModel(model, _SLOTS), ProgramModel(load_programs(config.programs), {})
        return ModelPool({"scorer": scorer, PROGRAMS: PooledModel(programs, _SLOTS)})

    monkeypatch.setattr(asking, "models_for", pool)
    rows = folder / "new.jsonl"
    rows.write_text("".join(json.dumps({"parcel": f"parcel {n}"}) + "\n" for n in range(10)))
    with LogReader(system_log()) as reader:
        winner = read_winner(reader, RUN).with_config(config)
    trial = Trial(winner, config.tasks["shelves"], rows, None, None, True, lambda _: None)
    return asyncio.run(trial.run())


def test_rows_are_answered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each row has the output of the program, and the tokens are those of its calls, two a row."""
    model = ScriptedModel(reply, scores_options=False)
    found = tried(tmp_path, monkeypatch, model)
    assert (found.rows, found.failed, found.unreadable) == (10, 0, 0)
    assert model.calls == 20
    assert found.prompt_tokens > 0
    assert {row["output"] for row in found.answers or ()} <= {"a", "b", "c"}


def test_a_failed_call_is_the_error_of_its_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row whose program cannot go on has the reason as its error, and the others are answered."""

    def refusing(request: ModelRequest) -> str | ModelError:
        text = request.messages[-1].text
        return ModelError("bad_request", "Not this one.") if text.endswith("parcel 3") else reply(request)

    found = tried(tmp_path, monkeypatch, ScriptedModel(refusing, scores_options=False))
    assert found.failed == 1
    [row] = [row for row in found.answers or () if row["error"]]
    assert "Not this one." in row["error"]
