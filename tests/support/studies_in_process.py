"""Studies whose cells are carried out in the process of the test, with a scripted model."""

from pathlib import Path

import pytest
from fold_runs import reply_by_rule, use_model
from tiny_runs import Answer

from transfer_prompting.agents.models.scripted import ScriptedModel
from transfer_prompting.orchestration.studies.carry_out import carry_out
from transfer_prompting.orchestration.studies.executors import choice
from transfer_prompting.orchestration.studies.executors.base import Executor
from transfer_prompting.orchestration.studies.job import CellJob, JobEnd


class InProcess(Executor):
    """Carries out one cell at a time, here. The last of `ends` are returned instead of working."""

    def __init__(self, ends: list[JobEnd] | None = None) -> None:
        self.jobs: list[CellJob] = []
        self.ends = ends or []

    @property
    def slots(self) -> int:
        return 1

    async def carry_out(self, job: CellJob) -> JobEnd:
        self.jobs.append(job)
        return self.ends.pop() if self.ends else await carry_out(job)

    async def close(self) -> None:
        pass


def use_executor(monkeypatch: pytest.MonkeyPatch, executor: InProcess) -> InProcess:
    """Let every study be carried out by `executor`."""
    monkeypatch.setattr(choice, "make_executor", lambda *_: executor)
    return executor


def use_scripted(
    monkeypatch: pytest.MonkeyPatch, answer: Answer = reply_by_rule
) -> tuple[ScriptedModel, InProcess]:
    """Let a scripted model answer everything, in this process."""
    return use_model(monkeypatch, answer), use_executor(monkeypatch, InProcess())


def runs_of(executor: InProcess) -> list[str]:
    """Return the names of the runs that were submitted."""
    return [job.run for job in executor.jobs]


def file_of(folder: Path) -> Path:
    """Return the description of the study in a folder."""
    return folder / "study.toml"
