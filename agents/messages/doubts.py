"""Doubts about the data: right answers that look wrong to the reference agent's model."""

from typing import ClassVar, Literal

from .base import Message, Stage


class GoldDoubted(Message):
    """The model of the reference agent says that the right answer of an example looks wrong.

    Nothing changes in the run: only the user can correct the data. Another reply may doubt the same example.
    """

    SCHEMA: ClassVar[int] = 2
    kind: Literal["gold.doubted"] = "gold.doubted"
    stage: Stage
    step: int
    task: str
    example: str
    """Id of the example."""
    gold: str
    """Answer that the data call right."""
    suggested: str | None = None
    """Answer that the model thinks right; None if it names none."""
    reason: str
    operator: str
    """Operator whose question the model was answering."""

    def gist(self) -> str:
        """Return the example, its gold, the suggestion and the reason."""
        instead = f", rather {self.suggested[:40]!r}" if self.suggested else ""
        return f"gold {self.gold[:40]!r} of {self.task}/{self.example} looks wrong{instead}: {self.reason}"
