"""`seed_prompts = false` keeps the library of seed prompts out of new runs, and changes no old one."""

from pathlib import Path

import pytest
from killed_runs import prepare, serving
from tiny_runs import ignore, tiny_config

from transfer_prompting.agents.messages import RunStarted
from transfer_prompting.agents.messages.codec import decode
from transfer_prompting.orchestration.config.settings import Config, read_config
from transfer_prompting.orchestration.runtime import lifecycle
from transfer_prompting.storage.sqlite.reader import LogReader


def test_a_restart_follows_the_start(tmp_path: Path) -> None:
    """In a new run a restart uses the library if the start does, unless the user says otherwise."""
    for allowed in (True, False):
        config = tiny_config(tmp_path, seed_prompts=allowed)
        assert config.for_new_run().search.restart_with_seeds == allowed
    stated = tiny_config(tmp_path, seed_prompts=False, restart_with_seeds=True)
    assert stated.for_new_run().search.restart_with_seeds


def test_an_old_log(tmp_path: Path) -> None:
    """The configuration in a log that lacks the setting is read as that version acted."""
    recorded = tiny_config(tmp_path).model_dump(mode="json", exclude={"log"})
    del recorded["search"]["restart_with_seeds"]
    assert Config.model_validate(recorded).search_settings().restart_with_seeds


async def test_the_log_of_a_new_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run records whether its restarts may use the library, so that a replay knows it too."""
    monkeypatch.setenv("OPENAI_API_KEY", "not-a-secret")
    async with serving() as server:
        prepare(tmp_path, server.url)
        config = read_config(tmp_path / "run.toml")
        await lifecycle.start(config, tmp_path, tmp_path / "log.db", ignore)
    with LogReader(tmp_path / "log.db") as reader:
        started = decode(next(iter(reader.read(reader.resolve("last")))))
    assert isinstance(started, RunStarted)
    assert started.config["search"]["restart_with_seeds"] is False
