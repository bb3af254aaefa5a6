"""A configuration that asks for more examples than there are is told how many are used."""

from pathlib import Path

import pytest
from tiny_runs import scripted, tiny_config

from transfer_prompting.orchestration.calls.model_pool import ModelPool
from transfer_prompting.orchestration.config.settings import Config
from transfer_prompting.orchestration.runtime.assembly import opening


def _said(config: Config, folder: Path) -> list[str]:
    said: list[str] = []
    opening(config, folder, ModelPool.of(dict.fromkeys(("scorer", "reference"), scripted())), said.append)
    return said


def test_more_than_there_are(tmp_path: Path) -> None:
    """Each number that is set and cannot be had is named with what there is."""
    config = tiny_config(tmp_path, examples=6)
    target = config.target.model_copy(update={"test_examples": 120, "examples": 9}) if config.target else None
    assert _said(config.model_copy(update={"target": target}), tmp_path) == [
        "task second: examples = 9, but its data have 6 development examples. All of them are used.",
        "task second: test_examples = 120, but its data have 6 held-out examples. All of them are used.",
    ]


def test_the_source_stage(tmp_path: Path) -> None:
    """The tasks of the source stage are checked, too."""
    config = tiny_config(tmp_path, examples=6)
    source = config.source.model_copy(update={"examples": 7})
    assert _said(config.model_copy(update={"source": source}), tmp_path) == [
        "task first: examples = 7, but its data have 6 development examples. All of them are used."
    ]


@pytest.mark.parametrize("numbers", [{}, {"examples": 6, "test_examples": 6}])
def test_nothing_to_say(tmp_path: Path, numbers: dict[str, int]) -> None:
    """Numbers that can be had, and defaults, are no remark."""
    config = tiny_config(tmp_path, examples=6)
    written = config.model_dump(exclude_unset=True)
    written["target"] = {"task": "second", **numbers}
    assert _said(Config.model_validate(written), tmp_path) == []
