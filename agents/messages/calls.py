"""What a role and its model say to each other."""

from typing import Literal

from ..models.base import FailureCause, ModelReply, ModelRequest
from .base import Message, counted


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
    """A model's reply.

    `reused` is the id of the earlier call whose reply was taken instead of asking, and `reused_from` the run
    of that call, where it is another one.
    """

    kind: Literal["call.finished"] = "call.finished"
    key: str
    reply: ModelReply
    latency: float
    """Seconds from sending the request, in its last attempt, to having the reply."""
    attempts: int
    """Requests sent: one for which no connection could be made is none."""
    unsettled: int = 0
    """Attempts that brought nothing and may have been billed all the same."""
    reused: str | None = None
    reused_from: str | None = None

    def gist(self) -> str:
        how = f"{self.latency:.2f} s"
        if self.reused:
            how = f"reused from {self.reused_from}" if self.reused_from else "reused"
        elif self.attempts > 1:
            how += f", {self.attempts} attempts"
        return f"reply, {self.reply.prompt_tokens}+{self.reply.completion_tokens} tokens ({how})"


class CallFailed(Message):
    """No reply was to be had: an outcome of its own, never a score.

    A `final` failure takes the place of the reply: whoever asked goes on without. Any other stops the run,
    and the call stays open: a resumed run asks it again.
    """

    kind: Literal["call.failed"] = "call.failed"
    key: str
    cause: FailureCause
    error: str
    attempts: int
    unsettled: int = 0
    final: bool = False

    def gist(self) -> str:
        sent = f"after {counted(self.attempts, 'attempt')}" if self.attempts else "unsent"
        return f"call failed {sent} ({self.cause}): {self.error}"


class BackendProbed(Message):
    """After failures without a success between them, one tiny request showed whether a model still answers.

    It is no call of an agent, but it is paid like one.
    """

    kind: Literal["backend.probed"] = "backend.probed"
    model: str
    alive: bool
    error: str
    attempts: int
    unsettled: int
    prompt_tokens: int
    completion_tokens: int

    def gist(self) -> str:
        return f"the {self.model}'s model " + ("answers" if self.alive else f"is silent: {self.error}")
