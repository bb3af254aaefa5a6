"""The interfaces between the dispatcher and programs: models that make calls of their own."""

from collections.abc import Awaitable, Callable
from typing import Protocol, runtime_checkable

from ...agents.models.base import ModelReply, ModelRequest
from .outcomes import Call

Sender = Callable[[str, str, ModelRequest], Awaitable[ModelReply]]
"""Sends a request: a role, what it is about, and the request."""
InnerSender = Callable[[Call, str, str, ModelRequest], Awaitable[ModelReply]]
"""Sends a program's request. The first argument is the call of the program, the others are as above."""


class Executions(Protocol):
    """Decides when an execution of a program may begin."""

    async def begin(self) -> bool:
        """Wait until an execution may begin; return False if none may any more."""
        ...

    def end(self) -> None:
        """Note that an execution has ended."""
        ...

    def left(self) -> float | None:
        """Return the seconds that an execution may take from now on; None without such a limit."""
        ...

    def expire(self) -> None:
        """Note that an execution has used up the seconds."""
        ...


class Unlimited:
    """Lets every execution begin."""

    async def begin(self) -> bool:
        """Return True."""
        return True

    def end(self) -> None:
        """Do nothing."""

    def left(self) -> None:
        """Return None."""

    def expire(self) -> None:
        """Do nothing."""


@runtime_checkable
class ExecutingModel(Protocol):
    """A model that makes calls of its own to answer a request: it runs programs."""

    async def execute(self, request: ModelRequest, send: Sender) -> ModelReply:
        """Return the reply to a request; `send` is given a role, what it is about, and a request.

        Raises `ModelError`.
        """
        ...
