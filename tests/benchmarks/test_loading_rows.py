"""The rows of the benchmark of loading are rough, the same each time, and load in every measured way."""

from pathlib import Path
from typing import Any

import pytest
from loading import rows, tasks, write_files

from transfer_prompting.prompts.loading.task_loader import load_with_notes
from transfer_prompting.prompts.loading.task_settings import TaskSettings


def test_rows_are_rough() -> None:
    """The rows are the same each time, with line breaks, other scripts, copies and empty cells."""
    made = list(rows(600))
    assert made == list(rows(600))
    texts = [row["text"] for row in made]
    assert any("\n" in text for text in texts)
    assert any(not text.isascii() for text in texts)
    assert len(set(texts)) < len(texts)
    assert "" in {row["context"] for row in made}


@pytest.mark.parametrize("name", tasks())
def test_each_task_loads(tmp_path: Path, name: str) -> None:
    """Each task that is measured loads, leaves copies out, and says so."""
    write_files(tmp_path, 600)
    settings: dict[str, Any] = tasks()[name]
    limits = dict.fromkeys(("train", "dev", "test"), 1000)
    found = load_with_notes("big", TaskSettings.model_validate(settings), tmp_path, limits, 1)  # type: ignore[arg-type]
    assert 500 < len((*found.task.train, *found.task.dev, *found.task.test)) < 600
    assert any("are left out" in note for note in found.notes)
