"""Base class of all messages, and types that many of them share."""

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict

Stage = Literal["source", "target", "control"]
"""Stage of the search. The control is a target stage that starts without source prompts.

It may spend as many tokens as the source and target stages have spent together.
"""
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
