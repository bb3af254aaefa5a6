"""Whether the answers of a program can be read is judged by its outputs, not by its calls."""

from pathlib import Path

import pytest
import system_runs
from system_runs import RUN, system_log

from transfer_prompting.agents.models.base import ModelRequest
from transfer_prompting.agents.search.settings import SearchSettings
from transfer_prompting.orchestration.errors import RunStopped
from transfer_prompting.orchestration.runtime.readability import ReadabilityWatch
from transfer_prompting.storage.sqlite.reader import LogReader


async def test_unreadable_outputs_stop_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program whose outputs are no answers is stopped, with an output quoted and where it is shown."""
    usual = system_runs.reply

    def rambling(request: ModelRequest) -> str:
        text = request.messages[-1].text
        return usual(request) if "<instruction>" in text or "parcel" in text else "It is near the door."

    monkeypatch.setattr(system_runs, "reply", rambling)
    with pytest.raises(RunStopped, match="so the prompts cannot be compared") as stopped:
        await system_runs.search(tmp_path)
    assert 'An output: "It is near the door' in str(stopped.value)
    assert f"tp show {RUN} " in str(stopped.value)


def test_unreadable_calls_do_not() -> None:
    """The calls of a program need not hold an answer, and their replies are not counted."""
    watch = ReadabilityWatch(SearchSettings(), RUN)
    executions = 0
    with LogReader(system_log()) as reader:
        for event in reader.read(RUN):
            watch.apply(event)
            executions += event.kind == "call.finished" and event.sender == "model/scorer.program"
            assert watch._stage.replies <= executions
    assert watch.problem is None
