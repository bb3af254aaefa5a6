"""The base of all messages, and the words that many of them share."""

from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict

Stage = Literal["source", "target", "control"]
"""The control is a target stage without source prompts, given the tokens that the other two have spent."""
Purpose = Literal["search", "final"]


class Message(BaseModel):
    """Base of all messages. A subclass sets `kind` to a literal of its own and says its `gist`."""

    # Built at first use: a command that reads one kind of message need not wait for all the others.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    SCHEMA: ClassVar[int] = 1
    kind: str

    def gist(self) -> str:
        """What this message means, in one short line."""
        return self.kind


def counted(number: int, noun: str) -> str:
    """The number with its noun, such as "1 call" or "2 calls"."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
