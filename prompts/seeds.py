"""The library of seed prompts and clauses, read from seeds.toml."""

import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict

from .task import Task


class SeedLibrary(BaseModel):
    """`prompts` start a search; `clauses` are sentences that may be put into any prompt.

    `option_clauses` make sense only where an answer is chosen among options.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    prompts: tuple[str, ...]
    clauses: tuple[str, ...]
    option_clauses: tuple[str, ...]

    def clauses_for(self, tasks: Iterable[Task]) -> tuple[str, ...]:
        """The clauses that suit all of `tasks`."""
        choosing = all(task.answer.type in ("label", "letter") for task in tasks)
        return self.clauses + self.option_clauses if choosing else self.clauses


@cache
def seed_library() -> SeedLibrary:
    """The bundled library."""
    text = files("transfer_prompting.prompts").joinpath("seeds.toml").read_text(encoding="utf-8")
    return SeedLibrary.model_validate(tomllib.loads(text))
