"""Messages of roles that are not installed here: shown by their stored gist, without the role's code."""

from pydantic import ConfigDict

from .base import Message


class UnknownMessage(Message):
    """A message of an unknown kind, as read from a log. It keeps all fields and is never sent."""

    model_config = ConfigDict(frozen=True, extra="allow")

    words: str
    """Gist that was stored with the message."""

    def gist(self) -> str:
        """Return the stored gist."""
        return self.words
