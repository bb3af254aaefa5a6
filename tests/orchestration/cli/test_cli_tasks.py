"""`tp tasks --csv` prints the examples of the bundled tasks."""

import subprocess
import sys
from pathlib import Path

import pytest

from transfer_prompting.prompts.loading.task_loader import bundled_tasks, load_task, read_task_file
from transfer_prompting.prompts.loading.task_settings import DataSettings
from transfer_prompting.prompts.task import Split

TP = [sys.executable, "-c", "from transfer_prompting.orchestration.cli import main; main()"]
LIMITS: dict[Split, int] = {"train": 1000, "dev": 1000, "test": 1000}


@pytest.mark.parametrize("name", bundled_tasks())
def test_csv_loads_as_the_task_itself(name: str, tmp_path: Path) -> None:
    """The CSV of a bundled task, loaded as a new task, has all of its examples."""
    done = subprocess.run([*TP, "tasks", "--csv", name], capture_output=True, text=True, check=True)
    (tmp_path / "rows.csv").write_text(done.stdout, encoding="utf-8")
    settings = read_task_file(bundled_tasks()[name])
    whole = load_task(name, settings, bundled_tasks()[name], LIMITS, 0)
    mine = load_task(
        name, settings.model_copy(update={"data": DataSettings(all="rows.csv")}), tmp_path, LIMITS, 0
    )

    def examples(task: object) -> list[tuple[object, ...]]:
        return sorted(
            (e.question, e.answer, e.context or "", e.choices or ())
            for split in ("train", "dev", "test")
            for e in getattr(task, split)
        )

    assert examples(mine) == examples(whole)


def test_unknown_task() -> None:
    """The error for an unknown name lists the known ones."""
    done = subprocess.run([*TP, "tasks", "--csv", "nope"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "support_routing" in done.stderr
