"""Rows in the shape of well-known public data sets load with the settings of the page on them."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from blocks import ROOT, blocks
from task_making import ALL, write_rows

from transfer_prompting.prompts.loading.task_loader import load_with_notes
from transfer_prompting.prompts.loading.task_settings import TaskSettings
from transfer_prompting.prompts.request import input_text
from transfer_prompting.prompts.task import Example, Task

SHARED = Path(__file__).parents[3] / "shared" / "cases" / "shapes"
PAGE = (ROOT / "docs" / "public-data.md").read_text(encoding="utf-8")
SETTINGS: Mapping[str, dict[str, Any]] = {
    name: settings
    for block in blocks(PAGE)
    if block.language == "toml"
    for name, settings in tomllib.loads(block.text)["tasks"].items()
}
ABCD = ["plum", "pear", "fig", "lime"]


class Shape(NamedTuple):
    """A row, what the model sees of it, and its right answers."""

    row: dict[str, Any]
    seen: Sequence[str]
    right: Sequence[str]


SHAPES = {
    "ai2_arc": Shape(
        {"id": "Q", "question": "Q", "choices": {"text": ABCD, "label": ["1", "2", "3", "4"]},
         "answerKey": "3"},
        ["Q", "C. fig"],
        ["C"],
    ),
    "boolq": Shape({"question": "Q", "passage": "It was so.", "answer": True}, ["It was so.", "Q"], ["yes"]),
    "cais_mmlu": Shape(
        {"question": "Q", "subject": "law", "choices": ABCD, "answer": 3}, ["Q", "D. lime"], ["D"]
    ),
    "commonsense_qa": Shape(
        {"id": "Q", "question": "Q", "question_concept": "x", "answerKey": "B",
         "choices": {"label": ["A", "B"], "text": ABCD[:2]}},
        ["Q", "B. pear"],
        ["B"],
    ),
    "go_emotions": Shape({"text": "Q", "labels": [17, 0], "id": "Q"}, ["Q"], ['["admiration","joy"]']),
    "gsm8k": Shape({"question": "Q", "answer": "2+3=<<2+3=5>>5\n#### 5"}, ["Q"], ["5"]),
    "hellaswag": Shape({"ind": 4, "ctx": "Q", "endings": ABCD, "label": "0"}, ["Q", "A. plum"], ["A"]),
    "squad": Shape(
        {"id": "Q", "title": "T", "context": "Ann Lee came.", "question": "Q",
         "answers": {"text": ["Ann", "Ann Lee", "Ann"], "answer_start": [0, 0, 0]}},
        ["Ann Lee came.", "Q"],
        ["Ann", "Ann Lee"],
    ),
    "sst2": Shape({"idx": 0, "sentence": "Q", "label": 1}, ["Q"], ["positive"]),
    "wmt14": Shape({"translation": {"en": "Q", "de": "Ja"}}, ["Q"], ["Ja"]),
    "xsum": Shape({"document": "Q", "summary": "In short.", "id": "Q"}, ["Q"], ["In short."]),
}  # fmt: skip


def loaded(folder: Path, source: str, name: str) -> tuple[Task, list[Example]]:
    """Load one file with the settings of the page, apart from its sources."""
    written = SETTINGS[name]
    data = {
        key: value for key, value in written["data"].items() if key not in ("train", "dev", "test", "all")
    }
    settings = TaskSettings.model_validate(
        written | {"data": data | {"all": source, "shares": (0, 0.5, 0.5)}}
    )
    task = load_with_notes(name, settings, folder, ALL, 1).task
    return task, [*task.dev, *task.test]


@pytest.mark.parametrize("name", SHAPES)
def test_row_of_a_public_shape(tmp_path: Path, name: str) -> None:
    """The input, the right answers and the choices of a row are what its authors mean."""
    shape = SHAPES[name]
    rows = [json.loads(json.dumps(shape.row).replace("Q", f"Which {n}?")) for n in "ab"]
    write_rows(tmp_path / "all.jsonl", rows)
    task, found = loaded(tmp_path, "all.jsonl", name)
    for example, asked in zip(sorted(found, key=lambda e: input_text(task, e)), "ab", strict=True):
        shown = input_text(task, example)
        assert all(part.replace("Q", f"Which {asked}?") in shown for part in shape.seen), shown
        assert list(example.right_answers) == list(shape.right)


@pytest.mark.parametrize("name", SHAPES)
def test_the_page_is_complete(name: str) -> None:
    """Each shape has a block on the page that names its sources."""
    data = TaskSettings.model_validate(SETTINGS[name]).data
    sources = [source for source in (data.train, data.dev, data.test, data.all) if source]
    assert all(source.startswith("hub:") for source in sources)


@pytest.mark.parametrize("name", SHAPES)
def test_shared_files(name: str) -> None:
    """The shared file of each shape loads whole with the same settings."""
    if not (SHARED / f"{name}.jsonl").is_file():
        pytest.skip("the shared cases are not here")
    assert len(loaded(SHARED, f"{name}.jsonl", name)[1]) == 40
