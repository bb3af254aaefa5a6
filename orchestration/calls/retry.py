"""Call a model, retrying transient errors with growing pauses."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Protocol

from tenacity.wait import wait_base, wait_exponential, wait_random

from ...agents.models.backoff import seconds_before
from ...agents.models.base import FailureCause, Model, ModelError, ModelReply, ModelRequest
from ...storage.crash_points import crash_point

MAX_ATTEMPTS = 4
WAIT: wait_base = wait_exponential(multiplier=0.5) + wait_random(0, 0.5)
"""Pause before the next attempt. The jitter keeps requests that failed together from returning together."""
_LONGEST_PAUSE = 60.0  # seconds, even if the backend asks for more
_REFUSED: frozenset[FailureCause] = frozenset(
    {"authentication", "quota", "rate_limit", "not_found", "not_supported"}
)
"""Causes for which a backend turns a request away before it does any work; all others may be billed."""

Pay = Callable[[ModelRequest], Awaitable["Payment | None"]]
Note = Callable[["Failed"], Awaitable[None]]
"""Records that attempts have failed; nothing more is sent before it returns."""


class Payment:
    """The amount reserved for one attempt. Settle it once, by the reply or by the failure."""

    @property
    def seconds(self) -> float | None:
        """Seconds that the attempt may still take; None without such a limit."""
        return None

    def settle(self, reply: ModelReply) -> None:
        """Charge for the reply."""

    def fail(self, *, sent: bool, billed: bool) -> None:
        """Charge the worst case if the request may be `billed`, one call if it was `sent`, else nothing."""

    def expire(self) -> None:
        """Charge the worst case because the seconds are used up, and end the budget."""


async def pay_nothing(_request: ModelRequest) -> Payment:
    """Reserve nothing: outside of a run, the number of examples limits what calls cost."""
    return Payment()


class Payer(Protocol):
    """Reserves the possible cost of a request before it is sent."""

    async def pay(self, role: str, request: ModelRequest, max_seconds: float) -> Payment | None:
        """Reserve the cost of a request that may take `max_seconds`; None if the budget has ended."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A request without a reply. `attempts` counts those sent, `unsettled` those that may be billed."""

    cause: FailureCause
    error: str
    attempts: int = 0
    unsettled: int = 0
    retryable: bool = False
    """Whether the same request may succeed later."""
    pause: float | None = None
    """Seconds to wait before the next attempt, if the backend asks for a pause."""
    seconds: float | None = None
    """Seconds that the budget leaves for waiting; None without such a limit."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A reply, with the seconds that its attempt took. `attempts` counts all that were sent."""

    reply: ModelReply
    latency: float
    attempts: int = 0
    unsettled: int = 0


async def _ignore(_failed: Failed) -> None:
    """Record nothing."""


async def ask(model: Model, request: ModelRequest, pay: Pay, note: Note = _ignore) -> Answered | Failed:
    """Send `request` up to `MAX_ATTEMPTS` times, each time after `pay` has reserved its possible cost.

    `note` is awaited with the failure of each attempt that was sent, and its counts of all attempts so far.
    Only errors that are marked as retryable are retried. The pauses respect the one that a backend asks for,
    and never outlast the seconds of the budget.
    """
    attempt = sent = unsettled = 0
    while True:
        attempt += 1
        outcome = await _attempt(model, request, pay)
        sent, unsettled = sent + outcome.attempts, unsettled + outcome.unsettled
        result = replace(outcome, attempts=sent, unsettled=unsettled)
        if isinstance(result, Answered):
            return result
        if outcome.attempts and result.cause != "budget":
            await note(result)
        if not result.retryable or attempt == MAX_ATTEMPTS:
            return result
        await asyncio.sleep(_pause(result, attempt))


async def _attempt(model: Model, request: ModelRequest, pay: Pay) -> Answered | Failed:
    payment = await pay(request)
    if payment is None:
        return Failed("budget", "The budget has ended before this call.")
    began = time.perf_counter()
    try:
        async with asyncio.timeout(payment.seconds):
            outcome = await _reply(model, request)
    except TimeoutError:
        payment.expire()
        return Failed("budget", "The budget of seconds has ended in this call.", 1, 1)
    if isinstance(outcome, ModelReply):
        payment.settle(outcome)
        return Answered(outcome, round(time.perf_counter() - began, 4), 1)
    sent, billed = outcome.sent is not False, _may_be_billed(outcome)
    payment.fail(sent=sent, billed=billed)
    return Failed(
        outcome.cause,
        str(outcome),
        int(sent),
        int(billed),
        outcome.retryable,
        outcome.retry_after,
        payment.seconds,
    )


async def _reply(model: Model, request: ModelRequest) -> ModelReply | ModelError:
    try:
        crash_point("before-call")
        reply = await model.reply(request)
        crash_point("after-call")
    except ModelError as error:
        return error
    except Exception as error:  # noqa: BLE001 - the edge between the runtime and any model's code
        return ModelError("crash", f"The model {model.identity} crashed: {type(error).__name__}: {error}")
    return reply


def _may_be_billed(error: ModelError) -> bool:
    """Return whether the backend may have done some of the work."""
    return error.cause not in _REFUSED if error.sent is None else error.sent


def _pause(failed: Failed, attempt: int) -> float:
    """Return the seconds to wait after an attempt: growing, and no fewer than the backend asks for."""
    pause = min(max(seconds_before(attempt, WAIT), failed.pause or 0.0), _LONGEST_PAUSE)
    return pause if failed.seconds is None else min(pause, max(failed.seconds, 0.0))
