"""A message of a role that is not loaded here: a reader needs its words, not its code."""

from pydantic import ConfigDict

from .base import Message


class UnknownMessage(Message):
    """What a log says in a kind of its own. It is read and shown, never said; it keeps its fields."""

    model_config = ConfigDict(frozen=True, extra="allow")

    words: str
    """What it means: the gist that was recorded with it."""

    def gist(self) -> str:
        return self.words
