"""What a role and its model say to each other."""

from typing import Literal

from ..models.base import FailureCause, ModelReply, ModelRequest
from .base import Message


class CallRequested(Message):
    """A role asks its model. `key` is the digest of everything that decides the reply."""

    kind: Literal["call.requested"] = "call.requested"
    model: str
    key: str
    request: ModelRequest
    about: str
    """What the call is for, such as "p1a2b3c4 / row-17"."""

    def gist(self) -> str:
        return f"ask {self.model} about {self.about}"


class CallFinished(Message):
    """A model's reply. `reused` is the id of the earlier call whose reply was taken instead of asking."""

    kind: Literal["call.finished"] = "call.finished"
    key: str
    reply: ModelReply
    latency: float
    """Seconds from sending the request, in its last attempt, to having the reply."""
    attempts: int
    reused: str | None = None

    def gist(self) -> str:
        how = "reused" if self.reused else f"{self.latency:.2f} s"
        return f"reply, {self.reply.prompt_tokens}+{self.reply.completion_tokens} tokens ({how})"


class CallFailed(Message):
    """No reply was to be had: an outcome of its own, never a score."""

    kind: Literal["call.failed"] = "call.failed"
    key: str
    cause: FailureCause
    error: str
    attempts: int

    def gist(self) -> str:
        return f"call failed after {self.attempts} attempts ({self.cause}): {self.error}"
