"""The live end of the journal: takes requested calls to the models and brings their outcomes back.

A call that another call has already answered is not made again; identical calls in flight share one
request. Outcomes that arrive in one turn of the event loop are handed over as one batch.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b

from ...agents.messages import BackendProbed, CallFailed, CallFinished
from ...agents.models.base import FATAL, ChatMessage, Model, ModelRequest
from .circuit_breaker import LIMIT, CircuitBreaker
from .priority_semaphore import PrioritySemaphore
from .reply_cache import KnownReply, ReplyCache
from .retry import Answered, Failed, Payer, ask

CallOutcome = CallFinished | CallFailed
_ROUNDS = 2
"""How often a call is tried in full, with the backend known to live in between, before it has failed."""
_RANKS = {"scorer": 1}
"""By role: its calls are many, and the others' are few that much waits for."""
_PROBE = ModelRequest(messages=(ChatMessage(role="user", content="Say yes."),), max_tokens=1)


def call_key(identity: str, request: ModelRequest) -> str:
    """The digest of everything that decides a reply: the model's identity and the whole request."""
    return blake2b(f"{identity}\x00{request.model_dump_json()}".encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class Call:
    """One journalled request on its way to a model."""

    id: str
    model: str
    key: str
    request: ModelRequest


@dataclass(frozen=True, slots=True)
class ModelLine:
    """The way to a role's model: so many requests at once, each `longest` seconds at most (0: unknown)."""

    model: Model
    slots: int
    longest: float = 0.0


class CallDispatcher:
    """Runs calls concurrently, within the slots of each line, and delivers outcomes in batches.

    `deliver` is called in the event loop with the calls that have ended and their outcomes, `tell` with what
    a probe has shown, because of which call.
    """

    def __init__(
        self,
        lines: Mapping[str, ModelLine],
        payer: Payer,
        replies: ReplyCache,
        deliver: Callable[[list[tuple[Call, CallOutcome]]], None],
        tell: Callable[[BackendProbed, str], None],
    ) -> None:
        self._lines = lines
        # Roles that share a model share its slots and its fate.
        most: dict[int, int] = {}
        for line in lines.values():
            most[id(line.model)] = max(line.slots, most.get(id(line.model), 0))
        slots = {model: PrioritySemaphore(count) for model, count in most.items()}
        self._slots = {role: slots[id(line.model)] for role, line in lines.items()}
        self._payer = payer
        self._replies = replies
        self._deliver = deliver
        self._tell = tell
        backends = {
            id(line.model): CircuitBreaker(partial(self._probe, role)) for role, line in lines.items()
        }
        self._backends = {role: backends[id(line.model)] for role, line in lines.items()}
        self._waiting: dict[str, list[Call]] = {}
        self._suspects: dict[str, str] = {}
        self._ended: list[tuple[Call, CallOutcome]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._open = 0
        self.halted: tuple[str, str] | None = None
        """Why no call is made any more: the cause and what to say of it."""

    @property
    def in_flight(self) -> int:
        """How many calls have been started and not yet delivered."""
        return self._open

    def start(self, call: Call) -> None:
        """Begin a call; its outcome comes through `deliver`."""
        self._open += 1
        known = self._replies.find(call.key)
        if known is not None:
            self._end([(call, _reused(call, known))])
        elif call.key in self._waiting:
            self._waiting[call.key].append(call)
        else:
            self._waiting[call.key] = []
            self._backends[call.model].begin()
            task = asyncio.get_running_loop().create_task(self._make(call))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Deliver what has ended and drop what is in flight; a resumed run asks it again."""
        for backend in self._backends.values():
            backend.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._ended:
            self._flush()

    async def _make(self, call: Call) -> None:
        outcome = await self._outcome(call)
        if outcome is None:
            return
        followers = self._waiting.pop(call.key)
        ended: list[tuple[Call, CallOutcome]] = [(call, outcome)]
        if isinstance(outcome, CallFinished):
            self._replies.remember(call.key, call.id, outcome.reply)
            known = KnownReply(outcome.reply, call.id)
            ended += [(follower, _reused(follower, known)) for follower in followers]
        else:
            # It is paid once, so it is counted once.
            shared = outcome.model_copy(update={"attempts": 0, "unsettled": 0})
            ended += [(follower, shared) for follower in followers]
        self._end(ended)
        self._backends[call.model].end(success=isinstance(outcome, CallFinished))

    async def _outcome(self, call: Call) -> CallOutcome | None:
        """Ask until there is a reply, or a failure that is the call's own; None where the run stops."""
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
            final = result.cause == "budget" or await self._is_its_own(call, result)
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

    async def _is_its_own(self, call: Call, failed: Failed) -> bool:
        """Whether a failure is that of the call alone; otherwise the run stops."""
        if failed.cause in FATAL:
            self._halt(failed.cause, failed.error)
        elif not self.halted:
            self._suspects[call.model] = call.id
            if await self._backends[call.model].verdict():
                return True
        return False

    async def _probe(self, role: str) -> bool:
        """Ask a tiny question; the run stops where not even that has an answer."""
        if self.halted:
            return False
        result = await self._ask(role, _PROBE)
        if isinstance(result, Failed) and result.cause == "budget":
            return True
        alive = isinstance(result, Answered)
        self._tell(_probed(role, result), self._suspects.get(role, ""))
        if isinstance(result, Failed):
            identity = self._lines[role].model.identity
            self._halt(
                result.cause,
                f"{identity} does not answer: calls have failed in a row (up to {LIMIT}), and so has a tiny "
                f"request made to see whether it still works. {result.error}",
            )
        return alive

    async def _ask(self, role: str, request: ModelRequest) -> Answered | Failed:
        line = self._lines[role]

        return await ask(line.model, request, lambda sent: self._payer.pay(role, sent, line.longest))

    def _halt(self, cause: str, why: str) -> None:
        # Asking more of a backend that refuses would only cost.
        self.halted = self.halted or (cause, why)

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
