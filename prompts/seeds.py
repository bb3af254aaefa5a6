"""The library of seed prompts and clauses, read from seeds.toml."""

import tomllib
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict


class SeedLibrary(BaseModel):
    """`prompts` start a search; `clauses` are sentences that edits put into a prompt."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    prompts: tuple[str, ...]
    clauses: tuple[str, ...]


@cache
def seed_library() -> SeedLibrary:
    """The bundled library."""
    text = files("transfer_prompting.prompts").joinpath("seeds.toml").read_text(encoding="utf-8")
    return SeedLibrary.model_validate(tomllib.loads(text))
