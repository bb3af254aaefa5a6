"""The outcomes of calls and of attempts at them, as messages for the log."""

from dataclasses import dataclass, replace

from ...agents.messages import BackendProbed, CallAttempted, CallFailed, CallFinished
from ...agents.models.base import ModelRequest
from .reply_cache import KnownReply
from .retry import Answered, Failed

CallOutcome = CallFinished | CallFailed


@dataclass(frozen=True, slots=True)
class Call:
    """One journalled request on its way to a model."""

    id: str
    model: str
    key: str
    request: ModelRequest


@dataclass(slots=True)
class Tally:
    """The requests that were sent for one call so far, in the rounds that have ended."""

    attempts: int = 0
    unsettled: int = 0
    noted: bool = False
    """Whether the log has been told of a failed attempt."""

    def add(self, result: Answered | Failed) -> None:
        """Count the requests of a round."""
        self.attempts += result.attempts
        self.unsettled += result.unsettled

    def with_(self, failed: Failed) -> Failed:
        """Return a failure whose counts include the earlier rounds."""
        return replace(
            failed,
            attempts=self.attempts + failed.attempts,
            unsettled=self.unsettled + failed.unsettled,
        )


def reused(call: Call, known: KnownReply) -> CallFinished:
    """Return the outcome of a call that takes a known reply."""
    return CallFinished(
        key=call.key, reply=known.reply, latency=0.0, attempts=0, reused=known.call, reused_from=known.run
    )


def probed(role: str, result: Answered | Failed) -> BackendProbed:
    """Return the result of a probe of the model of `role`."""
    answered = isinstance(result, Answered)
    return BackendProbed(
        model=role,
        alive=answered,
        error="" if isinstance(result, Answered) else result.error,
        attempts=result.attempts,
        unsettled=result.unsettled,
        prompt_tokens=result.reply.prompt_tokens if isinstance(result, Answered) else 0,
        completion_tokens=result.reply.completion_tokens if isinstance(result, Answered) else 0,
    )


def failed(call: Call, result: Failed, tally: Tally, *, final: bool) -> CallFailed:
    """Return the failure of a call."""
    return CallFailed(
        key=call.key,
        cause=result.cause,
        error=result.error,
        attempts=tally.attempts,
        unsettled=tally.unsettled,
        final=final,
    )


def attempted(role: str, result: Failed, *, probe: bool) -> CallAttempted:
    """Return the record of failed attempts at a call of `role`, or at a probe."""
    return CallAttempted(
        model=role,
        probe=probe,
        attempts=result.attempts,
        unsettled=result.unsettled,
        cause=result.cause,
        error=result.error,
    )
