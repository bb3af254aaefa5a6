"""A log whose runs have taught something: two runs of a small task, with a scripted model."""

from pathlib import Path

import pytest
from fold_runs import use_model, write_folder
from tiny_runs import ignore

from transfer_prompting.orchestration.config.settings import read_config
from transfer_prompting.orchestration.runtime.lifecycle import start
from transfer_prompting.storage.event import Event
from transfer_prompting.storage.opening import open_reader


async def taught_log(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a log with two runs with different seeds."""
    use_model(monkeypatch)
    config = read_config(write_folder(folder))
    for seed in (0, 1):
        await start(config.changed({"seed": seed}), folder, folder / "log.db", ignore)
    return folder / "log.db"


def all_events(log: Path) -> list[Event]:
    """Return the events of all runs of a log, in its order."""
    with open_reader(log) as reader:
        return sorted(
            (event for run in reader.runs() for event in reader.read(run.run)), key=lambda event: event.seq
        )
