"""Tasks with a program: what may be configured, what the program gets, and what is refused."""

from pathlib import Path
from typing import Any

import pytest

from transfer_prompting.orchestration.config.functions import with_functions
from transfer_prompting.orchestration.config.settings import Config
from transfer_prompting.orchestration.errors import ConfigError
from transfer_prompting.orchestration.runtime.assembly import models_for, opening
from transfer_prompting.prompts.errors import TaskError
from transfer_prompting.prompts.task import Task

CODE = """
class Own:
    texts = {"plan": "Plan it.", "answer": "Answer it."}
    async def run(self, example, prompts, ask):
        return "a"
own = Own()
async def run(example, prompts, ask):
    return "a"
def two(example, prompts):
    return "a"
number = 7
"""
MODEL = {"provider": "openai", "model": "m", "base_url": "http://127.0.0.1:9/v1"}


def load(folder: Path, search: dict[str, Any] | None = None, **task: Any) -> Task:
    """Load a task of twelve rows in the columns question, hint and answer, with these settings besides."""
    folder.mkdir(exist_ok=True)
    (folder / "own.py").write_text(CODE)
    rows = [f"row {n},hint {n},{'ab'[n % 2]}" for n in range(12)]
    (folder / "rows.csv").write_text("\n".join(["question,hint,answer", *rows]))
    settings = {
        "description": "Tell the sign.",
        "answer": {"type": "label", "labels": ["a", "b"]},
        "data": {"all": "rows.csv"},
        **task,
    }
    config = Config.model_validate(
        {
            "target": {"task": "signs", "examples": 4, "test_examples": 4},
            "search": search or {},
            "models": {"scorer": MODEL, "reference": MODEL},
            "tasks": {"signs": settings},
        }
    )
    config = with_functions(config, folder)
    loaded = opening(config, folder, models_for(config))[-1]
    return loaded.task  # type: ignore[attr-defined, no-any-return]


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "none")


def test_texts_of_the_program(tmp_path: Path) -> None:
    """A program that names its texts begins with them; a class is made once."""
    for use in ("own.py:own", "own.py:Own"):
        task = load(tmp_path, program=use)
        assert task.texts == ("plan", "answer")
        assert task.initial_prompts == ("[[plan]]\nPlan it.\n\n[[answer]]\nAnswer it.",)


def test_texts_of_the_task_come_first(tmp_path: Path) -> None:
    """Texts in the configuration replace those of the program."""
    assert load(tmp_path, program="own.py:own", initial_prompts=["Mine."]).initial_prompts == ("Mine.",)


def test_inputs(tmp_path: Path) -> None:
    """A program gets the columns that it names, and no others."""
    task = load(tmp_path, program={"use": "own.py:own", "inputs": ["hint"]})
    assert all(set(example.columns) == {"hint"} for example in task.dev)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"program": {"use": "own.py:run", "inputs": ["answer"]}}, "the column of the right answer"),
        ({"program": {"use": "own.py:run", "inputs": ["nothing"]}}, "there is no column 'nothing'"),
        ({"program": "own.py:two"}, "must take 3 arguments"),
        ({"program": "own.py:number"}, "is of type int, no program"),
        ({"program": "own.py:absent"}, "has no function 'absent'"),
        ({"program": "absent.py:run"}, "cannot be read"),
    ],
)
def test_refused(tmp_path: Path, settings: dict[str, Any], message: str) -> None:
    """A program that cannot be used is refused before any call, and the error names the place."""
    with pytest.raises((ConfigError, TaskError), match=message):
        load(tmp_path, **{"initial_prompts": ["Mine."], **settings})


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"program": "own.run"}, 'write "FILE.py:NAME"'),
        ({"program": {"use": "own.py:run", "url": "http://127.0.0.1:9"}}, "name the program in one way"),
        ({"program": {"inputs": ["question"]}}, "name the program in one way"),
        ({"program": {"use": "own.py:run", "inputs": []}}, "at least 1 item"),
        (
            {"program": "own.py:run", "messages": [{"role": "user", "content": "{{ instruction }}"}]},
            "its own requests",
        ),
        ({"program": "own.py:run", "frame": "answer+confidence"}, "its own requests"),
    ],
)
def test_settings_that_exclude_each_other(tmp_path: Path, settings: dict[str, Any], message: str) -> None:
    """Settings that say two things are refused as the configuration is read."""
    with pytest.raises(ValueError, match=message):
        load(tmp_path, **{"initial_prompts": ["Mine."], **settings})


def test_a_program_without_texts(tmp_path: Path) -> None:
    """A task needs texts: its own, or those of its program."""
    with pytest.raises(ConfigError, match="its program names no texts"):
        load(tmp_path, program="own.py:run")


def test_likelihoods(tmp_path: Path) -> None:
    """The output of a program is no rated option."""
    with pytest.raises(ConfigError, match=r'set search\.answer = "stated"'):
        load(tmp_path, {"answer": "likelihood"}, program="own.py:own")
