"""The tasks that come with the package."""

from collections import Counter
from functools import cache

import pytest
from task_making import ALL

from transfer_prompting.prompts.loading.task_loader import bundled_tasks, load_task, read_task_file
from transfer_prompting.prompts.reading.answers import is_right, read_reply
from transfer_prompting.prompts.seeds import seed_library
from transfer_prompting.prompts.task import Example, Task

NAMES = sorted(bundled_tasks())


@cache
def bundled(name: str) -> Task:
    folder = bundled_tasks()[name]
    return load_task(name, read_task_file(folder), folder, ALL, 1)


def examples(name: str) -> list[Example]:
    task = bundled(name)
    return [*task.train, *task.dev, *task.test]


def test_six_at_least() -> None:
    """There are at least six tasks with at least three types of answer."""
    assert len(NAMES) >= 6
    assert len({bundled(name).answer.type for name in NAMES}) >= 3


@pytest.mark.parametrize("name", NAMES)
def test_size(name: str) -> None:
    """A task has at least 150 rows, 20 in each split, a description and a licence."""
    task = bundled(name)
    assert len(examples(name)) >= 150
    assert min(len(task.train), len(task.dev), len(task.test)) >= 20
    assert task.description.endswith(".")
    assert read_task_file(bundled_tasks()[name]).licence == "Apache-2.0"


@pytest.mark.parametrize("name", NAMES)
def test_no_row_twice(name: str) -> None:
    """No id occurs twice, and no question with its context, in one split or in two."""
    ids = Counter(e.id for e in examples(name))
    asked = Counter((e.context, e.question.casefold()) for e in examples(name))
    assert [key for key, count in (ids + Counter()).items() if count > 1] == []
    assert [key for key, count in asked.items() if count > 1] == []


@pytest.mark.parametrize("name", NAMES)
def test_right_answers_are_right(name: str) -> None:
    """For every row, a reply with the right answer in the demanded form counts as right."""
    task = bundled(name)
    for example in examples(name):
        reading = read_reply(f"Answer: {example.answer}\nConfidence: 50", task, example)
        assert is_right(reading.answer, task, example), example.id
        assert reading.followed


@pytest.mark.parametrize("name", NAMES)
def test_answers_are_balanced(name: str) -> None:
    """Every label occurs in every split, and no answer is right for more than two thirds of the rows."""
    task = bundled(name)
    for split in (task.train, task.dev, task.test):
        answers = Counter(e.answer for e in split)
        assert set(task.answer.labels) <= set(answers)
        assert max(answers.values()) <= 2 / 3 * len(split)


@pytest.mark.parametrize("name", NAMES)
def test_initial_prompts_do_not_name_the_labels(name: str) -> None:
    """The initial prompts leave room for improvement: none names all labels."""
    task = bundled(name)
    assert len(task.initial_prompts) >= 2
    for prompt in task.initial_prompts:
        assert not task.answer.labels or not all(
            label.casefold() in prompt.casefold() for label in task.answer.labels
        )


def test_seed_library() -> None:
    """The prompts and clauses of the library are distinct, and short enough to be combined."""
    library = seed_library()
    for texts in (library.prompts, library.clauses + library.option_clauses):
        assert len({text.casefold() for text in texts}) == len(texts) >= 8
        assert all(0 < len(text) <= 300 and text == text.strip() for text in texts)
