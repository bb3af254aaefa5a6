"""Library of seed prompts and clauses, read from seeds.toml."""

import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict

from .task import Task


class SeedLibrary(BaseModel):
    """Prompts that start a search, and sentences that operators add to prompts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    prompts: tuple[str, ...]
    """Prompts that suit tasks whose answer is chosen among options."""
    open_prompts: tuple[str, ...]
    """Those of them that suit open answers, too."""
    clauses: tuple[str, ...]
    """Sentences that suit any task."""
    option_clauses: tuple[str, ...]
    """Sentences that suit only tasks whose answer is chosen among options."""

    def prompts_for(self, tasks: Iterable[Task]) -> tuple[str, ...]:
        """Return the prompts that suit all of `tasks`."""
        kinds = {task.answer.type for task in tasks}
        if kinds <= {"label", "letter"}:
            return self.prompts
        return self.open_prompts if kinds <= {"label", "letter", "number", "text"} else ()

    def clauses_for(self, tasks: Iterable[Task]) -> tuple[str, ...]:
        """Return the clauses that suit all of `tasks`."""
        choosing = all(task.answer.type in ("label", "letter") for task in tasks)
        return self.clauses + self.option_clauses if choosing else self.clauses


@cache
def seed_library() -> SeedLibrary:
    """Return the library that comes with the package."""
    text = files("transfer_prompting.prompts").joinpath("seeds.toml").read_text(encoding="utf-8")
    return SeedLibrary.model_validate(tomllib.loads(text))
