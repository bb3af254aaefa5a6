"""One round of asking a model: the request, and the same again where that may help."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from ..agents.models.base import FailureCause, Model, ModelError, ModelReply, ModelRequest
from ..storage.crashpoints import crash_point

MAX_ATTEMPTS = 4
_FIRST_PAUSE = 0.5  # seconds; doubles with each attempt
_LONGEST_PAUSE = 60.0
_MAY_BE_BILLED: frozenset[FailureCause] = frozenset({"timeout", "connection", "malformed_reply", "crash"})
"""Causes that leave open whether the backend has done the work; all others say that it has not."""

Pay = Callable[[ModelRequest], Awaitable["Payment | None"]]


class Payment:
    """What was reserved for one attempt. Settle it once, with the reply or with what became of it."""

    def settle(self, reply: ModelReply | None, *, lost: bool) -> None:
        """Charge for `reply`; without one, for the worst case if the request may be `lost`, else nothing."""


@dataclass(frozen=True, slots=True)
class Failed:
    """What is left of a round without a reply."""

    cause: FailureCause
    error: str
    attempts: int
    unsettled: int
    retryable: bool = False
    """Whether another round may succeed."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A reply, with the seconds that its attempt took."""

    reply: ModelReply
    latency: float
    attempts: int
    unsettled: int


async def ask(model: Model, request: ModelRequest, pay: Pay) -> Answered | Failed:
    """Send `request` up to `MAX_ATTEMPTS` times, each time only once `pay` has reserved what it may cost."""
    unsettled = 0
    for attempt in range(1, MAX_ATTEMPTS + 1):
        payment = await pay(request)
        if payment is None:
            return Failed("budget", "The budget has ended before this call.", attempt - 1, unsettled)
        began = time.perf_counter()
        error = await _once(model, request)
        if isinstance(error, ModelReply):
            payment.settle(error, lost=False)
            return Answered(error, round(time.perf_counter() - began, 4), attempt, unsettled)
        lost = error.cause in _MAY_BE_BILLED
        unsettled += lost
        payment.settle(None, lost=lost)
        if not error.retryable or attempt == MAX_ATTEMPTS:
            return Failed(error.cause, str(error), attempt, unsettled, error.retryable)
        await asyncio.sleep(_pause(attempt, error.retry_after))
    raise AssertionError("the last attempt returns")


async def _once(model: Model, request: ModelRequest) -> ModelReply | ModelError:
    try:
        crash_point("before-call")
        reply = await model.reply(request)
        crash_point("after-call")
    except ModelError as error:
        return error
    except Exception as error:  # noqa: BLE001 - the edge between the runtime and any model's code
        return ModelError("crash", f"The model {model.identity} crashed: {type(error).__name__}: {error}")
    return reply


def _pause(attempt: int, asked: float | None) -> float:
    """Seconds before the next attempt: ever longer, and no less than the backend asks for, within reason."""
    return min(max(_FIRST_PAUSE * 2.0 ** (attempt - 1), asked or 0.0), _LONGEST_PAUSE)
