"""An interrupted run continues as if it had not been interrupted."""

from pathlib import Path

import pytest
from tiny_runs import begin, copy_prefix, finished_keys, reenact, resume, said, scripted, tiny_config

from transfer_prompting.agents.models.base import ModelError, ModelRequest
from transfer_prompting.orchestration.errors import RunStopped


async def test_cut_anywhere_the_run_ends_the_same(tmp_path: Path) -> None:
    """Whatever prefix of the log a crash leaves, the resumed run has the same conversation."""
    config = tiny_config(tmp_path)
    whole = await begin(config, tmp_path, scripted())
    for cut in range(3, len(whole), 23):
        folder = tmp_path / f"cut{cut}"
        folder.mkdir()
        await copy_prefix(whole[:cut], folder)
        model = scripted()
        events = await resume(config, folder, model)
        assert said(events) == said(whole)
        keys = finished_keys(events)
        assert len(keys) == len(set(keys))
        assert sorted(keys) == sorted(finished_keys(whole))
        assert model.calls == len(keys) - len(finished_keys(whole[:cut]))
        assert await reenact(folder) == len(events)


async def test_a_finished_run_needs_no_model_to_resume(tmp_path: Path) -> None:
    """Resuming a finished run adds no event and makes no call."""
    config = tiny_config(tmp_path)
    whole = await begin(config, tmp_path, scripted())
    model = scripted()
    assert await resume(config, tmp_path, model) == whole
    assert model.calls == 0


async def test_a_refused_call_stops_the_run_and_is_asked_again_on_resume(tmp_path: Path) -> None:
    """A failed call is never a score: the run stops, and the resumed run makes the call again."""
    config = tiny_config(tmp_path)
    (tmp_path / "whole").mkdir()
    whole = await begin(tiny_config(tmp_path / "whole"), tmp_path / "whole", scripted())

    def refuse(_request: ModelRequest) -> ModelError:
        return ModelError("authentication", "The server refused the key.", advice="Set OPENAI_API_KEY.")

    refusing = scripted(refuse)
    with pytest.raises(RunStopped, match="Set OPENAI_API_KEY"):
        await begin(config, tmp_path, refusing, slots=4)
    assert refusing.calls <= 4
    events = await resume(config, tmp_path, scripted())
    assert [kind for kind, _, _ in said(events)] == [kind for kind, _, _ in said(whole)]
    assert {"run.failed", "run.resumed", "call.failed"} <= {event.kind for event in events}
    assert await reenact(tmp_path) == len(events)


async def test_the_log_names_the_calls_that_are_asked_again(tmp_path: Path) -> None:
    """`run.resumed` lists exactly the calls that were requested and have no reply."""
    config = tiny_config(tmp_path)
    whole = await begin(config, tmp_path, scripted())
    cut = next(i for i, event in enumerate(whole) if event.kind == "call.finished") + 1
    folder = tmp_path / "cut"
    folder.mkdir()
    await copy_prefix(whole[:cut], folder)
    events = await resume(config, folder, scripted())
    [resumed] = [event for event in events if event.kind == "run.resumed"]
    asked = [event.id for event in whole[:cut] if event.kind == "call.requested"]
    answered = {event.cause for event in whole[:cut] if event.kind == "call.finished"}
    for call in asked:
        assert (call.encode() in resumed.data) == (call not in answered)
