"""Base class of all messages, and types that many of them share."""

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

from ..stage_names import PATTERN

Stage = Annotated[str, StringConstraints(pattern=PATTERN)]
"""Name of a stage of the search, see `agents.stage_names`."""
Purpose = Literal["search", "final"]
"""Reason for a scoring: the search itself, or the final comparison on held-out examples."""


class Message(BaseModel):
    """Base of all messages. A subclass sets `kind` to a literal of its own and overrides `gist`."""

    # Built at first use: a command that reads one kind of message need not wait for all the others.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    SCHEMA: ClassVar[int] = 1
    kind: str

    def gist(self) -> str:
        """Return the meaning of this message in one short line, for a person who watches the run."""
        return self.kind


def plural(number: int, noun: str) -> str:
    """Return the number with its noun, such as "1 call" or "2 calls"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
