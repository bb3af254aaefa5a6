"""The calls that programs make while they run: each is in the log before it is sent."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from ...agents.call_events import PROGRAMS
from ...agents.messages import CallFailed, CallFinished, CallRequested
from ...agents.messages.codec import decode
from ...agents.models.base import ModelReply, ModelRequest
from ...agents.programs.base import AskFailed
from ...storage.event import Draft, Event
from ..calls.dispatcher import call_key
from ..calls.outcomes import Call
from ..projections.executions import EXECUTOR, is_inner_request
from .drafts import outside_draft


class InnerCalls:
    """Records the requests of programs, and gives each program its reply once that is in the log.

    `submit` appends drafts to the log of `run`; `identities` are those of the models by role. The runtime
    then treats a recorded request like that of an agent, and tells `apply` of every event.
    """

    def __init__(
        self, run: str, identities: Mapping[str, str], submit: Callable[[Sequence[Draft]], None]
    ) -> None:
        self._run = run
        self._identities = identities
        self._submit = submit
        self._asked: Counter[str] = Counter()
        """Number of requests in the log, by the call of the program."""
        self._waiting: dict[str, asyncio.Future[ModelReply]] = {}

    async def ask(self, outer: Call, role: str, about: str, request: ModelRequest) -> ModelReply:
        """Send a request of the program that the call `outer` runs; return the reply once it is in the log.

        Raises `LookupError` if there is no such model, `AskFailed` if the call fails for good.
        """
        identity = self._identities.get(role)
        if identity is None or role == PROGRAMS:
            known = ", ".join(name for name in self._identities if "." not in name)
            raise LookupError(f"the run has no model {role!r} to ask; it has {known}")
        message = CallRequested(model=role, key=call_key(identity, request), request=request, about=about)
        draft = outside_draft(
            self._run,
            EXECUTOR,
            self._asked[outer.id],
            message,
            cause=outer.id,
            recipients=(f"model/{role}",),
        )
        self._asked[outer.id] += 1
        future: asyncio.Future[ModelReply] = asyncio.get_running_loop().create_future()
        self._waiting[draft.id] = future
        self._submit([draft])
        try:
            return await future
        finally:
            self._waiting.pop(draft.id, None)

    def restore(self, event: Event) -> None:
        """Count a request that is in the log already, so that the next one gets another id."""
        if is_inner_request(event):
            self._asked[event.cause or ""] += 1

    def apply(self, event: Event) -> None:
        """Give a program the outcome of its call."""
        future = self._waiting.get(event.cause or "")
        if future is None or future.done():
            return
        match decode(event):
            case CallFinished() as finished:
                future.set_result(finished.reply)
            case CallFailed() as failed if failed.final:
                future.set_exception(AskFailed(failed.cause, failed.error))
