"""The interface of programs: what a program is given, and how it asks models."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from ...storage.errors import TransferPromptingError
from ..models.base import ChatMessage, FailureCause, ModelReply, Tool

Messages = str | Sequence[ChatMessage | Mapping[str, Any]]
"""The turns of a request: a text is one turn of the user, a mapping has `role` and `content`."""


class AskFailed(TransferPromptingError, RuntimeError):
    """A model call of a program has failed for good. A program may catch it; uncaught, it ends the execution.

    `cause` says why. With the cause "budget", nothing more can be asked, and the execution counts for nothing
    whatever it returns.
    """

    def __init__(self, cause: FailureCause, message: str) -> None:
        super().__init__(message)
        self.cause: FailureCause = cause


class Ask(Protocol):
    """The way to ask a model from inside a program. Each call is in the log before it is sent."""

    async def __call__(
        self,
        role: str,
        messages: Messages,
        *,
        text: str | Sequence[str] | None = None,
        max_tokens: int | None = None,
        temperature: float = 0.0,
        stop: Sequence[str] = (),
        json_schema: str | None = None,
        tools: Sequence[Tool] = (),
        seed: int | None = None,
    ) -> ModelReply:
        """Ask the model of `role`, "scorer" for the task's own, and return its reply.

        `text` names the optimised texts that the request rests on; by default those whose words it holds. A
        request that one execution sends again gets the same reply at temperature 0, and another sample
        above it. `max_tokens` is the limit of the run if it is None. Raises `AskFailed` if the call fails
        for good, `LookupError` if there is no such role or text.
        """
        ...

    def note(self, what: str, content: str, *, text: str | Sequence[str] = ()) -> None:
        """Add a step to the trace that is no call of a journalled model, such as a search and what it found.

        `text` names the optimised texts that the step rests on.
        """
        ...


@runtime_checkable
class Program(Protocol):
    """A system that turns one row into an output. It may keep no state from one row to the next.

    A program may have an attribute `texts`, name -> text: the texts that it would use itself, with which a
    search begins if the task names none.
    """

    async def run(self, example: Mapping[str, Any], prompts: Mapping[str, str], ask: Ask) -> Any:
        """Return the output for one row: a text, or a value that becomes JSON.

        `example` holds the input columns of the row, never its right answer. `prompts` holds the texts of
        the candidate by name. An exception excludes the row; it never counts as a wrong answer.
        """
        ...
