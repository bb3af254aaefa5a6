"""The run of a fold is found in a log by its configuration, its models and its data."""

from pathlib import Path

import pytest
from fold_runs import use_model, write_folder
from tiny_runs import ignore

from transfer_prompting.orchestration.config.settings import read_config
from transfer_prompting.orchestration.cross_validation import carry_out, made, plan
from transfer_prompting.orchestration.projections.fold_runs import FoldRun
from transfer_prompting.orchestration.runtime.lifecycle import start


async def test_the_first_that_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first finished run counts, not a later repetition; other folds, models and data do not."""
    use_model(monkeypatch)
    log, config = tmp_path / "log.db", read_config(write_folder(tmp_path))
    first, second = await plan(config, tmp_path, 2)
    assert made(first, log) is None
    name, _ = await carry_out(first, tmp_path, log, ignore, print, accept_unreadable=False)
    await start(first.config, tmp_path, log, ignore)
    assert made(first, log) == FoldRun(name, "finished")
    assert made(second, log) is None
    write_folder(tmp_path, rows=40)
    assert made((await plan(config, tmp_path, 2))[0], log) is None
    write_folder(tmp_path)
    use_model(monkeypatch, identity="another")
    assert made((await plan(config, tmp_path, 2))[0], log) is None
