"""One round of asking a model: the request, and the same again where that may help."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from ...agents.models.base import FailureCause, Model, ModelError, ModelReply, ModelRequest
from ...storage.crash_points import crash_point

MAX_ATTEMPTS = 4
_FIRST_PAUSE = 0.5  # seconds; doubles with each attempt
_LONGEST_PAUSE = 60.0
_REFUSED: frozenset[FailureCause] = frozenset(
    {"authentication", "quota", "rate_limit", "not_found", "not_supported"}
)
"""Causes for which a backend turns a request away before it does any work; all others may be billed."""

Pay = Callable[[ModelRequest], Awaitable["Payment | None"]]


class Payment:
    """What was reserved for one attempt. Settle it once, with the reply or with what became of it."""

    @property
    def seconds(self) -> float | None:
        """How long the attempt may still take; None for as long as it likes."""
        return None

    def settle(self, reply: ModelReply) -> None:
        """Charge for the reply."""

    def fail(self, *, sent: bool, billed: bool) -> None:
        """Charge the worst case if the request may be `billed`, a call if it was `sent`, else nothing."""

    def expire(self) -> None:
        """The seconds are over: charge for the worst case, and end the budget."""


class Payer(Protocol):
    """Reserves what a request may cost before it is sent."""

    async def pay(self, role: str, request: ModelRequest, longest: float) -> Payment | None:
        """Reserve the cost of a request that may take `longest` seconds; None if the budget has ended."""


@dataclass(frozen=True, slots=True)
class Failed:
    """What is left of a round without a reply; `attempts` are those that were sent."""

    cause: FailureCause
    error: str
    attempts: int
    unsettled: int
    retryable: bool = False
    """Whether another round may succeed."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A reply, with the seconds that its attempt took; `attempts` are those that were sent."""

    reply: ModelReply
    latency: float
    attempts: int
    unsettled: int


async def ask(model: Model, request: ModelRequest, pay: Pay) -> Answered | Failed:
    """Send `request` up to `MAX_ATTEMPTS` times, each time only once `pay` has reserved what it may cost."""
    sent = unsettled = 0
    for attempt in range(1, MAX_ATTEMPTS + 1):
        payment = await pay(request)
        if payment is None:
            return Failed("budget", "The budget has ended before this call.", sent, unsettled)
        began = time.perf_counter()
        try:
            async with asyncio.timeout(payment.seconds):
                error = await _once(model, request)
        except TimeoutError:
            payment.expire()
            return Failed("budget", "The budget of seconds has ended in this call.", sent + 1, unsettled + 1)
        if isinstance(error, ModelReply):
            payment.settle(error)
            return Answered(error, round(time.perf_counter() - began, 4), sent + 1, unsettled)
        sent += error.sent is not False
        billed = _billed(error)
        unsettled += billed
        payment.fail(sent=error.sent is not False, billed=billed)
        if not error.retryable or attempt == MAX_ATTEMPTS:
            return Failed(error.cause, str(error), sent, unsettled, error.retryable)
        await asyncio.sleep(_pause(attempt, error.retry_after, payment.seconds))
    raise AssertionError("the last attempt returns")


def _billed(error: ModelError) -> bool:
    """Whether the backend may have done some of the work."""
    return error.cause not in _REFUSED if error.sent is None else error.sent


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


def _pause(attempt: int, asked: float | None, left: float | None) -> float:
    """Seconds before the next attempt: ever longer, and no less than the backend asks for, within reason."""
    pause = min(max(_FIRST_PAUSE * 2.0 ** (attempt - 1), asked or 0.0), _LONGEST_PAUSE)
    return pause if left is None else min(pause, max(left, 0.0))
