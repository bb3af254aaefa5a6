"""Takes requested calls to the models and delivers their outcomes.

A call that another call has already answered is not made again, and identical calls in flight share one
request. Outcomes of one turn of the event loop are delivered as one batch.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from hashlib import blake2b

from ...agents.messages import BackendProbed, CallAttempted, CallFinished
from ...agents.models.base import FATAL, ModelError, ModelRequest
from ...agents.models.probe import PROBE
from .circuit_breaker import LIMIT, CircuitBreaker
from .executing import ExecutingModel, Executions, InnerSender, Sender, Unlimited
from .model_pool import ModelPool
from .outcomes import Call, CallOutcome, Tally, attempted, failed, probed, reused
from .priority_semaphore import PrioritySemaphore
from .reply_cache import KnownReply, ReplyCache
from .retry import Answered, Failed, Note, Payer, ask

_ROUNDS = 2
"""Number of rounds of attempts before a call fails, although its backend is alive."""
_RANKS = {"scorer": 1}
"""Rank of a role's calls, 0 by default: the scorer's are many, and much depends on the few others."""


async def _ignore(*_: object) -> None:
    """Record nothing."""


def call_key(identity: str, request: ModelRequest) -> str:
    """Return the digest of everything that decides a reply: the model's identity and the whole request."""
    return blake2b(f"{identity}\x00{request.model_dump_json()}".encode(), digest_size=16).hexdigest()


class CallDispatcher:
    """Makes calls concurrently, within the slots of each model, and delivers their outcomes in batches.

    A program's own calls go through `inner`, which gets the call of the program first.

    `deliver` is called in the event loop with the calls that have ended and their outcomes, `on_probe` with
    the result of a probe and the id of the call that caused it. `on_attempt` is awaited with each failed
    attempt and the id of its call before anything more is sent for the call, and `until_recorded` before the
    slot of a call that has ended is given to another. So a killed run never has more requests of unknown
    outcome under way than it has slots.
    """

    def __init__(
        self,
        pool: ModelPool,
        payer: Payer,
        replies: ReplyCache,
        deliver: Callable[[list[tuple[Call, CallOutcome]]], None],
        on_probe: Callable[[BackendProbed, str], None],
        on_attempt: Callable[[CallAttempted, str], Awaitable[None]] = _ignore,
        until_recorded: Callable[[], Awaitable[None]] = _ignore,
        inner: InnerSender | None = None,
        executions: Executions | None = None,
    ) -> None:
        self._pool = pool
        self._payer = payer
        self._replies = replies
        self._deliver = deliver
        self._on_probe = on_probe
        self._on_attempt = on_attempt
        self._until_recorded = until_recorded
        self._inner = inner
        self._executions = executions or Unlimited()
        # Once for each role: checking an object against a protocol takes as long as hashing a request.
        self._programs = {
            role: pooled.model for role, pooled in pool.items() if isinstance(pooled.model, ExecutingModel)
        }
        self._slots = pool.per_model(lambda role: PrioritySemaphore(pool.slots(role)))
        self._breakers = pool.per_model(lambda role: CircuitBreaker(partial(self._probe, role)))
        self._followers: dict[str, list[Call]] = {}
        self._suspects: dict[CircuitBreaker, tuple[str, str]] = {}
        """Last failed call of each model, with its error."""
        self._ended: list[tuple[Call, CallOutcome]] = []
        self._delivered: asyncio.Future[None]
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
            self._end([(call, reused(call, known))])
        elif call.key in self._followers:
            self._followers[call.key].append(call)
        else:
            self._followers[call.key] = []
            self._breakers[call.model].begin()
            program = self._programs.get(call.model)
            work = self._run(call) if program is None else self._execute(call, program)
            task = asyncio.get_running_loop().create_task(work)
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

    async def _execute(self, call: Call, model: ExecutingModel) -> None:
        """Have a program run. Only its calls cost anything.

        If it fails it is not run again, and nothing is probed: its calls tell whether the backends are alive.
        """
        assert self._inner is not None
        async with self._slots[call.model].hold(_RANKS.get(call.model, 0)):
            if self.halted:
                return
            result = await self._executed(call, model, partial(self._inner, call))
            if isinstance(result, Answered):
                await self._finish(call, result, Tally())
                return
        if result.cause in FATAL:
            self._halt(result.cause, result.error)
        final = result.cause == "budget" or not self.halted
        await self._conclude(call, failed(call, result, Tally(), final=final))

    async def _executed(self, call: Call, model: ExecutingModel, send: Sender) -> Answered | Failed:
        if not await self._executions.begin():
            return Failed("budget", "The budget has ended before this execution.")
        began = time.perf_counter()
        try:
            # What the program does between its calls takes time as well.
            async with asyncio.timeout(self._executions.left()):
                reply = await model.execute(call.request, send)
        except TimeoutError:
            self._executions.expire()
            return Failed("budget", "The budget of seconds has ended in this execution.")
        except ModelError as error:
            return Failed(error.cause, str(error))
        finally:
            self._executions.end()
        return Answered(reply, round(time.perf_counter() - began, 4))

    async def _run(self, call: Call) -> None:
        """Ask until there is a reply or a failure of this call alone, or until the run stops."""
        tally = Tally()
        for round_ in range(1, _ROUNDS + 1):
            async with self._slots[call.model].hold(_RANKS.get(call.model, 0)):
                if self.halted:
                    return
                result = await self._ask(call.model, call.request, partial(self._note, call, tally))
                tally.add(result)
                if isinstance(result, Answered):
                    await self._finish(call, result, tally)
                    return
                if result.cause == "budget":
                    await self._conclude(call, failed(call, result, tally, final=True))
                    return
                if result.cause not in FATAL and not tally.noted:
                    await self._note(call, tally, replace(result, attempts=0, unsettled=0))
            final = await self._fails_alone(call, result)
            if not final or not result.retryable or round_ == _ROUNDS:
                await self._conclude(call, failed(call, result, tally, final=final))
                return

    async def _finish(self, call: Call, result: Answered, tally: Tally) -> None:
        self._replies.remember(call.key, call.id, result.reply)
        finished = CallFinished(
            key=call.key,
            reply=result.reply,
            latency=result.latency,
            attempts=tally.attempts,
            unsettled=tally.unsettled,
        )
        await self._conclude(call, finished)

    async def _conclude(self, call: Call, outcome: CallOutcome) -> None:
        """End a call and all identical ones, and wait until their outcomes are recorded."""
        followers = self._followers.pop(call.key)
        ended: list[tuple[Call, CallOutcome]] = [(call, outcome)]
        if isinstance(outcome, CallFinished):
            known = KnownReply(outcome.reply, call.id)
            ended += [(follower, reused(follower, known)) for follower in followers]
        else:
            # The request is paid once, so it is counted once.
            shared = outcome.model_copy(update={"attempts": 0, "unsettled": 0})
            ended += [(follower, shared) for follower in followers]
        delivered = self._end(ended)
        self._breakers[call.model].end(success=isinstance(outcome, CallFinished))
        await delivered
        await self._until_recorded()

    async def _note(self, call: Call, tally: Tally, result: Failed) -> None:
        """Record a failed attempt at a call. The counts of `result` are those of its round."""
        if result.cause not in FATAL:
            tally.noted = True
            await self._on_attempt(attempted(call.model, tally.with_(result), probe=False), call.id)

    async def _fails_alone(self, call: Call, result: Failed) -> bool:
        """Return whether a failure concerns this call alone; otherwise the run stops."""
        if result.cause in FATAL:
            self._halt(result.cause, result.error)
        elif not self.halted:
            breaker = self._breakers[call.model]
            self._suspects[breaker] = (call.id, result.error)
            if await breaker.is_alive():
                return True
        return False

    async def _probe(self, role: str) -> bool:
        """Send a tiny request; if even that fails, stop making calls and return False."""
        if self.halted:
            return False
        suspect, error = self._suspects.get(self._breakers[role], ("", ""))

        async def note(result: Failed) -> None:
            await self._on_attempt(attempted(role, result, probe=True), suspect)

        result = await self._ask(role, PROBE, note)
        identity = self._pool[role].model.identity
        unpaid = isinstance(result, Failed) and result.cause == "budget"
        if result.attempts or not unpaid:
            self._on_probe(probed(role, result), suspect)
        if unpaid:
            self._halt(
                "unchecked",
                f"It is not known whether {identity} still works: calls have failed in a row (up to "
                f"{LIMIT}), and the budget cannot pay for the tiny request that would show it. The last call "
                f"failed: {error}",
            )
        elif isinstance(result, Failed):
            self._halt(
                result.cause,
                f"{identity} does not answer: calls have failed in a row (up to {LIMIT}), and so has a tiny "
                f"request made to see whether it still works. {result.error}",
            )
        return isinstance(result, Answered)

    async def _ask(self, role: str, request: ModelRequest, note: Note) -> Answered | Failed:
        pooled = self._pool[role]
        return await ask(
            pooled.model, request, lambda sent: self._payer.pay(role, sent, pooled.timeout), note
        )

    def _halt(self, cause: str, error: str) -> None:
        # Further requests to a backend that refuses them would only cost.
        self.halted = self.halted or (cause, error)

    def _end(self, ended: list[tuple[Call, CallOutcome]]) -> asyncio.Future[None]:
        """Deliver outcomes soon; return a future that is done then."""
        loop = asyncio.get_running_loop()
        if not self._ended:
            self._delivered = loop.create_future()
            loop.call_soon(self._flush)
        self._ended += ended
        return self._delivered

    def _flush(self) -> None:
        ended, self._ended = self._ended, []
        if ended:
            self._open -= len(ended)
            self._deliver(ended)
            if not self._delivered.done():
                self._delivered.set_result(None)
