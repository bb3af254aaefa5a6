"""The pooled verdict of a cross-validation, from the logs of its runs."""

import asyncio
from collections.abc import Iterable
from copy import copy
from pathlib import Path
from typing import Any

import pytest
from fold_runs import ROWS, use_model, write_folder
from tiny_runs import ignore

from transfer_prompting.agents.messages import StageFinished
from transfer_prompting.agents.scoring.paired_test import differences, p_different
from transfer_prompting.orchestration.config.settings import Config, read_config
from transfer_prompting.orchestration.cross_validation import fold_configs
from transfer_prompting.orchestration.errors import ConfigError
from transfer_prompting.orchestration.projections.cross_validation import cross_validation
from transfer_prompting.orchestration.projections.history import RunHistory, read_history
from transfer_prompting.orchestration.runtime.lifecycle import start
from transfer_prompting.storage.sqlite.reader import LogReader

FOLDS = 3


def made(folder: Path, configs: Iterable[Config]) -> list[RunHistory]:
    """Carry out runs in one log, and read them."""
    log, found = folder / "log.db", []
    for config in configs:
        name, _ = asyncio.run(start(config, folder, log, ignore))
        with LogReader(log) as reader:
            found.append(read_history(reader, name))
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a configuration and its data."""
    found = tmp_path_factory.mktemp("folds")
    write_folder(found)
    return found


@pytest.fixture(scope="module")
def runs(folder: Path) -> list[RunHistory]:
    """Return the runs of all folds."""
    with pytest.MonkeyPatch.context() as patch:
        use_model(patch)
        return made(folder, fold_configs(read_config(folder / "c.toml"), FOLDS))


def changed(run: RunHistory, **opening: Any) -> RunHistory:
    """Return a run whose configuration says something else; its fold is that of `target`."""
    found = copy(run)
    found.opening = run.opening.model_copy(update={"config": {**run.opening.config, **opening}})
    return found


def with_fold(run: RunHistory, fold: str | None) -> RunHistory:
    return changed(run, target={**run.opening.config["target"], "fold": fold})


def test_the_outcomes_are_pooled(runs: list[RunHistory]) -> None:
    """Gain, p-value and n are those of the outcomes of all folds together, whatever their order."""
    found = cross_validation(runs[::-1])
    assert [fold.run for fold in found.folds] == [run.run for run in runs]
    pairs: list[float] = []
    for run in runs:
        [best] = [message.best.candidate.id for _, message in run.of(StageFinished)]
        finals, finished = run.state.finals, run.state.finished
        assert finished is not None
        pairs += differences(finals.outcomes(best), finals.outcomes(finished.initial.id))
    [main] = found.comparisons
    assert main.n == len(pairs) == ROWS
    assert main.difference == pytest.approx(sum(pairs) / ROWS, abs=1e-6)
    assert found.p_value == p_different(pairs, 0)
    of_folds = [fold.comparison for fold in found.folds if fold.comparison]
    assert main.difference == pytest.approx(sum(c.n * c.difference for c in of_folds) / ROWS, abs=1e-6)
    assert main.low < main.difference < main.high


def test_a_verdict_does_not_choose(runs: list[RunHistory]) -> None:
    """A verdict that falls back on the initial prompt, for its held-out rows, changes no figure."""
    fallen = copy(runs[0])
    fallen.state = copy(runs[0].state)
    finished = fallen.state.finished
    assert finished is not None
    fallen.state.finished = finished.model_copy(update={"best": finished.initial, "comparisons": ()})
    assert cross_validation([fallen, *runs[1:]]) == cross_validation(runs)


def test_foreign_runs(runs: list[RunHistory], account: RunHistory) -> None:
    """Runs that are not all folds of one configuration are refused, by name."""
    first, second, third = runs
    with pytest.raises(ConfigError, match=rf"one run for each .* 1/3 of {first.run}, 2/3 of {second.run}"):
        cross_validation([first, second])
    with pytest.raises(ConfigError, match="needs one run for each"):
        cross_validation([first, second, third, third])
    with pytest.raises(ConfigError, match="needs one run for each"):
        cross_validation([])
    with pytest.raises(ConfigError, match=rf"{account.run} holds out no fold"):
        cross_validation([first, second, account])
    with pytest.raises(ConfigError, match=rf"{third.run} holds out no fold"):
        cross_validation([first, second, with_fold(third, "3 of 3")])
    with pytest.raises(ConfigError, match=rf"{first.run} and {third.run} have different configurations"):
        cross_validation([first, second, changed(third, seed=7)])


def test_a_row_counts_once(runs: list[RunHistory]) -> None:
    """Two runs that have held out the same row are refused, though they name different folds."""
    first, second, _ = runs
    with pytest.raises(ConfigError, match="have both held out the row 'row-"):
        cross_validation([first, second, with_fold(first, "3/3")])


def test_without_a_verdict(runs: list[RunHistory]) -> None:
    """A run that was cut off is refused, with the command that continues it."""
    cut = copy(runs[1])
    cut.state = copy(runs[1].state)
    cut.state.finished = None
    with pytest.raises(ConfigError, match=f"`tp resume {cut.run}` continues it"):
        cross_validation([runs[0], cut, runs[2]])
