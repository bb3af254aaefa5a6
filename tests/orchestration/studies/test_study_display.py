"""The progress of a study on the screen."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from program_calls import Tp
from rich.console import Console
from studies_in_process import use_scripted
from studies_making import STUDY, write_study

from transfer_prompting.orchestration.console.study_panel import study_panel
from transfer_prompting.orchestration.studies.conduct import Progress
from transfer_prompting.orchestration.studies.logs import StudyLogs
from transfer_prompting.orchestration.studies.plan import StudyPlan, plan_study

ONE_SEED = STUDY.replace("[1, 2, 3]", "[1]")


@pytest.fixture
def plan(tp: Tp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StudyPlan:
    """Return the plan of a study that is carried out with its first model alone."""
    use_scripted(monkeypatch)
    little = ONE_SEED[ONE_SEED.index("[models.little") :]
    write_study(tmp_path, text=ONE_SEED.replace(little, ""))
    assert tp("study", "run", "--display", "none").status == 0
    return plan_study(write_study(tmp_path, text=ONE_SEED))


def drawn(plan: StudyPlan, progress: Progress) -> str:
    """Return the panel as text."""
    console = Console(file=StringIO(), width=100, force_terminal=False)
    console.print(study_panel(plan, StudyLogs(plan.folder / "small.db"), progress))
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_the_panel(plan: StudyPlan) -> None:
    """One screen has the number of all runs that have ended, a grid, and what is under way or has failed."""
    waiting = [cell for cell in plan.cells if cell.label.model == "little"]
    progress = Progress(
        ended={cell.run: "finished" for cell in plan.cells if cell.label.model == "large"},
        running={cell.run: cell for cell in waiting[:2]},
        failed={waiting[4].run: "no such\x1b key"},
    )
    lines = drawn(plan, progress).splitlines()
    assert "6 of 12 runs, 2 under way, 1 failed" in lines[0]
    grid = {line.split()[0]: line.split()[1:] for line in lines[1:4]}
    assert grid == {"first": ["second"], "large": ["3/3", "3/3"], "little": ["0/3", "+2", "0/3"]}
    assert lines[4].startswith("> first / little / target only / seed 1: begins, 0 examples")
    assert lines[-1] == "failed second / little / from scratch / seed 1: no such\\u001b key"


def test_many_models_fit(plan: StudyPlan) -> None:
    """The grid has a line for each model, however many seeds and arms there are."""
    assert len(drawn(plan, Progress()).splitlines()) == 1 + 1 + 2


def test_plain_lines(
    tp: Tp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plan: Callable[..., object]
) -> None:
    """Without a terminal there is a line for each run that begins or ends."""
    use_scripted(monkeypatch)
    ended = tp("study", "run", "--display", "plain")
    lines = ended.err.splitlines()
    assert lines[0] == "12 runs, 6 of which are in the log."
    assert sum(line.startswith("begins: ") for line in lines) == 6
    assert sum(line.startswith("finished: ") for line in lines) == 6
    assert lines[1].startswith("begins: first / little / target only / seed 1 (first-")
