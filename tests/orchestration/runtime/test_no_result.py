"""A run whose final comparison says nothing does not pass for a success."""

from pathlib import Path

import pytest
from budget_runs import short_config
from tenacity import wait_none
from tiny_runs import ignore, reply_by_hash

from transfer_prompting.agents.models.base import ModelError, ModelRequest
from transfer_prompting.agents.models.scripted import ScriptedModel
from transfer_prompting.orchestration.api import Run
from transfer_prompting.orchestration.calls import retry
from transfer_prompting.orchestration.calls.model_pool import ModelPool
from transfer_prompting.orchestration.config.budget_settings import BudgetSettings
from transfer_prompting.orchestration.errors import RunStopped
from transfer_prompting.orchestration.projections.listed_runs import listed_runs
from transfer_prompting.orchestration.projections.no_result import find_reason
from transfer_prompting.orchestration.projections.summary import summarised
from transfer_prompting.orchestration.runtime import lifecycle
from transfer_prompting.storage.opening import open_reader


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Attempts follow each other at once."""
    monkeypatch.setattr(retry, "WAIT", wait_none())


def answer_by(monkeypatch: pytest.MonkeyPatch, answer: object) -> ScriptedModel:
    """Replace the models of every run by one that answers by `answer`."""
    model = ScriptedModel(answer)  # type: ignore[arg-type]
    pool = ModelPool.of(dict.fromkeys(("scorer", "reference"), model), slots=8)
    monkeypatch.setattr(lifecycle, "models_for", lambda *_: pool)
    return model


def no_finals(request: ModelRequest) -> str | ModelError:
    """Fail every held-out example."""
    if "second test" in request.messages[-1].text:
        return ModelError("content_filter", "I will not.")
    return reply_by_hash(request)


def mumbling_finals(request: ModelRequest) -> str:
    """Answer every held-out example in a way that cannot be read."""
    return "Well, well." if "second test" in request.messages[-1].text else reply_by_hash(request)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (no_finals, "None of the 6 held-out examples could be evaluated."),
        (mumbling_finals, "None of the answers in the final comparison could be read."),
        (reply_by_hash, None),
    ],
    ids=["failed", "unreadable", "sound"],
)
async def test_every_view_says_that_there_is_no_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: object, reason: str | None
) -> None:
    """The list of runs, the state and the API agree on whether a finished run has a result, and why not."""
    answer_by(monkeypatch, answer)
    run = Run.__new__(Run)
    run.config, run._folder = short_config(tmp_path).changed({"log": tmp_path / "log.db"}), tmp_path
    run.forget()
    result = await run()
    assert result.no_result == reason
    assert (reason is None) == ("This run has no result" not in str(result))
    with open_reader(tmp_path / "log.db") as reader:
        [listed] = listed_runs(reader)
        state = summarised(reader, listed.run)
        assert find_reason(reader, listed.run) == state.no_result == reason
    assert listed.status == state.status == ("no result" if reason else "finished")


async def test_a_dead_backend_with_a_budget_is_no_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the budget cannot pay for a probe, the backend is unknown: the run stops and says so.

    Lost otherwise: trust. Such a run "finished", named a best prompt and ended with status 0.
    """
    dead = answer_by(monkeypatch, lambda _request: ModelError("server_error", "No.", retryable=True))
    config = short_config(tmp_path).changed({"budget": BudgetSettings(calls=60)})
    log = tmp_path / "log.db"
    with pytest.raises(RunStopped, match=r"not known whether scripted still works.*No\."):
        await lifecycle.start(config, tmp_path, log, ignore)
    assert dead.calls <= 60
    for _ in range(3):
        try:
            await lifecycle.resume(log, "last", ignore)
        except RunStopped:
            continue
        break
    assert dead.calls <= 60
    with open_reader(log) as reader:
        assert find_reason(reader, reader.resolve("last")) or "run.failed" in {
            event.kind for event in reader.read(reader.resolve("last"))
        }
