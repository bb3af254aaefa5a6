"""Takes requested calls to the models and delivers their outcomes.

A call that another call has already answered is not made again, and identical calls in flight share one
request. Outcomes of one turn of the event loop are delivered as one batch.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b

from ...agents.messages import BackendProbed, CallFailed, CallFinished
from ...agents.models.base import FATAL, ModelRequest
from ...agents.models.probe import PROBE
from .circuit_breaker import LIMIT, CircuitBreaker
from .model_pool import ModelPool
from .priority_semaphore import PrioritySemaphore
from .reply_cache import KnownReply, ReplyCache
from .retry import Answered, Failed, Payer, ask

CallOutcome = CallFinished | CallFailed
_ROUNDS = 2
"""Number of rounds of attempts before a call fails, although its backend is alive."""
_RANKS = {"scorer": 1}
"""Rank of a role's calls, 0 by default: the scorer's are many, and much depends on the few others."""


def call_key(identity: str, request: ModelRequest) -> str:
    """Return the digest of everything that decides a reply: the model's identity and the whole request."""
    return blake2b(f"{identity}\x00{request.model_dump_json()}".encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class Call:
    """One journalled request on its way to a model."""

    id: str
    model: str
    key: str
    request: ModelRequest


class CallDispatcher:
    """Makes calls concurrently, within the slots of each model, and delivers their outcomes in batches.

    `deliver` is called in the event loop with the calls that have ended and their outcomes, `on_probe` with
    the result of a probe and the id of the call that caused it.
    """

    def __init__(
        self,
        pool: ModelPool,
        payer: Payer,
        replies: ReplyCache,
        deliver: Callable[[list[tuple[Call, CallOutcome]]], None],
        on_probe: Callable[[BackendProbed, str], None],
    ) -> None:
        self._pool = pool
        self._payer = payer
        self._replies = replies
        self._deliver = deliver
        self._on_probe = on_probe
        self._slots = pool.per_model(lambda role: PrioritySemaphore(pool.slots(role)))
        self._breakers = pool.per_model(lambda role: CircuitBreaker(partial(self._probe, role)))
        self._followers: dict[str, list[Call]] = {}
        self._suspects: dict[CircuitBreaker, str] = {}
        self._ended: list[tuple[Call, CallOutcome]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._open = 0
        self.halted: tuple[str, str] | None = None
        """Cause and message of the failure after which no further call is made."""

    @property
    def in_flight(self) -> int:
        """Number of calls that were started and not yet delivered."""
        return self._open

    def start(self, call: Call) -> None:
        """Begin a call. Its outcome is passed to `deliver`."""
        self._open += 1
        known = self._replies.find(call.key)
        if known is not None:
            self._end([(call, _reused(call, known))])
        elif call.key in self._followers:
            self._followers[call.key].append(call)
        else:
            self._followers[call.key] = []
            self._breakers[call.model].begin()
            task = asyncio.get_running_loop().create_task(self._run(call))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Deliver the outcomes that exist and cancel the other calls; a resumed run makes them again."""
        for breaker in self._breakers.values():
            breaker.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._ended:
            self._flush()

    async def _run(self, call: Call) -> None:
        outcome = await self._outcome(call)
        if outcome is None:
            return
        followers = self._followers.pop(call.key)
        ended: list[tuple[Call, CallOutcome]] = [(call, outcome)]
        if isinstance(outcome, CallFinished):
            self._replies.remember(call.key, call.id, outcome.reply)
            known = KnownReply(outcome.reply, call.id)
            ended += [(follower, _reused(follower, known)) for follower in followers]
        else:
            # The request is paid once, so it is counted once.
            shared = outcome.model_copy(update={"attempts": 0, "unsettled": 0})
            ended += [(follower, shared) for follower in followers]
        self._end(ended)
        self._breakers[call.model].end(success=isinstance(outcome, CallFinished))

    async def _outcome(self, call: Call) -> CallOutcome | None:
        """Ask until there is a reply or a failure of this call alone; return None if the run stops."""
        attempts = unsettled = 0
        for round_ in range(1, _ROUNDS + 1):
            async with self._slots[call.model].hold(_RANKS.get(call.model, 0)):
                if self.halted:
                    return None
                result = await self._ask(call.model, call.request)
            attempts, unsettled = attempts + result.attempts, unsettled + result.unsettled
            if isinstance(result, Answered):
                return CallFinished(
                    key=call.key,
                    reply=result.reply,
                    latency=result.latency,
                    attempts=attempts,
                    unsettled=unsettled,
                )
            final = result.cause == "budget" or await self._fails_alone(call, result)
            if not final or not result.retryable or round_ == _ROUNDS:
                return CallFailed(
                    key=call.key,
                    cause=result.cause,
                    error=result.error,
                    attempts=attempts,
                    unsettled=unsettled,
                    final=final,
                )
        raise AssertionError("the last round returns")

    async def _fails_alone(self, call: Call, failed: Failed) -> bool:
        """Return whether a failure concerns this call alone; otherwise the run stops."""
        if failed.cause in FATAL:
            self._halt(failed.cause, failed.error)
        elif not self.halted:
            self._suspects[self._breakers[call.model]] = call.id
            if await self._breakers[call.model].is_alive():
                return True
        return False

    async def _probe(self, role: str) -> bool:
        """Send a tiny request; if even that fails, stop making calls and return False."""
        if self.halted:
            return False
        result = await self._ask(role, PROBE)
        if isinstance(result, Failed) and result.cause == "budget":
            return True
        self._on_probe(_probed(role, result), self._suspects.get(self._breakers[role], ""))
        if isinstance(result, Failed):
            identity = self._pool[role].model.identity
            self._halt(
                result.cause,
                f"{identity} does not answer: calls have failed in a row (up to {LIMIT}), and so has a tiny "
                f"request made to see whether it still works. {result.error}",
            )
        return isinstance(result, Answered)

    async def _ask(self, role: str, request: ModelRequest) -> Answered | Failed:
        pooled = self._pool[role]
        return await ask(pooled.model, request, lambda sent: self._payer.pay(role, sent, pooled.timeout))

    def _halt(self, cause: str, error: str) -> None:
        # Further requests to a backend that refuses them would only cost.
        self.halted = self.halted or (cause, error)

    def _end(self, ended: list[tuple[Call, CallOutcome]]) -> None:
        if not self._ended:
            asyncio.get_running_loop().call_soon(self._flush)
        self._ended += ended

    def _flush(self) -> None:
        ended, self._ended = self._ended, []
        if ended:
            self._open -= len(ended)
            self._deliver(ended)


def _reused(call: Call, known: KnownReply) -> CallFinished:
    return CallFinished(
        key=call.key, reply=known.reply, latency=0.0, attempts=0, reused=known.call, reused_from=known.run
    )


def _probed(role: str, result: Answered | Failed) -> BackendProbed:
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
