"""Rows in the shape of well-known public data sets load with a documented mapping."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from task_making import ALL, write_rows

from transfer_prompting.prompts.loading.task_loader import load_with_notes
from transfer_prompting.prompts.loading.task_settings import TaskSettings
from transfer_prompting.prompts.task import Example

SHARED = Path(__file__).parents[3] / "shared" / "cases" / "shapes"


class Shape(NamedTuple):
    """A row, the settings with which it loads, and its right answers."""

    row: dict[str, Any]
    answer: dict[str, Any]
    columns: dict[str, Any]
    right: Sequence[str]


ABCD = ["plum", "pear", "fig", "lime"]
SHAPES = {
    "ai2_arc": Shape(
        {"question": "Q", "choices": {"text": ABCD, "label": ["1", "2", "3", "4"]}, "answerKey": "3"},
        {"type": "letter"},
        {"choices": "choices.text", "keys": "choices.label", "answer": "answerKey"},
        ["C"],
    ),
    "boolq": Shape(
        {"question": "Q", "passage": "P", "answer": True},
        {"type": "label", "labels": ["no", "yes"], "gold": "index"},
        {"context": "passage"},
        ["yes"],
    ),
    "cais_mmlu": Shape(
        {"question": "Q", "subject": "s", "choices": ABCD, "answer": 3},
        {"type": "letter", "gold": "index"},
        {},
        ["D"],
    ),
    "commonsense_qa": Shape(
        {"question": "Q", "choices": {"label": ["A", "B"], "text": ABCD[:2]}, "answerKey": "B"},
        {"type": "letter"},
        {"keys": "choices.label", "answer": "answerKey"},
        ["B"],
    ),
    "go_emotions": Shape(
        {"text": "Q", "labels": [2, 0]},
        {"type": "label", "labels": ["joy", "fear", "love"], "gold": "index"},
        {"question": "text", "answer": "labels"},
        ["love", "joy"],
    ),
    "gsm8k": Shape(
        {"question": "Q", "answer": "2+3=<<2+3=5>>5\n#### 5"}, {"type": "number", "after": "####"}, {}, ["5"]
    ),
    "hellaswag": Shape(
        {"ctx": "Q", "endings": ABCD, "label": "0"},
        {"type": "letter", "gold": "index"},
        {"question": "ctx", "choices": "endings", "answer": "label"},
        ["A"],
    ),
    "squad": Shape(
        {"context": "P", "question": "Q", "answers": {"text": ["Ann", "Ann Lee"], "answer_start": [1, 1]}},
        {"type": "text"},
        {"answer": "answers"},
        ["Ann", "Ann Lee"],
    ),
    "sst2": Shape(
        {"idx": 0, "sentence": "Q", "label": 1},
        {"type": "label", "labels": ["negative", "positive"], "gold": "index"},
        {"question": "sentence", "answer": "label"},
        ["positive"],
    ),
    "wmt14": Shape(
        {"translation": {"en": "Q", "de": "F"}},
        {"type": "text"},
        {"question": "translation.en", "answer": "translation.de"},
        ["F"],
    ),
    "xsum": Shape(
        {"document": "Q", "summary": "S"},
        {"type": "text"},
        {"question": "document", "answer": "summary"},
        ["S"],
    ),
}


def examples(folder: Path, source: str, shape: Shape) -> list[Example]:
    settings = TaskSettings.model_validate(
        {
            "description": "Answer.",
            "initial_prompts": ["Answer."],
            "answer": shape.answer,
            "data": {"all": source, "shares": (0, 0.5, 0.5), "columns": shape.columns},
        }
    )
    task = load_with_notes("toy", settings, folder, ALL, 1).task
    return [*task.dev, *task.test]


@pytest.mark.parametrize("name", SHAPES)
def test_row_of_a_public_shape(tmp_path: Path, name: str) -> None:
    """The question, the right answers and the context of a row are what its authors mean."""
    shape = SHAPES[name]
    rows = [json.loads(json.dumps(shape.row).replace('"Q"', f'"Question {n}"')) for n in "ab"]
    write_rows(tmp_path / "all.jsonl", rows)
    found = examples(tmp_path, "all.jsonl", shape)
    assert sorted(e.question for e in found) == ["Question a", "Question b"]
    assert [list(e.right_answers) for e in found] == [list(shape.right)] * 2
    assert {e.context for e in found} == {"P" if "P" in shape.row.values() else None}


@pytest.mark.parametrize("name", SHAPES)
def test_shared_files(name: str) -> None:
    """The shared file of each shape loads whole with the same settings."""
    if not (SHARED / f"{name}.jsonl").is_file():
        pytest.skip("the shared cases are not here")
    assert len(examples(SHARED, f"{name}.jsonl", SHAPES[name])) == 40
