"""Tests of several runs side by side."""

import asyncio
from pathlib import Path

import pytest
from harbour_run import RUN, sail
from program_calls import Tp

from transfer_prompting.orchestration.projections.history import read_history
from transfer_prompting.orchestration.report.side_by_side import SideBySide, side_by_side
from transfer_prompting.storage.sqlite.reader import LogReader

OTHER = "harbour-0002"


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a log of two runs on the same task with different settings."""
    folder = tmp_path_factory.mktemp("side")
    asyncio.run(sail(folder, steps=1))
    return asyncio.run(sail(folder, OTHER, steps=1, history=1, control=False))


@pytest.fixture(scope="module")
def found(log: Path) -> SideBySide:
    """Return both runs side by side."""
    with LogReader(log) as reader:
        return side_by_side([read_history(reader, name) for name in (RUN, OTHER)])


def test_settings_that_differ(found: SideBySide) -> None:
    """Only settings in which the runs differ are listed, each with its value in every run."""
    assert {setting.place: setting.values for setting in found.settings} == {
        "search.history": (20, 1),
        "search.control": (True, False),
    }


def test_each_run_has_its_numbers(found: SideBySide, log: Path) -> None:
    """A column holds the verdict, the calls and the hash of its own run."""
    with LogReader(log) as reader:
        for column in found.runs:
            account = read_history(reader, column.run)
            finished = account.state.finished
            assert finished is not None
            assert column.comparisons == finished.comparisons
            assert (column.winner, column.calls) == (finished.best.id, account.state.calls.requested)
            assert column.hash == account.hash
    roles = [[f.role for f in run.finalists] for run in found.runs]
    assert roles == [["best", "initial", "control"], ["best", "initial"]]
    assert found.same_examples


def test_as_text(tp: Tp, log: Path, found: SideBySide) -> None:
    """The table names both runs, their prompts and verdicts, and the settings that differ."""
    ended = tp("compare", RUN, OTHER, "--log", log)
    assert ended.status == 0
    for run in found.runs:
        assert run.run in ended.out
        assert str(run.winner) in ended.out
        assert run.headline in ended.out
    assert "search.history" in ended.out


def test_as_a_page(tp: Tp, log: Path, found: SideBySide, tmp_path: Path) -> None:
    """With -o it is a page that loads nothing and offers both prompts for copying."""
    place = tmp_path / "two.html"
    assert tp("compare", RUN, OTHER, "-o", place, "--log", log).status == 0
    html = place.read_text(encoding="utf-8")
    assert "http" not in html.replace("http-equiv", "")
    assert html.count("data-copies=") == 2
    assert all(run.hash in html for run in found.runs)


def test_one_run_alone(tp: Tp, log: Path) -> None:
    """Comparing a run with itself is an error."""
    ended = tp("compare", RUN, RUN, "--log", log)
    assert (ended.status, ended.out) == (2, "")
    assert "cannot be compared with itself" in ended.err
