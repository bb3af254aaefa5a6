"""Calls: the requests that roles send to their models, and the outcomes."""

from typing import ClassVar, Literal

from ..models.base import FailureCause, ModelReply, ModelRequest
from .base import Message, plural


class CallRequested(Message):
    """A role sends a request to its model. `call.finished` or `call.failed` with the same key follows."""

    SCHEMA: ClassVar[int] = 2
    """Schema 2 allows contents with parts, such as images."""
    kind: Literal["call.requested"] = "call.requested"
    model: str
    """Role whose model is called."""
    key: str
    """Digest of everything that decides the reply."""
    request: ModelRequest
    about: str
    """Subject of the call, such as "p1a2b3c4 / row-17"."""

    def gist(self) -> str:
        """Return the model and the subject of the call."""
        return f"ask {self.model} about {self.about}"


class CallFinished(Message):
    """A model has replied to a call, or an earlier reply to the same request has been reused."""

    kind: Literal["call.finished"] = "call.finished"
    key: str
    reply: ModelReply
    latency: float
    """Seconds from sending the request, in its last attempt, to receiving the reply."""
    attempts: int
    """Number of requests sent. An attempt that could not connect is not counted."""
    unsettled: int = 0
    """Number of attempts that brought no reply and may have been billed all the same."""
    reused: str | None = None
    """Id of the earlier call whose reply is reused; None if the model was asked."""
    reused_from: str | None = None
    """Run of that earlier call if it belongs to another run."""

    def gist(self) -> str:
        """Return the tokens of the reply, and its latency or its origin."""
        how = f"{self.latency:.2f} s"
        if self.reused:
            how = f"reused from {self.reused_from}" if self.reused_from else "reused"
        elif self.attempts > 1:
            how += f", {self.attempts} attempts"
        return f"reply, {self.reply.prompt_tokens}+{self.reply.completion_tokens} tokens ({how})"


class CallFailed(Message):
    """A call has ended without a reply. A failed call is an outcome of its own and never a score.

    A `final` failure takes the place of the reply: the role that asked goes on without one. Any other
    failure stops the run and leaves the call open; a resumed run asks again.
    """

    kind: Literal["call.failed"] = "call.failed"
    key: str
    cause: FailureCause
    error: str
    attempts: int
    """Number of requests sent; 0 if the call was never sent."""
    unsettled: int = 0
    """Number of attempts that may have been billed although no reply came."""
    final: bool = False
    """True if the run goes on without a reply."""

    def gist(self) -> str:
        """Return the number of attempts, the cause and the error."""
        sent = f"after {plural(self.attempts, 'attempt')}" if self.attempts else "unsent"
        return f"call failed {sent} ({self.cause}): {self.error}"


class CallAttempted(Message):
    """An attempt at a call has failed. This is in the log before anything more is sent for the call.

    So a run that is killed between two attempts knows what it may have spent. The outcome of the call counts
    these attempts again.
    """

    kind: Literal["call.attempted"] = "call.attempted"
    model: str
    """Role whose model was asked."""
    probe: bool
    """True if the request was a probe of the backend, made because this call had failed."""
    attempts: int
    """Number of requests sent so far, since the run was last started or resumed."""
    unsettled: int
    """Number of these attempts that may have been billed although no reply came."""
    cause: FailureCause
    error: str

    def gist(self) -> str:
        """Return the number of attempts, the cause and the error."""
        what = "probe" if self.probe else "call"
        return f"no reply to the {what} after {plural(self.attempts, 'attempt')} ({self.cause}): {self.error}"


class BackendProbed(Message):
    """The runtime has tested a model with one tiny request after several failures without a success.

    A probe is not a call of an agent, but it is paid for like one.
    """

    kind: Literal["backend.probed"] = "backend.probed"
    model: str
    """Role whose model was tested."""
    alive: bool
    """True if the model replied."""
    error: str
    attempts: int
    unsettled: int
    """Number of attempts that may have been billed although no reply came."""
    prompt_tokens: int
    completion_tokens: int

    def gist(self) -> str:
        """Return whether the model answers."""
        return f"the {self.model}'s model " + ("answers" if self.alive else f"is silent: {self.error}")
