"""Public data sets in the common format, if they are available."""

from pathlib import Path

import pytest
from task_making import load

DATA = Path(__file__).parents[3] / "shared" / "data"


@pytest.mark.parametrize(
    ("name", "splits", "labels"),
    [
        ("clinc150_domain", {"train": "train", "dev": "val", "test": "test"}, 10),
        ("tfns", {"dev": "validation-a", "test": "validation-b"}, 3),
        ("banking77_10way", {"train": "train", "test": "test"}, 10),
    ],
)
def test_loads_as_a_label_task(name: str, splits: dict[str, str], labels: int) -> None:
    """A public data set loads unchanged, with the labels found in its answers."""
    files = {split: f"{name}.{part}.jsonl" for split, part in splits.items()}
    if missing := [file for file in files.values() if not (DATA / file).is_file()]:
        pytest.skip(f"the public data are not here: {', '.join(missing)}")
    task = load(DATA, files, labels=(), limits={"train": 200, "dev": 100, "test": 300})
    assert len(task.answer.labels) == labels
    assert (len(task.dev), len(task.test)) == (100, 300)
    assert {e.answer for e in task.test} <= set(task.answer.labels)
