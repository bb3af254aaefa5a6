"""The live end of the journal: takes requested calls to the models and brings their outcomes back.

A call that another call of this run has already answered is not made again; identical calls in flight
share one request. Outcomes that arrive in one turn of the event loop are handed over as one batch.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import blake2b

from ..agents.messages import CallFailed, CallFinished
from ..agents.models.base import Model, ModelError, ModelReply, ModelRequest
from ..storage.crashpoints import crash_point

CallOutcome = CallFinished | CallFailed
MAX_ATTEMPTS = 4
_FIRST_PAUSE = 0.5  # seconds; doubles with each attempt


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


class CallBroker:
    """Runs calls concurrently, at most `slots[model]` at a time each, and delivers outcomes in batches.

    `deliver` is called in the event loop with the calls that have ended and their outcomes. `recall` finds
    the reply of an earlier call by its id.
    """

    def __init__(
        self,
        models: Mapping[str, Model],
        slots: Mapping[str, int],
        deliver: Callable[[list[tuple[Call, CallOutcome]]], None],
        recall: Callable[[str], ModelReply],
    ) -> None:
        self._models = models
        self._slots = {name: asyncio.Semaphore(count) for name, count in slots.items()}
        self._deliver = deliver
        self._recall = recall
        self._known: dict[str, str] = {}
        self._waiting: dict[str, list[Call]] = {}
        self._ended: list[tuple[Call, CallOutcome]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._open = 0
        self._halted = False

    @property
    def in_flight(self) -> int:
        """How many calls have been started and not yet delivered."""
        return self._open

    def remember(self, key: str, call: str) -> None:
        """Note that `call` has answered `key`, so that no other call need ask."""
        self._known.setdefault(key, call)

    def start(self, call: Call) -> None:
        """Begin a call; its outcome comes through `deliver`."""
        self._open += 1
        if call.key in self._known:
            self._end([(call, self._reuse(call))])
        elif call.key in self._waiting:
            self._waiting[call.key].append(call)
        else:
            self._waiting[call.key] = []
            task = asyncio.get_running_loop().create_task(self._make(call))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Deliver what has ended and drop what is in flight; a resumed run asks it again."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._ended:
            self._flush()

    async def _make(self, call: Call) -> None:
        async with self._slots[call.model]:
            if self._halted:
                return
            outcome = await self._attempt(call)
        followers = self._waiting.pop(call.key)
        ended: list[tuple[Call, CallOutcome]] = [(call, outcome)]
        if isinstance(outcome, CallFinished):
            self._known[call.key] = call.id
            shared = outcome.model_copy(update={"reused": call.id, "latency": 0.0, "attempts": 0})
            ended += [(follower, shared) for follower in followers]
        else:
            # The run will stop: asking more of a backend that refuses would only cost.
            self._halted = True
            ended += [(follower, outcome) for follower in followers]
        self._end(ended)

    async def _attempt(self, call: Call) -> CallOutcome:
        model = self._models[call.model]
        for attempt in range(1, MAX_ATTEMPTS + 1):
            began = time.perf_counter()
            try:
                crash_point("before-call")
                reply = await model.reply(call.request)
                crash_point("after-call")
            except ModelError as error:
                if error.retryable and attempt < MAX_ATTEMPTS:
                    await asyncio.sleep(_FIRST_PAUSE * 2 ** (attempt - 1))
                    continue
                return CallFailed(key=call.key, cause=error.cause, error=str(error), attempts=attempt)
            except Exception as error:  # noqa: BLE001 - the edge between the runtime and any model's code
                what = f"The model {model.identity} crashed: {type(error).__name__}: {error}"
                return CallFailed(key=call.key, cause="crash", error=what, attempts=attempt)
            latency = round(time.perf_counter() - began, 4)
            return CallFinished(key=call.key, reply=reply, latency=latency, attempts=attempt)
        raise AssertionError("the last attempt returns")

    def _reuse(self, call: Call) -> CallFinished:
        source = self._known[call.key]
        return CallFinished(key=call.key, reply=self._recall(source), latency=0.0, attempts=0, reused=source)

    def _end(self, ended: list[tuple[Call, CallOutcome]]) -> None:
        if not self._ended:
            asyncio.get_running_loop().call_soon(self._flush)
        self._ended += ended

    def _flush(self) -> None:
        ended, self._ended = self._ended, []
        if ended:
            self._open -= len(ended)
            self._deliver(ended)
